"""parameter-norms-diagnose: which of five ways to fit made which weights?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.regularizers import project_to_ball, soft_threshold

NAMES = ("none", "l2", "l1", "ball", "stopped")
SAMPLES, FEATURES = 30, 8
_HINTS = {
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


def _order(draws: Draws) -> list[str]:
    order: list[str] = []
    while len(order) < len(NAMES):
        order.append(draws.choice([name for name in NAMES if name not in order]))
    return order


def given(draws: Draws) -> Mapping[str, Any]:
    """Data, and five weight vectors by letter."""
    order = _order(draws)
    X, y = _problem(draws)
    found = {letter: fit(name, X, y) for letter, name in zip("abcde", order, strict=True)}
    return {"X": X, "y": y} | found


def _read(answer: Any) -> list[str]:
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    if isinstance(answer, dict) and sorted(answer) == list("abcde"):
        answer = [answer[letter] for letter in "abcde"]
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    names = (
        [str(name).strip().lower() for name in answer] if isinstance(answer, list | tuple) else []
    )
    if len(names) != len(NAMES) or not set(names) <= set(NAMES):
        raise Finding(
            "not-names",
            f"Wanted are five names, for a to e in this order, of: {', '.join(NAMES)}.",
            got=describe(answer),
        )
    if len(set(names)) < len(NAMES):
        raise Finding("one-twice", "Each way made one of the five; you name one of them twice.")
    return names


def examine(trial: Trial) -> None:
    names, order = _read(trial.answer), _order(Draws("parameter-norms-diagnose", trial.key))
    wrong = {right for name, right in zip(names, order, strict=True) if name != right}
    if len(wrong) > 2:
        raise Finding(
            "several-wrong",
            f"{len(wrong)} of the five are wrong. Look at each vector for zeros and for equal "
            "sizes, then at the gradient of the loss there.",
        )
    if wrong:
        hint = _HINTS.get(frozenset(wrong), "Look at zeros, equal sizes and the gradient.")
        raise Finding("two-exchanged", f"You exchanged {' and '.join(sorted(wrong))}. {hint}")


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
