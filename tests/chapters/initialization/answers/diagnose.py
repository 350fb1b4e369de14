"""initialization-diagnose."""

from lecturelib.chapters.initialization.exercises.diagnose import STARTS
from lecturelib.exercises import given

SLUG = "initialization-diagnose"
NETWORKS = given(SLUG)["networks"]


def letter(network):
    """By the numbers alone, not by what was drawn."""

    def factor(name):
        sizes = network[name]
        return (sizes[-1] / sizes[1]) ** (1 / (len(sizes) - 2))

    if not any(network["spread over units"]):
        return "g"
    sums, down = factor("rms of z"), 1 / factor("rms of gradient")
    if sums > 1.7:
        return "c"
    if sums > 1.2:
        return "e"
    if network["spread over samples"][-1] < 0.01 * network["rms of z"][-1]:
        return "h" if down < 0.3 else "b"
    if sums < 0.9:
        return "a"
    return "f" if network["rms of z"][-1] > 3 else "d"


ANSWER = "".join(map(letter, NETWORKS))


def other(*places):
    """The answer with these networks wrong, counted from 1."""
    unused = iter([x for x in STARTS if x not in ANSWER])
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [ANSWER, list(ANSWER), ", ".join(ANSWER).upper(), [f"{x})" for x in ANSWER]]

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
    ("abcx", "not-four-letters", "a to h"),
    (["a", 2, "c", "d"], "not-four-letters", "four letters"),
    (3, "not-four-letters", "order of the networks"),
]
