"""backprop-cross-entropy: one node for softmax, logarithm and mean."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial


def oracle(logits: Tensor, target: Tensor, g: Tensor) -> Tensor:
    """Automatic differentiation."""
    z = logits.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(z, target) * g, z)[0]


def formula(
    logits: Tensor, target: Tensor, g: Tensor, *, probability: str = "right", sign: float = 1.0,
    divisor: str = "samples", seed: str = "g", label: str = "own row",
    jacobian: bool = False,
) -> Tensor:  # fmt: skip
    """The gradient with an argument for each way to get it wrong."""
    e = logits.exp()
    p = {
        "right": logits.softmax(1),
        "naive": e / e.sum(1, keepdim=True),
        "sigmoid": logits.sigmoid(),
        "logits": logits,
        "batch": logits.softmax(0),
        "log": logits.log_softmax(1),
    }[probability]
    n, k = logits.shape
    y = F.one_hot(target, k)
    labels = {
        "own row": y,
        "every row": torch.zeros_like(logits).index_fill(1, target, 1.0),
        "none": torch.zeros_like(y),
    }
    gap = p - labels[label]
    if jacobian:
        gap = p * (gap - (p * gap).sum(1, keepdim=True))
    value = sign * gap / {"samples": n, "none": 1, "all": n * k, "classes": k}[divisor]
    if seed == "added":
        return value + g
    return value * {"g": g, "none": torch.ones_like(g), "size": g.abs(), "square": g * g}[seed]


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
        {"seed": "none"},
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
        "divided-by-classes",
        "You divide by the number of classes. The mean runs over the samples.",
        {"divisor": "classes"},
    ),
    Slip(
        "every-row",
        "You subtract 1 in the columns of *all* targets, in every row (p[:, t] −= 1 does that). "
        "Each row has a target of its own.",
        {"label": "every row"},
    ),
    Slip(
        "overflow",
        "Your formula is right, and exp overflows for logits of 1000. Subtract the largest logit "
        "of each row first, or take a softmax that does.",
        {"probability": "naive"},
    ),
    Slip(
        "sigmoids",
        "You take a sigmoid of each logit. The classes compete: take the softmax of the row.",
        {"probability": "sigmoid"},
    ),
    Slip(
        "squared-error",
        "You multiply by the derivative of the softmax once more. In the cross-entropy the "
        "logarithm cancels it.",
        {"jacobian": True},
    ),
    Slip(
        "seed-without-sign",
        "You take the size of g. A negative gradient from above turns the direction round.",
        {"seed": "size"},
    ),
    Slip("seed-twice", "You multiply by g twice.", {"seed": "square"}),
    Slip(
        "seed-added",
        "You add the gradient that arrives from above. The chain rule multiplies.",
        {"seed": "added"},
    ),
    Slip(
        "label-forgotten",
        "The labels do not enter. This gradient lowers all logits and raises none.",
        {"label": "none"},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    cases = [
        Case("4 samples, 3 classes", {"logits": d.normal(4, 3),
             "target": torch.tensor([2, 0, 1, 1]), "g": d.signed(1)[0].abs() * 2.5}),
        Case("2 samples, 5 classes", {"logits": d.normal(2, 5, std=3.0),
             "target": torch.tensor([4, 0]), "g": d.signed(1)[0] * 1.7}),
        Case("a gradient below 0 from above", {"logits": d.normal(3, 3),
             "target": torch.tensor([0, 2, 1]), "g": -d.signed(1)[0].abs()}),
        Case("a single sample", {"logits": d.normal(1, 3),
             "target": torch.tensor([1]), "g": d.signed(1)[0]}),
        Case("a batch in which the last class does not occur", {"logits": d.normal(3, 4),
             "target": torch.tensor([1, 0, 1]), "g": d.signed(1)[0]}),
        Case("logits of ±1000", {"logits": 1000 * d.signed(2, 3),
             "target": torch.tensor([0, 2]), "g": d.signed(1)[0]}),
        Case("a gradient of 0 from above", {"logits": d.normal(2, 3),
             "target": torch.tensor([0, 2]), "g": 0 * d.signed(1)[0]}),
    ]  # fmt: skip
    rules = (no_autograd(),)
    judge(trial, cases, oracle, formula=formula, slips=SLIPS, rules=rules)


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
