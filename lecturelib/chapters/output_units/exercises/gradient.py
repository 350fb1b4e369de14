"""output-units-gradient: the cross-entropy's gradient by the logits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial


def oracle(z: Tensor, t: Tensor, T: float) -> Tensor:
    """Automatic differentiation of PyTorch's cross-entropy."""
    leaf = z.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(leaf / T, t), leaf)[0]


def formula(
    z: Tensor,
    t: Tensor,
    T: float,
    *,
    average: str = "samples",
    power: float = -1.0,
    inside: bool = True,
    target: str = "one-hot",
    sign: float = 1.0,
    jacobian: bool = False,
    softmax: str = "stable",
) -> Tensor:
    """(p − y) / (N T), with an argument for each way to get it wrong."""
    u = z / T if inside else z
    p = {
        "stable": torch.softmax(u, 1),
        "naive": torch.exp(u) / torch.exp(u).sum(1, keepdim=True),
        "over samples": torch.softmax(u, 0),
        "log": torch.log_softmax(u, 1),
        "multiplied": torch.softmax(z * T, 1),
        "sigmoid": torch.sigmoid(u),
    }[softmax]
    y = F.one_hot(t, z.shape[1]).to(z)
    if target == "every row":
        y = torch.zeros_like(z).index_fill(1, t, 1.0)
    elif target == "own entry":
        p = p * y
    error = p - {"one-hot": y, "none": 0 * y, "index": t[:, None].to(z)}.get(target, y)
    if jacobian:
        error = p * (error - (p * error).sum(1, keepdim=True))
    count = {"samples": len(z), "none": 1, "all": z.numel(), "classes": z.shape[1]}[average]
    return sign * error * T**power / count


SLIPS = (
    Slip(
        "not-averaged",
        "The loss is an average over the samples, and so is its gradient: divide by N.",
        {"average": "none"},
    ),
    Slip(
        "averaged-over-everything", "You divide by N·K. The loss has N terms.", {"average": "all"}
    ),
    Slip("averaged-over-classes", "You divide by K and not by N.", {"average": "classes"}),
    Slip(
        "temperature-outside-missing",
        "The probabilities are right. The inner derivative of z/T by z is missing.",
        {"power": 0.0},
    ),
    Slip(
        "temperature-multiplied",
        "You multiply by T where the derivative of z/T by z divides.",
        {"power": 1.0},
    ),
    Slip(
        "temperature-inside-missing",
        "Your probabilities are those at T = 1. Divide the logits by T first.",
        {"inside": False},
    ),
    Slip("target-missing", "Your gradient is p: it does not know the target.", {"target": "none"}),
    Slip(
        "index-subtracted",
        "You subtract the number of the class from the probabilities. Subtract 1 at that class.",
        {"target": "index"},
    ),
    Slip(
        "sign",
        "Your gradient is y − p, the direction in which to go *down*. The gradient points up.",
        {"sign": -1.0},
    ),
    Slip(
        "squared-error",
        "You multiply by the derivative of the softmax once more: that is the gradient of the "
        "squared error of the probabilities. In the cross-entropy the logarithm cancels it.",
        {"jacobian": True},
    ),
    Slip(
        "every-row",
        "You subtract 1 in the columns of *all* targets, in every row (p[:, t] −= 1 does that). "
        "Each row has a target of its own.",
        {"target": "every row"},
    ),
    Slip(
        "true-class-only",
        "Your gradient is zero for all classes but the true one. Their logits should go down.",
        {"target": "own entry"},
    ),
    Slip(
        "softmax-over-samples",
        "Your softmax runs over the samples. The probabilities of *one* sample add up to 1.",
        {"softmax": "over samples"},
    ),
    Slip(
        "overflow",
        "Your formula is right, and exp overflows for logits of 1000. Subtract the largest logit "
        "of each row first, or take a softmax that does.",
        {"softmax": "naive"},
    ),
    Slip(
        "logarithm-kept",
        "You subtract the target from the log-probability. The gradient has the probability.",
        {"softmax": "log"},
    ),
    Slip(
        "logits-multiplied",
        "Your probabilities are those of z·T. The temperature divides the logits.",
        {"softmax": "multiplied"},
    ),
    Slip(
        "sigmoids",
        "You take a sigmoid of each logit. The classes compete: take the softmax of the row.",
        {"softmax": "sigmoid"},
    ),
    Slip(
        "temperature-twice",
        "You divide by T once too often: dividing the logits inside the softmax is one thing, the "
        "inner derivative 1/T is the other, and there is no third.",
        {"power": -2.0},
    ),
)


def look(got: tuple[Tensor, ...], wanted: tuple[Tensor, ...], case: Case) -> str:
    """A fact that every right gradient fulfils."""
    sums = got[0].sum(1)
    worst = int(sums.abs().argmax())
    if sums[worst].abs() > 1e-3:
        return (
            f"In sample {worst} your gradient adds up to {sums[worst]:.3g} over the classes; it "
            "must be 0, because a shift of all logits changes no probability."
        )
    return "Over the classes your gradient adds up to 0, as it must. Compare its size with p − y."


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, n: int, k: int, temperature: float, size: float = 1.0) -> Case:
        t = torch.tensor([draws.choice(range(k)) for _ in range(n)])
        return Case(special, {"z": size * draws.normal(n, k), "t": t, "T": temperature})

    return [
        case("three classes at T = 2", 5, 3, 2.0),
        case("as many samples as classes", 4, 4, 0.5),
        case("logits of a thousand", 3, 5, 1.5, 1000.0),
        case("a single sample at T = 1", 1, 3, 1.0),
        case("two classes", 3, 2, 0.8),
        Case(
            "a batch in which the last class does not occur",
            {"z": draws.normal(3, 4), "t": torch.tensor([1, 0, 1]), "T": 1.3},
        ),
    ]


def examine(trial: Trial) -> None:
    rules = (no_autograd(),)
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS, look=look, rules=rules)


EXERCISE = Exercise(
    slug="output-units-gradient",
    title="The gradient by the logits",
    chapter="output_units",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function gradient(z, t, T) that returns an array of the shape of z",
    hints=(
        "Write the loss of one sample as log-sum-exp minus the logit of the true class.",
        "With u = z/T the gradient by u is p − y. The chain rule does the rest.",
        "Check: over the classes each row of the gradient adds up to 0.",
    ),
    examine=examine,
)
