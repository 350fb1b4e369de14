"""noise-and-generalization-diagnose: four attacks with a mistake each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

SLUG = "noise-and-generalization-diagnose"
MISTAKES = "abcdef"
EPSILON, SIZE, STEPS = 0.2, 0.08, 5
LOOK = {
    "a": "compare the signs of the change with those of the gradient.",
    "b": "the changes are of different size, pixel by pixel. To what are they proportional?",
    "c": "look at the lowest and the highest value of a pixel.",
    "d": "look at the largest change.",
    "e": "the change is as a right one would be, but smaller. How many steps does it make?",
    "f": "how many pixels does it change, and which?",
}


def slope(w: Tensor, b: float, y: int, x: Tensor) -> Tensor:
    """Gradient of log(1 + exp(−y (w·x + b))) by x."""
    return -y * torch.sigmoid(-y * (w @ x + b)) * w


def attack(w: Tensor, b: float, y: int, x: Tensor, letter: str = "") -> Tensor:
    """PGD on a linear classifier, rightly or with one mistake."""
    at = x.clone()
    for _ in range(1 if letter == "e" else STEPS):
        g = slope(w, b, y, at)
        move = g if letter == "b" else g.sign()
        if letter == "f":
            move = move * (g.abs() == g.abs().max())
        at = at + (-SIZE if letter == "a" else SIZE) * move
        if letter != "d":
            at = torch.minimum(torch.maximum(at, x - EPSILON), x + EPSILON)
        if letter != "c":
            at = at.clamp(0, 1)
    return at


def given(draws: Draws) -> Mapping[str, Any]:
    """A linear classifier, a point, and four attacked points."""
    w = draws.signed(6, low=0.2, high=0.6)
    x = draws.uniform(6, low=0.42, high=0.58)
    x[0] = 0.05 if w[0] > 0 else 0.95  # pixels near the ends of the range, on either side
    x[1] = 0.95 if w[1] > 0 else 0.05
    b, y = 0.3, 1
    chosen = draws.some(MISTAKES, 4)
    return {
        "w": w,
        "b": b,
        "y": y,
        "x": x,
        "patients": [attack(w, b, y, x, letter) for letter in chosen],
    }


def truth(data: Mapping[str, Any]) -> str:
    """The letters, found by repeating each mistake."""
    w, b, y, x = (data[name] for name in ("w", "b", "y", "x"))
    found = ""
    for patient in data["patients"]:
        for letter in MISTAKES:
            if torch.allclose(attack(w, b, y, x, letter), patient, atol=1e-9):
                found += letter
                break
    return found


def examine(trial: Trial) -> None:
    right = truth(given(trial.draws))
    begin = "Run PGD rightly first, and print the change of each pixel beside the right one."
    examine_letters(trial, right, LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug=SLUG,
    title="Diagnose: four attacks with a mistake",
    chapter="noise_and_generalization",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "The gradient's signs are those of −y w at every step: where does a right attack end?",
        "Print the change of each pixel, its largest size, and the range of the result.",
        "Size 0.2 everywhere but at the ends of the range is right; 0.4 lacks a projection; 0.08 is"
        " one step; sizes that follow w lack the sign.",
    ),
    examine=examine,
    given=given,
)
