"""preprocessing-zca: the whitening that changes the data least."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(covariance: Tensor) -> Tensor:
    """The iteration of Denman and Beavers for the inverse square root, without eigenvectors."""
    Y, Z = covariance.clone(), torch.eye(len(covariance), dtype=covariance.dtype)
    for _ in range(60):
        Y, Z = (Y + torch.linalg.inv(Z)) / 2, (Z + torch.linalg.inv(Y)) / 2
    return Z


def formula(
    covariance: Tensor,
    *,
    power: float = -0.5,
    turned_back: str = "right",
    kind: str = "zca",
    ridge: float = 0.0,
) -> Tensor:
    """The matrix with an argument for each way to get it wrong."""
    if kind == "cholesky":
        return torch.linalg.inv(torch.linalg.cholesky(covariance))
    if kind == "columns":
        return torch.diag(covariance.diagonal() ** -0.5)
    if kind == "precision":
        return torch.linalg.cholesky(torch.linalg.inv(covariance)).T
    if kind == "entries":
        return torch.linalg.inv(covariance.abs().sqrt())
    if kind == "entries inverted":
        return covariance.abs() ** -0.5
    values, U = torch.linalg.eigh(covariance)
    scaled = torch.diag((values + ridge) ** power)
    return {
        "right": U @ scaled @ U.T,
        "swapped": U.T @ scaled @ U,
        "not": scaled @ U.T,
        "untransposed": U @ scaled,
        "negative": -U @ scaled @ U.T,
    }[turned_back]


SLIPS = (
    Slip(
        "not-turned-back",
        "This is PCA whitening: it whitens, and leaves the data on the principal axes. Turn them "
        "back.",
        {"turned_back": "not"},
    ),
    Slip(
        "axes-transposed",
        "The eigenvectors are columns of U: the covariance is U Λ Uᵀ. You use them as rows.",
        {"turned_back": "swapped"},
    ),
    Slip(
        "inverse",
        "This is the inverse of the covariance. Divide by standard deviations, not by variances.",
        {"power": -1.0},
    ),
    Slip(
        "root-not-inverse",
        "This is the root of the covariance: it multiplies where it should divide.",
        {"power": 0.5},
    ),
    Slip(
        "cholesky",
        "This whitens as well, with the inverse of the Cholesky factor. It is triangular; the one "
        "that changes the data least is symmetric.",
        {"kind": "cholesky"},
    ),
    Slip(
        "standardizes",
        "You divide by the deviations of the columns. That standardizes; the correlations stay.",
        {"kind": "columns"},
    ),
    Slip(
        "cholesky-of-the-inverse",
        "This whitens as well, with a Cholesky factor of the inverse covariance. It is triangular; "
        "the one that changes the data least is symmetric.",
        {"kind": "precision"},
    ),
    Slip(
        "not-transposed",
        "You turn the wrong way: data are turned onto the axes by Uᵀ, and you have U on the left.",
        {"turned_back": "untransposed"},
    ),
    Slip(
        "negative",
        "This whitens, and turns all signs round: the data change as much as they can. Which root "
        "leaves them where they are?",
        {"turned_back": "negative"},
    ),
    Slip(
        "roots-of-entries",
        "You take the roots of the entries, one by one, and invert. A root of a matrix is one whose"
        " square is the matrix.",
        {"kind": "entries"},
    ),
    Slip(
        "powers-of-entries",
        "You take each entry to the power −½. A power of a matrix is taken of its eigenvalues.",
        {"kind": "entries inverted"},
    ),
    Slip(
        "ridge",
        "You add 1e-5 to the eigenvalues. Σ is positive definite, so nothing needs it, and "
        "small eigenvalues suffer.",
        {"ridge": 1e-5},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Whether it whitens at all."""
    A, covariance = got[0], case.arguments["covariance"]
    if A.shape != covariance.shape:
        return ""
    off = (A @ covariance @ A.T - torch.eye(len(A), dtype=A.dtype)).abs().max().item()
    if off < 1e-5:
        return "It does whiten: A Σ Aᵀ = I. But so do all its rotations; which one is symmetric?"
    return f"It does not whiten: A Σ Aᵀ differs from I by {off:.2g}."


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, size: int) -> Case:
        root = draws.normal(size, size) + torch.eye(size, dtype=torch.float64)
        return Case(special, {"covariance": root @ root.T + 0.1 * torch.eye(size).double()})

    usual = [case("two inputs", 2), case("four inputs", 4)]
    uncorrelated = torch.diag(torch.tensor([9.0, 0.25, 1.0], dtype=torch.float64))
    scales = torch.tensor([20.0, 0.05, 1.0], dtype=torch.float64)
    related = case("units far apart", 3).arguments["covariance"]
    edges = [
        Case("one input", {"covariance": torch.full((1, 1), 4.0, dtype=torch.float64)}),
        Case("uncorrelated inputs", {"covariance": uncorrelated}),
        Case("white data", {"covariance": torch.eye(3, dtype=torch.float64)}),
        Case("units far apart", {"covariance": scales[:, None] * related * scales}),
        Case("small numbers", {"covariance": 1e-6 * related}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=("A",), formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="preprocessing-zca",
    title="The mildest whitening",
    chapter="preprocessing",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function zca(covariance) that returns the whitening matrix",
    hints=(
        "Turn onto the principal axes, divide by the deviations, turn back.",
        "torch.linalg.eigh returns eigenvectors in columns.",
        "The result is symmetric.",
    ),
    examine=examine,
)
