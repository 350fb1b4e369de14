"""backprop-diagnose."""

from lecturelib.chapters.backprop.exercises.diagnose import MISTAKES
from lecturelib.exercises import given

SLUG = "backprop-diagnose"
PATIENTS = given(SLUG)["patients"]


def letter(patient):
    """By the signs: which parameters are right, and which one number the ratios are."""
    ratio = {name: got / right for name, (got, right) in patient.items()}
    one = {name: bool(abs(r - 1).max() < 1e-9) for name, r in ratio.items()}
    if one["W"]:
        return "d"
    if one["V"]:
        return "b" if bool((ratio["b"] > 1).all()) else "c"
    spread = float(ratio["V"].max() - ratio["V"].min())
    return "f" if spread > 1e-9 else {2: "e", 4: "a"}[round(float(ratio["c"][0]))]


ANSWER = "".join(map(letter, PATIENTS))


def other(*places):
    """The answer with these patients wrong, counted from 1."""
    unused = iter([x for x in MISTAKES if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [ANSWER, list(ANSWER), ", ".join(ANSWER).upper(), {k: ANSWER[k - 1] for k in (4, 1, 3, 2)}]

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
    (["a", 2, "c", "d"], "not-four-letters", "four letters"),
    (3, "not-four-letters", "order of the patients"),
]
