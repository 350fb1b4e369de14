"""output-units-two-classes."""

import numpy as np
import torch

SLUG = "output-units-two-classes"


def differences(W, b):
    return W[1] - W[0], b[1] - b[0]


def with_numpy(W, b):
    return np.diff(W, axis=0)[0], np.diff(b)[0]


def by_matrix(W, b):
    compare = torch.tensor([-1.0, 1.0], dtype=W.dtype)
    return {"w": compare @ W, "c": compare @ b}


class Unit:
    def __call__(self, W, b):
        return np.diff(W, axis=0)[0], np.diff(b)[0]


def in_float32(W, b):
    W, b = W.float(), b.float()
    return {"c": b[1] - b[0], "w": W[1] - W[0]}


RIGHT = [
    differences,
    with_numpy,
    by_matrix,
    Unit(),
    in_float32,
    lambda W, b: ((W[1] - W[0]).tolist(), float(b[1] - b[0])),
]

WRONG = {
    "class-zero": lambda W, b: (W[0] - W[1], b[0] - b[1]),
    "second-row-only": lambda W, b: (W[1], b[1]),
    "rows-added": lambda W, b: (W[0] + W[1], b[0] + b[1]),
    "halved": lambda W, b: ((W[1] - W[0]) / 2, (b[1] - b[0]) / 2),
    "doubled": lambda W, b: (2 * (W[1] - W[0]), 2 * (b[1] - b[0])),
    "bias-missing": lambda W, b: (W[1] - W[0], 0 * b[0]),
    "bias-sign": lambda W, b: (W[1] - W[0], b[0] - b[1]),
    "bias-of-class-one": lambda W, b: (W[1] - W[0], b[1]),
    "wrong-number-of-values": lambda W, b: W[1] - W[0],
    "bias-added": lambda W, b: (W[1] - W[0], b[0] + b[1]),
    "weight-sign": lambda W, b: (W[0] - W[1], b[1] - b[0]),
    "weight-of-class-one": lambda W, b: (W[1], b[1] - b[0]),
    "weight-without-sign": lambda W, b: ((W[1] - W[0]).abs(), b[1] - b[0]),
}

UNLISTED = [
    (lambda W, b: (W[1] * W[0], b[1] - b[0]), "different", "c is right"),
    (lambda W, b: (W[1] - W[0], b), "wrong-shape", "shape"),
    (lambda W, b: (W[1] - W[0], b[1] - b[0] + 1), "different", "w is right"),
]
