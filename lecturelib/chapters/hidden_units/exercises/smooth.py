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
    gelu: str = "exact",
    value: bool = False,
    cut: bool = False,
    overflow: bool = False,
) -> Parts:
    """Two derivatives with an argument for each way to get them wrong."""
    if value:
        return F.silu(z), F.gelu(z)
    s = z.exp() / (1 + z.exp()) if overflow else torch.sigmoid(z)
    phi = torch.exp(-(z**2) / (1 if gelu == "two" else 2)) / (
        math.sqrt(2 * math.pi) if constant else 1.0
    )
    below = 0.5 * (1 + torch.erf(z / (1.0 if gelu == "erf" else math.sqrt(2))))
    times = z if factor else torch.ones_like(z)
    on, second = float(gate), sign * float(inner)
    steep = s * (1 - s) if slope else s
    silu, exact = on * s + second * times * steep, on * below + second * times * phi
    if gelu == "tanh":
        exact = _tanh_slope(z)
    if gelu == "quick":
        q = torch.sigmoid(1.702 * z)
        exact = q + 1.702 * z * q * (1 - q)
    return (silu.relu(), exact.relu()) if cut else (silu, exact)


def _tanh_slope(z: Tensor) -> Tensor:
    """Derivative of the approximation of GELU by tanh."""
    a = math.sqrt(2 / math.pi)
    t = torch.tanh(a * (z + 0.044715 * z**3))
    return (1 + t) / 2 + z / 2 * (1 - t**2) * a * (1 + 3 * 0.044715 * z**2)


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
    Slip(
        "tanh-approximation",
        "Your GELU is the approximation by tanh. Asked is z Φ(z) with the normal distribution "
        "function itself; the two differ by up to 0.001.",
        {"gelu": "tanh"},
    ),
    Slip(
        "quick-approximation",
        "Your GELU is the approximation z σ(1.702 z). Asked is z Φ(z) with the normal distribution "
        "function itself.",
        {"gelu": "quick"},
    ),
    Slip(
        "erf-not-scaled",
        "Your Φ is ½(1 + erf z). The argument of erf is z/√2.",
        {"gelu": "erf"},
    ),
    Slip(
        "density-of-z-squared",
        "Your normal density is e^(−z²)/√(2π). In the exponent z² is halved.",
        {"gelu": "two"},
    ),
    Slip(
        "not-differentiated",
        "You return SiLU and GELU themselves and not their derivatives.",
        {"value": True},
    ),
    Slip(
        "cut-at-zero",
        "Your derivatives are never negative. Left of their minimum both functions fall.",
        {"cut": True},
    ),
    Slip(
        "overflow",
        "Your formula is right, and e^z overflows far out: infinity over infinity. Write σ(z) = "
        "1/(1 + e^(−z)), or take torch.sigmoid.",
        {"overflow": True},
    ),
    Slip("sign", "The second term has the wrong sign.", {"sign": -1.0}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case("places of moderate size", {"z": draws.normal(6)}),
        Case("negative places", {"z": -draws.uniform(5, low=0.3, high=3.0)}),
        Case("0 and far out", {"z": torch.tensor([0.0, -800.0, 800.0], dtype=torch.float64)}),
        Case("a matrix of places", {"z": draws.normal(2, 3)}),
        Case("a single number", {"z": draws.normal(1)[0]}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-soft-gates",
    title="Slopes of Swish and GELU",
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
