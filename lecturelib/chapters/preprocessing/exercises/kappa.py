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
    x: Tensor, *, bias: bool = True, centred: bool = False, shape: str = "ratio", side: str = "D"
) -> Tensor:
    """The number with an argument for each way to get it wrong."""
    if centred:
        x = x - x.mean(0)
    if bias:
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
    M = x.T @ x / len(x) if side == "D" else torch.corrcoef(x[:, : x.shape[1] - bias].T)
    h = torch.linalg.eigvalsh(M)
    return {
        "ratio": h[-1] / h[0],
        "root": (h[-1] / h[0]).sqrt(),
        "inverse": h[0] / h[-1],
        "largest": h[-1],
        "diagonal": M.diagonal().max() / M.diagonal().min(),
    }[shape]


SLIPS = (
    Slip(
        "bias-forgotten",
        "This is κ without a bias. A bias is a weight on a further input that is always 1.",
        {"bias": False},
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
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """What the size of the number says."""
    value, right = got[0].item(), wanted[0].item()
    if value < 1:
        return "A condition number is never below 1."
    way = "small" if value < right else "large"
    return f"It is too {way}. Which matrix do you take the eigenvalues of, and with which power?"


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case("two inputs", {"x": draws.normal(6, 2, mean=1.0)}),
        Case("three inputs", {"x": draws.normal(8, 3, mean=-0.5)}),
    ]
    judge(trial, cases, oracle, formula=formula, slips=SLIPS, look=look)


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
