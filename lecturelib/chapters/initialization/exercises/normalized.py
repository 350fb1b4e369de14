"""initialization-batch-norm-factor: how batch norm and a leaky ReLU multiply the gradient."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(slope: float) -> Tensor:
    """E f′² over Var f, by the trapezoidal rule on either side of the kink."""
    z = torch.linspace(0, 10, 20_001, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    mean = torch.trapezoid((1 - slope) * z * density, z)
    square = torch.trapezoid((1 + slope**2) * z**2 * density, z)
    return torch.trapezoid((1 + slope**2) * density, z) / (square - mean**2)


def formula(
    slope: float,
    *,
    variance: bool = True,
    root: bool = False,
    mean: str = "right",
    backward: str = "right",
    inverse: bool = False,
    unsigned: bool = False,
) -> Tensor:
    """The factor with an argument for each way to get it wrong."""
    square = (1 + slope**2) / 2
    slope = abs(slope) if unsigned else slope
    sides = {
        "right": 1 - slope,
        "relu": 1.0,
        "adds": 1 + slope,
        "density": math.sqrt(2) * (1 - slope),
        "halved": (1 - slope) / math.sqrt(2),
    }
    height = sides.get(mean, 0.0) / math.sqrt(2 * math.pi)
    taken = (1 - slope) / (2 * math.pi) if mean == "not squared" else height**2
    spread = square - taken if variance else square
    back = {"right": square, "relu": 0.5, "one": 1.0}[backward]
    value = spread / back if inverse else back / spread
    return torch.tensor(math.sqrt(value) if root else value, dtype=torch.float64)


SLIPS = (
    Slip(
        "mean-square",
        "You divide by the mean square of f, and get 1 whatever the slope. Batch norm divides by"
        " the standard deviation: the mean drops out.",
        {"variance": False},
    ),
    Slip(
        "root", "This is the factor of the rms. Asked is that of the mean square.", {"root": True}
    ),
    Slip(
        "mean-of-relu",
        "Your mean of f is that of ReLU. The left side pulls it down: (1 − a)/√(2π).",
        {"mean": "relu"},
    ),
    Slip(
        "mean-adds",
        "In your mean the left side adds. There z is negative.",
        {"mean": "adds"},
    ),
    Slip(
        "density",
        "The square of the mean is (1 − a)²/(2π): the normal density has √(2π).",
        {"mean": "density"},
    ),
    Slip(
        "backward-of-relu",
        "On the way back you let half through, as ReLU does. The left side lets a² through.",
        {"backward": "relu"},
    ),
    Slip(
        "backward-lost",
        "On the way back the activation is missing: the gradient is multiplied by f′.",
        {"backward": "one"},
    ),
    Slip("upside-down", "This is one over the factor.", {"inverse": True}),
    Slip(
        "sign-of-the-slope",
        "You take the slope without its sign. With a negative one the left side is turned up, and "
        "adds to the mean of f.",
        {"unsigned": True},
    ),
    Slip(
        "mean-halved",
        "Your mean of f has one half too many: E max(z, 0) is 1/√(2π), the half is in it.",
        {"mean": "halved"},
    ),
    Slip(
        "mean-not-squared",
        "In the variance the mean of f is squared: (1 − a)²/2π.",
        {"mean": "not squared"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How far off the first case is, as a factor."""
    return f"With {case.special} yours is {(got[0] / wanted[0]).item():.3g} times the right value."


def examine(trial: Trial) -> None:
    usual = [
        Case("a leak of 0.3", {"slope": 0.3}),
        Case("ReLU", {"slope": 0.0}),
        Case("the absolute value", {"slope": -1.0}),
    ]
    edges = [
        Case("a linear network", {"slope": 1.0}),
        Case("a negative slope", {"slope": -0.4}),
        Case("a left side that is steeper", {"slope": 3.0}),
        Case("a steep left side turned up", {"slope": -2.0}),
    ]
    parts = ("the factor",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="initialization-batch-norm-factor",
    title="Batch norm and a leaky ReLU",
    chapter="initialization",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants="a function factor(slope) that returns one number",
    hints=(
        "Batch norm divides by the standard deviation of W h over the batch.",
        "E f = (1 − a)/√(2π) and E f² = (1 + a²)/2 for a standard normal z.",
        "The variance of the weights cancels, as it did for ReLU.",
    ),
    examine=examine,
)
