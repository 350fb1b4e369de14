"""hidden-units-prelu: backward pass of a learned slope."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the gradient by z", "the gradient by the slope")


def oracle(z: Tensor, slope: Tensor, delta: Tensor) -> Parts:
    """PyTorch's PReLU, differentiated automatically."""
    x, a = z.clone().requires_grad_(), slope.clone().reshape(1).requires_grad_()
    by_z, by_slope = torch.autograd.grad(F.prelu(x, a), (x, a), delta)
    return by_z, by_slope[0]


def formula(
    z: Tensor,
    slope: Tensor,
    delta: Tensor,
    *,
    delta_in_slope: bool = True,
    delta_in_z: bool = True,
    side: str = "negative",
    total: str = "sum",
    leak: bool = True,
    at_zero: str = "left",
    by: str = "values",
) -> Parts:
    """Both gradients with an argument for each way to get them wrong."""
    up, upper = (delta if delta_in_slope else 1.0), (delta if delta_in_z else 1.0)
    seen = {"negative": z.clamp(max=0), "positive": z.clamp(min=0), "all": z}[side]
    seen = {
        "values": seen,
        "count": (z <= 0).to(z),
        "sizes": seen.abs(),
        "output": slope * seen,
    }[by]
    products = up * seen
    by_slope = products.sum() if total == "sum" else products.mean()
    left = slope if leak else 0 * slope
    slopes = torch.where(z > 0, 1.0, left)
    if at_zero == "exchanged":
        slopes = torch.where(z > 0, slope, 1.0)
    elif at_zero == "larger":
        slopes = torch.maximum((z > 0).to(z), left)
    elif at_zero != "left":
        kink = {"right": slope**0, "middle": (1 + slope) / 2, "zero": 0 * slope}[at_zero]
        slopes = torch.where(z == 0, kink, slopes)
    return upper * slopes, by_slope


SLIPS = (
    Slip(
        "delta-lost-in-slope",
        (
            "Your gradient by the slope lacks the gradient from above: the chain rule "
            "multiplies by delta."
        ),
        {"delta_in_slope": False},
    ),
    Slip(
        "delta-lost-in-z",
        "Your gradient by z lacks the gradient from above: the chain rule multiplies by delta.",
        {"delta_in_z": False},
    ),
    Slip(
        "positive-side",
        (
            "Your gradient by the slope counts the positive values. The slope acts on the "
            "negative ones."
        ),
        {"side": "positive"},
    ),
    Slip(
        "both-sides",
        "Your gradient by the slope counts all values. The slope acts on the negative ones alone.",
        {"side": "all"},
    ),
    Slip(
        "averaged",
        (
            "Your gradient by the slope is a mean. One slope serves all values: their "
            "gradients add up."
        ),
        {"total": "mean"},
    ),
    *(
        Slip(
            f"kink-{name}",
            f"At z = 0 your gradient by z takes {words}. Asked is the derivative from the left, "
            "which is the slope a, as in PyTorch.",
            {"at_zero": name},
        )
        for name, words in (
            ("right", "the derivative from the right, 1"),
            ("middle", "the mean of both sides"),
            ("zero", "0"),
        )
    ),
    Slip(
        "sides-exchanged",
        "In your gradient by z the two sides have changed places: positive values pass as they "
        "are.",
        {"at_zero": "exchanged"},
    ),
    Slip(
        "larger-slope",
        "Your gradient by z takes the larger of 1 and a for positive values. It is 1 there, also "
        "where a is larger.",
        {"at_zero": "larger"},
    ),
    Slip(
        "values-lost-in-slope",
        "Your gradient by the slope adds up the gradients from above. Each counts times its own "
        "value: the derivative of a z by a is z.",
        {"by": "count"},
    ),
    Slip(
        "sizes-in-slope",
        "Your gradient by the slope takes the sizes of the negative values. They count with their "
        "sign.",
        {"by": "sizes"},
    ),
    Slip(
        "slope-in-slope",
        "Your gradient by the slope still has the slope as a factor. The derivative of a z by a "
        "is z.",
        {"by": "output"},
    ),
    Slip(
        "leak-lost",
        "Your gradient by z is zero for negative values, as that of ReLU.",
        {"leak": False},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case(
            "six values",
            {
                "z": draws.signed(6),
                "slope": draws.uniform(1, low=0.1, high=0.4)[0],
                "delta": draws.normal(6),
            },
        ),
        Case(
            "a slope above 1",
            {
                "z": draws.signed(4),
                "slope": draws.uniform(1, low=1.2, high=1.8)[0],
                "delta": draws.normal(4),
            },
        ),
        _case("values of exactly 0", [0.0, -1.5, 2.0, 0.0], 0.25, draws.signed(4)),
        _case("a slope of 0", [1.0, -2.0, 0.5], 0.0, draws.signed(3)),
        _case("a negative slope", [-0.5, 3.0, -2.0], -0.5, draws.signed(3)),
        _case("no negative value", [0.5, 3.0], 0.25, draws.signed(2)),
        _case("a single value", [-3.0], 0.1, draws.signed(1)),
        _case("values of different sizes", [-1e-4, -1e4, 1e4], 0.5, draws.signed(3)),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


def _case(special: str, z: list[float], slope: float, delta: Tensor) -> Case:
    arguments = {"z": torch.tensor(z), "slope": torch.tensor(slope), "delta": delta}
    return Case(special, {name: value.double() for name, value in arguments.items()})


EXERCISE = Exercise(
    slug="hidden-units-prelu",
    title="Backward pass of PReLU",
    chapter="hidden_units",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function prelu_backward(z, slope, delta) that returns the gradients (by z, by slope)",
    hints=(
        "f(z) = max(z, 0) + a min(z, 0).",
        "One slope serves all values: its gradient is a sum.",
    ),
    examine=examine,
)
