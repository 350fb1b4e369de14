"""cost-functions-logit-gradient: prediction minus label, and what the squared error makes of it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the gradient of the NLL", "the gradient of the squared error")


def oracle(logits: Tensor, target: Tensor) -> Parts:
    """Automatic differentiation."""
    z = logits.clone().requires_grad_()
    nll = F.binary_cross_entropy_with_logits(z, target)
    squares = ((torch.sigmoid(z) - target) ** 2).mean() / 2
    return torch.autograd.grad(nll, z)[0], torch.autograd.grad(squares, z)[0]


def formula(
    logits: Tensor,
    target: Tensor,
    *,
    sign: float = 1.0,
    averaged: bool = True,
    slope_in_nll: bool = False,
    slope_in_squares: bool = True,
    halved: bool = True,
    squashed: bool = True,
    squares: str = "right",
    exchanged: bool = False,
    how: str = "sigmoid",
    first: str = "right",
) -> Parts:
    """Both gradients with an argument for each way to get them wrong."""
    e = torch.exp(logits)
    p = e / (1 + e) if how == "of e^z" else torch.sigmoid(logits)
    slope = torch.exp(-logits) / (1 + torch.exp(-logits)) ** 2 if how == "slope" else p * (1 - p)
    slope = e / (1 + e) ** 2 if how == "slope of e^z" else slope
    gap = sign * ((p if squashed else logits) - target) / (len(logits) if averaged else 1)
    nll = gap * slope if slope_in_nll else gap
    nll = {"right": nll, "by p": gap / slope, "half": gap / 2, "size": gap.abs()}[first]
    second = gap * (slope if slope_in_squares else 1.0) * (1.0 if halved else 2.0)
    if squares == "divided":
        second = gap / slope
    if squares == "half a slope":
        second = gap * p
    return (second, nll) if exchanged else (nll, second)


SLIPS = (
    Slip(
        "exchanged",
        "The two gradients have changed places: that of the NLL comes first.",
        {"exchanged": True},
    ),
    Slip(
        "label-minus-prediction",
        "You have label minus prediction, which points the wrong way. Raising the logit of a "
        "sample with label 1 lowers the cost.",
        {"sign": -1.0},
    ),
    Slip(
        "not-averaged",
        "This is the gradient of a sum. The costs are means over the samples.",
        {"averaged": False},
    ),
    Slip(
        "slope-kept-in-nll",
        "Your gradient of the NLL still has the factor σ′(z). The derivative of the logarithm "
        "brings 1/σ(1 − σ), which cancels it.",
        {"slope_in_nll": True},
    ),
    Slip(
        "nll-by-the-probability",
        "Your gradient of the NLL is that by the probability. Asked is that by the logit: times "
        "σ′(z), which cancels the denominator.",
        {"first": "by p"},
    ),
    Slip(
        "nll-halved",
        "Your gradient of the NLL is half as long: the NLL has no ½.",
        {"first": "half"},
    ),
    Slip(
        "nll-without-sign",
        "Your gradient of the NLL has lost its sign: label 1 pulls the logit up, label 0 down.",
        {"first": "size"},
    ),
    Slip(
        "slope-lost-in-squares",
        "Your gradient of the squared error lacks the factor σ′(z) of the chain rule. Nothing "
        "cancels it there.",
        {"slope_in_squares": False},
    ),
    Slip(
        "half-forgotten",
        "Your gradient of the squared error is twice as long: the cost is *half* the square.",
        {"halved": False},
    ),
    Slip(
        "logit-not-squashed",
        "You compare the logit with the label. The prediction is σ(z).",
        {"squashed": False},
    ),
    Slip(
        "slope-divided",
        "In your gradient of the squared error σ′(z) divides. It should multiply.",
        {"squares": "divided"},
    ),
    Slip(
        "slope-of-exponential",
        "In your gradient of the squared error σ stands in the place of σ′ = σ(1 − σ).",
        {"squares": "half a slope"},
    ),
    Slip(
        "overflow",
        "Your formula is right, and e^z overflows for a logit of 1000: infinity over infinity. "
        "Write σ(z) = 1/(1 + e^(−z)), or take torch.sigmoid.",
        {"how": "of e^z"},
    ),
    *(
        Slip(
            f"slope-overflows-{side}",
            "Your formula is right, and its σ′ overflows for a logit of ±1000. Write it in terms "
            f"of σ itself, σ(1 − σ), which stays between 0 and ¼: at {place} e^|z| is infinite.",
            {"how": how},
        )
        for side, place, how in (
            ("below", "z = −1000", "slope"),
            ("above", "z = 1000", "slope of e^z"),
        )
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    labels = torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    extreme = torch.tensor([-1000.0, 1000.0, 0.0, 1000.0], dtype=torch.float64)
    sure = torch.tensor([-6.0, 6.0, -5.0, 4.0], dtype=torch.float64)
    cases = [
        Case("logits of moderate size", {"logits": draws.normal(4), "target": labels}),
        Case("confident mistakes", {"logits": sure, "target": labels}),
        Case("two samples", {"logits": draws.signed(2), "target": labels[:2]}),
        Case("logits of ±1000 and 0", {"logits": extreme, "target": labels}),
        Case("a single sample", {"logits": draws.signed(1), "target": labels[:1]}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="cost-functions-logit-gradient",
    title="Prediction minus label",
    chapter="cost_functions",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants=(
        "a function logit_gradients(logits, target) that returns (gradient of the mean NLL, "
        "gradient of half the mean squared error)"
    ),
    hints=(
        "Show that σ′ = σ(1 − σ).",
        "Chain rule: derivative of the cost by the probability, times σ′(z).",
        "Each sample has the weight 1/N in both costs.",
    ),
    examine=examine,
)
