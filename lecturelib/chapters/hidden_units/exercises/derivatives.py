"""hidden-units-derivatives: the derivatives of five activations."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = (
    "the sigmoid's derivative",
    "the derivative of tanh",
    "the derivative of ReLU",
    "the derivative of leaky ReLU",
    "the derivative of ELU",
)


def oracle(z: Tensor) -> Parts:
    """Automatic differentiation."""
    functions = (torch.sigmoid, torch.tanh, torch.relu, F.leaky_relu, F.elu)
    x = z.clone().requires_grad_()
    return tuple(torch.autograd.grad(f(x).sum(), x)[0] for f in functions)


def formula(
    z: Tensor,
    *,
    sigmoid: str = "right",
    tanh: str = "right",
    relu_at_zero: float = 0.0,
    slope: float = 0.01,
    elu: str = "right",
) -> Parts:
    """Five derivatives with an argument for each way to get them wrong."""
    s, t, one = torch.sigmoid(z), torch.tanh(z), torch.ones_like(z)
    ds = {"right": s * (1 - s), "value": s, "tanh": 1 - s**2}[sigmoid]
    dt = {"right": 1 - t**2, "square": 1 - t, "sigmoid": t * (1 - t)}[tanh]
    dr = (z > 0).to(z.dtype) + relu_at_zero * (z == 0)
    left = {"right": z.exp(), "value": z.exp() - 1, "flat": 0 * z}[elu]
    leaky = torch.where(z > 0, one, slope * one)
    return ds, dt, dr, leaky, torch.where(z > 0, one, left)


SLIPS = (
    Slip(
        "sigmoid-not-differentiated",
        "You return the sigmoid itself. Its derivative is σ(1 − σ).",
        {"sigmoid": "value"},
    ),
    Slip(
        "sigmoid-as-tanh",
        "1 − f² is the derivative of tanh. For the sigmoid it is σ(1 − σ).",
        {"sigmoid": "tanh"},
    ),
    Slip(
        "tanh-not-squared",
        "The derivative of tanh is 1 − tanh², with a square.",
        {"tanh": "square"},
    ),
    Slip(
        "tanh-as-sigmoid",
        "f(1 − f) is the derivative of the sigmoid. For tanh it is 1 − tanh².",
        {"tanh": "sigmoid"},
    ),
    Slip(
        "relu-at-zero",
        "At 0 your ReLU has gradient 1. From the left it is 0, and so it is in PyTorch.",
        {"relu_at_zero": 1.0},
    ),
    Slip(
        "leak-lost",
        "Your leaky ReLU has lost its slope of 0.01 on the negative side.",
        {"slope": 0.0},
    ),
    Slip("leak-too-large", "Your leak is 0.1. Asked is 0.01.", {"slope": 0.1}),
    Slip(
        "elu-not-differentiated",
        "For negative z you return the value of ELU. The derivative of e^z − 1 is e^z.",
        {"elu": "value"},
    ),
    Slip(
        "elu-flat",
        "For negative z your ELU has no gradient, like ReLU. It has one, e^z.",
        {"elu": "flat"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case(
            "the slide's three places", {"z": torch.tensor([-10.0, 0.0, 10.0], dtype=torch.float64)}
        ),
        Case("places of moderate size", {"z": draws.signed(6)}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-derivatives",
    title="Gradients at −10, 0 and 10",
    chapter="hidden_units",
    kind="code",
    difficulty=1,
    minutes=15,
    wants=(
        "a function derivatives(z) that returns the derivatives of (sigmoid, tanh, ReLU, "
        "leaky ReLU, ELU) at z"
    ),
    hints=(
        "Sigmoid and tanh: write the derivative in terms of the value.",
        "At 0 take the derivative from the left.",
        "The derivative of e^z − 1 is e^z.",
    ),
    examine=examine,
)
