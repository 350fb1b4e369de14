"""residual-connections-diagnose."""

import numpy as np

from lecturelib.chapters.residual_connections.exercises.diagnose import KINDS
from lecturelib.exercises import given

SLUG = "residual-connections-diagnose"
NETWORKS = given(SLUG)["networks"]


def letter(network):
    """By the numbers alone, not by what was drawn."""
    sizes, cosine = network["rms of h"], network["cosine of samples"]
    if len(set(sizes)) == 1:
        return "d"
    if sizes[-1] > 20:
        return "b"
    if cosine[1] > 0.2:
        return "a" if cosine[4] > 0.655 else "g"
    if sizes[-1] < 0.2:
        return "e"
    return "f" if cosine[10] - cosine[7] > 0.22 else "c"


ANSWER = "".join(map(letter, NETWORKS))


def other(*places):
    """The answer with these networks wrong, counted from 1."""
    unused = iter([x for x in KINDS if x not in ANSWER])
    changed, letters = set(places), list(ANSWER)
    for k in changed:
        letters[k - 1] = next(unused, "a" if ANSWER[k - 1] != "a" else "b")
    return "".join(letters)


RIGHT = [
    ANSWER,
    list(ANSWER),
    ", ".join(ANSWER).upper(),
    tuple(ANSWER),
    np.array(list(ANSWER)),
    dict(enumerate(ANSWER, 1)),
]

WRONG = {
    "network-1": other(1),
    "network-2": other(2),
    "network-3": other(3),
    "network-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3),
}

UNLISTED = [
    (set(ANSWER), "not-four-letters", "order"),
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to g"),
    (["a", 2, "c", "d"], "not-four-letters", "four letters"),
    (3, "not-four-letters", "order of the networks"),
]
