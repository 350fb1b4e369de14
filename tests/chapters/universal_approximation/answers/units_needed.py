"""universal-approximation-units-needed."""

import math

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


RIGHT = [solved, tried]


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
}

UNLISTED = [
    (lambda s, m, e: (10, 10), "different", "The number of steps"),
    (lambda s, m, e: 5, "wrong-number-of-values", "2 values"),
    (lambda s, m, e: (solved(s, m, e)[0], 0), "all-zero", "The number of ReLUs is zero"),
]
