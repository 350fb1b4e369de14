"""output-units-signs."""

SLUG = "output-units-signs"

RIGHT = [
    "b, e",
    {"b", "e"},
    ["(b)", "(e)"],
    "B, E",
    {"a": False, "b": True, "c": False, "d": False, "e": True, "f": False},
    [False, True, False, False, True, False],
]

WRONG = {
    "a-held": "a, b, e",
    "b-left-out": "e",
    "c-held": "b, c, e",
    "d-held": "b, d, e",
    "e-left-out": "b",
    "f-held": "b, e, f",
    "not-letters": 3,
}

UNLISTED = [
    ("a, f", "a-held", "Judged rightly: 2 of the 6"),
    ("x", "not-letters", "letters"),
    ("abcdef", "a-held", "Judged rightly: 2 of the 6"),
]
