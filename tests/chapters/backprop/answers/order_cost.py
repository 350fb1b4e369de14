"""backprop-order-cost."""

import numpy as np

from lecturelib.exercises import given

SLUG = "backprop-order-cost"
n0, n1, n2, n3 = given(SLUG)["widths"]
FORWARD, REVERSE = n0 * (n1 * n2 + n2 * n3), n3 * (n2 * n1 + n1 * n0)

RIGHT = [(FORWARD, REVERSE), [float(FORWARD), float(REVERSE)], np.array([FORWARD, REVERSE])]

EVERY = n0 * n1 + n1 * n2 + n2 * n3
WRONG = {
    "exchanged": (REVERSE, FORWARD),
    "one-product-too-many": (n0 * EVERY, n3 * EVERY),
    "sizes-only": (FORWARD // n0, REVERSE // n3),
    "both-ends": (FORWARD * n3, REVERSE * n0),
    "layers-alone": (n0 * (n2 + n3), n3 * (n0 + n1)),
    "reverse-wrong": (FORWARD, 1),
    "forward-wrong": (1, REVERSE),
}

UNLISTED = [
    ((1, 2), "both-wrong", "abc"),
    (3, "not-two-numbers", "two numbers"),
    ("many", "not-two-numbers", "two numbers"),
]
