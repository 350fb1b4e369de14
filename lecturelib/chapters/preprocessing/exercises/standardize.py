"""preprocessing-standardize: fit on the training data, apply to the test data."""

from __future__ import annotations

import torch
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the training set", "the test set")


def oracle(train: Tensor, test: Tensor) -> Parts:
    """scikit-learn, whose rule for constant columns is the same."""
    scaler = StandardScaler().fit(train.numpy())
    return tuple(torch.from_numpy(scaler.transform(x.numpy())) for x in (train, test))


def formula(
    train: Tensor,
    test: Tensor,
    *,
    fitted: str = "train",
    correction: int = 0,
    power: float = 0.5,
    centre: bool = True,
    rule: str = "one",
    axis: int = 0,
) -> Parts:
    """Both data sets with an argument for each way to get them wrong."""

    def apply(known: Tensor, x: Tensor) -> Tensor:
        mean, var = known.mean(axis, keepdim=True), known.var(axis, correction=correction)
        scale = var.unsqueeze(axis) ** power
        if rule == "one":
            scale = torch.where(scale == 0, 1.0, scale)
        z = (x - (mean if centre else 0.0)) / scale
        return torch.where(scale == 0, 0.0, z) if rule == "zero" else z

    if axis == 1:
        return apply(train, train), apply(test, test)
    if fitted == "pooled":
        both = torch.cat([train, test])
        return apply(both, train), apply(both, test)
    return apply(train, train), apply(test if fitted == "own" else train, test)


SLIPS = (
    Slip(
        "own-statistics",
        "You standardize the test data by their own mean and deviation. The network was trained "
        "behind the training set's; a test sample that comes alone has none.",
        {"fitted": "own"},
    ),
    Slip(
        "pooled",
        "You compute mean and deviation from training and test data together. That leaks: fit on "
        "the training data alone.",
        {"fitted": "pooled"},
    ),
    Slip("unbiased", "You divide the sum of squares by N − 1. Asked is N.", {"correction": 1}),
    Slip(
        "variance",
        "You divide by the variance. Divide by its root, which has the units of x.",
        {"power": 1.0},
    ),
    Slip("not-centred", "You divide and do not subtract the mean.", {"centre": False}),
    Slip(
        "constant-column",
        "A constant column has deviation 0, and you divide by it. Let its deviation count as 1.",
        {"rule": "none"},
    ),
    Slip(
        "constant-column-erased",
        "You set a constant column to 0 everywhere. The rule is that its deviation counts as 1: "
        "a test value that differs from the constant keeps its difference.",
        {"rule": "zero"},
    ),
    Slip(
        "rows",
        "You standardize each sample by itself, along its row. Mean and deviation belong to a "
        "column.",
        {"axis": 1},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Mean and deviation that the training data have come out with."""
    z = got[0]
    if z.shape != wanted[0].shape:
        return ""
    mean, std = z.mean(0)[0].item(), z.std(0, correction=0)[0].item()
    if abs(mean) < 1e-3 and abs(std - 1) < 1e-3:
        return "The first column of the training set is as it should be; look at the others."
    return (
        f"The first column of your training set has mean {mean:.2g} and deviation {std:.2g}; it "
        "should have 0 and 1."
    )


def examine(trial: Trial) -> None:
    draws = trial.draws
    train, test = draws.normal(6, 3, mean=2.0, std=3.0), draws.normal(4, 3, mean=3.0, std=2.0)
    flat, new = draws.normal(5, 3), draws.normal(4, 3)
    flat[:, 1] = 0.5
    cases = [
        Case("columns that vary", {"train": train, "test": test}),
        Case("a constant column", {"train": flat, "test": new}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="preprocessing-standardize",
    title="Fit, then apply",
    chapter="preprocessing",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function standardize(train, test) that returns both data sets standardized",
    hints=(
        "Mean and deviation are columns' properties: average over the samples.",
        "Whose mean and deviation do the test data get?",
        "Replace a deviation of 0 by 1 before you divide.",
    ),
    examine=examine,
)
