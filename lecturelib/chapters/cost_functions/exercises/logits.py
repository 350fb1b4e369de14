"""cost-functions-logits: the Bernoulli cost that does not overflow."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import not_calling
from lecturelib.exercises.trial import Case, Trial


def oracle(logits: Tensor, target: Tensor) -> Tensor:
    """PyTorch's cross-entropy from logits."""
    return F.binary_cross_entropy_with_logits(logits, target)


def formula(
    logits: Tensor,
    target: Tensor,
    *,
    how: str = "stable",
    eps: float = 0.0,
    flipped: bool = False,
    sign: float = 1.0,
    total: bool = False,
    base: float = 1.0,
    largest: float = math.inf,
    rounded: bool = False,
) -> Tensor:
    """The cost with an argument for each way to get it wrong."""
    y = 1 - target if flipped else target
    y = (y > 0.5).to(y) if rounded else y
    logits = logits.clamp(-largest, largest)
    p = torch.sigmoid(logits)
    if how == "clipped":
        p = p.clamp(eps, 1 - eps)
    values = {
        "stable": F.softplus(logits) - y * logits,
        "naive": -(y * p.log() + (1 - y) * (1 - p).log()),
        "clipped": -(y * p.log() + (1 - y) * (1 - p).log()),
        "exponential": (1 + logits.exp()).log() - y * logits,
        "first only": -y * F.logsigmoid(logits),
        "squared": (p - y) ** 2,
        "log clamped": -(y * p.log().clamp(min=-100) + (1 - y) * (1 - p).log().clamp(min=-100)),
    }[how]
    return sign * (values.sum() if total else values.mean()) / base


SLIPS = (
    Slip(
        "log-of-zero",
        "Your formula is right, and your arithmetic gives up at logits of ±10,000: the sigmoid "
        "rounds to 0 or 1 there, and 0 · log 0 is no number. Simplify log σ(z) before you compute "
        "it.",
        {"how": "naive"},
    ),
    Slip(
        "exponential-overflows",
        "Your formula is right, but exp(10,000) is infinite. Take a large z out of log(1 + exp z).",
        {"how": "exponential"},
    ),
    *(
        Slip(
            f"clipped-at-{name}",
            f"You clip the probability at {name}: a confident mistake then costs at most "
            f"{-math.log(eps):.0f}, and its gradient is zero. The true cost of logit −10,000 for "
            "label 1 is 10,000.",
            {"how": "clipped", "eps": eps},
        )
        for name, eps in ((f"1e-{n}", 10.0**-n) for n in (4, 5, 6, 7, 8, 9, 10, 12, 15))
    ),
    Slip(
        "log-clamped",
        "You let no logarithm fall below −100, as torch's binary_cross_entropy does: a confident "
        "mistake costs at most 100, and its gradient is zero. The true cost of logit −10,000 for "
        "label 1 is 10,000.",
        {"how": "log clamped"},
    ),
    *(
        Slip(
            f"logits-clipped-at-{largest:g}",
            f"You clip the logits at ±{largest:g}: beyond, a mistake costs no more and has no "
            "gradient.",
            {"largest": largest},
        )
        for largest in (10.0, 20.0, 30.0, 50.0, 88.0, 100.0, 500.0, 700.0, 709.0, 1000.0)
    ),
    Slip(
        "labels-rounded",
        "You round the labels to 0 or 1. A label of 0.3 costs 0.3 of the one and 0.7 of the other.",
        {"rounded": True},
    ),
    Slip(
        "label-flipped",
        "The two labels have changed places: σ(z) is the probability of label 1.",
        {"flipped": True},
    ),
    Slip(
        "log-likelihood",
        "This is the log-likelihood, whose minus is missing. A cost is minimized.",
        {"sign": -1.0},
    ),
    Slip("sum-taken", "You return the sum over the samples; asked is the mean.", {"total": True}),
    Slip("halved", "Your cost is half of what it should be.", {"base": 2.0}),
    Slip("bits", "Your logarithm has base 2. The course's is natural.", {"base": math.log(2)}),
    Slip(
        "zeros-forgotten",
        "Samples with label 0 cost you nothing, whatever was predicted for them.",
        {"how": "first only"},
    ),
    Slip("squared-error", "This is the squared error of the probabilities.", {"how": "squared"}),
)


ALL_OF_IT = not_calling(
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy",
    "cross_entropy",
    "soft_margin_loss",
    "Bernoulli",
    "log_loss",
    code="does-it-all",
    says="The numbers are right, and a single call of a library computes them. Asked is that you "
    "write the cost yourself, from exponentials and logarithms (or softplus, logsigmoid).",
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    labels = torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0], dtype=torch.float64)
    far = torch.tensor([-1e4, 1e4, 1e4, -1e4, 3.0], dtype=torch.float64)
    right = torch.tensor([4.0, -5.2, 4.6], dtype=torch.float64)  # costs of 0.02 and less
    cases = [
        Case("logits of moderate size", {"logits": draws.normal(5, std=2.0), "target": labels}),
        Case("logits of ±10,000", {"logits": far, "target": labels}),
        Case("labels between 0 and 1", {"logits": draws.normal(4), "target": draws.uniform(4)}),
        Case(
            "labels between 0 and 1 for logits of ±800",
            {"logits": far[:4] * 0.08, "target": draws.uniform(4, low=0.6, high=0.9)},
        ),
        Case("predictions that are sure and right", {"logits": right, "target": labels[:3]}),
        Case("a single logit of 0", {"logits": 0 * far[:1], "target": labels[:1]}),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS, rules=(ALL_OF_IT,))


EXERCISE = Exercise(
    slug="cost-functions-logits",
    title="A cross-entropy that does not overflow",
    chapter="cost_functions",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function bernoulli_nll(logits, target) that returns one number",
    hints=(
        "Show first that −log σ(z) = log(1 + exp(−z)), and −log(1 − σ(z)) = log(1 + exp z).",
        "So the cost is log(1 + exp z) − y z. Where does it overflow, and where not?",
        "log(1 + exp z) = max(z, 0) + log(1 + exp(−|z|)), and log1p is exact for small numbers.",
    ),
    examine=examine,
)
