"""gradient-descent-best-rate: rates of a quadratic with known eigenvalues."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the bound", "the best rate", "the factor")


def oracle(eigenvalues: Tensor) -> Parts:
    """Bisection for the bound; golden-section search for the best rate."""

    def worst(lr: Tensor) -> Tensor:
        return (1 - lr * eigenvalues).abs().max()

    low = torch.tensor(0.0, dtype=torch.float64)
    high = 4 / eigenvalues.max()
    a, b = low, high
    for _ in range(60):
        middle = (a + b) / 2
        a, b = (middle, b) if worst(middle) < 1 else (a, middle)
    bound = (a + b) / 2
    a, b = low, high
    for _ in range(120):
        left, right = a + 0.382 * (b - a), a + 0.618 * (b - a)
        a, b = (a, right) if worst(left) < worst(right) else (left, b)
    return bound, (a + b) / 2, worst((a + b) / 2)


def formula(
    eigenvalues: Tensor,
    *,
    bound: str = "largest",
    best: str = "both",
    factor: str = "kappa",
    sort: bool = True,
) -> Parts:
    """The three numbers with an argument for each way to get them wrong."""
    a, b = (eigenvalues.min(), eigenvalues.max()) if sort else (eigenvalues[0], eigenvalues[-1])
    kappa = b / a
    limit = {
        "largest": 2 / b,
        "one": 1 / b,
        "smallest": 2 / a,
        "sum": 2 / eigenvalues.sum(),
        "mean": 2 / eigenvalues.mean(),
    }[bound]
    rate = {
        "both": 2 / (a + b),
        "one over": 1 / b,
        "half": 1 / (a + b),
        "product": 1 / (a * b).sqrt(),
        "mean": 1 / eigenvalues.mean(),
        "middle": 1 / eigenvalues.median(),
    }[best]
    shrink = {
        "kappa": (kappa - 1) / (kappa + 1),
        "one": 1 - 1 / kappa,
        "square": ((kappa - 1) / (kappa + 1)) ** 2,
        "root": (kappa.sqrt() - 1) / (kappa.sqrt() + 1),
        "inverse": (kappa + 1) / (kappa - 1).clamp(min=1e-12),
        "other end": 2 / (kappa + 1),
        "at the bound": (1 - 2 / kappa).abs(),
    }[factor]
    return limit, rate, shrink


SLIPS = (
    Slip(
        "bound-one",
        "Your bound is 1/λmax. There the steepest coordinate arrives in one step; it may be "
        "overshot by as much again.",
        {"bound": "one"},
    ),
    Slip(
        "bound-of-the-smallest",
        "Your bound is that of the flattest direction. *All* coordinates must shrink.",
        {"bound": "smallest"},
    ),
    Slip(
        "bound-of-the-sum",
        "Your bound is 2 over the sum of the eigenvalues. Directions do not add up: the steepest "
        "one decides.",
        {"bound": "sum"},
    ),
    Slip(
        "bound-of-the-mean",
        "Your bound is 2 over the mean eigenvalue; then the steepest direction diverges.",
        {"bound": "mean"},
    ),
    Slip(
        "best-for-the-steepest",
        "Your best rate is 1/λmax: best for the steepest coordinate, and the flattest one decides.",
        {"best": "one over"},
    ),
    Slip(
        "best-half",
        "Your best rate is half of what it should be. Set 1 − ηλmin = ηλmax − 1 and solve.",
        {"best": "half"},
    ),
    Slip(
        "best-geometric",
        "You take the geometric mean of the ends. The two errors are linear in η, so it is the "
        "arithmetic mean.",
        {"best": "product"},
    ),
    Slip(
        "best-of-the-mean",
        "You take the mean of all eigenvalues. Only the two ends count.",
        {"best": "mean"},
    ),
    Slip(
        "factor-of-one-over-k",
        "Your factor is 1 − 1/κ, that of the rate 1/λmax.",
        {"factor": "one"},
    ),
    Slip(
        "factor-at-the-bound",
        "Your factor is that of the flattest direction at the rate 2/λmax; there the steepest one "
        "no longer shrinks.",
        {"factor": "at the bound"},
    ),
    Slip(
        "factor-squared",
        "Your factor is squared: it is that of the cost, not of the distance.",
        {"factor": "square"},
    ),
    Slip(
        "factor-with-roots",
        "Your factor has roots of κ. That is what momentum reaches, in the next chapter.",
        {"factor": "root"},
    ),
    Slip(
        "factor-inverted",
        "Your factor is above 1: the error would grow.",
        {"factor": "inverse"},
    ),
    Slip(
        "factor-is-the-progress",
        "You return the share that a step removes. Wanted is the share that it leaves.",
        {"factor": "other end"},
    ),
    Slip(
        "best-of-the-middle",
        "You take the eigenvalue in the middle. Only the two ends count.",
        {"best": "middle"},
    ),
    Slip(
        "not-sorted",
        "You take the first and the last eigenvalue for the smallest and the largest. They come in "
        "any order.",
        {"sort": False},
    ),
)


def examine(trial: Trial) -> None:
    def case(special: str, *eigenvalues: float, atol: float | None = None) -> Case:
        values = torch.tensor(eigenvalues, dtype=torch.float64)
        return Case(special, {"eigenvalues": values}, atol=atol)

    usual = [
        case("unsorted eigenvalues", 3.0, 0.5, 8.0, 2.0),
        case("a long valley", 0.1, 0.3, 20.0),
        case("two eigenvalues", 7.0, 1.7),
    ]
    # Where all eigenvalues are equal the factor is 0 but for rounding.
    edges = [
        case("a single eigenvalue", 3.0, atol=2e-6),
        case("equal eigenvalues", 0.25, 0.25, 0.25, atol=2e-6),
        case("eigenvalues in the thousands", 5e3, 2e4, 1e3),
        case("an extreme valley", 400.0, 1.0, 0.05, 2e3),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-best-rate",
    title="The best rate",
    chapter="gradient_descent",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function rates(eigenvalues) that returns (bound, best rate, factor)",
    hints=(
        "A coordinate is multiplied by 1 − ηλ in each step. When is that below 1 in size?",
        "max |1 − ηλ| over all λ sits at the smallest or at the largest eigenvalue. The best rate "
        "makes both equal.",
    ),
    examine=examine,
)
