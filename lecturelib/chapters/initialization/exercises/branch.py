"""initialization-branch: the size of a residual branch."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(layers: int, growth: float) -> Tensor:
    """Halve an interval until the layers, multiplied out one by one, give the growth."""
    low, high = 0.0, math.sqrt(growth)
    for _ in range(60):
        middle, square = (low + high) / 2, 1.0
        for _ in range(layers):
            square += middle**2 * square
        low, high = (middle, high) if square < growth else (low, middle)
    return torch.tensor(low, dtype=torch.float64)


def formula(
    layers: int,
    growth: float,
    *,
    root: bool = True,
    per_layer: str = "power",
    size: str = "square",
    he: float = 1.0,
    count: str = "all",
) -> Tensor:
    """The factor of the branch with an argument for each way to get it wrong."""
    total = {"square": growth, "rms": growth**2, "root": growth**0.5}[size]
    layers = {"less": max(layers - 1, 1), "more": layers + 1}.get(count, layers)
    square = {
        "power": total ** (1 / layers) - 1,
        "share": (total - 1) / layers,
        "log": math.log(total) / layers,
        "none": total - 1,
        "not less": total ** (1 / layers),
    }[per_layer] / he
    return torch.tensor(math.sqrt(square) if root else square, dtype=torch.float64)


SLIPS = (
    Slip("squared", "This is α². Mean squares grow by 1 + α², so take the root.", {"root": False}),
    Slip(
        "shared-out",
        "You share the growth out by adding. Layers multiply: (1 + α²) to the power L.",
        {"per_layer": "share"},
    ),
    Slip(
        "logarithm",
        "This is right for many layers only: 1 + α² is not quite e to the power α².",
        {"per_layer": "log"},
    ),
    Slip("one-layer", "This is for a single layer.", {"per_layer": "none"}),
    Slip(
        "skip-lost",
        "You forget the skip. The factor a layer is 1 + α², not α².",
        {"per_layer": "not less"},
    ),
    Slip(
        "growth-of-rms",
        "You let the rms grow by the factor. Asked is the mean square.",
        {"size": "rms"},
    ),
    Slip(
        "growth-rooted",
        "You let the mean square grow by the root of the factor. `growth` is that of the mean "
        "square already.",
        {"size": "root"},
    ),
    Slip(
        "one-layer-less",
        "You count a layer less. Each of them has a branch, the first one, too.",
        {"count": "less"},
    ),
    Slip("one-layer-more", "You count a layer more than there are.", {"count": "more"}),
    Slip(
        "relu-lost",
        "You forget the ReLU: with He's weights the branch has the mean square α², not 2α².",
        {"he": 2.0},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How far off the first case is, as a factor."""
    return f"With {case.special} yours is {(got[0] / wanted[0]).item():.3g} times the right value."


def examine(trial: Trial) -> None:
    usual = [
        Case("three layers", {"layers": 3, "growth": 4.0}),
        Case("ten layers", {"layers": 10, "growth": 2.0}),
        Case("fifty layers", {"layers": 50, "growth": 5.0}),
    ]
    edges = [
        Case("a single layer", {"layers": 1, "growth": 3.0}),
        Case("two layers that hardly grow", {"layers": 2, "growth": 1.001}),
        Case("a thousand layers", {"layers": 1000, "growth": 20.0}),
        Case("a growth of a million", {"layers": 4, "growth": 1e6}),
    ]
    parts = ("α",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="initialization-branch",
    title="How small must the branch be?",
    chapter="initialization",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function branch(layers, growth) that returns one number",
    hints=(
        "By which factor does one layer multiply the mean square?",
        "(1 + α²) to the power L is the growth.",
    ),
    examine=examine,
)
