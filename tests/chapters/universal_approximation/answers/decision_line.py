"""universal-approximation-decision-line."""

from lecturelib.exercises import given

SLUG = "universal-approximation-decision-line"
STATED = given(SLUG)


def diagnose(x, network):
    z = x @ network["W"].T + network["b"]
    on = (z > 0).sum(0)
    if (network["a"] == 0).any():
        return "d"
    if (on == 0).any():
        return "a"
    if (on == len(x)).any():
        return "b"
    return "e" if (network["a"] > 0).any() else "c"


LETTERS = "".join(diagnose(STATED["x"], network) for network in STATED["networks"])
MISSING = next(letter for letter in "abcde" if letter not in LETTERS)

RIGHT = [
    LETTERS,
    ", ".join(LETTERS.upper()),
    list(LETTERS),
    tuple(f"({letter})" for letter in LETTERS),
    "; ".join(f"{k} = {letter}" for k, letter in enumerate(LETTERS)),
]


def but(*places):
    return "".join(MISSING if i in places else letter for i, letter in enumerate(LETTERS))


WRONG = {
    "network-1": but(0),
    "network-2": but(1),
    "network-3": but(2),
    "network-4": but(3),
    "two-wrong": but(1, 2),
    "most-wrong": but(0, 1, 2),
    "not-four-letters": LETTERS[:3],
}

UNLISTED = [
    (but(0, 1, 2, 3), "most-wrong", "4 of the four"),
    ("fffff", "not-four-letters", "four letters"),
    (3, "not-four-letters", "four letters"),
]
