"""batch-norm-in-networks-scale-invariance: a proof, and numbers that hold it to account."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

# A name, the factor c, the learning rate and the size of the loss.
SETTINGS = (
    ("c above 1", 4.0, 0.5, 1.0),
    ("c below 1", 0.25, 0.3, 1.0),
    ("c = 3", 3.0, 1.5, 1.0),
    ("c = 1", 1.0, 0.7, 1.0),
    ("a large c", 50.0, 0.2, 1.0),
    ("a rate of 0", 2.0, 0.0, 1.0),
    ("a small gradient and a large rate", 0.5, 400.0, 1e-2),
)

PARTS = ("the gradient's norm at c·w", "the inner product", "the norm after the step")


def _formula(
    w_norm: float,
    g_norm: float,
    c: float,
    lr: float,
    *,
    power: float = -1.0,
    inner: float = 0.0,
    product: str = "lengths",
    cross: float = 0.0,
    square: float = 1.0,
    root: bool = True,
    lr_power: float = 2.0,
    at: str = "w",
) -> tuple[Tensor, ...]:
    """Predictions with an argument for each way to get them wrong."""
    start, slope = w_norm * (c if at == "c·w" else 1), g_norm / (1 if at == "w" else c)
    after = start**2 + cross * lr * slope * start + square * lr**lr_power * slope**2
    if root:
        after = math.sqrt(after) if after > 0 else math.nan
    products = {"lengths": w_norm * g_norm, "gradient": g_norm, "square": g_norm**2}
    values = (g_norm * c**power, inner * products[product], after)
    return tuple(torch.tensor(v, dtype=torch.float64) for v in values)


SLIPS = (
    Slip(
        "gradient-unchanged",
        "You leave the gradient as it is. The loss is the same at c·w as at w, but a step of length"
        " 1 is a smaller part of a longer vector.",
        {"power": 0.0},
    ),
    Slip(
        "gradient-grows",
        "You let the gradient grow with c. Differentiate L(c·w) = L(w) by w and see where c"
        " stands.",
        {"power": 1.0},
    ),
    Slip(
        "gradient-over-square",
        "You divide the gradient by c². The chain rule gives c once.",
        {"power": -2.0},
    ),
    Slip(
        "parallel",
        "Your inner product takes w and the gradient to be parallel. Differentiate L(c·w) by c:"
        " what must come out if L does not depend on c?",
        {"inner": 1.0},
    ),
    Slip(
        "antiparallel",
        "Your inner product takes w and the gradient to be opposite. Differentiate L(c·w) by c.",
        {"inner": -1.0},
    ),
    Slip(
        "step-along-w",
        "Your norm after the step is that of a step along w. In which direction does the gradient"
        " point?",
        {"cross": -2.0},
    ),
    Slip(
        "step-adds-up",
        "Your norm after the step adds two lengths. Two sides of a right angle add up otherwise.",
        {"cross": 2.0},
    ),
    Slip(
        "norm-shrinks",
        "Your norm gets smaller by the step. Draw the right angle: which side is the longest?",
        {"square": -1.0},
    ),
    Slip("norm-unchanged", "Your norm is the same after the step.", {"square": 0.0}),
    Slip("norm-squared", "You return the square of the norm after the step.", {"root": False}),
    Slip(
        "gradient-over-root",
        "You divide the gradient by √c. The chain rule gives c once.",
        {"power": -0.5},
    ),
    Slip(
        "length-for-inner-product",
        "Your inner product is the length of the gradient. Which angle lies between it and w?",
        {"inner": 1.0, "product": "gradient"},
    ),
    Slip(
        "square-for-inner-product",
        "Your inner product is that of the gradient with itself. Asked is that of w and the "
        "gradient.",
        {"inner": 1.0, "product": "square"},
    ),
    Slip(
        "step-with-the-other-gradient",
        "Your step takes the gradient at c·w. The third number belongs to w and its own gradient.",
        {"at": "the other gradient"},
    ),
    Slip(
        "step-from-c-times-w",
        "Your step starts at c·w. The third number belongs to w and its own gradient.",
        {"at": "c·w"},
    ),
    Slip(
        "rate-not-squared",
        "In your norm after the step the learning rate enters once. It multiplies a length that is"
        " squared.",
        {"lr_power": 1.0},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """The first wrong number, held against what was measured on a layer with batch norm."""
    c, w_norm = case.arguments["c"], case.arguments["w_norm"]
    gradient, inner = (abs(g - w) < 1e-3 for g, w in zip(got[:2], wanted, strict=False))
    if not gradient:
        share = got[0].item() / case.arguments["g_norm"]
        return (
            f"You say that at {c:g}·w the gradient is {share:.3g} times as long as at w. The loss "
            "there is the same, and everything happens on a scale that is c times as large."
        )
    if not inner:
        return (
            "The inner product is the slope of the loss along w. Measured: how does the loss change"
            " when w is made a little longer?"
        )
    side = "shorter" if got[2] < wanted[2] else "longer"
    return (
        f"The vector of length {w_norm:.3g} is {side} after the step than what was measured. Draw w"
        " and the step as two sides of a triangle: how long is the step, and which angle lies"
        " between them?"
    )


def _measured(x: Tensor, w: Tensor, r: Tensor, c: float, lr: float) -> tuple[dict[str, Any], Parts]:
    """One weight vector before batch norm (ε nearly 0): arguments for the student, and what is
    measured."""

    def gradient(at: Tensor) -> Tensor:
        leaf = at.clone().requires_grad_()
        y = F.batch_norm((x @ leaf)[:, None], None, None, training=True, eps=1e-14)
        return torch.autograd.grad((r * torch.tanh(y[:, 0])).sum(), leaf)[0]

    g = gradient(w)
    arguments = {"w_norm": w.norm().item(), "g_norm": g.norm().item(), "c": c, "lr": lr}
    return arguments, (gradient(c * w).norm(), w @ g, (w - lr * g).norm())


def examine(trial: Trial) -> None:
    draws = trial.draws
    measured: dict[tuple[float, ...], Parts] = {}
    cases = []
    for special, c, lr, size in SETTINGS:
        x, w, r = draws.normal(8, 4), draws.signed(4), size * draws.normal(8)
        arguments, parts = _measured(x, w, r, c, lr)
        measured[tuple(arguments.values())] = parts
        # The inner product is measured to be 0 but for rounding.
        cases.append(Case(special, arguments, atol=1e-7))

    def oracle(**arguments: float) -> Parts:
        return measured[tuple(arguments.values())]

    judge(trial, cases, oracle, parts=PARTS, formula=_formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="batch-norm-in-networks-scale-invariance",
    title="Scale invariance and its gradient",
    chapter="batch_norm_in_networks",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants=(
        "a function predict(w_norm, g_norm, c, lr) that returns (norm of the gradient at c·w, inner"
        " product of w and its gradient, norm of w after one step)"
    ),
    hints=(
        (
            "Show first that batch norm of (c·w)ᵀx equals batch norm of wᵀx for c > 0 and ε = 0."
            " What do mean and standard deviation do?"
        ),
        (
            "So L(c·w) = L(w) for all c > 0. Differentiate by w for the first claim, by c for the"
            " second."
        ),
        "For the third: a step along a vector that stands at a right angle to w. Pythagoras.",
    ),
    examine=examine,
)
