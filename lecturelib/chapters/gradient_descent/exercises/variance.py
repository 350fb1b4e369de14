"""gradient-descent-variance: the noise of a minibatch gradient, with and without replacement."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the error with replacement", "the error without")


def oracle(gradients: Tensor, batch_size: int) -> Parts:
    """All minibatches there are, each once."""
    n, full = len(gradients), gradients.mean(0)
    both = (
        itertools.product(range(n), repeat=batch_size),
        itertools.combinations(range(n), batch_size),
    )
    errors = [
        (gradients[torch.tensor(list(chosen))].mean(1) - full).square().sum(1).mean()
        for chosen in both
    ]
    return errors[0], errors[1]


def formula(
    gradients: Tensor,
    batch_size: int,
    *,
    unbiased: bool = False,
    factor: str = "exact",
    power: int = 1,
    coordinates: str = "sum",
    centred: bool = True,
    root: bool = False,
) -> Parts:
    """Both errors with an argument for each way to get them wrong."""
    n = len(gradients)
    away = gradients - gradients.mean(0) if centred else gradients
    squares = away.square().sum(0) / (n - 1 if unbiased else n)
    variance = {
        "sum": squares.sum(),
        "mean": squares.mean(),
        "first": squares[0],
        "distance": away.norm(dim=1).mean(),
    }[coordinates]
    left = {
        "exact": (n - batch_size) / (n - 1),
        "share": (n - batch_size) / n,
        "one": 1.0,
        "more": (n - batch_size + 1) / n,
        "square": ((n - batch_size) / (n - 1)) ** 2,
    }[factor]
    with_replacement = variance / batch_size**power
    pair = (with_replacement, with_replacement * left)
    return (pair[0].sqrt(), pair[1].sqrt()) if root else pair


SLIPS = (
    Slip(
        "unbiased-variance",
        "You divide by N − 1 in σ². The set is all there is, so its variance has N.",
        {"unbiased": True},
    ),
    Slip(
        "share-left",
        "Your factor without replacement is (N − B)/N. With B = 1 there is nothing to replace, and "
        "both errors must be equal: N − 1.",
        {"factor": "share"},
    ),
    Slip(
        "no-factor",
        "Your errors are equal. Without replacement a minibatch of all samples has no error.",
        {"factor": "one"},
    ),
    Slip(
        "factor-one-too-many",
        "Your factor does not vanish at B = N.",
        {"factor": "more"},
    ),
    Slip(
        "batch-squared",
        "You divide by B². The mean has 1/B² times a sum of B variances.",
        {"power": 2},
    ),
    Slip(
        "batch-forgotten",
        "Your error does not fall with the batch size.",
        {"power": 0},
    ),
    Slip(
        "mean-over-coordinates",
        "You average over the coordinates; ‖·‖² is their sum.",
        {"coordinates": "mean"},
    ),
    Slip(
        "distances-not-squared",
        "You take the mean distance from the mean gradient. Asked is the mean of its square.",
        {"coordinates": "distance"},
    ),
    Slip(
        "one-coordinate",
        "You use the first coordinate alone; ‖·‖² is the sum over all.",
        {"coordinates": "first"},
    ),
    Slip(
        "factor-squared",
        "Your factor without replacement is squared. It multiplies a variance already.",
        {"factor": "square"},
    ),
    Slip(
        "not-centred",
        "You take the squares of the gradients themselves. The error is the distance from their "
        "mean.",
        {"centred": False},
    ),
    Slip(
        "root",
        "You return standard errors. Wanted are their squares.",
        {"root": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    scales = torch.tensor([1e3, 1e-2], dtype=torch.float64)
    same = torch.full((4, 2), 0.5, dtype=torch.float64)
    usual = [
        Case("pairs of six", {"gradients": draws.normal(6, 3, mean=1.0), "batch_size": 2}),
        Case("four of five", {"gradients": draws.normal(5, 2, mean=-1.0), "batch_size": 4}),
        Case("single samples", {"gradients": draws.normal(7, 2, mean=0.5), "batch_size": 1}),
    ]
    # All samples without replacement, or equal gradients: the error is 0 but for rounding.
    edges = [
        Case("all samples", {"gradients": draws.normal(4, 3), "batch_size": 4}, atol=1e-5),
        Case("two samples", {"gradients": draws.normal(2, 1), "batch_size": 1}),
        Case("equal gradients", {"gradients": same, "batch_size": 2}, atol=1e-6),
        Case("small gradients", {"gradients": 1e-3 * draws.normal(5, 2), "batch_size": 3}),
        Case("unequal coordinates", {"gradients": draws.normal(5, 2) * scales, "batch_size": 2}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-variance",
    title="The noise of a minibatch",
    chapter="gradient_descent",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function noise(gradients, batch_size) that returns (with, without replacement)",
    hints=(
        "σ² is the mean of ‖gᵢ − g‖² over all N samples.",
        "With B = N and no replacement nothing is left to chance: the factor is zero there, and 1 "
        "for B = 1.",
    ),
    examine=examine,
)
