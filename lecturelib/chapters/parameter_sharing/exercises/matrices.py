"""parameter-sharing-matrices: which layer has this matrix?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

PIXELS, KINDS = 8, "abcdefg"
_LOOK = {
    "a": "each row is the one above, moved by one pixel, and the first follows the last.",
    "b": "go along the diagonals. And what would stand in the corners, if the line were a ring?",
    "c": "the zeros are those of a convolution. Compare the entries along a diagonal.",
    "d": "count the zeros.",
    "e": "how far apart are the weights of one row?",
    "f": "each row has the same three weights. Are they neighbours?",
    "g": "how far does the window move from one row to the next?",
}


def matrix(kind: str, draws: Draws) -> Tensor:
    """A layer on a line of eight pixels, as a matrix."""
    w, out = draws.signed(3), torch.zeros(PIXELS, PIXELS, dtype=torch.float64)
    if kind == "d":
        return draws.signed(PIXELS, PIXELS)
    gap = 2 if kind == "e" else 1
    for row in range(PIXELS):
        weights = draws.signed(3) if kind == "c" else w
        for k in range(3):
            column = row + gap * (k - 1)
            if kind in "af" or 0 <= column < PIXELS:
                out[row, column % PIXELS] = weights[k]
    if kind == "g":
        return out[::2]
    if kind == "f":
        return out[:, torch.tensor([3, 0, 5, 1, 7, 2, 6, 4])]
    return out


def _letters(draws: Draws) -> str:
    return "".join(draws.some(KINDS, 4))


def given(draws: Draws) -> Mapping[str, Any]:
    """Four matrices."""
    return {"matrices": [matrix(letter, draws) for letter in _letters(draws)]}


def examine(trial: Trial) -> None:
    right = _letters(trial.draws)
    begin = "Look at zeros first, then at what is equal along the diagonals."
    examine_letters(trial, right, _LOOK, of="matrices", begin=begin)


EXERCISE = Exercise(
    slug="parameter-sharing-matrices",
    title="Diagnose: which layer has this matrix?",
    chapter="parameter_sharing",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="four letters in the order of the matrices, such as 'abcd'",
    hints=(
        "Zeros say what a layer looks at; equal entries say what it shares.",
        "Compare each row with the row above, moved by one pixel.",
    ),
    examine=examine,
    given=given,
)
