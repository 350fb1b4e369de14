"""preprocessing-merge: mean and deviation of data that come in two parts."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the mean", "the deviation")


def _part(n: int, mean: Tensor, std: Tensor) -> Tensor:
    """Values with exactly this mean and this deviation in each column."""
    signs = torch.ones(n, 1, dtype=mean.dtype)
    signs[: n // 2] = -1
    if n % 2:
        signs[0] = 0  # an odd one out lies at the mean
        signs[1 : n // 2 + 1], signs[n // 2 + 1 :] = -1, 1
    size = (n / max(n - n % 2, 1)) ** 0.5
    return mean + size * std * signs


def oracle(n1: int, mean1: Tensor, std1: Tensor, n2: int, mean2: Tensor, std2: Tensor) -> Parts:
    """Both parts made up, put together and fitted at once."""
    x = torch.cat([_part(n1, mean1, std1), _part(n2, mean2, std2)])
    mean = x.mean(0)
    return mean, (x - mean).square().mean(0).sqrt()


def formula(
    n1: int,
    mean1: Tensor,
    std1: Tensor,
    n2: int,
    mean2: Tensor,
    std2: Tensor,
    *,
    weights: str = "sizes",
    means: str = "weighted",
    between: str = "yes",
    what: str = "variances",
    root: bool = True,
    divisor: int = 0,
) -> Parts:
    """Both with an argument for each way to get them wrong."""
    n = n1 + n2
    a, b = (n1 / n, n2 / n) if weights == "sizes" else (0.5, 0.5)
    mean = a * mean1 + b * mean2 if means == "weighted" else (mean1 + mean2) / 2
    if what == "deviations":
        return mean, a * std1 + b * std2
    gap = (mean1 - mean2).square()
    spread = {"yes": a * b * gap, "no": 0 * gap, "all": gap, "one": a * gap}[between]
    variance = a * std1.square() + b * std2.square() + spread
    variance = variance * n / (n - divisor)
    return mean, variance.sqrt() if root else variance


SLIPS = (
    Slip(
        "equal-weights",
        "You give both parts the same weight. The larger one counts more.",
        {"weights": "equal"},
    ),
    Slip(
        "plain-mean-of-means",
        "The mean is that of the two means, unweighted.",
        {"means": "plain"},
    ),
    Slip(
        "between-lost",
        "You average the variances. The two means differ, and that spreads the data, too.",
        {"between": "no"},
    ),
    Slip(
        "between-too-large",
        "The squared distance of the means enters whole; the samples of each part lie only a part "
        "of it from the common mean.",
        {"between": "all"},
    ),
    Slip(
        "one-part-moved",
        "You let one part move to the common mean and not the other.",
        {"between": "one"},
    ),
    Slip(
        "deviations-averaged",
        "You average the deviations. Squares add up, deviations do not.",
        {"what": "deviations"},
    ),
    Slip("variance", "This is the variance. Asked is the standard deviation.", {"root": False}),
    Slip(
        "n-minus-one",
        "You divide by n − 1 in the end. The chapter divides by N.",
        {"divisor": 1},
    ),
)


def _case(draws: Draws, special: str, n1: int, n2: int, shift: float = 1.0) -> Case:
    mean1 = draws.signed(3)
    return Case(
        special,
        {
            "n1": n1,
            "mean1": mean1,
            "std1": draws.uniform(3, low=0.5, high=2.0),
            "n2": n2,
            "mean2": mean1 + shift * draws.signed(3),
            "std2": draws.uniform(3, low=0.5, high=2.0),
        },
    )


def examine(trial: Trial) -> None:
    draws = trial.draws
    usual = [_case(draws, "ten and thirty", 10, 30), _case(draws, "seven and four", 7, 4)]
    none = _case(draws, "", 12, 1).arguments
    level = (8 * none["mean1"]).round() / 8
    edges = [
        _case(draws, "equal means", 6, 14, 0.0),
        Case("a single sample added", {**none, "std2": 0 * none["std2"]}),
        # Sizes and means without rounding: E x² less the square of the mean is exactly 0 here, too.
        Case("constant columns that agree", {
            "n1": 12, "mean1": level, "std1": 0 * level, "n2": 4, "mean2": level, "std2": 0 * level,
        }),
        _case(draws, "a hundred thousand and ten", 100_000, 10, 100.0),
    ]  # fmt: skip
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="preprocessing-merge",
    title="Fit on data that do not fit",
    chapter="preprocessing",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function merge(n1, mean1, std1, n2, mean2, std2) that returns (mean, std) of both",
    hints=(
        "Sums add up. What is the sum of the values, and of their squares, of each part?",
        "E x² = variance + mean², in each part and in the whole.",
        "Two parts that do not vary at all, at different places, are not constant together.",
    ),
    examine=examine,
)
