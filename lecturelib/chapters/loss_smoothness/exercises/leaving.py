"""loss-smoothness-leaving: the theorem with ε, derived and coded."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial
from lecturelib.normalization import batch_norm


def oracle(y: Tensor, g: Tensor, gamma: float, eps: float) -> Tensor:
    """The squared length of the gradient that leaves, by automatic differentiation."""
    leaf = y.detach().clone().requires_grad_()
    weight = torch.full((1,), float(gamma), dtype=y.dtype)
    z = batch_norm(leaf[:, None], None, None, weight, None, training=True, eps=float(eps))
    (left,) = torch.autograd.grad(z[:, 0] @ g, leaf)
    return left.square().sum()


def formula(
    y: Tensor,
    g: Tensor,
    gamma: float,
    eps: float,
    *,
    correction: str = "two minus",
    mean: bool = True,
    slope: bool = True,
    squared: bool = True,
    inside: bool = True,
    unbiased: int = 0,
    root: bool = False,
) -> Tensor:
    """The theorem with an argument for each way to get it wrong."""
    m, var = len(y), y.var(correction=unbiased)
    s2 = var + (eps if inside else 0.0)
    y_hat = (y - y.mean()) / s2.sqrt()
    r = y_hat.square().mean()  # σ²/(σ² + ε), below 1
    factor = {"two minus": 2 - r, "one": torch.ones_like(r), "r": r}[correction]
    rest = g @ g - mean * g.sum() ** 2 / m - slope * factor * (g @ y_hat) ** 2 / m
    scale = torch.as_tensor(gamma, dtype=y.dtype) ** 2 / s2
    out = (scale if squared else scale.sqrt()) * rest
    return out.sqrt() if root else out


SLIPS = (
    Slip(
        "as-without-eps",
        "You use the formula for ε = 0. With ε the normalized values have a mean square below 1,"
        " so they are no unit vector times √m: square the bracket again.",
        {"correction": "one"},
    ),
    Slip(
        "mean-square-alone",
        "The factor of the slope term is not the mean square r itself. Squaring the bracket gives"
        " −2(ŷᵀg)²/m from the mixed term, and + r (ŷᵀg)²/m from the square.",
        {"correction": "r"},
    ),
    Slip("mean-term", "The term of the mean is missing: (1ᵀg)²/m.", {"mean": False}),
    Slip("slope-term", "The term of the slope is missing: that with ŷᵀg.", {"slope": False}),
    Slip(
        "not-squared",
        "The factor γ/√(σ² + ε) multiplies the gradient. Its squared length has the square.",
        {"squared": False},
    ),
    Slip("eps-left-out", "ε is missing under the root.", {"inside": False}),
    Slip(
        "unbiased-variance",
        "You divide by m − 1 in the variance. Batch norm divides by m.",
        {"unbiased": 1},
    ),
    Slip("length-not-squared", "You return the length. Asked is its square.", {"root": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, m: int, gamma: float, eps: float, scale: float = 1.0) -> Case:
        y, g = scale * draws.normal(m) + 0.5, draws.normal(m) + 0.3
        return Case(special, {"y": y, "g": g, "gamma": gamma, "eps": eps})

    usual = [case("ε of the variance's size", 8, 0.8, 0.5), case("a small ε", 12, 1.5, 0.01)]
    edges = [
        case("ε = 0", 6, -1.2, 0.0),
        case("γ = 0", 6, 0.0, 0.1),
        case("values close together", 7, 0.9, 0.2, 0.01),
        case("a batch of three", 3, 1.1, 0.3),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS, rules=(no_autograd(),))


EXERCISE = Exercise(
    slug="loss-smoothness-leaving",
    title="The theorem with ε",
    chapter="loss_smoothness",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants="a function leaving(y, g, gamma, eps) that returns the squared length",
    hints=(
        "The backward pass is as in the chapter on batch norm, with σ² + ε under the root.",
        "1 and ŷ are still orthogonal. What is ŷᵀŷ?",
        "Square g − 1(1ᵀg)/m − ŷ(ŷᵀg)/m term by term, with ŷᵀŷ = m r.",
    ),
    examine=examine,
)
