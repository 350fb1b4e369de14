"""backprop-cross-entropy."""

import numpy as np
import torch

SLUG = "backprop-cross-entropy"


def right(z, t, g):
    return (z.softmax(1) - torch.nn.functional.one_hot(t, z.shape[1])) * g / len(z)


def in_place(z, t, g):
    p = z.softmax(1)
    p[torch.arange(len(t)), t] -= 1
    return p * (g / len(t))


def with_numpy(z, t, g):
    e = np.exp(z - z.max(1, keepdims=True))
    return g / len(z) * (e / e.sum(1, keepdims=True) - np.eye(z.shape[1])[t])


RIGHT = [right, in_place, with_numpy]


def gap(p, t):
    return p - torch.nn.functional.one_hot(t, p.shape[1])


WRONG = {
    "label-minus-prediction": lambda z, t, g: -right(z, t, g),
    "not-averaged": lambda z, t, g: right(z, t, g) * len(z),
    "averaged-over-classes": lambda z, t, g: right(z, t, g) / z.shape[1],
    "seed-forgotten": lambda z, t, g: right(z, t, 1.0),
    "logits-not-squashed": lambda z, t, g: gap(z, t) * g / len(z),
    "softmax-over-the-batch": lambda z, t, g: gap(z.softmax(0), t) * g / len(z),
    "logarithm-kept": lambda z, t, g: gap(z.log_softmax(1), t) * g / len(z),
    "label-forgotten": lambda z, t, g: z.softmax(1) * g / len(z),
    "not-averaged+seed-forgotten": lambda z, t, g: gap(z.softmax(1), t),
}

UNLISTED = [
    (lambda z, t, g: right(z, t, g) * 7, "factor", "times a number"),
    (lambda z, t, g: right(z, t, g).sum(), "wrong-shape", "shape"),
    (lambda z, t, g: z, "different", "differs"),
]
