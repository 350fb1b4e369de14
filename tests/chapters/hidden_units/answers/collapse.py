"""hidden-units-collapse."""

import numpy as np

SLUG = "hidden-units-collapse"


def collapse(w1, b1, w2, b2):
    return w2 @ w1, w2 @ b1 + b2


def with_numpy(w1, b1, w2, b2):
    return np.matmul(w2, w1), np.dot(w2, b1) + b2


RIGHT = [collapse, with_numpy]

WRONG = {
    "exchanged": lambda w1, b1, w2, b2: (w1 @ w2, w2 @ b1 + b2),
    "first-bias-lost": lambda w1, b1, w2, b2: (w2 @ w1, b2),
    "first-bias-not-multiplied": lambda w1, b1, w2, b2: (w2 @ w1, b1 + b2),
    "second-bias-lost": lambda w1, b1, w2, b2: (w2 @ w1, w2 @ b1),
    "transposed": lambda w1, b1, w2, b2: ((w2 @ w1).T, w2 @ b1 + b2),
    "exchanged+first-bias-lost": lambda w1, b1, w2, b2: (w1 @ w2, b2),
}

UNLISTED = [
    (lambda w1, b1, w2, b2: (w1, b2), "different", "differs"),
    (lambda w1, b1, w2, b2: (w2 @ w1, -(w2 @ b1 + b2)), "sign", "wrong sign"),
    (lambda w1, b1, w2, b2: w2 @ w1, "wrong-number-of-values", "Wanted are 2 values"),
]
