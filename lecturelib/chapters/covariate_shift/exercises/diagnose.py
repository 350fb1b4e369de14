"""covariate-shift-diagnose: four programs that measure the shift, some of them wrong."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

LETTERS = "abcde"
RATES = (0.0, 0.05, 0.1)
WIDTHS = (4, 6, 6, 6, 3)
_LOOK = {
    "a": "the first layer has shift 0, the others have none at rate 0, and it grows with the rate.",
    "b": "at a positive rate the first layer has a shift as well.",
    "c": "there is a shift at rate 0, when nothing has moved, in the first layer too.",
    "d": "the last layer has shift 0, and the first has the largest.",
    "e": "the shift does not depend on the rate.",
}


def _loss(weights: Sequence[Tensor], x: Tensor, y: Tensor) -> Tensor:
    h = x
    for w in weights[:-1]:
        h = torch.tanh(h @ w.T)
    return (h @ weights[-1].T - y).square().mean()


def _gradients(weights: Sequence[Tensor], x: Tensor, y: Tensor) -> list[Tensor]:
    leaves = [w.detach().requires_grad_() for w in weights]
    return list(torch.autograd.grad(_loss(leaves, x, y), leaves))


def _run(draws: Draws, letter: str) -> Tensor:
    """Relative shifts, a row a rate and a column a layer."""
    weights = [draws.normal(n_out, n_in) / n_in**0.5 for n_in, n_out in itertools.pairwise(WIDTHS)]
    (x, y), (x2, y2) = ((draws.normal(20, WIDTHS[0]), draws.normal(20, WIDTHS[-1])) for _ in "ab")
    before = _gradients(weights, x, y)
    rows = []
    for rate in RATES:
        step = 0.1 if letter == "e" else rate
        moved = [w - step * g for w, g in zip(weights, before, strict=True)]
        row = []
        for i, g in enumerate(before):
            mixed = {
                "b": moved,
                "d": [*weights[: i + 1], *moved[i + 1 :]],
            }.get(letter, [*moved[:i], *weights[i:]])
            batch = (x2, y2) if letter == "c" else (x, y)
            row.append((_gradients(mixed, *batch)[i] - g).norm() / g.norm())
        rows.append(torch.stack(row))
    return torch.stack(rows)


def _letters(draws: Draws) -> str:
    return "".join(draws.some(LETTERS, 4))


def given(draws: Draws) -> Mapping[str, Any]:
    """Four tables of relative shifts, a row a rate and a column a layer, and the rates."""
    return {"tables": [_run(draws, letter) for letter in _letters(draws)], "rates": RATES}


def examine(trial: Trial) -> None:
    right = _letters(trial.draws)
    begin = "Look at three places: the row of rate 0, the first column, the last column."
    examine_letters(trial, right, _LOOK, of="tables", begin=begin)


EXERCISE = Exercise(
    slug="covariate-shift-diagnose",
    title="Diagnose: four programs that measure the shift",
    chapter="covariate_shift",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="four letters in the order of the tables, such as 'abcd'",
    hints=(
        "What must the shift of the first layer be? What must all shifts be at rate 0?",
        "Which layer has nothing above it?",
    ),
    examine=examine,
    given=given,
)
