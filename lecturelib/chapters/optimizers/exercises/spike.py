"""optimizers-spike: how long one large gradient is remembered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

SLUG = "optimizers-spike"


def given(draws: Draws) -> Mapping[str, Any]:
    """The decay of RMSProp's average, the size of the spike, and how many steps came before it."""
    return {
        "beta2": draws.choice((0.9, 0.95, 0.99)),
        "spike": draws.choice((40.0, 60.0, 90.0)),
        "before": draws.choice((400, 900, 1600)),
    }


def count(beta2: float, spike: float, *, half: float = 4.0, power: float = 2.0) -> int:
    """Steps after the spike that are shorter than half of those before it, by running r."""
    r = beta2 + (1 - beta2) * spike**power
    short = 0
    while True:
        r = beta2 * r + (1 - beta2)
        if r <= half:
            return short
        short += 1


def ratio(spike: float, before: int) -> float:
    """AdaGrad's first step after the spike over its last step before it."""
    return math.sqrt(before / (before + spike**2 + 1))


def examine(trial: Trial) -> None:
    beta2, spike, before = given(trial.draws).values()
    got_count, got_ratio = (x.item() for x in read_parts(trial.answer, ("count", "ratio")))
    want = count(beta2, spike)
    if got_ratio == want and math.isclose(got_count, ratio(spike, before), rel_tol=2e-3):
        raise Finding("order", "The values are right but stand in another order: (count, ratio).")
    if got_count != want:
        known: dict[float, tuple[str, str]] = {
            count(beta2, spike, half=2.0): (
                "half-of-r",
                "You count while r > 2. The step goes with 1/√r: it is half as long at r = 4.",
            ),
            count(beta2, spike, power=1.0): ("not-squared", "The spike enters r by its square."),
            want + 1: (
                "spike-counted",
                "The step of the spike itself is long: do not count it.",
            ),
            want - 1: ("one-off", "One step is missing: count all steps with r > 4."),
        }
        code, says = known.get(
            got_count,
            ("count", "Run r ← β₂r + (1 − β₂)g² through the spike and count the steps with r > 4."),
        )
        raise Finding(code, f"RMSProp: {says}", got=f"{got_count:g} steps")
    if not math.isclose(got_ratio, ratio(spike, before), rel_tol=2e-3):
        if math.isclose(got_ratio, ratio(spike, before) ** 2, rel_tol=5e-3):
            code, says = "ratio-squared", "The step goes with 1/√r; yours goes with 1/r."
        elif got_ratio > 1 and math.isclose(1 / got_ratio, ratio(spike, before), rel_tol=2e-3):
            code, says = "ratio-upside-down", "Asked is the step after over the step before."
        else:
            code, says = "ratio", "r is the number of steps before, then spike² + 1 more."
        raise Finding(code, f"AdaGrad: {says}", got=f"{got_ratio:.4g}")


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: one large gradient",
    chapter="optimizers",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="a pair (count, ratio) of numbers, for your own beta2, spike and before",
    hints=(
        "Under gradients of 1 for a long time r is 1. What is it right after the spike?",
        "Behind the spike the distance of r from 1 shrinks by β₂ in each step.",
        "A step is half as long when r is four times as large.",
    ),
    examine=examine,
    given=given,
)
