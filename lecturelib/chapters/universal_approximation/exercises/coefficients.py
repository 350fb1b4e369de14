"""universal-approximation-coefficients: a polygon through unequal knots as a sum of ReLUs."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the bias", "the weights")


def oracle(knots: Tensor, values: Tensor) -> Parts:
    """Solve for the coefficients that meet the values at the knots."""
    design = torch.cat([torch.ones(len(knots), 1), (knots[:, None] - knots[:-1]).relu()], 1)
    solution = torch.linalg.solve(design.to(values.dtype), values)
    return solution[0], solution[1:]


def formula(
    knots: Tensor,
    values: Tensor,
    *,
    distance: str = "right",
    change: str = "slopes",
    first: str = "slope",
    bias: str = "value",
    sign: float = 1.0,
) -> Parts:
    """Both with an argument for each way to get them wrong."""
    n = len(values) - 1
    steps = {
        "right": knots.diff(),
        "none": torch.ones_like(values[1:]),
        "equal": torch.full_like(values[1:], 1 / n),
        "mean": (knots[-1] - knots[0]) / n,
    }[distance]
    slopes = values.diff() / steps
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
        "at zero": values[0] - slopes[0] * knots[0],
    }[bias]
    weights = torch.cat([start, sign * rest])
    if change == "values":
        weights = values[1:]
    return level, weights.abs() if change == "sizes" else weights


SLIPS = (
    Slip(
        "equal-distances",
        "You take the distance of the knots as 1/n, as in the chapter. Here each piece has a "
        "length of its own.",
        {"distance": "equal"},
    ),
    Slip(
        "mean-distance",
        "You divide all differences by the mean distance of the knots. Each piece has a length of "
        "its own.",
        {"distance": "mean"},
    ),
    Slip(
        "bias-at-zero",
        "Your bias is where the first piece, continued, meets x = 0. All ReLUs are off at the "
        "first knot, so the bias is the value there.",
        {"bias": "at zero"},
    ),
    Slip(
        "slopes-not-changes",
        "Your weights are the slopes of the pieces. The units to the left stay on, so each new one "
        "only has to add the *change* of slope.",
        {"change": "none"},
    ),
    Slip(
        "distance-forgotten",
        "Your slopes are differences of values. Divide each by the distance of its knots.",
        {"distance": "none"},
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
    Slip("bias-zero", "Your bias is 0: then the network is 0 at the first knot.", {"bias": "zero"}),
    Slip("bias-mean", "Your bias is the mean of the values, not the first one.", {"bias": "mean"}),
    Slip(
        "first-slope-not-divided",
        "Your first weight is a difference of values. Divide it by the distance of its knots.",
        {"first": "difference"},
    ),
    Slip(
        "bias-last",
        "Your bias is the last value. At the first knot stands the first.",
        {"bias": "last"},
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

    def case(special: str, values: Tensor, *, start: float = 0.5) -> Case:
        lengths = draws.uniform(len(values) - 1, low=0.2, high=2.0)
        knots = torch.cat([lengths.new_tensor([start]), start + lengths.cumsum(0)])
        return Case(special, {"knots": knots, "values": values})

    cases = [
        case("four pieces", draws.normal(5)),
        case("seven pieces", draws.normal(8, mean=2.0), start=-3.0),
        case("two pieces", draws.normal(3, mean=-1.0), start=-0.25),
        case("a single piece", draws.normal(2, mean=1.0)),
        case("values of different sizes", sizes * draws.signed(4)),
        case("fifty pieces", draws.normal(51)),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="universal-approximation-coefficients",
    title="A polygon through unequal knots",
    chapter="universal_approximation",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function coefficients(knots, values) that returns (bias, weights)",
    hints=(
        "On the first piece only the first ReLU is on. What must bias and weight be there?",
        "At each further knot the slope changes by the new weight.",
    ),
    examine=examine,
)
