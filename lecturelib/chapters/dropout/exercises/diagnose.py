"""dropout-diagnose: four dropout layers, of which some are broken, seen from their outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

ROWS, UNITS = 200, 5
LETTERS = "abcdefg"
_LOOK = {
    "a": "its two means agree, and nothing is dropped at the test.",
    "b": "its two means agree at the size 1 − p, so it is right, too.",
    "c": "compare its two means: one of them is not what the other is.",
    "d": "compare the size of what stays with 1/(1 − p) and with 1/p.",
    "e": "look for zeros in its outputs at the test.",
    "f": "compare the rows of its outputs in training with each other.",
    "g": "what stays in training is 1/(1 − p). Which mean has it at the test?",
}


def patient(letter: str, uniform: Tensor, p: float) -> dict[str, Tensor]:
    """Outputs for inputs of 1, in training and at the test, of a layer of that kind."""
    training, test = uniform
    kept = (training >= p).double()
    if letter == "f":
        kept = kept[:1].expand(ROWS, -1).clone()
    factor = {"b": 1.0, "c": 1.0, "d": 1 / p}.get(letter, 1 / (1 - p))
    at_test = torch.ones(ROWS, UNITS, dtype=torch.float64)
    if letter == "e":
        at_test = (test >= p).double() / (1 - p)
    if letter in "bg":
        at_test = at_test * (1 - p)
    return {"training": kept * factor, "test": at_test}


def given(draws: Draws) -> Mapping[str, Any]:
    """The probability of dropping, and four patients."""
    p = draws.choice([0.2, 0.3, 0.4])
    letters = draws.some(LETTERS, 4)
    return {"p": p, "patients": [patient(x, draws.uniform(2, ROWS, UNITS), p) for x in letters]}


def truth(p: float, patients: list[Mapping[str, Tensor]]) -> str:
    """The letters, found from the outputs alone."""
    found = ""
    for one in patients:
        training, test = one["training"], one["test"]
        size, end = (outputs.max().item() for outputs in (training, test))
        if (test == 0).any():
            found += "e"
        elif training.eq(training[:1]).all():
            found += "f"
        elif abs(size - 1 / p) < 1e-6:
            found += "d"
        elif abs(size - 1) < 1e-6:
            found += "b" if abs(end - (1 - p)) < 1e-6 else "c"
        else:
            found += "g" if abs(end - (1 - p)) < 1e-6 else "a"
    return found


def examine(trial: Trial) -> None:
    right = truth(**given(trial.draws))
    begin = (
        "Note for each patient the size of what stays in training, and what comes out at the "
        "test; then the zeros."
    )
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug="dropout-diagnose",
    title="Diagnose: four dropout layers",
    chapter="dropout",
    kind="question",
    difficulty=2,
    minutes=20,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "The inputs are all 1: in training an output is 0 or the factor.",
        "A layer is right if the mean in training is what comes out at the test.",
        "One kind of mistake shows in no mean: look at several rows.",
    ),
    examine=examine,
    given=given,
)
