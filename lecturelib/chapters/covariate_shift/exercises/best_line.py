"""covariate-shift-best-line: the best line for any cubic in any normal domain."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the intercept", "the slope")


def oracle(coefficients: Any, mean: float, sd: float) -> Parts:
    """Least squares by Gauss–Hermite quadrature."""
    z, weight = np.polynomial.hermite_e.hermegauss(12)
    x = mean + sd * z
    a = np.asarray(coefficients, dtype=float)
    y = sum(a[k] * x**k for k in range(4))
    weight = weight / weight.sum()
    m, center = weight @ y, weight @ x
    slope = weight @ ((x - center) * (y - m)) / (weight @ (x - center) ** 2)
    return torch.tensor(m - slope * center).double(), torch.tensor(slope).double()


def formula(
    coefficients: Any,
    mean: float,
    sd: float,
    *,
    spread: float = 2.0,
    anchor: str = "mean of f",
    moved: bool = True,
    twice: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    a = [float(v) for v in coefficients]
    variance = sd**spread if spread else 0.0
    second = mean**2 + variance
    slope = a[1] + 2 * a[2] * mean + 3 * a[3] * second
    slope = slope + 2 * a[3] * second if twice else slope
    third = mean**3 + 3 * mean * variance
    middle = {
        "mean of f": a[0] + a[1] * mean + a[2] * second + a[3] * third,
        "f of mean": a[0] + a[1] * mean + a[2] * mean**2 + a[3] * mean**3,
        "zero": a[0],
    }[anchor]
    start = middle - (slope * mean if moved and anchor != "zero" else 0.0)
    return torch.tensor(start).double(), torch.tensor(slope).double()


SLIPS = (
    Slip(
        "tangent",
        "Yours is the tangent at the mean. The slope is the mean of f′ over the domain, and with "
        "x³ the spread of x enters it.",
        {"spread": 0.0},
    ),
    Slip(
        "deviation-for-variance",
        "You have s where its square should be: E[x²] = μ² + s².",
        {"spread": 1.0},
    ),
    Slip(
        "through-the-curve",
        "Your line goes through the curve at the mean of x. It should go through the mean of f: "
        "the average of a bent curve is not the curve at the average.",
        {"anchor": "f of mean"},
    ),
    Slip(
        "height-at-the-mean",
        "Your first number is the height of the line at the mean of x. Wanted is that at x = 0.",
        {"moved": False},
    ),
    Slip(
        "constant-kept",
        "Your intercept is the constant of the curve. The curve bends, and its best line is moved.",
        {"anchor": "zero"},
    ),
    Slip(
        "cube-slope",
        "The derivative of x³ is 3x²; you have 5.",
        {"twice": True},
    ),
)


def examine(trial: Trial) -> None:
    def case(special: str, coefficients: list[float], mean: float, sd: float) -> Case:
        values = torch.tensor(coefficients, dtype=torch.float64)
        return Case(special, {"coefficients": values, "mean": mean, "sd": sd})

    cases = [
        case("a cubic", [0.3, -1.2, 0.7, 0.9], 0.8, 0.6),
        case("another one, on the left", [-1.0, 0.4, -0.5, 2.0], -1.3, 0.25),
        case("a wide domain", [0.5, 2.0, 1.5, -0.3], 0.4, 2.5),
        case("a parabola", [1.0, 0.0, 3.0, 0.0], 0.7, 1.4),
        case("a line", [2.0, -0.7, 0.0, 0.0], 1.1, 0.3),
        case("a domain around 0", [0.2, -1.0, 0.8, 1.0], 0.0, 0.3),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="covariate-shift-best-line",
    title="The best line of any cubic",
    chapter="covariate_shift",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function best_line(coefficients, mean, sd) that returns (intercept, slope)",
    hints=(
        "The slope is E[f′(x)], also with x² in f. E[x²] = μ² + s².",
        "The best line goes through (E[x], E[f(x)]). For normal x, E[x³] = μ³ + 3μs².",
    ),
    examine=examine,
)
