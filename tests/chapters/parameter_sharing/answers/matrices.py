"""parameter-sharing-matrices."""

import numpy as np
import torch

from lecturelib.chapters.parameter_sharing.exercises.matrices import KINDS
from lecturelib.exercises import given

SLUG = "parameter-sharing-matrices"
MATRICES = given(SLUG)["matrices"]


def letter(matrix):
    """By zeros and by what is equal along the diagonals."""
    if len(matrix) < 8:
        return "g"
    if (matrix != 0).all():
        return "d"
    if torch.equal(matrix.roll((1, 1), (0, 1)), matrix):
        return "a"
    if not all(len(matrix.diagonal(k).unique()) == 1 for k in range(-7, 8)):
        values = matrix[matrix != 0].unique()
        return "f" if len(values) == 3 else "c"
    return "e" if matrix[3, 1] != 0 else "b"


ANSWER = "".join(map(letter, MATRICES))


def other(*places):
    """The answer with these matrices wrong, counted from 1."""
    unused = [x for x in KINDS if x not in ANSWER]
    return "".join(unused[k % len(unused)] if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    list(ANSWER),
    ", ".join(ANSWER).upper(),
    tuple(ANSWER),
    np.array(list(ANSWER)),
    dict(enumerate(ANSWER, 1)),
]

WRONG = {
    "matrix-1": other(1),
    "matrix-2": other(2),
    "matrix-3": other(3),
    "matrix-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    (set(ANSWER), "not-four-letters", "order"),
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to g"),
    (3, "not-four-letters", "order of the matrices"),
]
