"""backprop-jacobian: the Jacobian of a small network."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
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
        "sigmoid": (lambda s: s * (1 - s))(torch.sigmoid(W @ x)),
        "as sigmoid": h * (1 - h),
        "root": (1 - h**2).sqrt(),
        "plus": 1 + h**2,
        "mean": (1 - h**2).mean() * torch.ones_like(h),
        "last": (1 - torch.tanh(V @ h) ** 2).mean() * torch.ones_like(h),
    }
    if slope == "of the weight":
        return V @ (1 - torch.tanh(W) ** 2)
    if slope == "times x":
        return V @ torch.diag(slopes["right"]) @ W * x
    product = V @ torch.diag(slopes.get(slope, h)) @ W
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
        "slope-of-sigmoid",
        "You take the slope of a sigmoid. The activation is tanh, with the slope 1 − tanh².",
        {"slope": "sigmoid"},
    ),
    Slip(
        "slope-as-sigmoid",
        "tanh(1 − tanh) has the form of the sigmoid's slope. That of tanh is 1 − tanh².",
        {"slope": "as sigmoid"},
    ),
    Slip(
        "cosh-not-squared",
        "The slope of tanh is 1/cosh², with a square.",
        {"slope": "root"},
    ),
    Slip("slope-sign", "The slope of tanh is 1 − tanh², you have 1 + tanh².", {"slope": "plus"}),
    Slip(
        "slopes-averaged",
        "You average the slopes of the hidden units. Each scales its own row of W.",
        {"slope": "mean"},
    ),
    Slip(
        "slope-at-weight",
        "You take the slope of tanh at the weights. It is taken at the sums W x.",
        {"slope": "of the weight"},
    ),
    Slip(
        "input-multiplied",
        "You multiply by x. The derivative of W x by x is W alone.",
        {"slope": "times x"},
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

    saturated = d.signed(3, 2) * torch.tensor([[1.0], [3.0], [1000.0]], dtype=torch.float64)
    cases = [case("3 inputs, 2 outputs", 4, 3, 2), case("one output", 3, 2, 1)]
    cases += [
        case("one input, one hidden unit", 1, 1, 2),
        case("as many inputs as outputs", 2, 3, 3),
        Case("x = 0", {"W": d.normal(3, 2), "V": d.normal(2, 3), "x": 0 * d.signed(2)}),
        Case("saturated units", {"W": saturated, "V": d.normal(2, 3), "x": d.signed(2)}),
    ]
    rules = (no_autograd(),)
    judge(trial, cases, oracle, formula=formula, slips=SLIPS, rules=rules)


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
