"""backprop-rings: train a network on two rings with gradients of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import unnamed
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

POINTS, WANTED = 120, 0.95


def rings(draws: Draws, count: int = POINTS) -> tuple[Tensor, Tensor]:
    """Points of a disc (class 0) and of a ring round it (class 1), and their classes."""
    t = (torch.arange(count) % 2).double()
    angle, radius = 2 * math.pi * draws.uniform(count), draws.uniform(count)
    radius = torch.where(t > 0, 1.5 + radius, 0.9 * radius)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), t


def given(draws: Draws) -> Mapping[str, Any]:
    """The training set: points X and classes t."""
    X, t = rings(draws)
    return {"X": X, "t": t}


def _parameters(value: object) -> tuple[Tensor, ...]:
    """(W, b, v, c) in their shapes; a Finding where they have others."""
    value = unnamed(value, ("W", "b", "v", "c"))
    items = tuple(value) if isinstance(value, tuple | list) else ()
    found = [to_tensor(item) for item in items]
    if len(found) != 4 or any(item is None for item in found):
        raise Finding(
            "not-four-parameters",
            "Wanted are four parameters, (W, b, v, c).",
            got=describe(value),
        )
    W, b, v, c = (item for item in found if item is not None)
    units = len(W) if W.ndim == 2 and W.shape[1] == 2 else 0
    if not units or b.numel() != units or v.numel() != units or c.numel() != 1:
        shapes = ", ".join(f"{n} {tuple(p.shape)}" for n, p in zip("Wbvc", found, strict=True))  # type: ignore[union-attr]
        raise Finding(
            "wrong-shapes",
            "With n hidden units the shapes are W (n, 2), b (n,), v (n,) and one number c.",
            got=shapes,
        )
    if not all(p.isfinite().all() for p in (W, b, v, c)):
        raise Finding(
            "not-finite",
            "The parameters are not finite: the steps are too long, or an exp overflows.",
        )
    return W, b.reshape(-1), v.reshape(-1), c.reshape(())


def _predicted(X: Tensor, parameters: tuple[Tensor, ...]) -> Tensor:
    W, b, v, c = parameters
    return (torch.tanh(X @ W.T + b) @ v + c > 0).double()


def examine(trial: Trial) -> None:
    (X, t), (fresh, classes) = rings(trial.draws), rings(trial.draws)
    parameters = _parameters(trial.answer)
    guesses = _predicted(fresh, parameters)
    accuracy = (guesses == classes).double().mean().item()
    seen = (_predicted(X, parameters) == t).double().mean().item()
    if accuracy < WANTED:
        got = f"{accuracy:.0%} of {POINTS} new points right, {seen:.0%} of the given ones"
        raise Finding(*_diagnosis(parameters, guesses, accuracy, seen), got=got)


def _diagnosis(
    parameters: tuple[Tensor, ...], guesses: Tensor, accuracy: float, seen: float
) -> tuple[str, str]:
    W, b, _, _ = parameters
    rows = torch.cat([W, b[:, None]], 1)
    if len(W) > 1 and (rows - rows[0]).abs().max() < 1e-6 * (1 + rows.abs().max()):
        return (
            "equal-units",
            "All hidden units have the same weights: they started equal, got equal gradients, and "
            "stayed equal. Start them at random.",
        )
    if accuracy < 0.2:
        return (
            "upside-down",
            "Nearly every point gets the other class. Class 1 is where the logit is positive; "
            "is the sign of a gradient or of the step wrong?",
        )
    if len(guesses.unique()) == 1:
        return (
            "one-class",
            "Every point gets the same class. Has the network been trained, and do the gradients "
            "reach W and v?",
        )
    if seen >= WANTED:
        return (
            "not-on-new-points",
            "The given points are learnt, new points of the same rings are not.",
        )
    return (
        "not-learnt",
        "Not even the given points are learnt: try more steps, a longer step or more units, and "
        "check the gradients by central differences.",
    )


EXERCISE = Exercise(
    slug="backprop-rings",
    title="Train and tune: a disc in a ring",
    chapter="backprop",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants="the trained parameters (W, b, v, c)",
    hints=(
        "dL/dz = (1/(1 + exp(−z)) − t)/N for each point; from there on it is the chapter's table.",
        "v gets dz @ H, the hidden units outer(dz, v), and the slope of tanh is 1 − H².",
        "Print the loss every hundred steps. If it falls slowly, lengthen the step until it no "
        "longer falls steadily, and go back by a factor of two.",
    ),
    examine=examine,
    given=given,
)
