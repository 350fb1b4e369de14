"""parameter-norms-tune: the strength of a lasso, from data alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.regularizers import soft_threshold

SAMPLES, FEATURES, RELEVANT = 50, 40, 4
STEPS, ALLOWED = 400, 1.15


def _problem(draws: Draws) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs and targets, training and held-out ones together, and the true weights."""
    x = draws.normal(2 * SAMPLES, FEATURES)
    places = draws.uniform(FEATURES).argsort()[:RELEVANT]
    w = torch.zeros(FEATURES, dtype=x.dtype)
    w[places] = draws.signed(RELEVANT)
    return x, x @ w + draws.normal(2 * SAMPLES), w


def given(draws: Draws) -> Mapping[str, Any]:
    """Training data and held-out data."""
    x, y, _ = _problem(draws)
    return {"X": x[:SAMPLES], "y": y[:SAMPLES], "X_held": x[SAMPLES:], "y_held": y[SAMPLES:]}


def lasso(X: Tensor, y: Tensor, strengths: Tensor) -> Tensor:
    """Weights of the lasso, a row a strength."""
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    rate = 1 / torch.linalg.eigvalsh(H)[-1]
    w = torch.zeros(len(strengths), len(b), dtype=H.dtype)
    for _ in range(STEPS):
        w = soft_threshold(w - rate * (w @ H - b), (rate * strengths[:, None]).expand_as(w))
    return w


def examine(trial: Trial) -> None:
    value = to_tensor(trial.answer)
    if value is None or value.numel() != 1:
        raise Finding("not-a-number", "Wanted is one number.", got=describe(trial.answer))
    lam = value.double().item()
    if not (math.isfinite(lam) and lam >= 0):
        raise Finding("out-of-range", "A strength is at least 0 and finite.", got=f"{lam:g}")
    x, y, truth = _problem(Draws("parameter-norms-tune", trial.key))
    grid = torch.logspace(-3, 1, 81, dtype=x.dtype)
    w = lasso(x[:SAMPLES], y[:SAMPLES], torch.cat([grid, torch.tensor([lam], dtype=x.dtype)]))
    # The inputs are standard normal: the expected squared error is noise plus ‖w − truth‖².
    risks = 1 + (w - truth).square().sum(1)
    best = int(risks[:-1].argmin())
    if risks[-1] <= ALLOWED * risks[best]:
        return
    got = f"expected squared error {risks[-1]:.3f}; {risks[best]:.3f} is possible"
    if (w[-1] == 0).all():
        raise Finding("all-zero", "At this strength all weights are 0.", got=got)
    if lam > grid[best]:
        raise Finding("too-strong", "The penalty is too strong: it costs more bias than it saves "
                      "variance.", got=got)  # fmt: skip
    raise Finding(
        "too-weak",
        "The penalty is too weak: weights of inputs that do not count are left.",
        got=got,
    )


EXERCISE = Exercise(
    slug="parameter-norms-tune",
    title="Tune it: your own lasso",
    chapter="parameter_norms",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="a strength λ, one number, for your own data",
    hints=(
        "Twenty strengths from 0.001 to 1, and the error on the held-out data for each.",
        "Draw the error over log λ. Is the minimum inside the grid? How flat is it?",
    ),
    examine=examine,
    given=given,
)
