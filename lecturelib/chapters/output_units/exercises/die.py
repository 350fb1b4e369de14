"""output-units-die: largest entropy when the mean and the share of sixes are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.output_units import max_entropy_probabilities

SLUG = "output-units-die"
TOLERANCE = 1e-3  # three digits, the last one give or take
FACES = torch.arange(1.0, 7.0, dtype=torch.float64, device="cpu")


def given(draws: Draws) -> Mapping[str, Any]:
    """The mean of a loaded die, and its share of sixes."""
    mean, six = draws.choice([(2.5, 0.2), (2.8, 0.25), (4.5, 0.3), (4.8, 0.4)])
    return {"mean": mean, "six": six}


def _best(mean: float, six: float) -> Tensor:
    """The first five faces have largest entropy given their own mean; the six is known."""
    rest = max_entropy_probabilities(FACES[:5], (mean - 6 * six) / (1 - six))[0]
    return _with_six(rest, six)


def _with_six(rest: Tensor, six: float) -> Tensor:
    return torch.cat([(1 - six) * rest, torch.tensor([six], dtype=torch.float64)])


def _known(mean: float, six: float) -> dict[str, tuple[Tensor, str]]:
    """Distributions that are often taken, and what to say about them."""
    best = _best(mean, six)
    rest = best[:5] @ FACES[:5] / (1 - six)
    line = 1 / 5 + (rest - 3) * (FACES[:5] - 3) / 10
    return {
        "six-forgotten": (
            max_entropy_probabilities(FACES, mean)[0],
            "You use the mean alone. The share of sixes is known as well, and has a multiplier of "
            "its own.",
        ),
        "mean-not-reduced": (
            _with_six(max_entropy_probabilities(FACES[:5], mean)[0], six),
            "You give the first five faces the mean of the whole die. The sixes have their part in "
            "it: which mean is left for the others?",
        ),
        "mean-forgotten": (
            _with_six(torch.full_like(FACES[:5], 1 / 5), six),
            "You use the share of sixes alone. The mean is known as well.",
        ),
        "reversed": (
            torch.cat([best[:5].flip(0), best[5:]]),
            "Your first five probabilities stand in reverse, as with the other sign of the "
            "multiplier.",
        ),
        "straight-line": (
            _with_six(line, six),
            "Your first five probabilities lie on a straight line. Mean and sixes are right, and "
            "it is their *logarithms* that lie on one when the entropy is largest.",
        ),
        "rest-not-scaled": (
            torch.cat([best[:5] / (1 - six), best[5:]]),
            "Your first five probabilities add up to 1 among themselves. All six have to.",
        ),
        "fair": (
            torch.full_like(FACES, 1 / 6),
            "A fair die has the largest entropy of all. Yours has another mean.",
        ),
        "logarithms": (best.log(), "These are the logarithms of the probabilities."),
    }


def examine(trial: Trial) -> None:
    mean, six = given(trial.draws).values()
    answer = trial.answer
    if isinstance(answer, dict):  # by the number of the face
        answer = [answer[face] for face in sorted(answer, key=str)]
    p = to_tensor(answer)
    if p is None or p.numel() != 6:
        raise Finding("not-six", "Wanted are six probabilities.", got=describe(trial.answer))
    p = p.reshape(6)
    best = _best(mean, six)
    if (p - best).abs().max() < TOLERANCE:
        return
    got = f"p = {[round(v, 4) for v in p.tolist()]}"
    tried = f"a die with mean {mean:g} and a share of sixes of {six:g}"
    for code, (wrong, says) in _known(mean, six).items():
        if (p - wrong).abs().max() < TOLERANCE:
            raise Finding(code, says, tried=tried, got=got)
    if not (p >= 0).all() or abs(p.sum() - 1) > 3 * TOLERANCE:
        raise Finding(
            "not-a-distribution",
            f"Probabilities are not negative and add up to 1; yours add up to {p.sum():.4g}, the "
            f"smallest is {p.min():.3g}.",
            tried=tried,
            got=got,
        )
    other = _best(**given(Draws(SLUG, "")))
    if trial.key and (p - other).abs().max() < TOLERANCE:
        raise Finding(
            "another-key",
            "These belong to the numbers of an empty key, and not to yours.",
            tried=tried,
            got=got,
        )
    mine = (p @ FACES).item()
    lacks = (torch.special.xlogy(p, p).sum() - torch.special.xlogy(best, best).sum()).item()
    # Three digits keep the mean to 0.01; entropy beyond the largest is bought with another mean.
    if abs(mine - mean) > 0.01 or (lacks <= 0 and abs(p[5] - six) <= TOLERANCE):
        says = f"Your die has the mean {mine:.4f}; wanted is {mean:g}, with three digits in each p."
        raise Finding("wrong-mean", says, tried=tried, got=got)
    if abs(p[5] - six) > TOLERANCE:
        raise Finding(
            "wrong-share",
            f"The mean is right. Your die shows a six with probability {p[5]:.3f}; known is "
            f"{six:g}.",
            tried=tried,
            got=got,
        )
    raise Finding(
        "entropy-too-small",
        f"Mean and sixes are right. Your entropy is {lacks:.4f} nats below the largest possible.",
        tried=tried,
        got=got,
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="A die of which two things are known",
    chapter="output_units",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="six probabilities, for your own mean and share of sixes",
    hints=(
        "Lagrange: one multiplier for the sum, one for the mean, one for p₆. In which of the six "
        "equations does the last one appear?",
        "So the first five are proportional to exp(λk). What do they add up to, and which mean do "
        "they have among themselves?",
        "That mean rises with λ. Halve an interval such as [−5, 5] until it fits.",
    ),
    examine=examine,
    given=given,
)
