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
) -> Parts:
    """Both with an argument for each way to get them wrong."""
    n = len(values) - 1
    slopes = values.diff() * (n if scaled else 1)
    rest = {"slopes": slopes.diff(), "none": slopes[1:], "average": slopes.diff() / 2}[change]
    start = {"slope": slopes[:1], "zero": 0 * slopes[:1], "value": values[:1]}[first]
    level = {"value": values[0], "zero": 0 * values[0], "mean": values.mean()}[bias]
    return level, torch.cat([start, sign * rest])


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
    cases = [
        Case("four pieces", {"values": draws.normal(5)}),
        Case("seven pieces", {"values": draws.normal(8, mean=2.0)}),
        Case("two pieces", {"values": draws.normal(3, mean=-1.0)}),
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
