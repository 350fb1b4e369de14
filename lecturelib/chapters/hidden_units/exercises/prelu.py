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
) -> Parts:
    """Both gradients with an argument for each way to get them wrong."""
    up, upper = (delta if delta_in_slope else 1.0), (delta if delta_in_z else 1.0)
    seen = {"negative": z.clamp(max=0), "positive": z.clamp(min=0), "all": z}[side]
    products = up * seen
    by_slope = products.sum() if total == "sum" else products.mean()
    return upper * torch.where(z > 0, 1.0, slope if leak else 0 * slope), by_slope


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
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


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
