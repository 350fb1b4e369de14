"""universal-approximation-units-needed."""

import math

import numpy as np
import torch

SLUG = "universal-approximation-units-needed"


def solved(lipschitz, bend, epsilon):
    return math.ceil(lipschitz / (2 * epsilon)) - 1, math.ceil(math.sqrt(bend / (8 * epsilon)))


def tried(lipschitz, bend, epsilon):
    steps, relus = 0, 1
    while lipschitz / (2 * (steps + 1)) > epsilon:
        steps += 1
    while bend / (8 * relus**2) > epsilon:
        relus += 1
    return steps, relus


class Units:
    def __call__(self, lipschitz, bend, epsilon):
        return np.array(solved(lipschitz, bend, epsilon))


def as_tensor(lipschitz, bend, epsilon):
    return torch.tensor(solved(lipschitz, bend, epsilon), dtype=torch.float32)


def named(lipschitz, bend, epsilon):
    steps, relus = solved(lipschitz, bend, epsilon)
    return {"relus": relus, "steps": steps}


RIGHT = [solved, tried, Units(), as_tensor, named]


def root(value):
    return math.ceil(math.sqrt(value))


WRONG = {
    "treads-counted": lambda s, m, e: (math.ceil(s / (2 * e)), root(m / (8 * e))),
    "one-step-too-few": lambda s, m, e: (math.ceil(s / (2 * e)) - 2, root(m / (8 * e))),
    "whole-tread": lambda s, m, e: (math.ceil(s / e) - 1, root(m / (8 * e))),
    "root-forgotten": lambda s, m, e: (math.ceil(s / (2 * e)) - 1, math.ceil(m / (8 * e))),
    "bend-halved": lambda s, m, e: (math.ceil(s / (2 * e)) - 1, root(m / (2 * e))),
    "bend-quartered": lambda s, m, e: (math.ceil(s / (2 * e)) - 1, root(m / (4 * e))),
    "rounded-down": lambda s, m, e: (
        math.floor(s / (2 * e)) - 1,
        math.floor(math.sqrt(m / (8 * e))),
    ),
    "one-too-many-at-whole-numbers": lambda s, m, e: (
        int(s / (2 * e)),
        int(math.sqrt(m / (8 * e))) + 1,
    ),
    "rounded-to-nearest": lambda s, m, e: (round(s / (2 * e)) - 1, round(math.sqrt(m / (8 * e)))),
    "not-rounded": lambda s, m, e: (s / (2 * e) - 1, math.sqrt(m / (8 * e))),
    "at-least-one-step": lambda s, m, e: (max(1, solved(s, m, e)[0]), solved(s, m, e)[1]),
    "at-least-two-relus": lambda s, m, e: (solved(s, m, e)[0], max(2, solved(s, m, e)[1])),
    "one-relu-too-many": lambda s, m, e: (solved(s, m, e)[0], solved(s, m, e)[1] + 1),
    "one-relu-too-few": lambda s, m, e: (solved(s, m, e)[0], solved(s, m, e)[1] - 1),
}

UNLISTED = [
    (lambda s, m, e: (10, 10), "different", "The number of steps"),
    (
        lambda s, m, e: (int(s / (2 * e)), solved(s, m, e)[1]),
        "one-too-many-at-whole-numbers",
        "number of steps",
    ),
    (
        lambda s, m, e: (solved(s, m, e)[0] + (e < 1e-3), solved(s, m, e)[1]),
        "only-sometimes",
        "tiny",
    ),
    (lambda s, m, e: 5, "wrong-number-of-values", "2 values"),
    (lambda s, m, e: (solved(s, m, e)[0], 0), "all-zero", "The number of ReLUs is zero"),
]
