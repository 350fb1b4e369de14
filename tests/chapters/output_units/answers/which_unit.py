"""output-units-which-unit."""

SLUG = "output-units-which-unit"

BEST = {
    "A": "linear",
    "B": "softmax",
    "C": "sigmoid",
    "D": "softplus",
    "E": "sigmoid",
    "F": "softplus",
}

RIGHT = [
    BEST,
    {k.lower(): f"a {v.upper()} unit" for k, v in BEST.items()},
    dict(reversed(BEST.items())),
    {k: v.capitalize() for k, v in BEST.items()},
]

WRONG = {
    "A-softplus": {**BEST, "A": "softplus"},
    "A-sigmoid": {**BEST, "A": "sigmoid"},
    "B-sigmoid": {**BEST, "B": "sigmoid"},
    "C-softmax": {**BEST, "C": "softmax"},
    "D-linear": {**BEST, "D": "linear"},
    "D-sigmoid": {**BEST, "D": "sigmoid"},
    "E-softmax": {**BEST, "E": "softmax"},
    "E-linear": {**BEST, "E": "linear"},
    "F-linear": {**BEST, "F": "linear"},
    "F-sigmoid": {**BEST, "F": "sigmoid"},
    "target-missing": {"A": "linear"},
    "not-a-unit": {**BEST, "A": "tanh"},
    "not-a-dictionary": "linear",
}

UNLISTED = [
    (dict.fromkeys(BEST, "softmax"), "A-softmax", "Right: 1 of the 6"),
    ({**BEST, "B": "softmax or sigmoid"}, "not-a-unit", "answer for B"),
    ({**BEST, "F": "softmax"}, "F-softmax", "calls in the next hour"),
]
