"""backprop-order-cost."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "backprop-order-cost"
n0, n1, n2, n3 = given(SLUG)["widths"]
FORWARD, REVERSE = n0 * (n1 * n2 + n2 * n3), n3 * (n2 * n1 + n1 * n0)

RIGHT = [
    (FORWARD, REVERSE),
    [float(FORWARD), float(REVERSE)],
    np.array([FORWARD, REVERSE]),
    {"reverse": REVERSE, "forward": FORWARD},
    torch.tensor([FORWARD, REVERSE]),
]

EVERY = n0 * n1 + n1 * n2 + n2 * n3
WRONG = {
    "exchanged": (REVERSE, FORWARD),
    "one-product-too-many": (n0 * EVERY, n3 * EVERY),
    "sizes-only": (FORWARD // n0, REVERSE // n3),
    "both-ends": (FORWARD * n3, REVERSE * n0),
    "layers-alone": (n0 * (n2 + n3), n3 * (n0 + n1)),
    "reverse-wrong": (FORWARD, 1),
    "forward-wrong": (1, REVERSE),
    "additions-too": (2 * FORWARD - n0 * (n2 + n3), 2 * REVERSE - n3 * (n0 + n1)),
    "additions-alone": (FORWARD - n0 * (n2 + n3), REVERSE - n3 * (n0 + n1)),
    "operations-doubled": (2 * FORWARD, 2 * REVERSE),
    "one-vector": (EVERY, EVERY),
    "first-product-only": (n0 * n1 * n2, n1 * n2 * n3),
}

UNLISTED = [
    ((1, 2), "both-wrong", "abc"),
    ((FORWARD, n1 * n2 * n3), "reverse-wrong", "There are two"),
    ((FORWARD, FORWARD), "reverse-wrong", "the reverse order is not."),  # no place has changed
    ((REVERSE, REVERSE), "forward-wrong", "the forward order is not."),
    (3, "not-two-numbers", "two numbers"),
    ("many", "not-two-numbers", "two numbers"),
]
