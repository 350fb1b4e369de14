"""batch-norm-split-batch: the statistics of a batch from those of its parts."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the mean", "the variance")


def oracle(means: Tensor, variances: Tensor, counts: Tensor) -> Parts:
    """Values that have these statistics, put into one batch: each part becomes pairs m ± s, as
    often as its share says."""
    share = counts[:, None].expand_as(means) / counts.sum() / 2
    spread = variances.sqrt()
    values, weights = torch.cat([means + spread, means - spread]), torch.cat([share, share])
    mean = (weights * values).sum(0)
    return mean, (weights * (values - mean) ** 2).sum(0)


def formula(
    means: Tensor,
    variances: Tensor,
    counts: Tensor,
    *,
    mean: str = "weighted",
    within: str = "weighted",
    between: float = 1.0,
    about: str = "mean",
    plain_between: bool = False,
    unbiased: bool = False,
    summed: bool = False,
) -> Parts:
    """The law of total variance with an argument for each way to get it wrong."""
    n = counts.sum()
    share = (counts / n)[:, None]
    level = torch.full_like(share, 1 / len(counts))
    middle = ((share if mean == "weighted" else level) * means).sum(0)
    inner = {
        "weighted": (share * variances).sum(0),
        "plain": variances.mean(0),
        "deviations": (share * variances.sqrt()).sum(0) ** 2,
        "missing": torch.zeros_like(middle),
    }[within]
    gaps = means**2 if about == "zero" else (means - middle) ** 2
    outer = ((level if plain_between else share) * gaps).sum(0)
    if summed:
        inner, outer = variances.sum(0), gaps.sum(0)
    value = inner + between * outer
    return middle, value * n / (n - 1) if unbiased else value


SLIPS = (
    Slip(
        "mean-not-weighted",
        "Your mean is the plain mean of the means. A part with more values counts more.",
        {"mean": "plain"},
    ),
    Slip(
        "between-missing",
        "Your variance is the average of the variances. That leaves out how the parts differ from "
        "each other: with equal means inside of each part it would be right.",
        {"between": 0.0},
    ),
    Slip(
        "within-missing",
        "Your variance is that of the means. Inside of the parts the values vary, too.",
        {"within": "missing"},
    ),
    Slip(
        "variances-not-weighted",
        "The variances of the parts are averaged with equal weights. A part with more values "
        "counts more.",
        {"within": "plain"},
    ),
    Slip(
        "distances-not-weighted",
        "The squared distances of the means are averaged with equal weights. A part with more "
        "values counts more.",
        {"plain_between": True},
    ),
    Slip(
        "counts-ignored",
        "The counts play no part in your result. They differ.",
        {"mean": "plain", "within": "plain", "plain_between": True},
    ),
    Slip(
        "variances-not-weighted-twice",
        "Neither the variances nor the squared distances of the means are weighted.",
        {"within": "plain", "plain_between": True},
    ),
    Slip(
        "deviations-averaged",
        "You average standard deviations and square the result. Variances add, deviations do not.",
        {"within": "deviations"},
    ),
    Slip(
        "second-moment",
        "You take the mean square of the means, and do not subtract the square of their mean.",
        {"about": "zero"},
    ),
    Slip(
        "between-subtracted",
        "You subtract what the parts differ by. Two parts that lie apart make the batch wider.",
        {"between": -1.0},
    ),
    Slip(
        "unbiased",
        "Your variance divides by one less than the number of values. A batch is normalized with "
        "the biased one.",
        {"unbiased": True},
    ),
    Slip("summed", "You add up where an average is due.", {"summed": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, counts: list[int], channels: int, mean: float = 0.0) -> Case:
        shape = len(counts), channels
        arguments = {
            "means": mean + draws.normal(*shape, std=1.5),
            "variances": draws.uniform(*shape, low=0.2, high=3.0),
            "counts": torch.tensor(counts, dtype=torch.float64),
        }
        return Case(special, arguments)

    alike = case("parts of the same mean", [8, 4], 2)
    alike.arguments["means"][1] = alike.arguments["means"][0]
    constant = case("parts that are constant each", [3, 9], 2)
    constant.arguments["variances"][:] = 0.0
    cases = [
        case("three parts of different size", [64, 16, 48], 4),
        case("as many parts as channels", [5, 20, 11], 3, mean=2.0),
        case("two equal parts", [10, 10], 2),
        case("one part", [12], 3),
        case("a mean far from 0", [30, 6], 2, mean=-50.0),
        alike,
        constant,
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="batch-norm-split-batch",
    title="A batch on several devices",
    chapter="batch_norm",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function combine(means, variances, counts) that returns (mean, variance) of each "
    "channel",
    hints=(
        "The mean of all values: which sum does each part know?",
        "Σ (x − μ)² over one part: write x − μ = (x − μ_g) + (μ_g − μ) and square.",
        "The mixed term vanishes. What is left is a variance inside of the part and a squared "
        "distance, each as often as the part has values.",
    ),
    examine=examine,
)
