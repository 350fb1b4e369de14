"""backprop-jacobian: the Jacobian of a small network."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(W: Tensor, V: Tensor, x: Tensor) -> Tensor:
    """Automatic differentiation."""
    found = torch.autograd.functional.jacobian(lambda x: V @ torch.tanh(W @ x), x)
    return torch.as_tensor(found)


def formula(
    W: Tensor, V: Tensor, x: Tensor, *, slope: str = "right", transposed: bool = False
) -> Tensor:
    """The product with an argument for each way to get it wrong."""
    h = torch.tanh(W @ x)
    slopes = {
        "right": 1 - h**2,
        "none": torch.ones_like(h),
        "not squared": 1 - h,
        "twice": 1 - torch.tanh(h) ** 2,
        "value": h,
        "last": (1 - torch.tanh(V @ h) ** 2).mean() * torch.ones_like(h),
    }
    product = V @ torch.diag(slopes[slope]) @ W
    return product.T if transposed else product


SLIPS = (
    Slip(
        "transposed",
        "This is the transposed Jacobian: wanted is a row for each output, a column "
        "for each input.",
        {"transposed": True},
    ),
    Slip(
        "slope-forgotten",
        "The activation has disappeared: V W is the Jacobian of a network without tanh.",
        {"slope": "none"},
    ),
    Slip(
        "slope-not-squared",
        "The slope of tanh is 1 − tanh², you have 1 − tanh.",
        {"slope": "not squared"},
    ),
    Slip(
        "slope-at-result",
        "You take the slope of tanh at its result. Each Jacobian belongs to the "
        "value that its function was *given*, here W x.",
        {"slope": "twice"},
    ),
    Slip(
        "value-for-slope",
        "In the middle stands tanh itself. Wanted there is its derivative.",
        {"slope": "value"},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws

    def case(special: str, n: int, m: int, k: int) -> Case:
        return Case(special, {"W": d.normal(n, m), "V": d.normal(k, n), "x": d.signed(m)})

    cases = [case("3 inputs, 2 outputs", 4, 3, 2), case("one output", 3, 2, 1)]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="backprop-jacobian",
    title="The Jacobian of a small network",
    chapter="backprop",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function jacobian(W, V, x) that returns a matrix of shape (outputs, inputs)",
    hints=(
        "The Jacobian of a composition is the product of the Jacobians.",
        "The Jacobian of an activation is diagonal: tanh′ = 1 − tanh².",
        "V · diag(1 − tanh²(W x)) · W",
    ),
    examine=examine,
)
