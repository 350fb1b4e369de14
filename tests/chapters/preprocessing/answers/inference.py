"""preprocessing-test-time."""

SLUG = "preprocessing-test-time"

RIGHT = ["a, c, e", {"A", "c", "e"}, ["(a)", "(c)", "(e)"], "ace"]

WRONG = {
    "b-held": "a, b, c, e",
    "d-held": "a, c, d, e",
    "f-held": "a, c, e, f",
    "a-left-out": "c, e",
    "c-left-out": "a, e",
    "e-left-out": "a, c",
    "not-letters": 3,
}

UNLISTED = [
    ("b", "b-held", "Judged rightly: 2 of the 6"),
    ("a, b, c, d, e, f", "b-held", "Judged rightly: 3 of the 6"),
    ("all but the second", "not-letters", "letters"),
]
