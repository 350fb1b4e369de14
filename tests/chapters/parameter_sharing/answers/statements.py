"""parameter-sharing-statements."""

import numpy as np

SLUG = "parameter-sharing-statements"

RIGHT = [
    "a, c, e, f",
    {"a", "c", "e", "f"},
    ["(a)", "(c)", "(e)", "(f)"],
    "acef",
    {letter: letter in "acef" for letter in "abcdefg"},
    [bool(v) for v in np.array([1, 0, 1, 0, 1, 1, 0])],
]

WRONG = {
    "a-left-out": "c, e, f",
    "b-held": "a, b, c, e, f",
    "c-left-out": "a, e, f",
    "d-held": "a, c, d, e, f",
    "e-left-out": "a, c, f",
    "f-left-out": "a, c, e",
    "g-held": "a, c, e, f, g",
    "not-letters": 4,
}

UNLISTED = [
    ("b", "b-held", "Judged rightly: 2 of the 7"),
    ("a, b, c, d, e, f, g", "b-held", "Judged rightly: 4 of the 7"),
    ("because weights are shared", "not-letters", "letters"),
]
