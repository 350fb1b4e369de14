"""gradient-descent-uphill: a rate that the lecture allows, and that goes uphill."""

from __future__ import annotations

import math
from typing import Any

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

LECTURE, RIGHT, RISE = 2 / 4, 2 / 17, 1.0


def f(x: float) -> float:
    """The lecture's function."""
    return math.sin(x) * math.cos(4 * x)


def slope(x: float) -> float:
    """Its derivative, by the product rule."""
    return math.cos(x) * math.cos(4 * x) - 4 * math.sin(x) * math.sin(4 * x)


def rises(x: float, rate: float) -> bool:
    """Whether a step with a rate that the lecture allows goes uphill far enough."""
    return 0 < rate < LECTURE and f(x - rate * slope(x)) - f(x) >= RISE - 1e-9


def examine(trial: Trial) -> None:
    x, rate = _read(trial.answer)
    if rises(x, rate):
        return
    if rises(rate, x):
        raise Finding("order", "The values are right but stand in another order: (start, rate).")
    if not 0 < rate < LECTURE:
        raise Finding(
            "rate-not-allowed",
            "The lecture allows rates between 0 and 2/4. Refute it with one that it allows.",
            got=f"rate {rate:.4g}",
        )
    before, after = f(x), f(x - rate * slope(x))
    got = f"f goes from {before:.4f} to {after:.4f}, slope {slope(x):.4f}"
    if abs(slope(x)) < 1e-9:
        raise Finding(
            "no-slope", "The slope is zero at your start, so no step is made at all.", got=got
        )
    if rate < RIGHT:
        raise Finding(
            "rate-is-safe",
            "Your rate is below 2/17, and there the descent lemma forbids any step uphill, from "
            "wherever you start.",
            got=got,
        )
    if after > before:
        raise Finding(
            "rises-too-little",
            f"Your step goes uphill, by less than {RISE:g}. Where do you have to land? Near a "
            "maximum, 1, from somewhere low.",
            got=got,
        )
    raise Finding(
        "downhill",
        "Your step goes downhill. A rate beyond 2/17 *may* go uphill, it need not: look where the "
        "step lands.",
        got=got,
    )


def _read(answer: Any) -> tuple[float, float]:
    try:
        values = read_parts(answer, ("start", "rate"))
        x, rate = (value.reshape(1).item() for value in values)
    except (Finding, RuntimeError):
        raise Finding(
            "not-two-numbers", "Wanted are two numbers, (start, rate).", got=describe(answer)
        ) from None
    if not (math.isfinite(x) and math.isfinite(rate)):
        raise Finding(
            "not-finite", "Both numbers should be finite: a place and a rate.", got=describe(answer)
        )
    return x, rate


EXERCISE = Exercise(
    slug="gradient-descent-uphill",
    title="Break it: a bound that is too large",
    chapter="gradient_descent",
    kind="experiment",
    difficulty=1,
    minutes=10,
    wants="two numbers, (start, rate)",
    hints=(
        "A step lands at x − η f′(x). For each start, compute where the lecture's rates lead.",
        "Search: 1,000 starts between −π and π, 100 rates between 0 and 0.5, and look for the "
        "largest f(x − η f′(x)) − f(x).",
    ),
    examine=examine,
)
