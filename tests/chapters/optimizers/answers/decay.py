"""optimizers-decay."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "optimizers-decay"


def decayed_step(theta, v, g, lr, alpha, lam):
    v = alpha * v + g
    return theta - lr * lam * theta - lr * v, v


def with_numpy(theta, v, g, lr, alpha, lam):
    new = np.add(g, alpha * v)
    return np.multiply(1 - lr * lam, theta) - lr * new, new


def penalty(x, v, g, lr, a, lam):
    v = a * v + g + lam * x
    return x - lr * v, v


RIGHT = [decayed_step, with_numpy, in_float32(decayed_step), as_object(decayed_step)]

WRONG = {
    "penalty": penalty,
    "shrinks-the-step": lambda x, v, g, lr, a, lam: (
        (1 - lr * lam) * (x - lr * (a * v + g)),
        a * v + g,
    ),
    "velocity-decays": lambda x, v, g, lr, a, lam: (
        x - lr * (1 - lr * lam) * (a * v + g),
        (1 - lr * lam) * (a * v + g),
    ),
    "no-decay": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, 0),
    "rate-missing": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, lam / lr),
    "grows": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, -lam),
    "twice": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, 2 * lam),
    "penalty+twice": lambda x, v, g, lr, a, lam: penalty(x, v, g, lr, a, 2 * lam),
    "long-run-strength": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, lam / (1 - a)),
    "uphill": lambda x, v, g, lr, a, lam: ((1 - lr * lam) * x + lr * (a * v + g), a * v + g),
    "textbook-form": lambda x, v, g, lr, a, lam: (
        (1 - lr * lam) * x + (a * v - lr * g),
        a * v - lr * g,
    ),
    "rate-in-velocity": lambda x, v, g, lr, a, lam: (
        (1 - lr * lam) * x - (a * v + lr * g),
        a * v + lr * g,
    ),
    "damped": lambda x, v, g, lr, a, lam: decayed_step(x, v, (1 - a) * g, lr, a, lam),
    "velocity-unused": lambda x, v, g, lr, a, lam: ((1 - lr * lam) * x - lr * g, a * v + g),
    "half": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, lam / 2),
    "strength-squared": lambda x, v, g, lr, a, lam: decayed_step(x, v, g, lr, a, lam**2),
    "exponential": lambda x, v, g, lr, a, lam: (
        math.exp(-lr * lam) * x - lr * (a * v + g),
        a * v + g,
    ),
    "implicit": lambda x, v, g, lr, a, lam: (x / (1 + lr * lam) - lr * (a * v + g), a * v + g),
}

UNLISTED = [
    (lambda *z: decayed_step(*z)[::-1], "order", "another order"),
    (
        lambda x, v, g, lr, a, lam: ((1 - lr * lam) * x - lr * v**2, a * v + g),
        "different",
        "The new velocity is right",
    ),
    (
        lambda x, v, g, lr, a, lam: decayed_step(x, v, 3 * g, lr, a, lam),
        "different",
        "differs",
    ),
    (lambda *z: decayed_step(*z)[0], "wrong-number-of-values", "Wanted are 2 values"),
]
