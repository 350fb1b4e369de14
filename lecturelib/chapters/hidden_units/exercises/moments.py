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
    z = torch.linspace(0, 12, 240_001, dtype=torch.float64)
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
    first: str = "right",
    second: str = "right",
) -> Parts:
    """Both moments with an argument for each way to get them wrong."""
    mean = scale * (right + sign * -left) / math.sqrt(2 * math.pi)
    mean = {
        "right": mean,
        "size": abs(mean),
        "positive": max(mean, 0.0),
        "left size": (right - abs(left)) / math.sqrt(2 * math.pi),
        "right only": right / math.sqrt(2 * math.pi),
        "pi": (right - left) / math.pi,
        "root pi": (right - left) / math.sqrt(math.pi),
    }[first]
    power = 2 if squared else 1
    square = half * (left**power + right**power)
    square = {
        "right": square,
        "of the sum": (left + right) ** 2 / 2,
        "of the difference": (right - left) ** 2 / 2,
        "right only": right**2 / 2,
    }[second]
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
        "mean-without-sign",
        "Your mean is never negative. It is where the left slope is the larger one.",
        {"first": "size"},
    ),
    Slip(
        "mean-cut-at-zero",
        "You cut the mean off at 0. It is negative where the left slope is the larger one.",
        {"first": "positive"},
    ),
    Slip(
        "left-slope-without-sign",
        "In your mean the left slope has lost its sign. A negative slope on the left raises f.",
        {"first": "left size"},
    ),
    Slip(
        "left-forgotten-in-mean",
        "Your mean counts the right side alone. For z ≤ 0 f is not 0.",
        {"first": "right only"},
    ),
    *(
        Slip(
            f"mean-divided-by-{name.replace(' ', '-')}",
            f"Your mean divides by {sign}. The normal density has 1/√(2π) in front.",
            {"first": name},
        )
        for name, sign in (("pi", "π"), ("root pi", "√π"))
    ),
    Slip(
        "square-of-the-sum",
        "Your mean square is half of (left + right)². The sides exclude each other: no product of "
        "both slopes occurs.",
        {"second": "of the sum"},
    ),
    Slip(
        "square-of-the-difference",
        "Your mean square is half of (right − left)². The sides exclude each other: no product of "
        "both slopes occurs.",
        {"second": "of the difference"},
    ),
    Slip(
        "left-forgotten-in-square",
        "Your mean square counts the right side alone. For z ≤ 0 f is not 0.",
        {"second": "right only"},
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
        Case("a left slope that is larger", {"left": 3.0, "right": -0.25}),
        Case("the absolute value", {"left": -1.0, "right": 1.0}),
        Case("a straight line", {"left": 1.0, "right": 1.0}),
        Case("a large slope", {"left": 500.0, "right": -1000.0}),
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
