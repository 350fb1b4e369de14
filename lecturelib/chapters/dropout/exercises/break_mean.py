"""dropout-break-mean: a unit for which the full network and the mean of its subnets disagree."""

from __future__ import annotations

from itertools import product

import torch

from lecturelib.exercises.reading import read_numbers
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

MARGIN, SIZE, ROUNDING = 0.1, 5.0, 1e-6


def logits(w1: float, w2: float, b: float, c: float) -> tuple[float, float]:
    """The logit of the full network, and the mean over the four masks, at x = (1, 1), p = ½."""

    def z(d1: float, d2: float) -> float:
        return max(2 * d1 * w1 + 2 * d2 * w2 + b, 0.0) + c

    each = [z(d1, d2) for d1, d2 in product((0.0, 1.0), repeat=2)]
    return z(0.5, 0.5), sum(each) / 4


def examine(trial: Trial) -> None:
    values = read_numbers(trial.answer, ("w1", "w2", "b", "c"))
    if values is None or values.numel() != 4:
        raise Finding(
            "not-four-numbers",
            "Wanted are four numbers, (w1, w2, b, c).",
            got=describe(trial.answer),
        )
    if not values.isfinite().all() or values.abs().max() > SIZE:
        raise Finding(
            "too-large",
            f"Each number should have a size of {SIZE:g} or less.",
            got=describe(trial.answer),
        )
    w1, w2, b, c = values.reshape(4).tolist()
    full, mean = logits(w1, w2, b, c)
    got = f"logit of the full network {full:.3f}, mean over the masks {mean:.3f}"
    if full <= -MARGIN + ROUNDING and mean >= MARGIN - ROUNDING:
        return
    if torch.isclose(torch.tensor(full), torch.tensor(mean)):
        raise Finding(
            "no-gap",
            "The two agree here: for each mask the ReLU is on, or for each it is off. Choose "
            "weights with which its sum changes its sign from mask to mask.",
            got=got,
        )
    if mean >= MARGIN and mean - full >= 2 * MARGIN:
        raise Finding(
            "both-first-class",
            "The full network says the first class, too, or hardly the second. The gap is wide "
            "enough: lower c.",
            got=got,
        )
    if mean - full < 2 * MARGIN:
        raise Finding(
            "gap-too-small",
            "The gap between the two is too small for both margins. Which weights make the ReLU's "
            "sum change most from mask to mask?",
            got=got,
        )
    raise Finding(
        "both-second-class",
        "The mean over the masks says the second class, too, or hardly the first. The gap is wide "
        "enough: raise c.",
        got=got,
    )


EXERCISE = Exercise(
    slug="dropout-break-mean",
    title="Break it: the network against its ensemble",
    chapter="dropout",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="four numbers (w1, w2, b, c), each between −5 and 5",
    hints=(
        "With p = ½ the four masks give the sums b, 2w₁ + b, 2w₂ + b and 2w₁ + 2w₂ + b.",
        "Let the two weights cancel: then the full network's sum is b, and those of the subnets "
        "are not.",
        "c moves both logits alike: put zero between them.",
    ),
    examine=examine,
)
