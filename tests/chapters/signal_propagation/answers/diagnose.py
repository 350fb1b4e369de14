"""signal-propagation-diagnose."""

from lecturelib.exercises import given

SLUG = "signal-propagation-diagnose"
GIVEN = given(SLUG)


def read(patient):
    """Told apart by other numbers than the solution uses."""
    rms, share = patient["rms"].tolist(), patient["share"].tolist()
    doubling = rms[1] / rms[0]
    if abs(rms[2] - 1) < 1e-9:
        return "e"
    if doubling > 1.25:
        return "f"
    if share[1] < 0.8:
        return ("b" if doubling < 0.8 else "a") if share[0] > 0.95 else "d"
    if share[3] > 0.9:
        return "c"
    return "g" if share[2] > 0.85 else "d"


BEST = "".join(read(patient) for patient in GIVEN["patients"])
OTHERS = [x for x in "abcdefg" if x not in BEST]


def but(*places):
    return "".join(OTHERS[0] if k in places else x for k, x in enumerate(BEST))


RIGHT = [BEST, dict(enumerate(BEST, 1)), tuple(BEST.upper()), ", ".join(BEST)]
WRONG = {
    "network-1": but(0),
    "network-2": but(1),
    "network-3": but(2),
    "network-4": but(3),
    "two-wrong": but(0, 2),
    "most-wrong": but(0, 1, 2, 3),
    "not-four-letters": BEST[:3],
}
UNLISTED = [
    (BEST[1] + BEST[0] + BEST[2:], "two-wrong", "Network 2"),
    ("zzzz", "not-four-letters", "a"),
    (BEST + "a", "not-four-letters", "four letters"),
]
