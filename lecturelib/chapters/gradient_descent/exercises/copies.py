"""gradient-descent-copies: how many parameter vectors compute the same function."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(hidden: list[int]) -> Tensor:
    """Units placed one after the other: each takes one of the places left, and one of two signs."""
    log = 0.0
    for n in hidden:
        for left in range(n, 0, -1):
            log += math.log10(2 * left)
    return torch.tensor(log).double()


def formula(
    hidden: list[int],
    *,
    signs: str = "units",
    orders: str = "all",
    joined: str = "product",
    base: float = 10.0,
    logarithm: bool = True,
) -> Tensor:
    """The logarithm of the count with an argument for each way to get it wrong."""
    counts = hidden if joined != "all" else [sum(hidden)]
    logs = []
    for n in counts:
        flips = {
            "units": n * math.log(2),
            "none": 0.0,
            "layer": math.log(2),
            "product": math.log(2 * n),
        }[signs]
        order = {"all": math.lgamma(n + 1), "none": 0.0, "places": math.log(n)}[orders]
        logs.append(order + flips)
    total = sum(logs)
    if joined == "sum":
        total = math.log(sum(math.exp(v) for v in logs))
    return torch.tensor(total / math.log(base) if logarithm else math.exp(total)).double()


SLIPS = (
    Slip(
        "signs-forgotten",
        "You count the orders alone. tanh is odd, so the sign of each unit is free as well.",
        {"signs": "none"},
    ),
    Slip(
        "one-sign-a-layer",
        "You flip whole layers. Each unit can be flipped by itself.",
        {"signs": "layer"},
    ),
    Slip(
        "orders-forgotten",
        "You count the signs alone. The units of a layer can be renumbered, too.",
        {"orders": "none"},
    ),
    Slip(
        "units-for-orders",
        "You count n orders for a layer of n units. The first unit has n places, the next n − 1, "
        "and so on.",
        {"orders": "places"},
    ),
    Slip(
        "signs-added",
        "You count 2n choices of signs for a layer. They are independent: twice as many for each "
        "unit.",
        {"signs": "product"},
    ),
    Slip(
        "layers-mixed",
        "You let units change from one layer to another; then the function changes.",
        {"joined": "all"},
    ),
    Slip(
        "layers-added",
        "You add the counts of the layers. Choices in different layers are independent, so they "
        "multiply.",
        {"joined": "sum"},
    ),
    Slip(
        "natural-logarithm",
        "Your logarithm is the natural one; wanted is a power of ten.",
        {"base": math.e},
    ),
    Slip("binary-logarithm", "Your logarithm has base 2; wanted is a power of ten.", {"base": 2.0}),
    Slip(
        "no-logarithm",
        "You return the number itself. Wanted is its logarithm to base 10: the number of digits is "
        "large for real networks.",
        {"logarithm": False},
    ),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("one hidden layer", {"hidden": [5]}),
        Case("two layers", {"hidden": [3, 6]}),
        Case("three layers", {"hidden": [4, 2, 4]}),
    ]
    judge(trial, cases, oracle, parts=("the power of ten",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-copies",
    title="How many minima at least?",
    chapter="gradient_descent",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function copies(hidden) that returns the logarithm to base 10 of the count",
    hints=(
        "How many orders has a layer of n units? How many ways to choose n signs?",
        "math.lgamma(n + 1) is the natural logarithm of n!, without overflow.",
    ),
    examine=examine,
)
