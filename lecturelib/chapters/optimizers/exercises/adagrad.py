"""optimizers-adagrad: how far AdaGrad goes under a constant gradient."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

ZETA = -1.4603545088  # ζ(½): Σ 1/√t − 2√T tends to it


def oracle(g: float, lr: float, steps: int) -> Tensor:
    """Go step by step, with the sum of squares as it grows."""
    place, total = 0.0, 0.0
    for _ in range(steps):
        total += g * g
        place -= lr * g / math.sqrt(total)
    return torch.tensor(abs(place), dtype=torch.float64)


def formula(
    g: float,
    lr: float,
    steps: int,
    *,
    kind: str = "sum",
    power: float = 0.5,
    size: str = "one",
    first: int = 1,
    eps: float = 0.0,
) -> Tensor:
    """The distance with an argument for each way to get it wrong."""
    t = torch.arange(first, steps + first, dtype=torch.float64)
    if size == "negative":
        lr = lr * (1 if g > 0 else -1)
    t = t[:-1] if kind == "short" else t
    total = {
        "short": t.pow(-power).sum(),
        "sum": (abs(g) / (abs(g) * t.pow(power) + eps)).sum(),
        "bound": 2 * t[-1] ** 0.5,
        "integral": 2 * t[-1] ** 0.5 - 2,
        "asymptotic": 2 * t[-1] ** 0.5 + ZETA + t[-1] ** -0.5 / 2,
        "root": t[-1] ** 0.5,
        "last": t[-1] ** -power,
    }[kind]
    return lr * total * {"gradient": abs(g), "inverse": 1 / abs(g)}.get(size, 1.0)


SLIPS = (
    Slip(
        "bound",
        "2·lr·√steps is what the sum grows like, and it is more than the sum. Asked is the exact "
        "distance.",
        {"kind": "bound"},
    ),
    Slip(
        "last-step", "This is the size of the last step. Asked is the whole way.", {"kind": "last"}
    ),
    Slip(
        "no-root",
        "Your steps fall as 1/t. AdaGrad divides by the root of the sum of squares.",
        {"power": 1.0},
    ),
    Slip(
        "constant-steps",
        "Your steps do not fall: the sum of squares grows with each of them.",
        {"power": 0.0},
    ),
    Slip(
        "with-gradient",
        "Your way depends on the size of the gradient. It cancels in the quotient.",
        {"size": "gradient"},
    ),
    Slip(
        "one-late",
        "Your first step is lr/√2. The gradient of a step counts in the sum of that step: the "
        "first is lr.",
        {"first": 2},
    ),
    Slip(
        "over-gradient",
        "Your way falls with the size of the gradient. You have divided by it and not multiplied.",
        {"size": "inverse"},
    ),
    Slip("one-short", "You leave out the last step.", {"kind": "short"}),
    Slip(
        "signed",
        "For a negative gradient your way is negative. Asked is how far it goes.",
        {"size": "negative"},
    ),
    Slip(
        "with-eps",
        "You add 1e-8 to the root. With ε = 0, as it is here, the size of the gradient cancels "
        "however small it is.",
        {"eps": 1e-8},
    ),
    Slip(
        "with-eps-of-pytorch",
        "You add 1e-10 to the root, as PyTorch does. With ε = 0, as it is here, the size of the "
        "gradient cancels however small it is.",
        {"eps": 1e-10},
    ),
    Slip(
        "integral",
        "You integrate 1/√t from 1 to T. That is less than the sum, which is asked.",
        {"kind": "integral"},
    ),
    Slip(
        "asymptotic",
        "Yours is the asymptotic formula, right for many steps. Asked is the exact way, for one "
        "step, too.",
        {"kind": "asymptotic"},
    ),
    Slip(
        "root-of-the-steps",
        "lr·√steps is neither the sum nor its bound 2·lr·√steps. Add up lr/√t.",
        {"kind": "root"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    usual = [
        Case(
            "a large gradient",
            {"g": draws.uniform(1, low=3.0, high=9.0).item(), "lr": 0.1, "steps": 10},
        ),
        Case(
            "a negative one",
            {"g": -draws.uniform(1, low=0.2, high=0.6).item(), "lr": 1.0, "steps": 25},
        ),
    ]
    edges = [
        Case("a single step", {"g": 2.0, "lr": 0.3, "steps": 1}),
        Case("two steps", {"g": -3.0, "lr": 0.5, "steps": 2}),
        Case("a tiny gradient", {"g": 1e-9, "lr": 1.0, "steps": 3}),
        Case("a huge gradient", {"g": -1e8, "lr": 1e-4, "steps": 50}),
        Case("many steps", {"g": 0.5, "lr": 0.2, "steps": 2000}),
    ]
    parts = ("the distance",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-adagrad",
    title="How far AdaGrad goes",
    chapter="optimizers",
    kind="proof",
    difficulty=1,
    minutes=15,
    wants="a function distance(g, lr, steps) that returns one number, at least 0",
    hints=(
        "What is the sum of squares at step t?",
        "Step t has the size lr/√t. Add them up.",
    ),
    examine=examine,
)
