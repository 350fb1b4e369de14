"""residual-connections-paths: through how many branches the gradient comes down."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(blocks: int, alpha: float) -> Tensor:
    """Block after block: a path either takes the branch or goes past it."""
    p = alpha**2 / (1 + alpha**2)
    shares = np.zeros(blocks + 1)
    shares[0] = 1.0
    for _ in range(blocks):
        shares[1:] = (1 - p) * shares[1:] + p * shares[:-1]
        shares[0] *= 1 - p
    return torch.from_numpy(shares)


def formula(
    blocks: int,
    alpha: float,
    *,
    squared: bool = True,
    normalized: bool = True,
    counts: bool = True,
    backwards: bool = False,
    weighted: bool = True,
) -> Tensor:
    """The shares with an argument for each way to get them wrong."""
    k = torch.arange(blocks + 1, dtype=torch.float64)
    a = alpha**2 if squared else abs(alpha)
    n = torch.tensor(float(blocks), dtype=torch.float64)
    logs = torch.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1) if counts else 0 * k
    logs = logs + (k * math.log(a) if weighted and a > 0 else 0)
    if weighted and a == 0:
        logs = torch.where(k == 0, 0.0, -torch.inf)
    values = torch.softmax(logs, 0) if normalized else logs.exp()
    return values.flip(0) if backwards else values


SLIPS = (
    Slip(
        "not-squared",
        "You weigh a path of k branches by αᵏ. In a mean square it is the square of that.",
        {"squared": False},
    ),
    Slip(
        "not-shares",
        "These are mean squares, not shares: they should add up to 1.",
        {"normalized": False},
    ),
    Slip(
        "paths-not-counted",
        "You take one path for each number of branches. How many paths take k of the M branches?",
        {"counts": False},
    ),
    Slip("reversed", "The order is reversed: entry 0 belongs to the path past all branches.",
         {"backwards": True}),
    Slip(
        "numbers-of-paths",
        "You count paths, and each counts alike. A path through k branches has k factors α.",
        {"weighted": False},
    ),
)  # fmt: skip


def examine(trial: Trial) -> None:
    rows = {
        "five blocks": (5, 0.7),
        "twelve blocks": (12, 0.3),
        "large branches": (8, 2.0),
        "a single block": (1, 0.5),
        "a negative scale": (6, -0.8),
        "a scale of 0": (4, 0.0),
        "no block": (0, 0.5),
        "many blocks": (1500, 0.5),
    }
    cases = [
        Case(name, {"blocks": m, "alpha": a}, atol=1e-9 if m > 100 else None)
        for name, (m, a) in rows.items()
    ]
    judge(trial, cases, oracle, parts=("the shares",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="residual-connections-paths",
    title="Short ways and long ways",
    chapter="residual_connections",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function shares(blocks, alpha) that returns M + 1 numbers which add up to 1",
    hints=(
        "Multiply out (I + αJ₁)(I + αJ₂)(I + αJ₃). How many terms have two J's?",
        "In the mean over the weights different paths do not mix, and a path of k branches has the "
        "mean square α to the power 2k.",
        "1,500 blocks: binomial coefficients overflow. Take logarithms, or add block after block.",
    ),
    examine=examine,
)
