"""preprocessing-standardize: fit on the training data, apply to the test data."""

from __future__ import annotations

from statistics import fmean, pstdev

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the training set", "the test set")


def oracle(train: Tensor, test: Tensor) -> Parts:
    """Column by column with the standard library, which adds up without rounding."""
    columns = train.T.tolist()
    means = torch.tensor([fmean(column) for column in columns], dtype=torch.float64)
    scales = torch.tensor([pstdev(column) or 1.0 for column in columns], dtype=torch.float64)
    return tuple((x - means) / scales for x in (train, test))


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
    spread: str = "deviation",
) -> Parts:
    """Both data sets with an argument for each way to get them wrong."""

    def apply(known: Tensor, x: Tensor) -> Tensor:
        mean, var = known.mean(axis, keepdim=True), known.var(axis, correction=correction)
        scale = var.unsqueeze(axis) ** power
        if spread == "absolute":
            scale = (known - mean).abs().mean(axis, keepdim=True)
        if spread == "whole array":
            mean, scale = known.mean(), known.std(correction=0).expand_as(scale)
        small = {"one": 0.0, "below one": 1.0, "below a hundredth": 0.01}.get(rule, -1.0)
        scale = torch.where(scale <= small, 1.0, scale)
        scale = scale + {"plus 1e-8": 1e-8, "plus 1e-5": 1e-5}.get(rule, 0.0)
        scale = (scale**2 + 1e-5).sqrt() if rule == "eps in the root" else scale
        z = (x - (mean if centre else 0.0)) / scale
        return torch.where(scale == 0, 0.0, z) if rule == "zero" else z

    if axis == 1:
        return apply(train, train), apply(test, test)
    if fitted == "pooled":
        both = torch.cat([train, test])
        return apply(both, train), apply(both, test)
    if fitted == "not":
        return apply(train, train), test
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
    Slip(
        "test-set-left",
        "You leave the test data as they are. The network expects them on the scale of the "
        "training data.",
        {"fitted": "not"},
    ),
    Slip(
        "whole-array",
        "You take one mean and one deviation of the whole array. Each column has its own.",
        {"spread": "whole array"},
    ),
    Slip(
        "absolute-deviation",
        "You divide by the mean absolute deviation. Asked is the standard deviation.",
        {"spread": "absolute"},
    ),
    Slip(
        "constant-column-plus-small-number",
        "You add 1e-8 to the deviation, and a constant column is divided by that. The rule is that "
        "its deviation counts as 1.",
        {"rule": "plus 1e-8"},
    ),
    Slip(
        "plus-small-number",
        "You add 1e-5 to the deviation. It changes every column a little, and one that is constant "
        "is divided by 1e-5; the rule is that its deviation counts as 1.",
        {"rule": "plus 1e-5"},
    ),
    Slip(
        "small-number-in-the-root",
        "You add 1e-5 to the variance, as batch norm does. The rule here is another: only the "
        "deviation of a constant column is replaced, by 1.",
        {"rule": "eps in the root"},
    ),
    Slip(
        "small-deviations-replaced",
        "You let every deviation below 1 count as 1. Only that of a constant column does.",
        {"rule": "below one"},
    ),
    Slip(
        "tiny-deviations-replaced",
        "You let every small deviation count as 1. A column may vary little and be measured "
        "in large units: only a constant one counts as 1.",
        {"rule": "below a hundredth"},
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
    usual = [
        Case("columns that vary", {"train": train, "test": test}),
        Case("a constant column", {"train": flat, "test": new}),
    ]
    scales = torch.tensor([1e4, 1e-9, 1.0], dtype=torch.float64)
    alike = draws.normal(3, 3)
    alike[:, 0] = 1.5
    one = torch.tensor([[0.5, -2.0]], dtype=torch.float64)
    edges = [
        Case("units far apart", {"train": draws.normal(7, 3) * scales,
                                 "test": draws.normal(3, 3) * scales}),
        Case("a test set with a constant column", {"train": draws.normal(5, 3), "test": alike}),
        Case("a single test sample", {"train": draws.normal(6, 2), "test": draws.normal(1, 2)}),
        Case("a single training sample", {"train": one, "test": draws.normal(3, 2)}),
        Case("one column", {"train": draws.normal(4, 1), "test": draws.normal(2, 1)}),
    ]  # fmt: skip
    for cases in (usual, edges):
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
