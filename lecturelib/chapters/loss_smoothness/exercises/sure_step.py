"""loss-smoothness-sure-step: what is sure, what is so, on a quadratic."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the sure rate", "the largest rate that does not raise the loss")


def oracle(H: Tensor, g: Tensor) -> Parts:
    """Both rates from their definitions: the spectral norm, and the zero of a parabola."""
    sure = 2 / torch.linalg.matrix_norm(H, ord=2)
    # L(θ − ηg) − L(θ) = −η ‖g‖² + η²/2 gᵀHg
    bend = torch.einsum("i,ij,j->", g, H, g)
    return sure, 2 * g.square().sum() / bend


def formula(
    H: Tensor,
    g: Tensor,
    *,
    factor: float = 2.0,
    norm: str = "spectral",
    swapped: bool = False,
    unit: bool = False,
    half: bool = False,
) -> Parts:
    """Both rates with an argument for each way to get them wrong."""
    eigenvalues = torch.linalg.eigvalsh(H)
    K = {
        "spectral": eigenvalues.max(),
        "frobenius": H.norm(),
        "trace": eigenvalues.sum(),
        "smallest": eigenvalues.min(),
    }[norm]
    squares, bend = g @ g, g @ H @ g
    exact = bend / squares if swapped else squares / bend
    if unit:
        exact = exact * squares.sqrt()
    return factor / K, (1.0 if half else 2.0) * exact


SLIPS = (
    Slip(
        "half-the-sure-rate",
        "You return 1/K, the rate at which the bound is lowest. It is sure to go down up to twice"
        " that rate.",
        {"factor": 1.0},
    ),
    Slip(
        "frobenius",
        "You take the Frobenius norm of the Hessian for K. The steepest direction has the largest"
        " eigenvalue.",
        {"norm": "frobenius"},
    ),
    Slip(
        "trace",
        "You add all eigenvalues. K is the largest one.",
        {"norm": "trace"},
    ),
    Slip(
        "smallest",
        "You take the smallest eigenvalue. The bound must hold in the most curved direction.",
        {"norm": "smallest"},
    ),
    Slip(
        "upside-down",
        "Your second rate is twice the curvature along g. Set the change of the loss to zero and"
        " solve for the rate.",
        {"swapped": True},
    ),
    Slip(
        "distance",
        "Your second number is a distance. Asked is a rate: the distance over the length of g.",
        {"unit": True},
    ),
    Slip(
        "lowest-point",
        "Your second rate leads to the lowest point along g. The loss is back at its start at twice"
        " that rate.",
        {"half": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def hessian(n: int, scale: float = 1.0) -> Tensor:
        A = draws.normal(n, n)
        return scale * (A @ A.T + 0.1 * torch.eye(n, dtype=A.dtype))

    usual = [
        Case("three parameters", {"H": hessian(3), "g": draws.normal(3)}),
        Case("five parameters", {"H": hessian(5), "g": draws.normal(5)}),
    ]
    axes = torch.tensor([0.5, 4.0, 2.0], dtype=torch.float64)
    edges = [
        Case("a diagonal Hessian", {"H": axes.diag(), "g": draws.signed(3)}),
        Case("one parameter", {"H": hessian(1), "g": draws.signed(1)}),
        Case("a short gradient", {"H": hessian(4), "g": 1e-3 * draws.normal(4)}),
        Case("a very curved loss", {"H": hessian(3, 1e4), "g": draws.normal(3)}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="loss-smoothness-sure-step",
    title="What is sure, and what is so",
    chapter="loss_smoothness",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function rates(H, g) that returns (the sure rate, the largest rate)",
    hints=(
        "The gradient of the quadratic changes by H times the move. By how much at most, for a move"
        " of length 1?",
        "Write the loss at θ − ηg as a polynomial in η: a constant, a linear and a square term.",
        "The change is −η gᵀg + η²/2 gᵀHg. It is zero at η = 0 and at one other η.",
    ),
    examine=examine,
)
