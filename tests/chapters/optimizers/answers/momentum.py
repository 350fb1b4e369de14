"""optimizers-momentum."""

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "optimizers-momentum"


def other_step(theta, u, g, lr, alpha):
    u = alpha * u - lr * g
    return theta + u, u


def with_numpy(theta, u, g, lr, alpha):
    new = np.subtract(alpha * u, lr * g)
    return theta + alpha * u - lr * g, new


def by_the_library_form(theta, u, g, lr, alpha):
    v = alpha * (-u / lr) + g
    return theta - lr * v, -lr * v


RIGHT = [
    other_step,
    with_numpy,
    by_the_library_form,
    in_float32(other_step),
    as_object(other_step),
]

WRONG = {
    "library-form": lambda x, u, g, lr, a: (x - lr * (a * u + g), a * u + g),
    "rate-missing": lambda x, u, g, lr, a: (x + a * u - g, a * u - g),
    "damped": lambda x, u, g, lr, a: other_step(x, u, (1 - a) * g, lr, a),
    "rate-on-all": lambda x, u, g, lr, a: (x + lr * (a * u - g), lr * (a * u - g)),
    "rate-twice": lambda x, u, g, lr, a: (x + lr * (a * u - lr * g), a * u - lr * g),
    "uphill": lambda x, u, g, lr, a: other_step(x, u, -g, lr, a),
    "subtracted": lambda x, u, g, lr, a: (x - (a * u - lr * g), a * u - lr * g),
    "never-forgets": lambda x, u, g, lr, a: (x + u - lr * g, u - lr * g),
    "gradient-faded": lambda x, u, g, lr, a: (x + a * (u - lr * g), a * (u - lr * g)),
    "alpha-at-the-gradient": lambda x, u, g, lr, a: (x + u - a * lr * g, u - a * lr * g),
    "old-velocity": lambda x, u, g, lr, a: (x + u, a * u - lr * g),
    "velocity-unused": lambda x, u, g, lr, a: (x - lr * g, a * u - lr * g),
    "nesterov": lambda x, u, g, lr, a: (x + a * (a * u - lr * g) - lr * g, a * u - lr * g),
    "returns-old-velocity": lambda x, u, g, lr, a: (other_step(x, u, g, lr, a)[0], u),
}

UNLISTED = [
    (lambda x, u, g, lr, a: other_step(x, u, g, lr, a)[::-1], "order", "another order"),
    (lambda x, u, g, lr, a: x + a * u - lr * g, "wrong-number-of-values", "Wanted are 2 values"),
    (lambda x, u, g, lr, a: (x + g.sign(), g.sign()), "different", "differs"),
]
