"""output-units-gradient: the cross-entropy's gradient by the logits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
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
) -> Tensor:
    """(p − y) / (N T), with an argument for each way to get it wrong."""
    p = torch.softmax(z / T if inside else z, 1)
    y = F.one_hot(t, z.shape[1]).to(z)
    error = p - {"one-hot": y, "none": 0 * y, "index": t[:, None].to(z)}[target]
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
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS, look=look)


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
