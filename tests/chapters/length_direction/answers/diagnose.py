"""length-direction-diagnose."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "length-direction-diagnose"
DATA = given(SLUG)


def letter(way):
    """By the first step, then by the second."""
    u, C, w = DATA["u"], DATA["C"], DATA["w"]
    S = C + u[:, None] * u
    top = torch.linalg.eigvalsh(S)[-1]

    def right(w, S=S):
        return (S @ w - u * (w @ S @ w) / (u @ w)) / torch.linalg.eigvalsh(S)[-1]

    moved = w - way[1]
    share = (moved @ right(w)) / right(w).square().sum()
    if torch.allclose(moved, share * right(w)):
        return "d" if share < 0 else "c"
    if torch.allclose(moved, right(w, C)):
        return "f"
    left = S @ w - top * moved  # a multiple of u, unless w was scaled first
    if torch.allclose(left, u):
        return "a"
    return "b" if torch.allclose(left, (left @ u) / (u @ u) * u) else "e"


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
    ("aabbcc", "not-four-letters", "four letters"),
    (3, "not-four-letters", "letters"),
]
