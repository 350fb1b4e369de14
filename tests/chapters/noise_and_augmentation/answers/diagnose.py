"""noise-and-augmentation-diagnose."""

import itertools

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "noise-and-augmentation-diagnose"
PATIENTS = given(SLUG)["patients"]
FIELDS = list(itertools.product(range(-2, 3), repeat=2))


def best(before, after):
    """The shift whose inside fits, and the image shifted round the edge."""
    inside = slice(2, -2)
    for down, right in FIELDS:
        moved = torch.roll(before, (down, right), (0, 1))
        if torch.allclose(moved[inside, inside], after[inside, inside]):
            return (down, right), moved
    return None, None


def letter(patient):
    pairs = list(zip(patient["before"], patient["after"], strict=True))
    shifts = [best(*pair)[0] for pair in pairs]
    if None in shifts:
        return "d"
    if len(set(shifts)) == 1:
        return "a"
    if all(down == 0 for down, _ in shifts):
        return "e"
    if max(max(map(abs, shift)) for shift in shifts) == 2:
        return "f"
    return "b" if torch.allclose(best(*pairs[0])[1], pairs[0][1]) else "c"


ANSWER = "".join(map(letter, PATIENTS))


def other(*places):
    """The answer with these patients wrong, counted from 1."""
    unused = iter([x for x in "abcdef" if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    list(ANSWER),
    tuple(ANSWER),
    ", ".join(ANSWER).upper(),
    np.array(list(ANSWER)),
    dict(enumerate(ANSWER, 1)),
]

WRONG = {
    "patient-1": other(1),
    "patient-2": other(2),
    "patient-3": other(3),
    "patient-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    (set(ANSWER), "not-four-letters", "order"),
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to f"),
    (3, "not-four-letters", "order of the patients"),
]
