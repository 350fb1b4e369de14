"""batch-norm-in-networks-dropout-order: the variance that dropout shifts, measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

TOLERANCE = 0.04  # a measurement on 100,000 samples is good to one in a hundred
SLUG = "batch-norm-in-networks-dropout-order"

# Drop probability and mean, chosen so that the usual mistakes lie more than 2 tolerances apart.
SETTINGS = (
    (0.3, 0.7),
    (0.4, 0.7),
    (0.4, 0.8),
    (0.4, 1.8),
    (0.6, 0.9),
    (0.6, 2.0),
    (0.7, 0.6),
    (0.7, 0.9),
    (0.7, 1.2),
)


def given(draws: Draws) -> Mapping[str, Any]:
    """The drop probability and the mean of the input; its standard deviation is 1."""
    p, mean = draws.choice(SETTINGS)
    return {"p": p, "mean": mean}


def _ratios(p: float, mean: float) -> dict[str, tuple[float, str]]:
    """What the first ratio comes to, rightly and in the usual wrong ways."""
    second_moment = 1 + mean**2
    in_training = second_moment / (1 - p) - mean**2
    unscaled = (1 - p) * second_moment - ((1 - p) * mean) ** 2
    swapped = second_moment / p - mean**2
    return {
        "right": (1 / in_training, ""),
        "ratio-inverted": (
            in_training,
            "Your first ratio stands on its head: asked is evaluation divided by training.",
        ),
        "deviations-compared": (
            in_training**-0.5,
            "Your first ratio looks like one of standard deviations. Asked are variances.",
        ),
        "mean-ignored": (
            1 - p,
            (
                "Your first ratio is that of an input with mean 0. Yours has another: dropping"
                " values to 0 moves them further the further the mean is from 0."
            ),
        ),
        "no-difference": (
            1.0,
            (
                "Your first ratio says that there is no difference. Was one side in training mode"
                " and the other in evaluation mode? Dropout acts in one of them only."
            ),
        ),
        "not-rescaled": (
            1 / unscaled,
            (
                "Your dropout drops and does not rescale. torch.nn.Dropout divides what survives by"
                " the probability of surviving."
            ),
        ),
        "drop-and-keep-swapped": (
            1 / swapped,
            "Your first ratio belongs to the other probability: p is that of being dropped.",
        ),
    }


def examine(trial: Trial) -> None:
    setting = given(trial.draws)
    p, mean = setting["p"], setting["mean"]
    first, second = _read(trial.answer)
    ratios = _ratios(p, mean)
    right = ratios.pop("right")[0]
    tried = f"p = {p:g} and inputs with mean {mean:g}, variance 1"
    got = f"dropout first: {first:.3f}; batch norm first: {second:.3f}"

    def finding(code: str, says: str) -> Finding:
        return Finding(code, says, tried=tried, got=got)

    if _near(first, right) and _near(second, 1.0):
        return
    if _near(second, right) and _near(first, 1.0):
        raise finding("order-swapped", "The two ratios have changed places.")
    if not _near(first, right):
        for code, (value, says) in ratios.items():
            if _near(first, value):
                raise finding(code, says)
        home = given(Draws(SLUG, ""))
        if trial.key and _near(first, _ratios(home["p"], home["mean"])["right"][0]):
            raise finding(
                "another-key",
                "This ratio belongs to the numbers of no key. Take those of your key.",
            )
        direction = (
            "Does dropout make values more spread out in training, or less?"
            if first > 1
            else "Compare the mode, the rescaling and the size of your sample (100,000 are enough)."
        )
        raise finding("first-ratio-wrong", f"The first ratio is off. {direction}")
    if _near(second, 1 - p) or _near(second, 1 / (1 - p)):
        raise finding(
            "measured-behind-dropout",
            "The first ratio is right. Your second one compares what comes out of the dropout."
            " Asked is what goes *into the batch norm* when it stands first.",
        )
    raise finding(
        "second-ratio-wrong",
        "The first ratio is right, the second is not. With batch norm first, what does it see in "
        "training, and what in evaluation?",
    )


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) < TOLERANCE * abs(wanted)


def _read(answer: Any) -> tuple[float, float]:
    try:
        parts = read_parts(answer, ("dropout first", "batch norm first"))
        first, second = (part.reshape(1).item() for part in parts)
    except (Finding, RuntimeError):
        raise Finding(
            "not-two-ratios",
            "Wanted are two numbers, (ratio with dropout first, ratio with batch norm first).",
            got=describe(answer),
        ) from None
    if not (first > 0 and second > 0):
        raise Finding("not-positive", "A ratio of variances is positive.", got=describe(answer))
    return first, second


EXERCISE = Exercise(
    slug=SLUG,
    title="Dropout before batch norm",
    chapter="batch_norm_in_networks",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants=(
        "two numbers (ratio with dropout first, ratio with batch norm first), for your own p and"
        " mean"
    ),
    hints=(
        (
            "Draw 100,000 inputs. Pass them through torch.nn.Dropout in training mode and in"
            " evaluation mode, and take the variance of each."
        ),
        (
            "What batch norm stores is the variance in training; what it meets at test time is the"
            " variance in evaluation."
        ),
        (
            "Check your measurement by theory: what are mean and second moment of a value that is"
            " kept with probability 1 − p and divided by it?"
        ),
    ),
    examine=examine,
    given=given,
)
