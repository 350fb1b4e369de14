"""cost-functions-diagnose."""

import numpy as np

from lecturelib.exercises import given

SLUG = "cost-functions-diagnose"
PATIENTS = given(SLUG)["patients"]


def diagnosis(x, y, p):
    """By the equations of the minimum, one mistake after the other."""
    x, y, p = (np.asarray(v) for v in (x, y, p))
    rest = {
        "c": p - np.where(y == 1, 0.9, 0.1),
        "d": np.where(y == 1, 3, 1) * (p - y),
        "e": (p - y) * p * (1 - p),
    }
    if np.mean(np.minimum(p, 1 - p) < 0.02) > 0.6:
        return "a"
    for letter, slope in rest.items():
        if abs(slope.mean()) < 1e-7 and abs((slope * x).mean()) < 1e-7:
            return letter
    return "f" if abs((p - y).mean()) < 1e-7 else "b"


ANSWER = "".join(diagnosis(**patient) for patient in PATIENTS)


def other(*places):
    """The answer with these patients wrong, counted from 1."""
    unused = iter([x for x in "abcdef" if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [ANSWER, list(ANSWER), ", ".join(ANSWER).upper(), dict(enumerate(ANSWER))]

WRONG = {
    "patient-1": other(1),
    "patient-2": other(2),
    "patient-3": other(3),
    "patient-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to f"),
    (3, "not-four-letters", "order of the patients"),
]
