"""optimizers-adagrad."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-adagrad"


def distance(g, lr, steps):
    return lr * sum(1 / math.sqrt(t) for t in range(1, steps + 1))


def with_numpy(g, lr, steps):
    return lr * np.sum(np.arange(1, steps + 1) ** -0.5)


def run(g, lr, steps):
    place, total = 0.0, 0.0
    for _ in range(steps):
        total += g**2
        place -= lr * g / total**0.5
    return abs(place)


RIGHT = [
    distance,
    with_numpy,
    run,
    in_float32(distance),
    as_object(distance),
    in_numpy(distance),
    in_torch(distance),
]

WRONG = {
    "bound": lambda g, lr, n: 2 * lr * n**0.5,
    "last-step": lambda g, lr, n: lr / n**0.5,
    "no-root": lambda g, lr, n: lr * sum(1 / t for t in range(1, n + 1)),
    "constant-steps": lambda g, lr, n: lr * n,
    "with-gradient": lambda g, lr, n: abs(g) * distance(g, lr, n),
    "one-late": lambda g, lr, n: lr * sum(1 / (t + 1) ** 0.5 for t in range(1, n + 1)),
    "no-root+with-gradient": lambda g, lr, n: abs(g) * lr * sum(1 / t for t in range(1, n + 1)),
    "over-gradient": lambda g, lr, n: distance(g, lr, n) / abs(g),
    "one-short": lambda g, lr, n: distance(g, lr, n - 1),
    "signed": lambda g, lr, n: math.copysign(distance(g, lr, n), g),
    "with-eps": lambda g, lr, n: sum(
        lr * abs(g) / (abs(g) * t**0.5 + 1e-8) for t in range(1, n + 1)
    ),
    "with-eps-of-pytorch": lambda g, lr, n: sum(
        lr * abs(g) / (abs(g) * t**0.5 + 1e-10) for t in range(1, n + 1)
    ),
    "integral": lambda g, lr, n: 2 * lr * (n**0.5 - 1),
    "asymptotic": lambda g, lr, n: lr * (2 * n**0.5 - 1.4603545 + 0.5 / n**0.5),
    "root-of-the-steps": lambda g, lr, n: lr * n**0.5,
}

UNLISTED = [
    (lambda g, lr, n: -distance(g, lr, n), "sign", "wrong sign"),
    (lambda g, lr, n: distance(g, lr, n) / lr, "only-sometimes", "is right with a negative one"),
    (lambda g, lr, n: lr * math.log(n + 1), "different", "differs"),
    (lambda g, lr, n: [lr / t**0.5 for t in range(1, n + 1)], "wrong-shape", "shape"),
]
