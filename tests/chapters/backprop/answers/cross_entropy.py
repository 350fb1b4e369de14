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


class Vjp:
    def __call__(self, logits, target, g):
        e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        label = np.eye(logits.shape[1])[target]
        return (e / np.sum(e, axis=1, keepdims=True) - label) * g / len(logits)


def in_float32(z, t, g):
    return right(z.float(), t, g.float())


RIGHT = [
    right,
    in_place,
    with_numpy,
    Vjp(),
    in_float32,
    lambda z, t, g: right(z, t, float(g)).tolist(),
]


def gap(p, t):
    return p - torch.nn.functional.one_hot(t, p.shape[1])


def in_every_row(z, t, g):
    p = z.softmax(1)
    p[:, t] -= 1
    return p * g / len(z)


def squared(z, t, g):
    p = z.softmax(1)
    error = gap(p, t)
    return p * (error - (p * error).sum(1, keepdim=True)) * g / len(z)


def by_autograd(z, t, g):
    z = z.clone().requires_grad_()
    torch.nn.functional.cross_entropy(z, t).backward()
    return z.grad * g


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
    "divided-by-classes": lambda z, t, g: right(z, t, g) * len(z) / z.shape[1],
    "every-row": in_every_row,
    "overflow": lambda z, t, g: gap(z.exp() / z.exp().sum(1, keepdim=True), t) * g / len(z),
    "sigmoids": lambda z, t, g: gap(torch.sigmoid(z), t) * g / len(z),
    "squared-error": squared,
    "seed-without-sign": lambda z, t, g: right(z, t, abs(g)),
    "seed-twice": lambda z, t, g: right(z, t, g) * g,
    "seed-added": lambda z, t, g: right(z, t, 1.0) + g,
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (lambda z, t, g: right(z, t, g) * 7, "factor", "times a number"),
    (lambda z, t, g: right(z, t, g).sum(), "wrong-shape", "shape"),
    (lambda z, t, g: z, "different", "`logits` itself"),
]
