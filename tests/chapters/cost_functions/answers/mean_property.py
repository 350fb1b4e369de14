"""cost-functions-mean-property."""

SLUG = "cost-functions-mean-property"

RIGHT = [
    "a, d, e",
    {"A", "d", "e"},
    ["(a)", "(d)", "(e)"],
    "ade",
    "e d a",
    {"a": True, "b": False, "c": False, "d": True, "e": True, "f": False},
    [True, False, False, True, True, False],
    "(a), (d) and (e)",
]

WRONG = {
    "b-held": "a, b, d, e",
    "c-held": "a, c, d, e",
    "f-held": "a, d, e, f",
    "a-left-out": "d, e",
    "d-left-out": "a, e",
    "e-left-out": "a, d",
    "not-letters": 3,
}

UNLISTED = [
    ("b", "b-held", "Judged rightly: 2 of the 6"),
    ("a, b, c, d, e, f", "b-held", "Judged rightly: 3 of the 6"),
    ({letter: letter != "f" for letter in "abcdef"}, "b-held", "You count (b) as true"),
    ("all of them", "not-letters", "letters"),
]
