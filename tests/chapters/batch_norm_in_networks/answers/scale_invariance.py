"""batch-norm-in-networks-scale-invariance: the numbers that go with the proof."""

import math

import torch

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "batch-norm-in-networks-scale-invariance"


def predicted(w, g, c, lr):
    return g / c, 0.0, math.hypot(w, lr * g)


def drawn(w, g, c, lr):
    """With vectors: w along one axis, its gradient along another."""
    vector, gradient = torch.tensor([w, 0.0]), torch.tensor([0.0, g])
    return (gradient / c).norm(), vector @ gradient, (vector - lr * gradient).norm()


RIGHT = [
    predicted,
    drawn,
    lambda w, g, c, lr: [g * c**-1, 0, (w * w + lr * lr * g * g) ** 0.5],
    in_float32(predicted),
    as_object(predicted),
    in_numpy(predicted),
    in_torch(predicted),
]


def with_gradient(f):
    return lambda w, g, c, lr: (f(g, c), 0.0, math.hypot(w, lr * g))


def with_inner(f):
    return lambda w, g, c, lr: (g / c, f(w, g), math.hypot(w, lr * g))


def with_norm(f):
    return lambda w, g, c, lr: (g / c, 0.0, f(w, g, lr))


WRONG = {
    "gradient-unchanged": with_gradient(lambda g, c: g),
    "gradient-grows": with_gradient(lambda g, c: g * c),
    "gradient-over-square": with_gradient(lambda g, c: g / c**2),
    "parallel": with_inner(lambda w, g: w * g),
    "antiparallel": with_inner(lambda w, g: -w * g),
    "step-along-w": with_norm(lambda w, g, lr: abs(w - lr * g)),
    "step-adds-up": with_norm(lambda w, g, lr: w + lr * g),
    "norm-unchanged": with_norm(lambda w, g, lr: w),
    "norm-squared": with_norm(lambda w, g, lr: w**2 + (lr * g) ** 2),
    "rate-not-squared": with_norm(lambda w, g, lr: math.sqrt(w**2 + lr * g**2)),
    "gradient-unchanged+norm-unchanged": lambda w, g, c, lr: (g, 0.0, w),
    "gradient-over-root": with_gradient(lambda g, c: g / c**0.5),
    "length-for-inner-product": with_inner(lambda w, g: g),
    "square-for-inner-product": with_inner(lambda w, g: g * g),
    "step-with-the-other-gradient": lambda w, g, c, lr: (g / c, 0.0, math.hypot(w, lr * g / c)),
    "step-from-c-times-w": lambda w, g, c, lr: (g / c, 0.0, math.hypot(c * w, lr * g / c)),
}

UNLISTED = [
    (with_gradient(lambda g, c: g / (2 * c)), "different", "0.125 times as long"),
    (with_inner(lambda w, g: 1.0), "different", "slope of the loss along w"),
    (with_norm(lambda w, g, lr: math.hypot(w, g)), "different", "longer"),
    (lambda w, g, c, lr: g / c, "wrong-number-of-values", "3 values"),
]
