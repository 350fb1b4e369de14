"""gradient-descent-guarantee."""

import math

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "gradient-descent-guarantee"


def gain(K, lr, tolerance):
    return lr * (1 - K * lr / 2) * tolerance**2


def short(K, lr, gap, tolerance):
    g = gain(K, lr, tolerance)
    return g, int(gap / g)


def floored(K, lr, gap, tolerance):
    g = lr * tolerance**2 - K / 2 * lr**2 * tolerance**2
    return [g, math.floor(gap / g)]


RIGHT = [short, floored, in_float32(short), as_object(short), in_numpy(short), in_torch(short)]


def counted(g, gap):
    return g, math.floor(gap / g)


WRONG = {
    "half-forgotten": lambda K, lr, gap, tol: counted(lr * (1 - K * lr) * tol**2, gap),
    "first-order-only": lambda K, lr, gap, tol: counted(lr * tol**2, gap),
    "sign-of-the-bracket": lambda K, lr, gap, tol: counted(lr * (1 + K * lr / 2) * tol**2, gap),
    "best-rate-assumed": lambda K, lr, gap, tol: counted(tol**2 / (2 * K), gap),
    "not-squared": lambda K, lr, gap, tol: counted(lr * (1 - K * lr / 2) * tol, gap),
    "root-of-the-count": lambda K, lr, gap, tol: (
        gain(K, lr, tol),
        math.floor((gap / gain(K, lr, tol)) ** 0.5),
    ),
    "not-whole": lambda K, lr, gap, tol: (gain(K, lr, tol), gap / gain(K, lr, tol)),
    "rounded-up": lambda K, lr, gap, tol: (
        gain(K, lr, tol),
        math.ceil(gap / gain(K, lr, tol)),
    ),
    "one-too-few": lambda K, lr, gap, tol: (
        gain(K, lr, tol),
        math.ceil(gap / gain(K, lr, tol)) - 1,
    ),
    "rounded-to-the-nearest": lambda K, lr, gap, tol: (
        gain(K, lr, tol),
        round(gap / gain(K, lr, tol)),
    ),
    "one-step-at-least": lambda K, lr, gap, tol: (
        gain(K, lr, tol),
        max(1, int(gap / gain(K, lr, tol))),
    ),
}

UNLISTED = [
    (
        lambda K, lr, gap, tol: (gain(K, lr, tol), 2 * math.floor(gap / gain(K, lr, tol))),
        "different",
        "The gain is right",
    ),
    (lambda K, lr, gap, tol: gain(K, lr, tol), "wrong-number-of-values", "2 values"),
    (lambda K, lr, gap, tol: (-gain(K, lr, tol), short(K, lr, gap, tol)[1]), "sign", "wrong sign"),
]
