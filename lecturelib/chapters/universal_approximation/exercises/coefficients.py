"""universal-approximation-coefficients: a polygon as a sum of ReLUs."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the bias", "the weights")


def oracle(values: Tensor) -> Parts:
    """Solve for the coefficients that meet the values at the knots."""
    n = len(values) - 1
    knots = torch.arange(n + 1, dtype=values.dtype) / n
    design = torch.cat([torch.ones(n + 1, 1), (knots[:, None] - knots[:-1]).relu()], 1)
    solution = torch.linalg.solve(design.to(values.dtype), values)
    return solution[0], solution[1:]


def formula(
    values: Tensor,
    *,
    scaled: bool = True,
    change: str = "slopes",
    first: str = "slope",
    bias: str = "value",
    sign: float = 1.0,
    pieces: str = "right",
    reverse: bool = False,
) -> Parts:
    """Both with an argument for each way to get them wrong."""
    n = len(values) - 1
    count = {"right": n, "points": n + 1, "four": 4, "none": 1}[pieces if scaled else "none"]
    if reverse:
        values = values.flip(0)
    slopes = values.diff() * count
    rest = {"slopes": slopes.diff(), "none": slopes[1:], "average": slopes.diff() / 2}.get(
        change, slopes.diff()
    )
    start = {
        "slope": slopes[:1],
        "zero": 0 * slopes[:1],
        "value": values[:1],
        "difference": values.diff()[:1],
    }[first]
    level = {
        "value": values[0],
        "zero": 0 * values[0],
        "mean": values.mean(),
        "last": values[-1],
    }[bias]
    weights = torch.cat([start, sign * rest])
    if change == "values":
        weights = values[1:]
    return level, weights.abs() if change == "sizes" else weights


SLIPS = (
    Slip(
        "slopes-not-changes",
        "Your weights are the slopes of the pieces. The units to the left stay on, so each new one "
        "only has to add the *change* of slope.",
        {"change": "none"},
    ),
    Slip(
        "distance-forgotten",
        "Your slopes are differences of values. Divide them by the distance of the knots, 1/n.",
        {"scaled": False},
    ),
    Slip(
        "first-slope-missing",
        "Your first weight is 0, so the first piece is flat. It is the slope of the first chord.",
        {"first": "zero"},
    ),
    Slip(
        "first-is-value",
        "Your first weight is the first value. That is what the bias is for.",
        {"first": "value"},
    ),
    Slip("bias-zero", "Your bias is 0: then the network is 0 at x = 0.", {"bias": "zero"}),
    Slip("bias-mean", "Your bias is the mean of the values, not the first one.", {"bias": "mean"}),
    Slip(
        "points-for-pieces",
        "You divide [0, 1] by the number of values. n + 1 values make n pieces, of length 1/n.",
        {"pieces": "points"},
    ),
    Slip(
        "always-four-pieces",
        "Your distance of the knots is ¼ for any number of values. It is 1/n.",
        {"pieces": "four"},
    ),
    Slip(
        "first-slope-not-divided",
        "Your first weight is a difference of values. Divide it by the distance of the knots, 1/n.",
        {"first": "difference"},
    ),
    Slip("bias-last", "Your bias is the last value. At x = 0 stands the first.", {"bias": "last"}),
    Slip(
        "from-the-right",
        "You go from the last value to the first. The ReLUs switch on from left to right.",
        {"reverse": True},
    ),
    Slip(
        "values-for-weights",
        "Your weights are the values. A weight is a change of slope.",
        {"change": "values"},
    ),
    Slip(
        "changes-without-sign",
        "Your weights have lost their signs. Where the polygon bends down, the weight is negative.",
        {"change": "sizes"},
    ),
    Slip(
        "changes-negative",
        "Your changes of slope have the wrong sign: new slope minus old.",
        {"sign": -1.0},
    ),
    Slip(
        "changes-halved", "Your changes of slope are half of what they are.", {"change": "average"}
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    sizes = torch.tensor([1e-3, 1e3, 1e-3, 1.0], dtype=torch.float64)
    cases = [
        Case("four pieces", {"values": draws.normal(5)}),
        Case("seven pieces", {"values": draws.normal(8, mean=2.0)}),
        Case("two pieces", {"values": draws.normal(3, mean=-1.0)}),
        Case("a single piece", {"values": draws.normal(2, mean=1.0)}),
        Case("a straight line", {"values": torch.arange(5, dtype=torch.float64) / 2 - 1}),
        Case("values of different sizes", {"values": sizes * draws.signed(4)}),
        Case("fifty pieces", {"values": draws.normal(51)}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-coefficients",
    title="A polygon from ReLUs",
    chapter="universal_approximation",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function coefficients(values) that returns (bias, weights)",
    hints=(
        "On the first piece only the first ReLU is on. What must bias and weight be there?",
        "At each further knot the slope changes by the new weight.",
    ),
    examine=examine,
)
