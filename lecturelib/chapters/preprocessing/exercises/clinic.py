"""preprocessing-clinic: train a network on raw tables, preprocessing included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

PATIENTS, NEW, WANTED = 600, 300, 0.9


def patients(seed: int, n: int) -> tuple[Tensor, Tensor]:
    """Age, temperature, a concentration over eight powers of ten, pressure, and a constant.

    Ill (1) are those with fever and a high concentration, or with neither.
    """
    g = torch.Generator().manual_seed(seed)
    u = 2 * torch.rand(2 * n, 2, generator=g, dtype=torch.float64) - 1
    u = u[(u.abs() > 0.1).all(1)][:n]  # none so near the border that noise would decide
    age = 20 + 70 * torch.rand(len(u), generator=g, dtype=torch.float64)
    pressure = 120 + 15 * torch.randn(len(u), generator=g, dtype=torch.float64)
    columns = [age, 37.5 + 1.5 * u[:, 0], 10 ** (-4 + 4 * u[:, 1]), pressure]
    X = torch.stack([*columns, torch.full_like(age, 3.0)], 1)
    return X, (u.prod(1) > 0).long()


def given(draws: Draws) -> Mapping[str, Any]:
    """The patients to learn from: raw columns, and who is ill."""
    X, y = patients(draws.choice(range(1_000)), PATIENTS)
    return {"X": X, "y": y}


def _answers(trial: Trial, special: str, X: Tensor) -> Tensor:
    case = Case(special, {"X": X})
    value = trial.call(case)
    labels = to_tensor(value)
    if labels is None or labels.shape != (len(X),):
        raise Finding(
            "wrong-shape",
            "Wanted is one label a row, a vector of 0 and 1.",
            tried=trial.tried(case),
            got=describe(value),
        )
    if not ((labels == 0) | (labels == 1)).all():
        nan = bool(labels.isnan().any())
        raise Finding(
            "not-labels",
            "The labels should be 0 or 1."
            + (" Some are NaN: is a constant column divided by 0?" if nan else ""),
            tried=trial.tried(case),
            got=describe(value),
        )
    return labels


def examine(trial: Trial) -> None:
    trial.needs_function("X")
    X, y = patients(1_000 + trial.draws.choice(range(1_000)), NEW)
    labels = _answers(trial, "new patients", X)
    right = (labels == y).double()
    got = f"accuracy on new patients {right.mean():.3f}"
    order = y.argsort(stable=True)
    by_class = _answers(trial, "the same patients in another order", X[order])
    alone = torch.cat([_answers(trial, "a single patient", X[i : i + 1]) for i in range(12)])
    first = _answers(trial, "half of the patients", X[y == 1])
    same = by_class.equal(labels[order]) and alone.equal(labels[:12])
    if not (same and first.equal(labels[y == 1])):
        raise Finding(
            "depends-on-others",
            "A patient's label changes with the others in the batch. Whose mean and deviation does "
            "the transform use?",
            got=got,
        )
    if right.mean() >= WANTED:
        return
    if labels.min() == labels.max():
        raise Finding(
            "one-answer",
            "All new patients get the same label. Has the network been trained, on inputs of "
            "reasonable size?",
            got=got,
        )
    if right.mean() < 1 - WANTED:
        raise Finding(
            "upside-down",
            "Nearly every patient gets the other label. 1 is ill, and 0 is well.",
            got=got,
        )
    hot, high = X[:, 1] > 37.5, X[:, 2] > 1e-4
    if ((labels == 1) == hot).double().mean() > 0.9 or (
        (labels == 1) == high
    ).double().mean() > 0.9:
        raise Finding(
            "one-column",
            "The labels follow a single column. Whether it means illness depends on another one: "
            "a linear unit can't say that.",
            got=got,
        )
    raise Finding(
        "not-enough",
        "It is less than asked. One column runs over eight powers of ten: where do most of its "
        "values lie after standardizing? And has the network a hidden layer, and enough steps?",
        got=got,
    )


EXERCISE = Exercise(
    slug="preprocessing-clinic",
    title="Train and tune it: a network for raw tables",
    chapter="preprocessing",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants=f"a function classify(X) that returns a label, 0 or 1, for each raw row; {WANTED} right",
    hints=(
        "Draw a histogram of each column. Which one do mean and deviation describe badly?",
        "Look at the labels against temperature and the logarithm of the concentration.",
        "The transform belongs to the function: fit it once on the training data, outside of "
        "classify.",
    ),
    examine=examine,
    given=given,
)
