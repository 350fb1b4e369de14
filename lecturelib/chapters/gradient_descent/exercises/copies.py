"""gradient-descent-copies: how many parameter vectors compute the same function."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge, to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial

PARTS = ("the power of ten",)


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
    form: str = "logarithm",
    itself: bool = True,
) -> Tensor:
    """The logarithm of the count with an argument for each way to get it wrong."""
    counts = hidden if joined != "all" else [sum(hidden)]
    logs = []
    for n in counts:
        flips = {
            "units": n * math.log(2),
            "none": 0.0,
            "layer": math.log(2),
            "network": math.log(2) / len(hidden),
            "product": math.log(2 * n),
        }[signs]
        order = {
            "all": math.lgamma(n + 1),
            "none": 0.0,
            "places": math.log(n),
            "less": math.lgamma(n),
            "approximate": n * math.log(n) - n + math.log(2 * math.pi * n) / 2,
        }[orders]
        logs.append(order + flips)
    total = float(torch.tensor(logs).double().logsumexp(0)) if joined == "sum" else sum(logs)
    if not itself and total < 700:  # beyond that one more or less is lost in rounding
        total = math.log(math.expm1(total))
    value = {
        "logarithm": total / math.log(base),
        "digits": math.floor(total / math.log(base)),
        "number": math.exp(min(total, 700.0)),
    }[form]
    return torch.tensor(value).double()


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
        {"form": "number"},
    ),
    Slip(
        "itself-left-out",
        "You leave out the minimum itself. It is one of the places.",
        {"itself": False},
    ),
    Slip(
        "one-sign-for-all",
        "You flip the whole network at once. Each unit can be flipped by itself.",
        {"signs": "network"},
    ),
    Slip(
        "one-place-too-few",
        "You count the orders of n − 1 units: Γ(n) is (n − 1)!.",
        {"orders": "less"},
    ),
    Slip(
        "stirling",
        "You take Stirling's approximation of n!. For small layers it is off; math.lgamma(n + 1) is"
        " exact.",
        {"orders": "approximate"},
    ),
    Slip(
        "rounded-down",
        "You round the logarithm down. Return it as it is.",
        {"form": "digits"},
    ),
)


def examine(trial: Trial) -> None:
    usual = [
        Case("one hidden layer", {"hidden": [5]}),
        Case("two layers", {"hidden": [3, 6]}),
        Case("three layers", {"hidden": [4, 2, 4]}),
    ]
    edges = [
        Case("a single unit", {"hidden": [1]}),
        Case("layers of one unit", {"hidden": [1, 2, 1]}),
        Case("fifty units", {"hidden": [50]}),
        Case("large layers", {"hidden": [300, 300]}),
    ]
    judge(trial, usual, oracle, parts=PARTS, formula=formula, slips=SLIPS)
    _holds_large_counts(trial, edges[-1])
    judge(trial, edges, oracle, parts=PARTS, formula=formula, slips=SLIPS)


def _holds_large_counts(trial: Trial, case: Case) -> None:
    """A Finding when the count of large layers leaves the range of floating-point numbers."""
    overflow = Finding(
        "overflow",
        "For small layers it is right. With two layers of 300 units the count has 1,410 digits, "
        "more than a floating-point number can hold: add logarithms where you multiply numbers.",
        tried=trial.tried(case),
    )
    try:
        value = to_tensor(trial.call(case))
    except Finding as finding:
        if finding.code == "exception" and "OverflowError" in finding.says:
            raise overflow from None
        raise
    if value is not None and not value.isfinite().all():
        raise overflow


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
