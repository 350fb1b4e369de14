"""backprop-diagnose: four backward passes with a mistake each, seen from their gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

BATCH, SIZE = 4, 3
NAMES = ("W", "b", "V", "c")

# What each mistake does to the backward pass.
MISTAKES: dict[str, dict[str, Any]] = {
    "a": {"divisor": 1.0},
    "b": {"slope": False},
    "c": {"transposed": True},
    "d": {"bias_mean": True},
    "e": {"runs": 2.0},
    "f": {"label": False},
}
_LOOK = {
    "a": "all ratios are the same number. Which number of this network is it?",
    "b": "the last layer is right, and every ratio of b below it is above 1. What lies between?",
    "c": "the last layer is right, and below it the ratios differ in size and in sign.",
    "d": "the weights are right, the biases are not.",
    "e": "all ratios are the same number. Which number is it?",
    "f": "nothing is right, not even in the last layer; look at the signs of the gradient of c.",
}


def gradients(
    X: Tensor, t: Tensor, W: Tensor, b: Tensor, V: Tensor, c: Tensor, *, divisor: float = BATCH,
    slope: bool = True, transposed: bool = False, bias_mean: bool = False, runs: float = 1.0,
    label: bool = True,
) -> tuple[Tensor, ...]:  # fmt: skip
    """The backward pass of a network of two layers, with an argument for each mistake."""
    H = torch.tanh(X @ W.T + b)
    P = (H @ V.T + c).softmax(1)
    dZ = (P - torch.eye(SIZE, dtype=P.dtype)[t] * label) / divisor * runs
    dH = dZ @ (V.T if transposed else V)
    dA = dH * (1 - H**2) if slope else dH
    rows = BATCH if bias_mean else 1
    return dA.T @ X, dA.sum(0) / rows, dZ.T @ H, dZ.sum(0) / rows


def given(draws: Draws) -> Mapping[str, Any]:
    """Four patients: by the name of a parameter, the gradient computed and the right one."""
    letters = draws.some(MISTAKES, 4)
    patients = [_patient(draws, letter) for letter in letters]
    return {"patients": patients, "batch": BATCH}


def _patient(draws: Draws, letter: str) -> dict[str, tuple[Tensor, Tensor]]:
    """A network with this mistake, drawn until the mistake shows as its hint says."""
    while True:
        X, t = draws.normal(BATCH, SIZE), torch.tensor([0, 1, 2, 0])
        W, b, V, c = (draws.signed(*shape) for shape in ((SIZE, SIZE), (SIZE,)) * 2)
        got = gradients(X, t, W, b, V, c, **MISTAKES[letter])
        right = gradients(X, t, W, b, V, c)
        ratios = got[1] / right[1]
        if {"b": (ratios > 1).all(), "c": (ratios < 0).any()}.get(letter, True):
            return dict(zip(NAMES, zip(got, right, strict=True), strict=True))


def truth(patients: list[Mapping[str, tuple[Tensor, Tensor]]]) -> str:
    """The letters, found from the gradients alone."""
    found = ""
    for patient in patients:
        off = [not torch.allclose(*patient[name], rtol=1e-6, atol=1e-12) for name in NAMES]
        ratios = patient["W"][0] / patient["W"][1]
        if off == [False, True, False, True]:
            found += "d"
        elif off[2] and torch.allclose(ratios, torch.full_like(ratios, float(BATCH))):
            found += "a"
        elif off[2] and torch.allclose(ratios, torch.full_like(ratios, 2.0)):
            found += "e"
        elif off[2]:
            found += "f"
        else:
            # Without the transposition V is used as it stands: signs change.
            same_sign = bool((patient["b"][0] / patient["b"][1] > 1).all())
            found += "b" if same_sign else "c"
    return found


def examine(trial: Trial) -> None:
    right = truth(given(trial.draws)["patients"])
    begin = (
        "Divide what was computed by what is right, parameter by parameter, and note first "
        "which of W, b, V and c are right."
    )
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug="backprop-diagnose",
    title="Diagnose: four backward passes with a mistake",
    chapter="backprop",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "got / right for each of W, b, V and c tells most: which are 1, and are the others one "
        "number?",
        "A mistake reaches the parameters of its own layer and those below, never those above.",
        "Three of the six leave V and c right or scale everything by one number; which number is "
        "the size of the batch?",
    ),
    examine=examine,
    given=given,
)
