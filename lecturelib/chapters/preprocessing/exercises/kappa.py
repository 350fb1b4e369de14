"""preprocessing-kappa: condition number of a layer with a bias."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(x: Tensor) -> Tensor:
    """Ratio of the singular values of the data with a column of ones, squared."""
    return torch.tensor(np.linalg.cond(np.column_stack([x.numpy(), np.ones(len(x))])) ** 2)


def formula(
    x: Tensor,
    *,
    bias: str = "column",
    centred: bool = False,
    shape: str = "ratio",
    side: str = "D",
) -> Tensor:
    """The number with an argument for each way to get it wrong."""
    if centred:
        x = x - x.mean(0)
    inputs = x.shape[1]
    x = x + 1 if bias == "shift" else x
    if bias == "apart":
        h = torch.linalg.eigvalsh(x.T @ x / len(x))
        return h[-1].clamp(min=1) / h[0].clamp(max=1)
    if bias == "column":
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
    M = x.T @ x / len(x) if side == "D" else torch.corrcoef(x[:, :inputs].T)
    h = torch.linalg.eigvalsh(M)
    return {
        "ratio": h[-1] / h[0],
        "root": (h[-1] / h[0]).sqrt(),
        "inverse": h[0] / h[-1],
        "largest": h[-1],
        "diagonal": M.diagonal().max() / M.diagonal().min(),
        "frobenius": torch.linalg.norm(M) * torch.linalg.norm(torch.linalg.pinv(M)),
    }[shape]


SLIPS = (
    Slip(
        "bias-forgotten",
        "This is κ without a bias. A bias is a weight on a further input that is always 1.",
        {"bias": "none"},
    ),
    Slip(
        "centred",
        "You centre the data first. Asked is what they are like as they come; the mean counts.",
        {"centred": True},
    ),
    Slip(
        "singular-values",
        "This is the ratio of the singular values of the data. The eigenvalues of the second "
        "moment are their squares.",
        {"shape": "root"},
    ),
    Slip("inverse", "You divide the smallest by the largest eigenvalue.", {"shape": "inverse"}),
    Slip(
        "largest",
        "This is the largest eigenvalue. κ is its ratio to the smallest.",
        {"shape": "largest"},
    ),
    Slip(
        "diagonal",
        "You take the diagonal of the second moment for its eigenvalues. They agree only if the "
        "matrix is diagonal.",
        {"shape": "diagonal"},
    ),
    Slip(
        "correlation",
        "You take the correlation matrix: it has forgotten both the mean and the units.",
        {"side": "correlation"},
    ),
    Slip(
        "one-added",
        "You add 1 to the inputs. A bias is a further input that is always 1: a column more.",
        {"bias": "shift"},
    ),
    Slip(
        "bias-apart",
        "You append an eigenvalue 1 for the bias. The mean of the inputs couples it with them: take"
        " the eigenvalues of the whole matrix.",
        {"bias": "apart"},
    ),
    Slip(
        "frobenius",
        "Your condition number is that of the Frobenius norm. Asked is the ratio of the largest to "
        "the smallest eigenvalue.",
        {"shape": "frobenius"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """What the size of the number says."""
    if got[0].numel() == 1 and got[0].item() < 1:
        return "A condition number is never below 1."
    return "Which matrix do you take the eigenvalues of, and with which power?"


def examine(trial: Trial) -> None:
    draws = trial.draws
    parts = ("κ",)
    usual = [
        Case("two inputs", {"x": draws.normal(6, 2, mean=1.0)}),
        Case("three inputs", {"x": draws.normal(8, 3, mean=-0.5)}),
        Case("large inputs", {"x": 10 * draws.normal(9, 2) + 5}),
    ]
    pairs = torch.tensor([[3.0, 1.0], [3.0, -1.0], [-3.0, 1.0], [-3.0, -1.0]]).double()
    edges = [
        Case("one input", {"x": draws.normal(5, 1, mean=0.7)}),
        Case("inputs of mean 0 that are uncorrelated", {"x": pairs}),
        Case("small inputs", {"x": 0.1 * draws.normal(7, 2)}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="preprocessing-kappa",
    title="Condition number with a bias",
    chapter="preprocessing",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function kappa(x) that returns one number",
    hints=(
        "Append a column of ones.",
        "The Hessian is the second moment of what you now have; its eigenvalues are real.",
    ),
    examine=examine,
)
