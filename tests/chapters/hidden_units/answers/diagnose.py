"""hidden-units-diagnose."""

from lecturelib.chapters.hidden_units.exercises.diagnose import NETWORKS
from lecturelib.exercises import given

SLUG = "hidden-units-diagnose"
FOUND = given(SLUG)["networks"]


def letter(network):
    """By what each network does to sums, values and gradients."""
    if min(network["flat"]) == 1 or max(network["gradient"][:-1]) == 0:
        return "e"
    if network["flat"][-1] > 0.6:
        return "d"
    if network["flat"][-1] > 0.3:
        return "a" if network["sums"][-1] > 0.4 else "b"
    return "c" if network["mean"][-1] > 0.4 else "f"


ANSWER = "".join(map(letter, FOUND))


def other(*places):
    """The answer with these networks wrong, counted from 1."""
    unused = iter([x for x in NETWORKS if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    list(ANSWER),
    ", ".join(ANSWER).upper(),
    {f"network {k}": x for k, x in enumerate(ANSWER)},
]

WRONG = {
    "network-1": other(1),
    "network-2": other(2),
    "network-3": other(3),
    "network-4": other(4),
    "two-wrong": other(2, 3),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to f"),
    (3, "not-four-letters", "order of the networks"),
]
