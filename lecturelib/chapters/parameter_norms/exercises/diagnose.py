"""parameter-norms-diagnose: which of five ways to fit made which weights?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_names
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial
from lecturelib.regularizers import project_to_ball, soft_threshold

NAMES = ("none", "l2", "l1", "ball", "stopped")
SAMPLES, FEATURES = 30, 8
_LOOK = {
    frozenset({"l2", "stopped"}): "At the minimum with L2 the gradient of the loss is −2λw: is it "
    "a multiple of the weights?",
    frozenset({"l1", "ball"}): "One has zeros; the other has several weights of one size, the "
    "largest.",
    frozenset({"none", "stopped"}): "At one of them the gradient of the loss is 0.",
    frozenset({"none", "l2"}): "At one of them the gradient of the loss is 0.",
}


def _problem(draws: Draws) -> tuple[Tensor, Tensor]:
    X = draws.normal(SAMPLES, FEATURES)
    X[:, 1] += 0.8 * X[:, 0]
    w = draws.signed(FEATURES)
    w[::3] *= 0.1
    return X, X @ w + 0.8 * draws.normal(SAMPLES)


def fit(name: str, X: Tensor, y: Tensor) -> Tensor:
    """Weights of one of the five ways."""
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    least = torch.linalg.solve(H, b)
    if name == "none":
        return least
    if name == "l2":
        return torch.linalg.solve(H + 0.5 * torch.eye(len(b), dtype=H.dtype), b)
    rate = 1 / torch.linalg.eigvalsh(H)[-1]
    radius = 0.6 * least.abs().max().item()
    steps = 6 if name == "stopped" else 3000
    w = torch.zeros_like(b)
    for _ in range(steps):
        w = w - (0.3 if name == "stopped" else 1.0) * rate * (H @ w - b)
        if name == "l1":
            w = soft_threshold(w, 0.3 * rate)
        if name == "ball":
            w = project_to_ball(w, radius, p=torch.inf)
    return w


def given(draws: Draws) -> Mapping[str, Any]:
    """Data, and five weight vectors by letter."""
    order = draws.some(NAMES, len(NAMES))
    X, y = _problem(draws)
    found = {letter: fit(name, X, y) for letter, name in zip("abcde", order, strict=True)}
    return {"X": X, "y": y} | found


def examine(trial: Trial) -> None:
    right = trial.draws.some(NAMES, len(NAMES))
    begin = (
        "Look at each vector for zeros and for equal sizes, then at the gradient of the loss there."
    )
    examine_names(
        trial, right, _LOOK, begin=begin, otherwise="Look at zeros, equal sizes and the gradient."
    )


EXERCISE = Exercise(
    slug="parameter-norms-diagnose",
    title="Diagnose: five fits of the same data",
    chapter="parameter_norms",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="five names, for a to e in this order, such as 'l1, none, …'",
    hints=(
        "Two of them can be told by looking at the numbers.",
        "Xᵀ(Xw − y)/30 is the gradient of the loss. Where is it 0? Where is it a multiple of w?",
    ),
    examine=examine,
    given=given,
)
