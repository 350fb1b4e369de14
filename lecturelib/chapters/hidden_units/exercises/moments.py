"""hidden-units-moments: mean and mean square of a bent line."""

from __future__ import annotations

import math

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the mean", "the mean square")


def oracle(left: float, right: float) -> Parts:
    """Numerical integration, by the trapezoidal rule on either side of the kink."""
    z = torch.linspace(0, 10, 20_001, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    mean = torch.trapezoid((right - left) * z * density, z)
    return mean, torch.trapezoid((right**2 + left**2) * z**2 * density, z)


def formula(
    left: float,
    right: float,
    *,
    sign: float = 1.0,
    scale: float = 1.0,
    half: float = 0.5,
    variance: bool = False,
    squared: bool = True,
) -> Parts:
    """Both moments with an argument for each way to get them wrong."""
    mean = scale * (right + sign * -left) / math.sqrt(2 * math.pi)
    power = 2 if squared else 1
    square = half * (left**power + right**power)
    values = mean, square - (mean**2 if variance else 0.0)
    return tuple(torch.tensor(value, dtype=torch.float64) for value in values)


SLIPS = (
    Slip(
        "left-adds",
        "In your mean the left side adds. There z is negative: for a positive slope so is f.",
        {"sign": -1.0},
    ),
    Slip(
        "density-half",
        (
            "Your mean is half as large as it should be: the integral of zφ(z) over the "
            "positive half is 1/√(2π), with nothing more to divide by."
        ),
        {"scale": 0.5},
    ),
    Slip(
        "conditional-mean",
        "You take the mean of z given that it is positive. That happens only half of the time.",
        {"scale": 2.0},
    ),
    Slip(
        "half-forgotten",
        "Your mean square counts both sides in full. Each has half of the probability.",
        {"half": 1.0},
    ),
    Slip(
        "variance",
        "Your second number is the variance. Asked is the mean square.",
        {"variance": True},
    ),
    Slip(
        "slope-not-squared", "In the mean square the slopes are squared, too.", {"squared": False}
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("ReLU", {"left": 0.0, "right": 1.0}),
        Case("a leaky ReLU", {"left": 0.25, "right": 1.0}),
        Case("slopes of both signs", {"left": -0.5, "right": 2.0}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-moments",
    title="Moments of a bent line",
    chapter="hidden_units",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function moments(left, right) that returns (E f, E f²) for a standard normal z",
    hints=(
        "Split the integral at 0.",
        "The mean of z over its positive half is 1/√(2π), counted with its probability.",
        "Half of E z² = 1 lies on either side.",
    ),
    examine=examine,
)
