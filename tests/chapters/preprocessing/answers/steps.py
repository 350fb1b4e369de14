"""preprocessing-steps."""

import math

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "preprocessing-steps"


def steps(kappa, share):
    slow, best = 1 - 1 / kappa, (kappa - 1) / (kappa + 1)
    return tuple(math.ceil(math.log(share) / math.log(factor)) for factor in (slow, best))


def by_counting(kappa, share):
    found = []
    for factor in (1 - 1 / kappa, (kappa - 1) / (kappa + 1)):
        t, error = 0, 1.0
        while error > share:
            t, error = t + 1, error * factor
        found.append(t)
    return found


def _raw(kappa, share):
    return math.log(share) / math.log(1 - 1 / kappa), math.log(share) / math.log(
        (kappa - 1) / (kappa + 1)
    )


RIGHT = [steps, by_counting, in_float32(steps), as_object(steps), in_numpy(steps), in_torch(steps)]

WRONG = {
    "best-rate-same": lambda kappa, share: (steps(kappa, share)[0], steps(kappa, share)[0]),
    "best-rate-doubled": lambda kappa, share: (
        steps(kappa, share)[0],
        math.ceil(math.log(share) / math.log(1 - 2 / kappa)),
    ),
    "rounded-down": lambda kappa, share: tuple(map(math.floor, _raw(kappa, share))),
    "not-whole": _raw,
    "rule-of-thumb": lambda kappa, share: (
        math.ceil(-kappa * math.log(share)),
        math.ceil(-kappa / 2 * math.log(share)),
    ),
    "loss": lambda kappa, share: steps(kappa, math.sqrt(share)),
    "logarithms-mixed": lambda kappa, share: tuple(
        math.ceil(t / math.log(10)) for t in _raw(kappa, share)
    ),
    "rounded-down+loss": lambda kappa, share: tuple(map(math.floor, _raw(kappa, math.sqrt(share)))),
    "one-too-many": lambda kappa, share: tuple(math.floor(t) + 1 for t in _raw(kappa, share)),
    "rounded-to-the-nearest": lambda kappa, share: tuple(map(round, _raw(kappa, share))),
    "two-steps-at-least": lambda kappa, share: tuple(max(2, t) for t in steps(kappa, share)),
    "best-rate-halves": lambda kappa, share: (
        steps(kappa, share)[0],
        math.ceil(steps(kappa, share)[0] / 2),
    ),
    "root-of-kappa": lambda kappa, share: steps(math.sqrt(kappa), share),
}

UNLISTED = [
    (lambda kappa, share: steps(kappa, share)[::-1], "order", "another order"),
    (
        lambda kappa, share: (steps(kappa, share)[0], steps(kappa, share)[0] // 2 - 4),
        "different",
        "steps at the best rate the share",
    ),
    (lambda kappa, share: (kappa / share, kappa / share / 2), "different", "differs"),
]
