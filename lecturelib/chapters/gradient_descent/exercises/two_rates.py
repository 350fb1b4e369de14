"""gradient-descent-two-rates: the best pair of rates that take turns on a quadratic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

ROOM = 1.02  # the factor may be two percent above the best one


def given(draws: Draws) -> Mapping[str, Any]:
    """The smallest and the largest eigenvalue that the Hessian may have."""
    low = draws.uniform(1, low=0.2, high=0.5).item()
    return {"low": low, "high": round(low * draws.choice([10, 16, 20, 25]), 4)}


def worst(first: float, second: float, low: float, high: float) -> float:
    """Largest factor of two steps, over a fine grid of eigenvalues."""
    eigenvalues = torch.linspace(low, high, 4001, dtype=torch.float64)
    return ((1 - first * eigenvalues) * (1 - second * eigenvalues)).abs().max().item()


def best(low: float, high: float) -> float:
    """The smallest worst factor of two steps: one over Chebyshev's polynomial of degree two."""
    return 1 / (2 * ((high + low) / (high - low)) ** 2 - 1)


def examine(trial: Trial) -> None:
    numbers = given(trial.draws)
    low, high = numbers["low"], numbers["high"]
    first, second = _read(trial.answer)
    factor, goal, single = (
        worst(first, second, low, high),
        best(low, high),
        ((high - low) / (high + low)) ** 2,
    )
    if factor <= ROOM * goal:
        return
    got = f"the worst factor of your two steps is {factor:.4f}"
    if min(first, second) <= 0:
        raise Finding("not-positive", "A rate that is not positive does not go downhill.", got=got)
    if worst(1 / first, 1 / second, low, high) <= ROOM * goal:
        raise Finding(
            "inverse", "These are one over the rates: near the eigenvalues, not near 1/λ.", got=got
        )
    if factor >= 1:
        raise Finding(
            "diverges",
            "For some eigenvalue two of your steps do not bring the walk nearer. One rate may be "
            "above 2/λmax only if the other step more than makes up for it.",
            got=got,
        )
    if abs(first - second) < 1e-3 * first:
        raise Finding(
            "one-rate-twice",
            f"One rate, twice: at its best that gives {single:.4f}. Two unequal rates do better.",
            got=got,
        )
    if max(first, second) < 2 / high:
        raise Finding(
            "both-below-the-bound",
            "Both rates keep the bound of a single step, 2/λmax. It is enough if the *pair* "
            "converges.",
            got=got,
        )
    if factor > single:
        raise Finding(
            "worse-than-one-rate",
            f"One rate, used twice, reaches {single:.4f}. Draw |(1 − aλ)(1 − bλ)| over the "
            "eigenvalues: where is it largest?",
            got=got,
        )
    raise Finding(
        "not-the-best",
        "Better than a single rate, and not the best pair yet: at the best one the parabola "
        "(1 − aλ)(1 − bλ) is as large, in size, at both ends and in the middle.",
        got=got,
    )


def _read(answer: Any) -> tuple[float, float]:
    try:
        values = read_parts(answer, ("first", "second"))
        first, second = (value.reshape(1).item() for value in values)
    except (Finding, RuntimeError):
        raise Finding("not-two-numbers", "Wanted are two rates.", got=describe(answer)) from None
    if not math.isfinite(first + second):
        raise Finding("not-finite", "Both rates should be finite.", got=describe(answer))
    return first, second


EXERCISE = Exercise(
    slug="gradient-descent-two-rates",
    title="Tune: two rates in turn",
    chapter="gradient_descent",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="two numbers, the rates (a, b)",
    hints=(
        "After the two steps the error along an eigenvector is multiplied by (1 − aλ)(1 − bλ).",
        "Search: a grid of values for a and for b, and for each pair the largest size over many λ "
        "between the two ends.",
        "Do not stop the grid at 2/λmax.",
    ),
    examine=examine,
    given=given,
)
