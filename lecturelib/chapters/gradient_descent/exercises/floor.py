"""gradient-descent-floor: variance at rest, and the rate for a given one."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the variance at rest", "the rate for half of it")


def _rest(curvature: float, lr: float, noise: float, batch_size: int) -> float:
    """Iterate the variance until it rests."""
    v = 0.0
    for _ in range(5000):
        v = (1 - lr * curvature) ** 2 * v + lr**2 * noise / batch_size
    return v


def oracle(curvature: float, lr: float, noise: float, batch_size: int) -> Parts:
    """By iteration, and by bisection."""
    v = _rest(curvature, lr, noise, batch_size)
    low, high = 0.0, lr
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _rest(curvature, middle, noise, batch_size) < v / 2 else (
            low, middle)  # fmt: skip
    return torch.tensor(v).double(), torch.tensor((low + high) / 2).double()


def formula(
    curvature: float,
    lr: float,
    noise: float,
    batch_size: int,
    *,
    curved: str = "both",
    batch: float = 1.0,
    small: bool = False,
    halved: bool = False,
    squared: bool = False,
    root: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    variance = (noise**2 if squared else noise) / batch_size**batch
    inner = curvature if curved in ("both", "inside") else 1.0
    outer = curvature if curved in ("both", "outside") else 1.0
    v = lr * variance / (outer * (2.0 if small else 2 - lr * inner))
    target = v / 2
    rate = lr / 2 if halved or small else 2 * outer * target / (variance + inner * outer * target)
    return torch.tensor(v**0.5 if root else v).double(), torch.tensor(rate).double()


SLIPS = (
    Slip(
        "curvature-forgotten",
        "Your variance does not contain the curvature: it is that of λ = 1.",
        {"curved": "none"},
    ),
    Slip(
        "curvature-inside-only",
        "You have λ in 2 − ηλ and lost the other one: 1 − (1 − ηλ)² = ηλ(2 − ηλ).",
        {"curved": "inside"},
    ),
    Slip(
        "curvature-outside-only",
        "You have 2 − η where 2 − ηλ should be.",
        {"curved": "outside"},
    ),
    Slip(
        "batch-forgotten",
        "Your noise does not depend on the batch size.",
        {"batch": 0.0},
    ),
    Slip(
        "root-of-the-batch",
        "You divide by √B. That is for the standard deviation; the variance falls as 1/B.",
        {"batch": 0.5},
    ),
    Slip(
        "batch-squared",
        "You divide by B²; the variance of a mean falls as 1/B.",
        {"batch": 2.0},
    ),
    Slip(
        "small-rates-only",
        "Yours is the approximation for small rates, ησ²/2λB. The rates here are not small.",
        {"small": True},
    ),
    Slip(
        "half-the-rate",
        "Half of the rate gives *about* half of the variance, and that is not exact: solve for η.",
        {"halved": True},
    ),
    Slip(
        "standard-deviation",
        "You return the standard deviation at rest; wanted is its square.",
        {"root": True},
    ),
    Slip(
        "noise-squared",
        "You square the noise; it is a variance already.",
        {"squared": True},
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("a steep valley", {"curvature": 3.0, "lr": 0.5, "noise": 2.0, "batch_size": 4}),
        Case("a flat one", {"curvature": 0.4, "lr": 1.2, "noise": 0.7, "batch_size": 3}),
        Case("single samples", {"curvature": 1.5, "lr": 0.9, "noise": 5.0, "batch_size": 1}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-floor",
    title="The noise floor",
    chapter="gradient_descent",
    kind="code",
    difficulty=3,
    minutes=20,
    wants="a function floor(curvature, lr, noise, batch_size) that returns (variance, rate)",
    hints=(
        "Write down how the variance of θ changes in one step. At rest it does not change.",
        "v = (1 − ηλ)² v + η²σ²/B. Solve for v; then set v to half of that and solve for η.",
    ),
    examine=examine,
)
