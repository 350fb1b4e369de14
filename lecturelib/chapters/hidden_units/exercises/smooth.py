"""hidden-units-soft-gates: product rule for soft gates."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the derivative of SiLU", "the derivative of GELU")


def oracle(z: Tensor) -> Parts:
    """Automatic differentiation."""
    x = z.clone().requires_grad_()
    return tuple(torch.autograd.grad(f(x).sum(), x)[0] for f in (F.silu, F.gelu))


def formula(
    z: Tensor,
    *,
    gate: bool = True,
    inner: bool = True,
    slope: bool = True,
    factor: bool = True,
    constant: bool = True,
    sign: float = 1.0,
) -> Parts:
    """Two derivatives with an argument for each way to get them wrong."""
    s = torch.sigmoid(z)
    phi = torch.exp(-(z**2) / 2) / (math.sqrt(2 * math.pi) if constant else 1.0)
    below = 0.5 * (1 + torch.erf(z / math.sqrt(2)))
    times = z if factor else torch.ones_like(z)
    on, second = float(gate), sign * float(inner)
    steep = s * (1 - s) if slope else s
    return on * s + second * times * steep, on * below + second * times * phi


SLIPS = (
    Slip(
        "gate-lost",
        "The first term of the product rule is missing, the gate itself.",
        {"gate": False},
    ),
    Slip("inner-lost", "You differentiate z alone. The gate depends on z, too.", {"inner": False}),
    Slip(
        "sigmoid-not-differentiated",
        "In SiLU you multiply z by σ. The second term needs σ′ = σ(1 − σ).",
        {"slope": False},
    ),
    Slip(
        "factor-lost", "The second term of the product rule lacks its factor z.", {"factor": False}
    ),
    Slip("density-not-normalized", "Your normal density lacks 1/√(2π).", {"constant": False}),
    Slip("sign", "The second term has the wrong sign.", {"sign": -1.0}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case("places of moderate size", {"z": draws.normal(6)}),
        Case("negative places", {"z": -draws.uniform(5, low=0.3, high=3.0)}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-soft-gates",
    title="Gradients of Swish and GELU",
    chapter="hidden_units",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function slopes(z) that returns the derivatives of (SiLU, GELU) at z",
    hints=(
        "Both are a product, z times a gate: two terms.",
        "The derivative of Φ is the normal density φ.",
    ),
    examine=examine,
)
