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
    front: str = "y", averaged: bool = False, logarithm: bool = False,
) -> Tensor:  # fmt: skip
    """The gradient with an argument for each way to get it wrong."""
    shared = {
        "other way": torch.zeros_like(g),
        "right": (g * y).sum(axis, keepdim=True),
        "diagonal": g * y,
        "unweighted": g.sum(axis, keepdim=True),
        "mean": g.mean(axis, keepdim=True),
        "none": torch.zeros_like(g),
        "everything": (g * y).sum(),
        "minus": -(g * y).sum(axis, keepdim=True),
        "squares": y * g.sum(axis, keepdim=True),
    }[inner]
    if inner == "other way":
        return g * (y - (g * y).sum(axis, keepdim=True))
    weight = {"y": y, "none": torch.ones_like(y), "diagonal": y * (1 - y), "less one": y - 1}[front]
    value = sign * (g - shared) * weight / (len(y) if averaged else 1)
    return value.nan_to_num() * y.log() / y.log() if logarithm else value


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
    Slip(
        "over-everything",
        "You sum over the whole batch. Each sample's softmax has a sum of its own.",
        {"inner": "everything"},
    ),
    Slip(
        "sum-added",
        "You add the weighted mean of g. The denominator works against the numerator: subtract.",
        {"inner": "minus"},
    ),
    Slip(
        "weights-at-the-wrong-place",
        "You subtract y·Σg. The weights belong to the g that are summed: Σ g·y.",
        {"inner": "squares"},
    ),
    Slip(
        "exchanged",
        "y and g have changed places: it is y (g − Σ g·y).",
        {"inner": "other way"},
    ),
    Slip(
        "factor-too-many",
        "You have the diagonal factor y(1 − y) *and* the sum. The sum holds it all: y in front.",
        {"front": "diagonal"},
    ),
    Slip(
        "factor-less-one",
        "The factor in front is y and not y − 1.",
        {"front": "less one"},
    ),
    Slip(
        "averaged",
        "You divide by the number of samples. An average belongs to the cost, if it has one.",
        {"averaged": True},
    ),
    Slip(
        "logarithm-of-zero",
        "Your way takes the logarithm of y. A probability may be exactly 0, and y alone will do.",
        {"logarithm": True},
    ),
    Slip("factor-forgotten", "The factor y in front is missing.", {"front": "none"}),
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
        for special, n, k in (
            ("3 samples, 4 classes", 3, 4),
            ("2 samples, 2 classes", 2, 2),
            ("3 samples, 3 classes", 3, 3),
            ("a single sample", 1, 4),
            ("a single class", 3, 1),
        )
    ]
    sure = torch.tensor([[1.0, 0.0, 0.0], [0.25, 0.75, 0.0]], dtype=torch.float64)
    cases.append(Case("probabilities of 0 and 1", {"y": sure, "g": d.normal(2, 3)}))
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
