"""optimizers-momentum."""

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "optimizers-momentum"


def momentum_step(theta, v, g, lr, alpha):
    v = alpha * v + g
    return theta - lr * v, v


def with_numpy(theta, v, g, lr, alpha):
    new = np.add(alpha * v, g)
    return theta - lr * alpha * v - lr * g, new


RIGHT = [momentum_step, with_numpy, in_float32(momentum_step), as_object(momentum_step)]

WRONG = {
    "damped": lambda x, v, g, lr, a: momentum_step(x, v, (1 - a) * g, lr, a),
    "rate-in-velocity": lambda x, v, g, lr, a: (x - a * v - lr * g, a * v + lr * g),
    "old-velocity": lambda x, v, g, lr, a: (x - lr * v, a * v + g),
    "uphill": lambda x, v, g, lr, a: (x + lr * (a * v + g), a * v + g),
    "never-forgets": lambda x, v, g, lr, a: (x - lr * (v + g), v + g),
    "damped+uphill": lambda x, v, g, lr, a: (
        x + lr * (a * v + (1 - a) * g),
        a * v + (1 - a) * g,
    ),
    "rate-twice": lambda x, v, g, lr, a: momentum_step(x, v, lr * g, lr, a),
    "returns-old-velocity": lambda x, v, g, lr, a: (momentum_step(x, v, g, lr, a)[0], v),
    "nesterov": lambda x, v, g, lr, a: (x - lr * (g + a * (a * v + g)), a * v + g),
    "textbook-form": lambda x, v, g, lr, a: (x + (a * v - lr * g), a * v - lr * g),
    "velocity-negative": lambda x, v, g, lr, a: (x + lr * (a * v - g), a * v - g),
    "velocity-unused": lambda x, v, g, lr, a: (x - lr * g, a * v + g),
    "gradient-faded": lambda x, v, g, lr, a: (x - lr * a * (v + g), a * (v + g)),
    "alpha-at-the-gradient": lambda x, v, g, lr, a: (x - lr * (v + a * g), v + a * g),
    "rate-missing": lambda x, v, g, lr, a: (x - (a * v + g), a * v + g),
}

UNLISTED = [
    (lambda x, v, g, lr, a: (x - lr * v**2, a * v + g), "different", "The new velocity is right"),
    (lambda x, v, g, lr, a: momentum_step(x, v, g, lr, a)[::-1], "order", "another order"),
    (lambda x, v, g, lr, a: x - lr * (a * v + g), "wrong-number-of-values", "Wanted are 2 values"),
    (
        lambda x, v, g, lr, a: (x - lr * (a * v - g), a * v - g),
        "different",
        "differs",
    ),
    (lambda x, v, g, lr, a: (x - lr * g.sign(), g.sign()), "different", "differs"),
]
