"""output-units-focal: the gradient of a cost that neglects easy samples."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial


def oracle(z: Tensor, t: Tensor) -> Tensor:
    """Automatic differentiation of the cost."""
    leaf = z.clone().requires_grad_()
    log_p = torch.log_softmax(leaf, 1).gather(1, t[:, None])
    (gradient,) = torch.autograd.grad((-((1 - log_p.exp()) ** 2) * log_p).mean(), leaf)
    return gradient


def formula(
    z: Tensor,
    t: Tensor,
    *,
    part: str = "both",
    factor: float = 2.0,
    averaged: bool = True,
    sign: float = 1.0,
    naive: bool = False,
    axis: int = 1,
    label: bool = True,
) -> Tensor:
    """The chain rule with an argument for each way to get it wrong."""
    p = torch.softmax(z, axis)
    y = torch.zeros_like(z).scatter_(1, t[:, None], 1.0)
    seen = p.gather(1, t[:, None])
    log = seen.log() if naive else torch.log_softmax(z, axis).gather(1, t[:, None])
    outer = {
        "both": factor * (1 - seen) * seen * log - (1 - seen) ** 2,
        "weight held": -((1 - seen) ** 2),
        "log held": factor * (1 - seen) * seen * log,
        "cross-entropy": -torch.ones_like(seen),
        "by p": factor * (1 - seen) * log - (1 - seen) ** 2 / seen,
        "minus": -factor * (1 - seen) * seen * log - (1 - seen) ** 2,
    }[part]
    inner = y - p if label else -p
    return sign * outer * inner / (len(z) if averaged else 1)


SLIPS = (
    Slip(
        "cross-entropy",
        "This is the gradient of the plain cross-entropy. The factor (1 − p)² is missing.",
        {"part": "cross-entropy"},
    ),
    Slip(
        "weight-held-constant",
        "You multiply p − y by (1 − p)², as if this factor did not depend on the logits. It does: "
        "the product rule brings a second term.",
        {"part": "weight held"},
    ),
    Slip(
        "logarithm-held-constant",
        "You differentiate the factor (1 − p)² and not the logarithm.",
        {"part": "log held"},
    ),
    Slip(
        "second-term-sign",
        "The term from the derivative of (1 − p)² has the wrong sign. Both pull in the same "
        "direction: log p is negative.",
        {"part": "minus"},
    ),
    Slip(
        "inner-derivative",
        "You differentiate by p, and then multiply by y − p. The derivative of the probability "
        "itself has one factor more, p.",
        {"part": "by p"},
    ),
    Slip(
        "square-not-differentiated",
        "In the second term the 2 of the square is missing.",
        {"factor": 1.0},
    ),
    Slip("sum-taken", "This is the gradient of the sum. Asked is the mean.", {"averaged": False}),
    Slip("sign", "Your gradient points downhill: its sign is wrong.", {"sign": -1.0}),
    Slip(
        "log-of-zero",
        "Your formula is right, and takes the logarithm of a probability that was rounded to 0. "
        "How does the chapter get log p?",
        {"naive": True},
    ),
    Slip("softmax-over-samples", "Your softmax runs over the samples.", {"axis": 0}),
    Slip(
        "label-missing",
        "The logit of the true class enters its probability in two places; you have the "
        "denominator alone.",
        {"label": False},
    ),
)


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, z: Tensor) -> Case:
        n, k = z.shape
        t = torch.tensor([draws.choice(range(k)) for _ in range(n)])
        return Case(special, {"z": z, "t": t})

    sure = torch.tensor([[30.0, 0.0, -5.0], [-8.0, 9.0, 1.0]], dtype=torch.float64)
    far = torch.tensor([[1000.0, 0.0, 2.0], [-900.0, 0.0, 900.0]], dtype=torch.float64)
    return [
        case("four samples", draws.normal(4, 3, std=1.5)),
        case("as many samples as classes", draws.normal(3, 3)),
        case("two classes", draws.normal(5, 2, std=2.0)),
        case("a single sample", draws.normal(1, 4)),
        case("equal logits", torch.zeros(2, 3, dtype=torch.float64)),
        Case("samples that are sure, and wrong", {"z": sure, "t": torch.tensor([1, 0])}),
        Case("logits of 1000", {"z": far, "t": torch.tensor([1, 0])}),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS, rules=(no_autograd(),))


EXERCISE = Exercise(
    slug="output-units-focal",
    title="A cost that neglects what is easy",
    chapter="output_units",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function focal_gradient(z, t) that returns an array of the shape of z",
    hints=(
        "Write p for the probability of the true class: the cost is a function of this one number. "
        "Differentiate it by p first.",
        "The chapter has the derivatives of p by all logits: p·(1 − p) by its own, −p·p_k by the "
        "others, together p·(y − p_k).",
        "The product with p cancels the 1/p of the logarithm. What is left needs log p, from the "
        "logits directly.",
    ),
    examine=examine,
)
