"""backprop-softmax: a Jacobian that is not diagonal."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(y: Tensor, g: Tensor) -> Tensor:
    """Automatic differentiation, at logits that have this softmax."""
    x = y.log().requires_grad_()
    return torch.autograd.grad(x.softmax(1), x, g)[0]


def formula(
    y: Tensor, g: Tensor, *, inner: str = "right", axis: int = 1, sign: float = 1.0,
    weighted: bool = True,
) -> Tensor:  # fmt: skip
    """The gradient with an argument for each way to get it wrong."""
    shared = {
        "right": (g * y).sum(axis, keepdim=True),
        "diagonal": g * y,
        "unweighted": g.sum(axis, keepdim=True),
        "mean": g.mean(axis, keepdim=True),
        "none": torch.zeros_like(g),
    }[inner]
    return sign * (g - shared) * (y if weighted else 1.0)


SLIPS = (
    Slip(
        "diagonal-only",
        "You use the diagonal y(1 − y) of the Jacobian alone. Each output depends "
        "on *all* inputs: the denominator holds them.",
        {"inner": "diagonal"},
    ),
    Slip(
        "denominator-forgotten",
        "This would be the gradient of an exponential. The denominator of "
        "the softmax depends on the inputs, too.",
        {"inner": "none"},
    ),
    Slip(
        "sum-not-weighted",
        "You subtract the sum of g. It should be weighted with the probabilities y.",
        {"inner": "unweighted"},
    ),
    Slip(
        "mean-subtracted",
        "You subtract the mean of g. It should be its mean under the probabilities y.",
        {"inner": "mean"},
    ),
    Slip(
        "over-the-batch",
        "You sum over the samples. A sample's softmax knows nothing of others.",
        {"axis": 0},
    ),
    Slip("factor-forgotten", "The factor y in front is missing.", {"weighted": False}),
    Slip(
        "wrong-sign",
        "The size is right and the sign is not: raising an input raises its own output.",
        {"sign": -1.0},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    cases = [
        Case(special, {"y": d.normal(n, k).softmax(1), "g": d.normal(n, k)})
        for special, n, k in (("3 samples, 4 classes", 3, 4), ("2 samples, 2 classes", 2, 2))
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="backprop-softmax",
    title="The softmax, backward",
    chapter="backprop",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function softmax_vjp(y, g) of the shape of y",
    hints=(
        "∂y_i/∂x_k = y_i (δ_ik − y_k).",
        "x̄_k = Σ_i g_i y_i (δ_ik − y_k). Do the sum over i for both terms.",
    ),
    examine=examine,
)
