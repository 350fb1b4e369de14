"""hidden-units-train: make a deep network of sigmoids learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

POINTS, FRESH, HIDDEN, WANTED = 200, 500, 6, 0.93


def quadrants(draws: Draws, count: int) -> tuple[Tensor, Tensor]:
    """Points of a square; class 1 where both coordinates have one sign."""
    X = draws.uniform(count, 2, low=-1.0, high=1.0)
    return X, (X[:, 0] * X[:, 1] > 0).double()


def given(draws: Draws) -> Mapping[str, Any]:
    """The training set: points X and classes t."""
    X, t = quadrants(draws, POINTS)
    return {"X": X, "t": t}


def _layers(value: object) -> list[tuple[Tensor, Tensor]]:
    """Pairs (W, b) that follow each other; a Finding where they do not."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Finding("not-layers", "Wanted is a list of pairs (W, b).", got=describe(value))
    found: list[tuple[Tensor, Tensor]] = []
    for pair in value:
        items = [to_tensor(x) for x in pair] if isinstance(pair, Sequence) else []
        if len(items) != 2 or items[0] is None or items[1] is None:
            raise Finding("not-layers", "Each layer is a pair (W, b).", got=describe(pair))
        found.append((items[0].double(), items[1].double().reshape(-1)))
    if len(found) <= HIDDEN:
        raise Finding(
            "too-shallow",
            f"Wanted are {HIDDEN} hidden layers of sigmoids or more, and one linear layer on top.",
            got=f"{len(found)} layers in all",
        )
    width = 2
    for number, (W, b) in enumerate(found, start=1):
        rows = 1 if number == len(found) else len(b)
        if W.shape != (rows, width) or len(b) != rows:
            raise Finding(
                "wrong-shapes",
                f"Layer {number} has W {tuple(W.shape)} and b {tuple(b.shape)}. Rows are outputs, "
                f"{width} inputs come in, and the last layer has one output.",
            )
        width = rows
    if not all(p.isfinite().all() for pair in found for p in pair):
        raise Finding("not-finite", "The parameters are not finite: the steps are too long.")
    return found


def _logits(X: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    h = X
    for W, b in layers[:-1]:
        h = torch.sigmoid(h @ W.T + b)
    W, b = layers[-1]
    return (h @ W.T + b)[:, 0]


def examine(trial: Trial) -> None:
    (X, t), (fresh, classes) = quadrants(trial.draws, POINTS), quadrants(trial.draws, FRESH)
    layers = _layers(trial.answer)
    guesses = (_logits(fresh, layers) > 0).double()
    right = (guesses == classes).double().mean().item()
    seen = ((_logits(X, layers) > 0).double() == t).double().mean().item()
    if right >= WANTED:
        return
    got = f"{right:.0%} of {FRESH} new points right, {seen:.0%} of the given ones"
    if right <= 1 - WANTED:
        raise Finding(
            "upside-down",
            "Nearly every point gets the other class. Class 1 is where the logit is positive.",
            got=got,
        )
    if len(guesses.unique()) == 1 or right < 0.62:
        spread = _logits(X, layers).std().item()
        raise Finding(
            "nothing-learnt",
            f"The network is guessing; its logits vary by {spread:.1g} over the given points. "
            "Which part of the sums z is the same for all points, and what takes it out at the "
            "start?",
            got=got,
        )
    if seen >= WANTED:
        raise Finding(
            "not-on-new-points", "The given points are learnt, new ones are not.", got=got
        )
    raise Finding(
        "not-enough", "It has learnt something: try more steps, or another rate.", got=got
    )


EXERCISE = Exercise(
    slug="hidden-units-train",
    title="Train and tune: six layers of sigmoids",
    chapter="hidden_units",
    kind="experiment",
    difficulty=3,
    minutes=40,
    wants="a list of pairs (W, b): six hidden layers of sigmoids or more, and a linear layer",
    hints=(
        "With biases of 0 the gradient is lost on the way down. What did the chapter change?",
        "b = −W·1/2 in every layer above the first, and weights of variance 23 over the width.",
        "Momentum 0.9 and a few hundred steps on all 200 points; try rates in factors of 3.",
    ),
    examine=examine,
    given=given,
)
