"""backprop-cross-entropy: one node for softmax, logarithm and mean."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(logits: Tensor, target: Tensor, g: Tensor) -> Tensor:
    """Automatic differentiation."""
    z = logits.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(z, target) * g, z)[0]


def formula(
    logits: Tensor, target: Tensor, g: Tensor, *, probability: str = "right", sign: float = 1.0,
    divisor: str = "samples", seeded: bool = True, label: bool = True,
) -> Tensor:  # fmt: skip
    """The gradient with an argument for each way to get it wrong."""
    p = {
        "right": logits.softmax(1),
        "logits": logits,
        "batch": logits.softmax(0),
        "log": logits.log_softmax(1),
    }[probability]
    n, k = logits.shape
    gap = p - F.one_hot(target, k) if label else p
    return sign * gap / {"samples": n, "none": 1, "all": n * k}[divisor] * (g if seeded else 1.0)


SLIPS = (
    Slip(
        "label-minus-prediction",
        "You have label minus prediction: the gradient points uphill, yours downhill.",
        {"sign": -1.0},
    ),
    Slip(
        "not-averaged",
        "This is the gradient of the sum. The cost is the mean over the samples.",
        {"divisor": "none"},
    ),
    Slip(
        "averaged-over-classes",
        "You divide by all entries of the logits. The mean runs over samples, not over classes.",
        {"divisor": "all"},
    ),
    Slip(
        "seed-forgotten",
        "The gradient g that arrives from above is not used. The cost may be "
        "only one term of a larger one.",
        {"seeded": False},
    ),
    Slip(
        "logits-not-squashed",
        "You compare the logits with the labels. The prediction is their softmax.",
        {"probability": "logits"},
    ),
    Slip(
        "softmax-over-the-batch",
        "Your softmax runs over the samples. Probabilities of the classes "
        "of *one* sample sum to 1.",
        {"probability": "batch"},
    ),
    Slip(
        "logarithm-kept",
        "You subtract the label from the log-probability. The vjp has the probability itself.",
        {"probability": "log"},
    ),
    Slip(
        "label-forgotten",
        "The labels do not enter. This gradient lowers all logits and raises none.",
        {"label": False},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    cases = [
        Case("4 samples, 3 classes", {"logits": d.normal(4, 3),
             "target": torch.tensor([2, 0, 1, 1]), "g": d.signed(1)[0] * 2.5}),
        Case("2 samples, 5 classes", {"logits": d.normal(2, 5, std=3.0),
             "target": torch.tensor([4, 0]), "g": d.signed(1)[0] * 1.7}),
    ]  # fmt: skip
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="backprop-cross-entropy",
    title="One node for the cross-entropy",
    chapter="backprop",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function cross_entropy_vjp(logits, target, g) of the shape of the logits",
    hints=(
        "Prediction minus label, for each sample.",
        "The cost is a mean over N samples, and g arrives from above.",
    ),
    examine=examine,
)
