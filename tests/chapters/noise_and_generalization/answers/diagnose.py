"""noise-and-generalization-diagnose."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "noise-and-generalization-diagnose"
DATA = given(SLUG)


def letter(patient):
    """By the range, the signs and the sizes of the change."""
    change = patient - DATA["x"]
    up = -DATA["y"] * DATA["w"].sign()
    size = change.abs()
    if patient.min() < -1e-9 or patient.max() > 1 + 1e-9:
        return "c"
    if (change * up < -1e-9).any():
        return "a"
    middle = size[2:]
    if (size > 1e-9).sum() == 1:
        return "f"
    if torch.allclose(middle, middle[:1].expand(4)):
        return "d" if middle[0] > 0.21 else "e"
    return "b"


ANSWER = "".join(map(letter, DATA["patients"]))


def other(*places):
    """The answer with these patients wrong, counted from 1."""
    unused = iter([x for x in "abcdef" if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    dict(enumerate(ANSWER, 1)),
    np.array(list(ANSWER)),
    ", ".join(ANSWER).upper(),
    tuple(ANSWER),
]

WRONG = {
    "patient-1": other(1),
    "patient-2": other(2),
    "patient-3": other(3),
    "patient-4": other(4),
    "two-wrong": other(1, 4),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    ("abc", "not-four-letters", "four letters"),
    ("aabbc", "not-four-letters", "four letters"),
    (3, "not-four-letters", "letters"),
]
