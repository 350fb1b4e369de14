"""batch-norm-why-beta-outside."""

SLUG = "batch-norm-why-beta-outside"

RIGHT = ["a, b, d, e", {"A", "b", "d", "e"}, ["(a)", "(b)", "(d)", "(e)"], "abde", "d e b a"]

WRONG = {
    "c-held": "a, b, c, d, e",
    "f-held": "a, b, d, e, f",
    "a-left-out": "b, d, e",
    "b-left-out": "a, d, e",
    "d-left-out": "a, b, e",
    "e-left-out": "a, b, d",
    "not-letters": 4,
}

UNLISTED = [
    ("c", "c-held", "Judged rightly: 1 of the 6"),
    ("a, b, c, d, e, f", "c-held", "Judged rightly: 4 of the 6"),
    ("because it would be subtracted", "not-letters", "letters"),
    ("a", "b-left-out", "derivative"),
]
