"""gradient-descent-smoothness: Lipschitz constants of two gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the constant of least squares", "the constant of logistic regression")


def oracle(X: Tensor) -> Parts:
    """Spectral norms of the Hessians, by automatic differentiation, at θ = 0."""
    zero = torch.zeros(X.shape[1], dtype=X.dtype)

    def squares(theta: Tensor) -> Tensor:
        return (X @ theta).square().mean() / 2

    def logistic(theta: Tensor) -> Tensor:
        return torch.nn.functional.softplus(X @ theta).mean()

    norms = [
        torch.linalg.matrix_norm(torch.autograd.functional.hessian(loss, zero), ord=2)
        for loss in (squares, logistic)
    ]
    return norms[0], norms[1]


def formula(
    X: Tensor,
    *,
    divisor: str = "samples",
    quarter: float = 0.25,
    value: str = "largest",
    factor: float = 1.0,
    centred: bool = False,
) -> Parts:
    """Both constants with an argument for each way to get them wrong."""
    X = X - X.mean(0) if centred else X
    counts = {"samples": len(X), "one": 1, "features": X.shape[1], "less": max(len(X) - 1, 1)}
    gram = X.T @ X / counts[divisor]
    eigenvalues = torch.linalg.eigvalsh(gram)
    k = {
        "largest": eigenvalues[-1],
        "root": eigenvalues[-1].sqrt(),
        "square": eigenvalues[-1] ** 2,
        "frobenius": eigenvalues.norm(),
        "trace": eigenvalues.sum(),
        "smallest": eigenvalues[0],
        "mean": eigenvalues.mean(),
        "diagonal": gram.diagonal().max(),
        "row sums": gram.abs().sum(1).max(),
        "sample": X.square().sum(1).max(),
    }[value]
    return factor * k, factor * quarter * k


SLIPS = (
    Slip(
        "samples-forgotten",
        "You do not divide by the number of samples. The loss is a mean, not a sum.",
        {"divisor": "one"},
    ),
    Slip(
        "quarter-forgotten",
        "Your logistic regression bends as much as least squares. What is the largest value of "
        "p (1 − p)?",
        {"quarter": 1.0},
    ),
    Slip(
        "half-for-quarter",
        "You take p (1 − p) to be at most 1/2. At p = 1/2 it is a product of two halves.",
        {"quarter": 0.5},
    ),
    Slip(
        "singular-value",
        "You have the singular value of X. The Hessian has its *square*.",
        {"value": "root"},
    ),
    Slip(
        "eigenvalue-squared",
        "You square the eigenvalue of XᵀX/N. It is the square of a singular value already.",
        {"value": "square"},
    ),
    Slip(
        "frobenius",
        "You take the Frobenius norm of the Hessian, which adds up all directions. The steepest "
        "one has the largest eigenvalue.",
        {"value": "frobenius"},
    ),
    Slip(
        "features-counted",
        "You divide by the number of features. The mean is over the samples, the rows of X.",
        {"divisor": "features"},
    ),
    Slip(
        "trace",
        "You add all eigenvalues. The steepest direction has the largest one.",
        {"value": "trace"},
    ),
    Slip(
        "smallest",
        "You take the smallest eigenvalue. The gradient changes fastest along the largest.",
        {"value": "smallest"},
    ),
    Slip(
        "mean-eigenvalue",
        "You take the mean of the eigenvalues; the bound must hold in the worst direction.",
        {"value": "mean"},
    ),
    Slip(
        "doubled",
        "Your constants are twice too large: the loss of least squares has the factor 1/2.",
        {"factor": 2.0},
    ),
    Slip(
        "one-sample-less",
        "You divide by N − 1. The loss is the mean over all N samples; no variance is estimated.",
        {"divisor": "less"},
    ),
    Slip(
        "centred",
        "You centre the features first. The Hessian is XᵀX/N of the features as they are.",
        {"centred": True},
    ),
    Slip(
        "largest-diagonal-entry",
        "You take the largest diagonal entry, the bend along one axis. The steepest direction may "
        "lie between the axes.",
        {"value": "diagonal"},
    ),
    Slip(
        "row-sums",
        "You take the largest sum of sizes in a row of the Hessian. That bounds the eigenvalues "
        "from above; asked is the smallest constant.",
        {"value": "row sums"},
    ),
    Slip(
        "longest-sample",
        "You take the longest sample, ‖xᵢ‖². That bounds each sample's own loss; the mean over all "
        "samples bends less.",
        {"value": "sample"},
    ),
    Slip(
        "eighth-for-quarter",
        "Your logistic regression bends half as much as it can: p (1 − p) reaches 1/4.",
        {"quarter": 0.125},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws
    scales = torch.tensor([1e3, 1e-3, 1.0], dtype=torch.float64)
    usual = [
        Case("a tall matrix", {"X": draws.normal(12, 3)}),
        Case("features of unequal scale", {"X": draws.normal(9, 4) * torch.tensor([1, 5, 1, 0.5])}),
        Case("fewer samples than features", {"X": draws.normal(3, 5)}),
    ]
    edges = [
        Case("one sample", {"X": draws.normal(1, 4)}),
        Case("one feature", {"X": draws.normal(6, 1)}),
        Case("small numbers", {"X": draws.normal(8, 3) * 1e-3}),
        Case("units a million apart", {"X": draws.normal(7, 3) * scales}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-smoothness",
    title="How bent is a loss?",
    chapter="gradient_descent",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function smoothness(X) that returns (K of least squares, K of logistic regression)",
    hints=(
        "Write down both Hessians. They are XᵀDX/N with a diagonal D; what is D in each case?",
        "The constant of the gradient is the largest eigenvalue that the Hessian can have.",
        "torch.linalg.eigvalsh gives the eigenvalues of a symmetric matrix in increasing order.",
    ),
    examine=examine,
)
