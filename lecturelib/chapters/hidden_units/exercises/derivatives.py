"""hidden-units-derivatives: the derivatives of five activations."""

from __future__ import annotations

import math

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
    leaky_at_zero: float = 0.01,
) -> Parts:
    """Five derivatives with an argument for each way to get them wrong."""
    s, t, one = torch.sigmoid(z), torch.tanh(z), torch.ones_like(z)
    e = z.exp()
    ds = {
        "right": s * (1 - s),
        "value": s,
        "tanh": 1 - s**2,
        "cut off": torch.where(z.abs() > 8, 0.0, s * (1 - s)),
        "overflow": e / (1 + e) ** 2,
        "overflow below": torch.exp(-z) / (1 + torch.exp(-z)) ** 2,
        "value overflow": (e / (1 + e)) * (1 - e / (1 + e)),
    }[sigmoid]
    dt = {
        "right": 1 - t**2,
        "square": 1 - t,
        "sigmoid": t * (1 - t),
        "cosh": 1 / torch.cosh(z),
        "value": t,
        "cut off": torch.where(z.abs() > 5, 0.0, 1 - t**2),
        "overflow": 1 - ((e - 1 / e) / (e + 1 / e)) ** 2,
    }[tanh]
    dr = (z > 0).to(z.dtype) + relu_at_zero * (z == 0)
    left = {
        "right": e,
        "value": e - 1,
        "flat": 0 * z,
        "plus": e + 1,
        "zero": torch.where(z == 0, 0.0, e),
        "leak": 0.01 * one,
    }.get(elu, e)
    leaky = torch.where(z > 0, one, slope * one)
    leaky = torch.where(z == 0, leaky_at_zero if slope == 0.01 else leaky, leaky)
    if slope == math.inf:  # the value on the left
        leaky = torch.where(z > 0, one, 0.01 * z)
    if elu == "everywhere":
        return ds, dt, dr, leaky, e
    if elu == "masked":  # 0 · ∞ on the right
        return ds, dt, dr, leaky, (z > 0) * one + (z <= 0) * e
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
        "relu-half-at-zero",
        "At 0 your ReLU has gradient ½. Asked is the derivative from the left, 0, as in PyTorch.",
        {"relu_at_zero": 0.5},
    ),
    Slip(
        "leaky-at-zero",
        "At 0 your leaky ReLU has gradient 1. From the left it is 0.01, and so it is in PyTorch.",
        {"leaky_at_zero": 1.0},
    ),
    Slip(
        "leaky-middle-at-zero",
        "At 0 your leaky ReLU has the mean of both slopes. Asked is the derivative from the left.",
        {"leaky_at_zero": 0.505},
    ),
    Slip(
        "leaky-not-differentiated",
        "For negative z you return the value of the leaky ReLU, 0.01 z. Its derivative is 0.01.",
        {"slope": math.inf},
    ),
    Slip(
        "leak-negative",
        "Your leak is −0.01. The leaky ReLU rises on both sides.",
        {"slope": -0.01},
    ),
    Slip(
        "sigmoid-cut-off",
        "Your gradient of the sigmoid is 0 far out. It is small there, 4.5e-5 at ±10, and not 0.",
        {"sigmoid": "cut off"},
    ),
    *(
        Slip(
            f"sigmoid-overflows-{number}",
            f"Your formula for the sigmoid's derivative is right, and {what} overflows far out: "
            "infinity over infinity. Write it in terms of σ itself.",
            {"sigmoid": how},
        )
        for number, what, how in (
            ("above", "e^z", "overflow"),
            ("below", "e^(−z)", "overflow below"),
            ("in-its-value", "e^z/(1 + e^z)", "value overflow"),
        )
    ),
    Slip(
        "tanh-cut-off",
        "Your gradient of tanh is 0 far out. It is small there, 2e-4 at ±5, and not 0.",
        {"tanh": "cut off"},
    ),
    Slip(
        "tanh-not-differentiated",
        "You return tanh itself. Its derivative is 1 − tanh².",
        {"tanh": "value"},
    ),
    Slip(
        "tanh-overflows",
        "Your formula for tanh is right, and its exponentials overflow far out. Take torch.tanh.",
        {"tanh": "overflow"},
    ),
    Slip(
        "cosh-not-squared",
        "The derivative of tanh is 1/cosh², with a square.",
        {"tanh": "cosh"},
    ),
    Slip(
        "elu-overflows",
        "Your ELU multiplies e^z by 0 on the right. Far out e^z is infinite, and 0 · ∞ is no "
        "number: choose with `where`.",
        {"elu": "masked"},
    ),
    Slip(
        "elu-everywhere",
        "You take e^z on both sides. For positive z ELU is z itself, with the derivative 1.",
        {"elu": "everywhere"},
    ),
    Slip(
        "elu-zero-at-zero",
        "At 0 your ELU has gradient 0. From both sides it is 1: ELU has no kink.",
        {"elu": "zero"},
    ),
    Slip(
        "elu-plus-one",
        "For negative z you have e^z + 1. The derivative of e^z − 1 is e^z: the 1 falls away.",
        {"elu": "plus"},
    ),
    Slip(
        "elu-as-leaky",
        "For negative z your ELU has the slope of a leaky ReLU. Its derivative is e^z.",
        {"elu": "leak"},
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
        Case(
            "0, and places from 3 to 7",
            {"z": torch.tensor([0.0, -3.0, 4.5, -5.5, 6.5, 7.0], dtype=torch.float64)},
            atol=1e-6,  # 1 − tanh² of float32 keeps no more
        ),
        Case("a matrix of places", {"z": draws.signed(2, 3)}),
        Case("a single number", {"z": draws.signed(1)[0]}),
        Case("−800 and 800", {"z": torch.tensor([-800.0, 800.0], dtype=torch.float64)}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-derivatives",
    title="Slopes at −10, 0 and 10",
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
