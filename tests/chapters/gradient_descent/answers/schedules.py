"""gradient-descent-schedules."""

SLUG = "gradient-descent-schedules"

RIGHT = ["b, e, f", {"B", "e", "f"}, ["(b)", "(e)", "(f)"], "bef"]

WRONG = {
    "a-held": "a, b, e, f",
    "b-left-out": "e, f",
    "c-held": "b, c, e, f",
    "d-held": "b, d, e, f",
    "e-left-out": "b, f",
    "f-left-out": "b, e",
    "g-held": "b, e, f, g",
    "h-held": "b, e, f, h",
    "not-letters": 7,
}

UNLISTED = [
    ("a", "a-held", "Judged rightly: 4 of the 8"),
    ("b, z", "not-letters", "letters"),
    ("b, e, g", "f-left-out", "Judged rightly: 6 of the 8"),
]
