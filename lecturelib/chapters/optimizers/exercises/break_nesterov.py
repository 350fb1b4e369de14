"""optimizers-break-nesterov: where gradient descent converges and Nesterov's momentum does not."""

from __future__ import annotations

import math
from typing import Any

import torch

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

CURVATURE = 4.0
STEPS = 2_000


def last_size(method: str, lr: float, alpha: float) -> float:
    """Size of θ after many steps of PyTorch's SGD on ½·4·θ² from 1, infinite if it blows up."""
    theta = torch.ones(1, dtype=torch.float64, requires_grad=True)
    momentum = 0.0 if method == "descent" else alpha
    nesterov = method == "nesterov" and alpha > 0
    optimizer = torch.optim.SGD([theta], lr, momentum=momentum, nesterov=nesterov)
    for _ in range(STEPS):
        theta.grad = CURVATURE * theta.detach()
        optimizer.step()
        if abs(theta.item()) > 1e12:
            return math.inf
    return abs(theta.item())


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    lr, alpha = (part.item() for part in read_parts(answer, ("lr", "alpha")))
    if not (math.isfinite(lr) and lr > 0):
        raise Finding("no-rate", "The learning rate must be a positive number.", got=str(lr))
    if not 0 <= alpha < 1:
        raise Finding("no-momentum", "The momentum must lie in [0, 1).", got=str(alpha))
    if lr * CURVATURE >= 2:
        raise Finding(
            "descent-fails-too",
            "At this rate plain gradient descent does not converge either: it needs ηλ < 2.",
            got=f"ηλ = {lr * CURVATURE:g}",
        )
    if last_size("nesterov", lr, alpha) > 1e6:
        return
    if alpha == 0:
        raise Finding("plain", "Without momentum Nesterov's method is gradient descent.")
    raise Finding(
        "nesterov-converges",
        f"Nesterov's momentum does not blow up within {STEPS:,} steps. From the roots of its "
        "recursion: where is P(−1) = 0?",
        got=f"ηλ = {lr * CURVATURE:g}, after {STEPS:,} steps |θ| = "
        f"{last_size('nesterov', lr, alpha):.2g}",
    )


EXERCISE = Exercise(
    slug="optimizers-break-nesterov",
    title="Break it: Nesterov's momentum",
    chapter="optimizers",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="a pair (lr, alpha) of numbers",
    hints=(
        "Which of the conditions P(1) > 0, P(−1) > 0, |constant term| < 1 fails first when ηλ "
        "grows beyond 1?",
        "P(−1) = 1 + (1 + α)(1 − h) + α(1 − h) with h = ηλ.",
    ),
    examine=examine,
)
