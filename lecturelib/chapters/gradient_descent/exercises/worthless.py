"""gradient-descent-worthless: a start from which a perfect fit is wrong on new samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SAMPLES, NEW, WEIGHTS = 6, 4, 15


def given(draws: Draws) -> Mapping[str, Any]:
    """Training samples X, y and new ones X_new, y_new of one linear truth."""
    x, truth = draws.normal(SAMPLES + NEW, WEIGHTS), draws.signed(WEIGHTS)
    y = x @ truth
    parts = {"X": x[:SAMPLES], "y": y[:SAMPLES], "X_new": x[SAMPLES:], "y_new": y[SAMPLES:]}
    return parts


def end_of(X: Tensor, y: Tensor, start: Tensor) -> Tensor:
    """Where gradient descent ends: the training set's solution that is nearest to the start."""
    return start + torch.linalg.pinv(X) @ (y - X @ start)


def examine(trial: Trial) -> None:
    X, y, X_new, y_new = given(trial.draws).values()
    value = to_tensor(trial.answer)
    if value is None or value.numel() != WEIGHTS:
        raise Finding(
            "wrong-shape",
            f"Wanted are {WEIGHTS} numbers, the weights at the start.",
            got=describe(trial.answer),
        )
    start = value.double().reshape(-1)
    if not start.isfinite().all():
        raise Finding("not-finite", "The start has entries that are not finite.")
    scale = y_new.abs().max()

    def near(predictions: Tensor, wanted: Tensor) -> bool:
        return bool((predictions - wanted).abs().max() < 1e-3 * scale)

    predictions = X_new @ end_of(X, y, start)
    if near(predictions, -y_new):
        return
    got = "at the end the new predictions are " + ", ".join(f"{p:.3f}" for p in predictions)
    if near(predictions, y_new):
        raise Finding("right-on-new", "Your start ends in predictions that are *right*.", got=got)
    if near(X_new @ start, -y_new):
        raise Finding(
            "moved-away",
            "At your start the new predictions are as wanted. But the start does not fit the "
            "training samples, and on its way to them gradient descent changes the new ones.",
            got=got,
        )
    if near(predictions, X_new @ end_of(X, y, torch.zeros_like(start))):
        raise Finding(
            "as-from-zero",
            "From your start gradient descent ends where it ends from zero: the start has no part "
            "in the directions that no training sample has seen.",
            got=got,
        )
    if near(predictions, torch.zeros_like(y_new)):
        raise Finding("zero-on-new", "The new predictions are zero. Wanted is −y_new.", got=got)
    raise Finding(
        "not-wanted",
        "The new predictions at the end are not −y_new. How many equations must the weights at "
        "the end fulfil, and how many weights are there?",
        got=got,
    )


EXERCISE = Exercise(
    slug="gradient-descent-worthless",
    title="Break it: a perfect fit that is worthless",
    chapter="gradient_descent",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants=f"the start: {WEIGHTS} numbers",
    hints=(
        "A start that already fits the training samples is where gradient descent stays.",
        "So look for weights that fulfil X θ = y and X_new θ = −y_new at once: ten equations, "
        "fifteen unknowns.",
        "torch.linalg.pinv(A) @ b solves A θ = b where there are more unknowns than equations.",
    ),
    examine=examine,
    given=given,
)
