"""optimizers-tune-valley: find rate and momentum for a valley of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

SIZE, SHARE = 6, 1e-6


def given(draws: Draws) -> Mapping[str, Any]:
    """A matrix A, a start, and the number of steps that may be used."""
    q, _ = torch.linalg.qr(draws.normal(SIZE, SIZE))
    kappa = draws.uniform(1, low=80.0, high=160.0).item()
    top = draws.uniform(1, low=3.0, high=9.0).item()
    curvature = top * torch.logspace(-math.log10(kappa), 0, SIZE, dtype=torch.float64)
    a = (q @ torch.diag(curvature) @ q.T * 1e6).round() / 1e6
    start = draws.signed(SIZE)
    root = math.sqrt(kappa)
    best = 4 / (math.sqrt(top) + math.sqrt(top / kappa)) ** 2, ((root - 1) / (root + 1)) ** 2
    steps = steps_needed((a + a.T) / 2, start, *best)
    return {"A": (a + a.T) / 2, "start": start, "steps": math.ceil(1.3 * steps)}


def steps_needed(a: Tensor, start: Tensor, lr: float, alpha: float, limit: int = 5_000) -> float:
    """Steps of the heavy ball until the loss stays below its share; infinite if it never does."""
    theta, v = start.clone(), torch.zeros_like(start)
    first, last = (start @ a @ start).item(), 0
    for t in range(1, limit + 1):
        v = alpha * v + a @ theta
        theta = theta - lr * v
        share = (theta @ a @ theta).item() / first
        if not share < 1e9:
            return math.inf
        if share > SHARE:
            last = t
        elif t > last + 200:
            break
    return last + 1 if last < limit else math.inf


def examine(trial: Trial) -> None:
    lr, alpha = (part.item() for part in read_parts(trial.answer, ("lr", "alpha")))
    if not (math.isfinite(lr) and lr > 0 and 0 <= alpha < 1):
        raise Finding(
            "out-of-range", "Wanted are a positive rate and a momentum in [0, 1).", got=str(lr)
        )
    valley = given(trial.draws)
    a, budget = valley["A"], valley["steps"]
    top = torch.linalg.eigvalsh(a).max().item()
    if lr * top >= 2 * (1 + alpha):
        raise Finding(
            "diverges",
            "The steepest direction diverges. What is the largest eigenvalue of your A, and which "
            "rates does it allow?",
            got=f"η·K = {lr * top:.3g}",
        )
    needed = steps_needed(a, valley["start"], lr, alpha)
    if needed <= budget:
        return
    got = f"{needed:g} steps, {budget} allowed"
    if alpha == 0:
        raise Finding(
            "no-momentum", "No rate is enough without momentum: compare κ and √κ.", got=got
        )
    h = lr * torch.linalg.eigvalsh(a).min().item()
    if h > (1 - math.sqrt(alpha)) ** 2:
        raise Finding(
            "too-much-momentum",
            "Even the flattest direction lies inside the window, where the factor is √α: a smaller "
            "momentum makes all of them faster.",
            got=got,
        )
    raise Finding(
        "flat-direction-slow",
        "The flattest direction lies outside the window and is slow. Raise the rate, or the "
        "momentum.",
        got=got,
    )


EXERCISE = Exercise(
    slug="optimizers-tune-valley",
    title="Tune it: your own valley",
    chapter="optimizers",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="a pair (lr, alpha) of numbers, for your own A",
    hints=(
        "Which two numbers of A decide?",
        "torch.linalg.eigvalsh(A) has the curvatures; the theorem of the chapter the rest.",
    ),
    examine=examine,
    given=given,
)
