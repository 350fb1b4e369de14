"""hidden-units-collapse."""

import numpy as np
import torch
import torch.nn.functional as F

SLUG = "hidden-units-collapse"


def eye(w):
    return torch.eye(len(w), dtype=w.dtype) if isinstance(w, torch.Tensor) else np.eye(len(w))


def collapse(w1, b1, w2, b2):
    return eye(w2) + w2 @ w1, w2 @ b1 + b2


def with_numpy(w1, b1, w2, b2):
    return np.eye(len(w2)) + np.matmul(w2, w1), np.dot(w2, b1) + b2


class Collapse:
    def __call__(self, w1, b1, w2, b2):
        return {"bias": np.dot(w2, b1) + b2, "weight": np.dot(w2, w1) + np.eye(len(w2))}


def in_float32(w1, b1, w2, b2):
    return collapse(w1.float(), b1.float(), w2.float(), b2.float())


def through_layers(w1, b1, w2, b2):
    unit = torch.eye(len(w2), dtype=w2.dtype)
    return (unit + F.linear(F.linear(unit, w1), w2)).T, F.linear(b1, w2, b2)


RIGHT = [collapse, with_numpy, Collapse(), in_float32, through_layers]

WRONG = {
    "skip-lost": lambda w1, b1, w2, b2: (w2 @ w1, w2 @ b1 + b2),
    "ones-for-the-identity": lambda w1, b1, w2, b2: (w2 @ w1 + 1, w2 @ b1 + b2),
    "exchanged": lambda w1, b1, w2, b2: (eye(w2) + w1 @ w2, w2 @ b1 + b2),
    "first-bias-lost": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, b2),
    "first-bias-not-multiplied": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, b1 + b2),
    "second-bias-lost": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, w2 @ b1),
    "transposed": lambda w1, b1, w2, b2: ((eye(w2) + w2 @ w1).T, w2 @ b1 + b2),
    "exchanged+first-bias-lost": lambda w1, b1, w2, b2: (eye(w2) + w1 @ w2, b2),
    "first-bias-through-the-transpose": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, b1 @ w2 + b2),
    "first-bias-through-the-first": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, w1 @ b1 + b2),
    "first-bias-through-both": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, w2 @ w1 @ b1 + b2),
    "biases-exchanged": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, w2 @ b2 + b1),
    "layers-exchanged-in-bias": lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, w1 @ b2 + b1),
    "entry-by-entry": lambda w1, b1, w2, b2: (eye(w2) + w2 * w1, w2 @ b1 + b2),
}

UNLISTED = [
    (lambda w1, b1, w2, b2: (w1, b2), "different", "differs"),
    (lambda w1, b1, w2, b2: (eye(w2) + w2 @ w1, -(w2 @ b1 + b2)), "sign", "wrong sign"),
    (lambda w1, b1, w2, b2: w2 @ w1, "wrong-number-of-values", "Wanted are 2 values"),
]
