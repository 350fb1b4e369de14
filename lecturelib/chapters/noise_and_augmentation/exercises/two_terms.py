"""noise-and-augmentation-two-terms: both terms of weight noise, for an exponential model."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the penalty", "the second term")


def oracle(w: Tensor, X: Tensor, y: Tensor, std: float) -> tuple[Tensor, Tensor]:
    """By automatic differentiation, one sample at a time."""
    penalty, second = [], []
    for x, target in zip(X, y, strict=True):

        def f(v: Tensor, x: Tensor = x) -> Tensor:
            return torch.exp(v @ x)

        gradient = torch.autograd.functional.jacobian(f, w)
        penalty.append(gradient @ gradient)
        second.append((f(w) - target) * torch.autograd.functional.hessian(f, w).trace())
    return std**2 * torch.stack(penalty).mean(), std**2 * torch.stack(second).mean()


def formula(
    w: Tensor, X: Tensor, y: Tensor, std: float, *, power: int = 2, half: bool = False,
    squared: bool = True, summed: bool = False, sign: float = 1.0, norm: bool = True,
    by_input: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The two terms with an argument for each way to get them wrong."""
    f = torch.exp(X @ w)
    around = X.square().sum(1) if norm else torch.ones_like(f)
    if by_input:
        around = w.square().sum() * torch.ones_like(f)
    scale = std**power * (len(X) if summed else 1)
    penalty = (f**2 if squared else f) * around
    second = sign * (f - y) * f * around * (0.5 if half else 1.0)
    return scale * penalty.mean(), scale * second.mean()


SLIPS = (
    Slip("std-not-squared", "Both terms go with the variance, std².", {"power": 1}),
    Slip(
        "half-kept",
        "You keep the ½ of the expansion in the second term. The square of f − y doubles it: "
        "2·(f − y)·½.",
        {"half": True},
    ),
    Slip(
        "gradient-not-squared",
        "The penalty has the *square* of the gradient: f² ‖x‖², as the gradient is f x.",
        {"squared": False},
    ),
    Slip("summed", "You sum over the samples. The loss is a mean.", {"summed": True}),
    Slip(
        "residual-turned",
        "Your residual is y − f. The square has f − y, and here the sign matters.",
        {"sign": -1.0},
    ),
    Slip(
        "input-forgotten",
        "The factor ‖x‖² is missing: each derivative by a weight brings an entry of x.",
        {"norm": False},
    ),
    Slip(
        "by-the-input",
        "You differentiate by the input, which brings ‖w‖². The noise is on the weights.",
        {"by_input": True},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    cases = [
        Case(
            special,
            {"w": 0.5 * d.signed(k), "X": d.normal(n, k), "y": d.normal(n), "std": std},
        )
        for special, n, k, std in (
            ("4 samples, 3 weights", 4, 3, 0.1),
            ("one sample", 1, 2, 0.3),
            ("one weight", 5, 1, 0.05),
        )
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-augmentation-two-terms",
    title="Both terms of weight noise",
    chapter="noise_and_augmentation",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function two_terms(w, X, y, std) that returns (penalty, second term)",
    hints=(
        "The gradient of exp(w·x) by w is f x. What is the matrix of second derivatives?",
        "∇²f = f x xᵀ, whose trace is f ‖x‖².",
    ),
    examine=examine,
)
