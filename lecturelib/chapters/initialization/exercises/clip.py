"""initialization-clip: one norm for all gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weights' gradient", "the bias's gradient")


def oracle(dw: Tensor, db: Tensor, max_norm: float) -> Parts:
    """PyTorch's clipping of two parameters."""
    parameters = [nn.Parameter(torch.zeros_like(g)) for g in (dw, db)]
    for parameter, gradient in zip(parameters, (dw, db), strict=True):
        parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_(parameters, max_norm)
    return tuple(parameter.grad for parameter in parameters if parameter.grad is not None)


def formula(
    dw: Tensor,
    db: Tensor,
    max_norm: float,
    *,
    norm: str = "all",
    always: bool = False,
    by: str = "norm",
    squared: bool = False,
) -> Parts:
    """Both gradients with an argument for each way to get them wrong."""
    if by == "value":
        return dw.clamp(-max_norm, max_norm), db.clamp(-max_norm, max_norm)
    sizes = {
        "all": (dw.square().sum() + db.square().sum()).sqrt().repeat(2),
        "each": torch.stack([dw.norm(), db.norm()]),
        "added": (dw.norm() + db.norm()).repeat(2),
        "weights": dw.norm().repeat(2),
        "largest": torch.cat([dw.flatten(), db]).abs().max().repeat(2),
    }[norm]
    factors = max_norm / (sizes**2 if squared else sizes)
    factors = factors if always else factors.clamp(max=1)
    return dw * factors[0], db * factors[1]


SLIPS = (
    Slip(
        "each-by-itself",
        "You clip each gradient by its own norm. That turns the direction of the whole: take one"
        " norm of all entries together.",
        {"norm": "each"},
    ),
    Slip(
        "always",
        "You scale short gradients up to the bound. Clipping leaves them alone.",
        {"always": True},
    ),
    Slip(
        "by-value",
        "You clip each entry. That is clipping by value, and turns the direction.",
        {"by": "value"},
    ),
    Slip(
        "norms-added",
        "You add the two norms. Squares add up: the norm of all is √(‖dw‖² + ‖db‖²).",
        {"norm": "added"},
    ),
    Slip(
        "bias-not-counted",
        "Your norm is that of the weights alone. The bias counts, too.",
        {"norm": "weights"},
    ),
    Slip(
        "largest-entry",
        "You divide by the largest entry. Asked is the Euclidean norm.",
        {"norm": "largest"},
    ),
    Slip(
        "root-lost",
        "You divide by the square of the norm: a root is missing.",
        {"squared": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, bound: float) -> Case:
        arguments = {"dw": draws.signed(2, 3), "db": 2 * draws.signed(2)}
        return Case(special, {**arguments, "max_norm": bound})

    cases = [case("long gradients", 1.2), case("short gradients", 50.0)]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="initialization-clip",
    title="Clipping by norm",
    chapter="initialization",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function clip(dw, db, max_norm) that returns the clipped (dw, db)",
    hints=(
        "One number multiplies everything.",
        "The number is min(1, max_norm / norm), with the norm of all entries together.",
    ),
    examine=examine,
)
