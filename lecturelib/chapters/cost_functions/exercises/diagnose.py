"""cost-functions-diagnose: four regressions, each trained on another cost than it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

COUNT, WEIGHT, PENALTY, TINY = 40, 3.0, 0.1, 1e-7
LETTERS = "abcdef"
_LOOK = {
    "a": "look at the sizes of its predictions. What does each of the costs do with a sure one?",
    "b": "the errors p − y do not add up to 0, but they are perpendicular to x. Which derivative "
    "is zero, and which was never taken?",
    "c": "the errors p − y fit neither equation. Put other labels in their place.",
    "d": "the errors p − y fit neither equation. Give those of label 1 another weight.",
    "e": "the errors p − y fit neither equation. Which factor does the derivative of the cost with "
    "respect to the logit carry?",
    "f": "the errors p − y add up to 0, but they are not perpendicular to x. Which parameter's "
    "equation has one term more?",
}


def fit(x: Tensor, y: Tensor, letter: str) -> Tensor:
    """Predictions on the training set at the minimum of the cost with this mistake."""
    A = torch.stack([x, torch.ones_like(x)], 1)[:, : 1 if letter == "b" else 2]
    if letter == "a":
        return _by_descent(A, y)
    target = 0.1 + 0.8 * y if letter == "c" else y
    weight = 1 + (WEIGHT - 1) * y if letter == "d" else torch.ones_like(y)
    penalty = torch.zeros(A.shape[1], dtype=x.dtype)
    penalty[0] = PENALTY * len(x) if letter == "f" else 0.0
    theta = torch.zeros_like(penalty)
    for step in range(60):  # Newton's method; for (e) it starts from the minimum of the NLL
        p = torch.sigmoid(A @ theta)
        slope, bend = weight * (p - target), weight * p * (1 - p)
        if letter == "e" and step >= 10:
            slope = (p - y) * p * (1 - p)
            bend = (p * (1 - p)) ** 2 + (p - y) * p * (1 - p) * (1 - 2 * p)
        hessian = (A.T * bend) @ A + torch.diag(penalty)
        theta = theta - torch.linalg.solve(hessian, A.T @ slope + penalty * theta)
    return torch.sigmoid(A @ theta)


def _by_descent(A: Tensor, y: Tensor) -> Tensor:
    """Gradient descent on the mean absolute error, whose minimum lies at infinity."""
    theta = torch.zeros(2, dtype=A.dtype)
    for _ in range(1_500):
        p = torch.sigmoid(A @ theta)
        theta = theta - 20.0 / len(y) * A.T @ ((p - y).sign() * p * (1 - p))
    return torch.sigmoid(A @ theta)


def letter(x: Tensor, y: Tensor, p: Tensor) -> str:
    """The mistake that these predictions show; empty if they show none, or several."""
    slopes = {
        "c": p - 0.1 - 0.8 * y,
        "d": (1 + (WEIGHT - 1) * y) * (p - y),
        "e": (p - y) * p * (1 - p),
    }
    found = [k for k, s in slopes.items() if _zero(s) and _zero(s * x)]
    sums, products = _zero(p - y), _zero((p - y) * x)
    found += ["a"] if _sure(p) > 0.6 else []
    found += ["b"] if products and not sums else []
    found += ["f"] if sums and not products else []
    return found[0] if len(found) == 1 else ""


def _zero(values: Tensor) -> bool:
    return values.mean().abs().item() < TINY


def _sure(p: Tensor) -> float:
    """Share of predictions beyond 2% and 98%."""
    return ((p < 0.02) | (p > 0.98)).double().mean().item()


def given(draws: Draws) -> Mapping[str, Any]:
    """Four patients: inputs, labels and predictions of a regression on its training set."""
    letters = draws.some(LETTERS, 4)
    return {"patients": [_patient(draws, c) for c in letters]}


def _patient(draws: Draws, mistake: str) -> dict[str, Tensor]:
    while True:
        x = draws.normal(COUNT)
        y = (draws.uniform(COUNT) < torch.sigmoid(1.5 * x + 0.7)).double()
        p = fit(x, y, mistake)
        if letter(x, y, p) == mistake:
            return {"x": x, "y": y, "p": p}


def examine(trial: Trial) -> None:
    right = "".join(letter(**patient) for patient in given(trial.draws)["patients"])
    begin = (
        "For each patient compute the means of p − y and of (p − y)·x first: which of them "
        "are zero?"
    )
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug="cost-functions-diagnose",
    title="Diagnose: four regressions with a mistake",
    chapter="cost_functions",
    kind="question",
    difficulty=3,
    minutes=30,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "At the minimum of the right cost two means are zero: of p − y (the bias) and of (p − y)·x "
        "(the weight).",
        "For each mistake write the derivative of its cost with respect to the logit. It is zero "
        "on average, alone and times x.",
        "For one of the six the minimum lies at infinity. What do its predictions look like?",
    ),
    examine=examine,
    given=given,
)
