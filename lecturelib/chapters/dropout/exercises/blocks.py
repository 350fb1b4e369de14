"""dropout-blocks: predict and measure the noise of a map's mean when blocks are dropped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

PARTS = ("pixels", "blocks", "channel")
TOLERANCE = 0.05  # a measurement with 2,000 masks is good to three in a hundred


def given(draws: Draws) -> Mapping[str, Any]:
    """A map of 8×8 values above 0, and the probability of dropping."""
    p = draws.choice([0.2, 0.3, 0.6])
    return {"x": 2 + 12 * draws.uniform(8, 8), "p": p}


def noise(x: Tensor, p: float, size: int) -> float:
    """Standard deviation over mean, of the mean of a map whose size × size blocks drop together."""
    sums = x.reshape(8 // size, size, 8 // size, size).sum((1, 3))
    return math.sqrt(p / (1 - p)) * (sums.square().sum().sqrt() / x.sum()).item()


def examine(trial: Trial) -> None:
    numbers = given(trial.draws)
    x, p = numbers["x"], numbers["p"]
    right = [noise(x, p, size) for size in (1, 2, 8)]
    try:
        found = [part.reshape(()).item() for part in read_parts(trial.answer, PARTS)]
    except (Finding, RuntimeError):
        raise Finding(
            "not-three-numbers",
            "Wanted are three numbers, (pixels, blocks, channel).",
            got=describe(trial.answer),
        ) from None
    got = ", ".join(f"{n} {v:.3f}" for n, v in zip(PARTS, found, strict=True))

    def are(wanted: list[float]) -> bool:
        return all(abs(f - w) < TOLERANCE * w for f, w in zip(found, wanted, strict=True))

    if are(right):
        return
    swap = math.sqrt((1 - p) / p)
    mistakes = {
        "variances": [r**2 for r in right],
        "keep-and-drop": [r * swap / math.sqrt(p / (1 - p)) for r in right],
        "factor-forgotten": [r * (1 - p) for r in right],
        "not-relative": [r * x.mean().item() for r in right],
        "rate-forgotten": [r / math.sqrt(p / (1 - p)) for r in right],
        "reversed": right[::-1],
    }
    says = {
        "variances": "These are variances over the squared mean: take the root.",
        "keep-and-drop": "These belong to the other probability: p is that of being dropped.",
        "factor-forgotten": "These are 1 − p times too small: is what stays divided by 1 − p?",
        "not-relative": "These are the deviations themselves. Divide by the mean of the map.",
        "rate-forgotten": "The factor √(p/(1 − p)) is missing: it is the noise of a whole channel.",
        "reversed": "The order is turned round: first pixels, which make the least noise.",
    }
    for code, wanted in mistakes.items():
        if are(wanted):
            raise Finding(code, says[code], got=got)
    bad = next(
        name
        for name, f, r in zip(PARTS, found, right, strict=True)
        if not abs(f - r) < TOLERANCE * r
    )
    look = {
        "pixels": "64 independent masks: the squares of the values add.",
        "blocks": "16 independent masks, one for each 2×2 block: the squares of the blocks' sums "
        "add.",
        "channel": "a single mask: the whole mean is multiplied by 0 or 1/(1 − p).",
    }
    raise Finding(f"{bad}-wrong", f"The number for {bad} is off: {look[bad]}", got=got)


EXERCISE = Exercise(
    slug="dropout-blocks",
    title="Predict and measure: blocks of pixels",
    chapter="dropout",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="three numbers (pixels, blocks, channel), good to 5%",
    hints=(
        "Each mask multiplies a sum of values: of one pixel, of four, of all.",
        "The variance of a sum of independent terms is the sum of the variances, each "
        "p/(1 − p) times a square.",
        "To measure, draw 2,000 masks or more; torch.repeat_interleave makes blocks of a small "
        "mask.",
    ),
    examine=examine,
    given=given,
)
