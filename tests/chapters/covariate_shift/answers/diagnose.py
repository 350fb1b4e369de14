"""covariate-shift-diagnose."""

import numpy as np

from lecturelib.exercises import given

SLUG = "covariate-shift-diagnose"
TABLES = given(SLUG)["tables"]


def letter(table):
    """From the row of rate 0, and the first and last columns."""
    still, _, moved = table
    if still.max() > 0:
        return "c" if still[0] > 0 else "e"
    if moved[-1] == 0:
        return "d"
    return "b" if moved[0] > 0 else "a"


ANSWER = "".join(map(letter, TABLES))


def other(*places):
    """The answer with these tables wrong, counted from 1."""
    unused = iter([x for x in "abcde" if x not in ANSWER] * 4)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    list(ANSWER),
    ", ".join(ANSWER).upper(),
    np.array(list(ANSWER)),
    dict(enumerate(ANSWER, 1)),
]

WRONG = {
    "table-1": other(1),
    "table-2": other(2),
    "table-3": other(3),
    "table-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    (set(ANSWER), "not-four-letters", "order"),
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to e"),
    (3, "not-four-letters", "order of the tables"),
]
