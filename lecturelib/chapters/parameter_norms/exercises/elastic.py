"""parameter-norms-elastic: a proximal step for both penalties at once."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(w: Tensor, g: Tensor, lr: float, lam1: float, lam2: float) -> Tensor:
    """The minimum of ½(z − step)² + ηλ₁|z| + ηλ₂z², from its derivative on each side of 0."""
    step = w - lr * g
    right = (step - lr * lam1) / (1 + 2 * lr * lam2)
    left = (step + lr * lam1) / (1 + 2 * lr * lam2)
    zero = torch.zeros_like(step)
    return torch.where(right > 0, right, torch.where(left < 0, left, zero))


def formula(
    w: Tensor,
    g: Tensor,
    lr: float,
    lam1: float,
    lam2: float,
    *,
    threshold: str = "right",
    shrink: str = "right",
    order: str = "threshold first",
    uphill: bool = False,
) -> Tensor:
    """The step with an argument for each way to get it wrong."""
    step = w + lr * g if uphill else w - lr * g
    t = lam1 if threshold == "rateless" else lr * lam1
    factor = {
        "right": 1 / (1 + 2 * lr * lam2),
        "half": 1 / (1 + lr * lam2),
        "rateless": 1 / (1 + 2 * lam2),
        "decay": 1 - 2 * lr * lam2,
        "none": 1.0,
    }[shrink]
    if order == "shrink first":
        step, factor = factor * step, 1.0
    if threshold == "sign":
        return factor * (step - t * step.sign())
    if threshold == "of w":
        return factor * (step - t * w.sign())
    if threshold == "sign of w":
        return factor * w.sign() * (step.abs() - t).clamp(min=0)
    if threshold == "hard":
        return factor * torch.where(step.abs() > t, step, torch.zeros_like(step))
    if threshold == "none":
        return factor * step
    return factor * step.sign() * (step.abs() - t).clamp(min=0)


SLIPS = (
    Slip(
        "rate-missing-in-threshold",
        "Your threshold is λ₁. The step of length η owes the penalty ηλ₁.",
        {"threshold": "rateless"},
    ),
    Slip(
        "passes-zero",
        "You subtract ηλ₁ times the sign everywhere: what is smaller than ηλ₁ must become 0 "
        "instead of changing its sign.",
        {"threshold": "sign"},
    ),
    Slip(
        "sign-of-the-old",
        "You take the sign of the old weight. Threshold what the gradient step gives.",
        {"threshold": "of w"},
    ),
    Slip(
        "old-sign-restored",
        "What is left of the step gets the sign of the old weight. A long step may turn it round.",
        {"threshold": "sign of w"},
    ),
    Slip(
        "hard-threshold",
        "You set small values to 0 and leave the large ones. L1 takes ηλ₁ from those as well.",
        {"threshold": "hard"},
    ),
    Slip("no-l1", "There is no L1 penalty in your step.", {"threshold": "none"}),
    Slip(
        "half",
        "You divide by 1 + ηλ₂. The derivative of λ₂z² is 2λ₂z.",
        {"shrink": "half"},
    ),
    Slip(
        "rate-missing-in-shrinkage",
        "You divide by 1 + 2λ₂, without the learning rate.",
        {"shrink": "rateless"},
    ),
    Slip(
        "weight-decay",
        "You multiply by 1 − 2ηλ₂. That is the first order of the exact step, 1/(1 + 2ηλ₂).",
        {"shrink": "decay"},
    ),
    Slip("no-l2", "There is no L2 penalty in your step.", {"shrink": "none"}),
    Slip(
        "shrinks-first",
        "You shrink before you threshold. Set the derivative of the three terms to 0 for z > 0: "
        "which comes first?",
        {"order": "shrink first"},
    ),
    Slip("uphill", "You step along the gradient instead of against it.", {"uphill": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(
        special: str, *shape: int, lr: float = 0.4, lam1: float = 1.5, lam2: float = 0.6
    ) -> Case:
        rows = {name: draws.signed(*shape) for name in ("w", "g")}
        return Case(special, {**rows, "lr": lr, "lam1": lam1, "lam2": lam2})

    usual = [case("rate 0.4", 9), case("rate 2, across 0", 7, lr=2.0)]
    still = case("weights of 0 that stay there", 5)
    for name in ("w", "g"):
        still.arguments[name][1:3] = 0
    edges = [
        still,
        case("a matrix of weights", 3, 4),
        case("steps that turn signs round, a small strength", 8, lr=2.0, lam1=0.1),
        case("a single weight"),
        case("no L1", 5, lam1=0.0),
        case("no L2", 5, lam2=0.0),
        case("a strength beyond which all are 0", 4, lam1=9.0),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="parameter-norms-elastic",
    title="Both penalties in one step",
    chapter="parameter_norms",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function elastic_step(w, g, lr, lam1, lam2) that returns the new weights",
    hints=(
        "Minimize ½(z − s)² + ηλ₁|z| + ηλ₂z² for one number s, what the gradient step gives.",
        "For z > 0: z − s + ηλ₁ + 2ηλ₂z = 0.",
    ),
    examine=examine,
)
