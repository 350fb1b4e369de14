"""loss-smoothness-diagnose."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "loss-smoothness-diagnose"
DATA = given(SLUG)


def letter(patient):
    """By what is right and what the ratios are."""
    H, theta, d = DATA["H"], DATA["theta"], DATA["distances"]
    g = H @ theta
    line = theta - d[:, None] * g / g.norm()
    losses = torch.einsum("ni,ij,nj->n", line, H, line) / 2
    quotient = (H @ g).norm() / g.norm()
    ratio = patient["quotients"] / quotient
    if not torch.allclose(patient["losses"], losses):
        return "a" if patient["losses"][0] > theta @ g / 2 else "b"
    if torch.allclose(ratio, d):
        return "c"
    if torch.allclose(ratio, torch.zeros_like(ratio)):
        return "d"
    return "f" if torch.allclose(ratio, ratio[:1].expand(4)) else "e"


ANSWER = "".join(map(letter, DATA["patients"]))


def other(*places):
    """The answer with these patients wrong, counted from 1."""
    unused = iter([x for x in "abcdef" if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    list(ANSWER),
    ", ".join(ANSWER).upper(),
    tuple(ANSWER),
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
    ("aabbc", "not-four-letters", "four letters"),
    (3, "not-four-letters", "four letters"),
]
