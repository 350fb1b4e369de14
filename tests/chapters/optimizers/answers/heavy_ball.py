"""optimizers-heavy-ball."""

import math

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-heavy-ball"


def best_rate(mu, k, alpha):
    lr = 2 * (1 + alpha) / (mu + k)
    trace = 1 + alpha - lr * mu
    return lr, (trace + math.sqrt(max(trace**2 - 4 * alpha, 0.0))) / 2


def by_the_other_end(mu, k, alpha):
    lr = (1 + alpha) / ((mu + k) / 2)
    half = (lr * k - 1 - alpha) / 2
    return lr, half + max(half * half - alpha, 0.0) ** 0.5


def lr_of(mu, k, alpha):
    return best_rate(mu, k, alpha)[0]


def factor_of(mu, k, alpha):
    return best_rate(mu, k, alpha)[1]


def free(mu, k):
    root = math.sqrt(k / mu)
    return 4 / (math.sqrt(mu) + math.sqrt(k)) ** 2, (root - 1) / (root + 1)


def trace(mu, k, alpha):
    return (1 + alpha) * (k - mu) / (k + mu)


RIGHT = [
    lambda mu, k, a: dict(zip(("lr", "factor"), best_rate(mu, k, a), strict=True)),
    best_rate,
    by_the_other_end,
    in_float32(by_the_other_end),
    as_object(best_rate),
    in_numpy(best_rate),
    in_torch(best_rate),
]

WRONG = {
    "free-momentum": lambda mu, k, a: free(mu, k),
    "plain-descent": lambda mu, k, a: (2 / (k + mu), (k - mu) / (k + mu)),
    "rate-of-descent": lambda mu, k, a: (2 / (k + mu), factor_of(mu, k, a)),
    "rate-of-the-window": lambda mu, k, a: ((1 + a**0.5) ** 2 / k, factor_of(mu, k, a)),
    "rate-at-the-border": lambda mu, k, a: (2 * (1 + a) / k, factor_of(mu, k, a)),
    "rate-inverse": lambda mu, k, a: (1 / k, factor_of(mu, k, a)),
    "rate-halved": lambda mu, k, a: (lr_of(mu, k, a) / 2, factor_of(mu, k, a)),
    "rate-shrinks": lambda mu, k, a: (2 * (1 - a) / (k + mu), factor_of(mu, k, a)),
    "factor-of-the-window": lambda mu, k, a: (lr_of(mu, k, a), a**0.5),
    "factor-of-descent": lambda mu, k, a: (lr_of(mu, k, a), (k - mu) / (k + mu)),
    "smaller-root": lambda mu, k, a: (
        lr_of(mu, k, a),
        trace(mu, k, a) - factor_of(mu, k, a),
    ),
    "root-not-halved": lambda mu, k, a: (lr_of(mu, k, a), 2 * factor_of(mu, k, a)),
    "discriminant": lambda mu, k, a: (
        lr_of(mu, k, a),
        (trace(mu, k, a) + max(trace(mu, k, a) ** 2 - a, 0.0) ** 0.5) / 2,
    ),
}

UNLISTED = [
    (lambda mu, k, a: (0.1, 0.9), "different", "differs"),
    (lambda mu, k, a: (lr_of(mu, k, a), 0.5), "different", "The learning rate is right"),
    (lambda mu, k, a: best_rate(mu, k, a)[0], "wrong-number-of-values", "Wanted are 2 values"),
]
