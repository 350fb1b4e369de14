"""universal-approximation-decision-line."""

SLUG = "universal-approximation-decision-line"

RIGHT = [
    "b, c, e",
    {"B", "c", "e"},
    ["(b)", "(c)", "(e)"],
    "bce",
    {"a": False, "b": True, "c": True, "d": False, "e": True, "f": False},
    [False, True, True, False, True, False],
]

WRONG = {
    "a-held": "a, b, c, e",
    "d-held": "b, c, d, e",
    "f-held": "b, c, e, f",
    "b-left-out": "c, e",
    "c-left-out": "b, e",
    "e-left-out": "b, c",
    "not-letters": 3,
}

UNLISTED = [
    ("a", "a-held", "Judged rightly: 2 of the 6"),
    ("a, b, c, d, e, f", "a-held", "Judged rightly: 3 of the 6"),
    ("all of them", "not-letters", "letters"),
]
