"""optimizers-nesterov."""

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "optimizers-nesterov"


def nesterov_step(theta, v, a, lr, alpha):
    v = alpha * v + a @ (theta - lr * alpha * v)
    return theta - lr * v, v


def with_numpy(theta, v, a, lr, alpha):
    ahead = theta - lr * alpha * v
    new = alpha * v + np.matmul(a, ahead)
    return ahead - lr * (new - alpha * v), new


def step_from(place, theta, v, a, lr, alpha):
    v = alpha * v + a @ place
    return theta - lr * v, v


RIGHT = [nesterov_step, with_numpy, in_float32(nesterov_step), as_object(nesterov_step)]

WRONG = {
    "as-on-the-slide": lambda x, v, a, lr, m: step_from(x - lr * v, x, v, a, lr, m),
    "not-ahead": lambda x, v, a, lr, m: step_from(x, x, v, a, lr, m),
    "behind": lambda x, v, a, lr, m: step_from(x + lr * m * v, x, v, a, lr, m),
    "rate-missing-ahead": lambda x, v, a, lr, m: step_from(x - m * v, x, v, a, lr, m),
    "starts-ahead": lambda x, v, a, lr, m: step_from(x - lr * m * v, x - lr * m * v, v, a, lr, m),
    "returns-next-place": lambda x, v, a, lr, m: (
        nesterov_step(x, v, a, lr, m)[0] - lr * m * nesterov_step(x, v, a, lr, m)[1],
        nesterov_step(x, v, a, lr, m)[1],
    ),
    "half-forgotten": lambda x, v, a, lr, m: step_from(2 * (x - lr * m * v), x, v, a, lr, m),
    "as-on-the-slide+half-forgotten": lambda x, v, a, lr, m: step_from(
        2 * (x - lr * v), x, v, a, lr, m
    ),
    "rate-in-velocity": lambda x, v, a, lr, m: (
        x - (m * v + lr * (a @ (x - m * v))),
        m * v + lr * (a @ (x - m * v)),
    ),
    "damped": lambda x, v, a, lr, m: step_from((1 - m) * (x - lr * m * v), x, v, a, lr, m),
    "velocity-unused": lambda x, v, a, lr, m: (
        x - lr * (a @ (x - lr * m * v)),
        nesterov_step(x, v, a, lr, m)[1],
    ),
    "textbook-form": lambda x, v, a, lr, m: (
        x + m * v - lr * (a @ (x + m * v)),
        m * v - lr * (a @ (x + m * v)),
    ),
    "velocity-negative": lambda x, v, a, lr, m: (
        x + lr * (m * v - a @ (x + lr * m * v)),
        m * v - a @ (x + lr * m * v),
    ),
    "library-form": lambda x, v, a, lr, m: (x - lr * (a @ x + m * (m * v + a @ x)), m * v + a @ x),
    "velocity-not-kept": lambda x, v, a, lr, m: (
        nesterov_step(x, v, a, lr, m)[0],
        a @ (x - lr * m * v),
    ),
    "halfway-ahead": lambda x, v, a, lr, m: step_from(x - lr * m * v / 2, x, v, a, lr, m),
    "half-kept": lambda x, v, a, lr, m: step_from((x - lr * m * v) / 2, x, v, a, lr, m),
}

UNLISTED = [
    (lambda x, v, a, lr, m: nesterov_step(x, v, a, lr, m)[::-1], "order", "another order"),
    (
        lambda x, v, a, lr, m: (x - lr * m * v, nesterov_step(x, v, a, lr, m)[1]),
        "different",
        "The new velocity is right",
    ),
    (lambda x, v, a, lr, m: nesterov_step(x, 3 * v, a, lr, m), "different", "differs"),
    (
        lambda x, v, a, lr, m: (nesterov_step(x, v, a, lr, m)[0], a @ v),
        "different",
        "The new theta is right",
    ),
]
