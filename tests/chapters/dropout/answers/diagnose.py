"""dropout-diagnose."""

import numpy as np

from lecturelib.exercises import given

SLUG = "dropout-diagnose"
P, PATIENTS = given(SLUG)["p"], given(SLUG)["patients"]


def letter(patient, p):
    """By the statement's words, with means and single values."""
    training, test = patient["training"], patient["test"]
    if len(test.unique()) > 1:
        return "e"
    if len(training.unique(dim=0)) == 1:
        return "f"
    size, out = training.max().item(), test[0, 0].item()
    expected = size * (1 - p)
    if abs(expected - out) < 0.01:
        return "b" if out < 0.99 else "a"
    if abs(size - 1) < 0.01:
        return "c"
    return "d" if abs(out - 1) < 0.01 else "g"


LETTERS = "".join(letter(one, P) for one in PATIENTS)


def other(k):
    return next(x for x in "abcdefg" if x != LETTERS[k])


RIGHT = [
    LETTERS,
    LETTERS.upper(),
    list(LETTERS),
    ", ".join(LETTERS),
    tuple(LETTERS),
    np.array(list(LETTERS)),
    dict(enumerate(LETTERS, 1)),
]

WRONG = {
    "patient-1": other(0) + LETTERS[1:],
    "patient-4": LETTERS[:3] + other(3),
    "two-wrong": other(0) + other(1) + LETTERS[2:],
    "most-wrong": other(0) + other(1) + other(2) + LETTERS[3],
}

UNLISTED = [
    (set(LETTERS), "not-four-letters", "order"),
    ("abc", "not-four-letters", "four letters"),
    (4, "not-four-letters", "four letters"),
    ("wxyz", "not-four-letters", "from a to g"),
]
