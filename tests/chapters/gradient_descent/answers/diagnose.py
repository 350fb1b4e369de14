"""gradient-descent-diagnose."""

from lecturelib.exercises import given

SLUG = "gradient-descent-diagnose"
RUNS = given(SLUG)["runs"]


def letter(run):
    """From the loss and the signs of the parameters."""
    loss, first, second = (run[name] for name in ("loss", "first", "second"))
    turns = bool((first[1:6] * first[:5] < 0).all())
    if loss[-1] > 2 * loss[0]:
        return "a" if turns else "e"
    if turns:
        return "f"
    if second[0].abs() < 0.01:
        return "d"
    return "b" if bool((loss.diff() < 0).all()) else "c"


ANSWER = "".join(map(letter, RUNS))


def other(*places):
    """The answer with these runs wrong, counted from 1."""
    unused = iter([x for x in "abcdef" if x not in ANSWER] * 2)
    return "".join(next(unused) if k + 1 in places else x for k, x in enumerate(ANSWER))


RIGHT = [
    ANSWER,
    list(ANSWER),
    ", ".join(ANSWER).upper(),
    dict(zip(ANSWER, (1, 2, 3, 4), strict=True)),
]

WRONG = {
    "run-1": other(1),
    "run-2": other(2),
    "run-3": other(3),
    "run-4": other(4),
    "two-wrong": other(1, 4),
    "most-wrong": other(1, 2, 3, 4),
}

UNLISTED = [
    ("abc", "not-four-letters", "four letters"),
    ("abcx", "not-four-letters", "a to f"),
    (7, "not-four-letters", "order of the runs"),
]
