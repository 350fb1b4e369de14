"""batch-norm-in-networks-placement."""

SLUG = "batch-norm-in-networks-placement"

BEST = {"A": "same, before", "B": "same, after", "C": "fewer, fixed", "D": "same, after"}

RIGHT = [
    BEST,
    {
        "a": ("same", "before"),
        "b": ("same", "after"),
        "c": ("fewer", "fixed"),
        "d": ["same", "after"],
    },
    {k: f"It is the {v.upper()} one." for k, v in BEST.items()},
]


def but(**change):
    return {**BEST, **change}


WRONG = {
    "A-more": but(A="more, parameters"),
    "A-fewer": but(A="fewer, fixed"),
    "A-after": but(A="same, after"),
    "B-more": but(B="more, parameters"),
    "B-before": but(B="same, before"),
    "B-fewer": but(B="fewer, fixed"),
    "C-same": but(C="same, before"),
    "C-more": but(C="more, before"),
    "C-before": but(C="fewer, before"),
    "C-parameters": but(C="fewer, parameters"),
    "D-fewer": but(D="fewer, fixed"),
    "D-fixed": but(D="same, fixed"),
    "D-before": but(D="same, before"),
    "network-missing": {"A": "same, before"},
    "not-a-choice": but(A="perhaps"),
    "not-a-dictionary": "same",
}

UNLISTED = [
    (dict.fromkeys(BEST, "more, parameters"), "A-more", "as a formula of x"),
    (dict.fromkeys(BEST, "same, after"), "A-after", "Right: 2 of the 4 answers"),
    (but(B=7), "not-a-choice", "answer for B"),
    (but(D="same or more, after"), "not-a-choice", "one verdict"),
    (but(A="not the same, before"), "not-a-choice", "answer for A"),
]
