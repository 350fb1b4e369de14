"""preprocessing-pipelines."""

import torch

from lecturelib.chapters.preprocessing.exercises.pipelines import MISTAKES
from lecturelib.exercises import given

SLUG = "preprocessing-pipelines"
PIPELINES = given(SLUG)["pipelines"]


def letter(pipeline):
    """By means and deviations alone."""
    x, x_test, z, z_test = (pipeline[k] for k in ("x_train", "x_test", "z_train", "z_test"))

    def is_zero(values):
        return bool(values.abs().max() < 1e-9)

    sd, raw = z.std(0, correction=0), x.std(0, correction=0)
    if is_zero(z.mean(1)):
        return "g"
    if is_zero(z.mean(0)) and is_zero(sd - 1):
        if torch.equal(z_test, x_test):
            return "b"
        return "a" if is_zero(z_test.mean(0)) else "c"
    if is_zero(z.mean(0)):
        return "e" if is_zero(sd - raw) else "d"
    return "f" if is_zero(torch.cat([z, z_test]).mean(0)) else "h"


ANSWER = "".join(map(letter, PIPELINES))


def other(*places):
    """The answer with these pipelines wrong, counted from 1."""
    unused = iter([x for x in MISTAKES if x not in ANSWER])
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [ANSWER, list(ANSWER), ", ".join(ANSWER).upper(), dict(enumerate(ANSWER, 1))]

WRONG = {
    "pipeline-1": other(1),
    "pipeline-2": other(2),
    "pipeline-3": other(3),
    "pipeline-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to h"),
    (["a", 2, "c", "d"], "not-four-letters", "four letters"),
    (3, "not-four-letters", "order of the pipelines"),
]
