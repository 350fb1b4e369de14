"""gradient-descent-variance."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "gradient-descent-variance"


def sigma2(g):
    return (g - g.mean(0)).square().sum(1).mean()


def short(gradients, batch_size):
    n = len(gradients)
    noise = sigma2(gradients) / batch_size
    return noise, noise * (n - batch_size) / (n - 1)


def with_numpy(gradients, batch_size):
    n, noise = len(gradients), np.var(gradients, axis=0).sum() / batch_size
    return noise, (1 - (batch_size - 1) / (n - 1)) * noise


RIGHT = [short, with_numpy, in_float32(short), as_object(short)]


def scaled(with_replacement, without=None):
    def answer(g, b):
        one, other = short(g, b)
        n = len(g)
        second = with_replacement if without is None else without
        return one * with_replacement(n, b), other * second(n, b)

    return answer


def same(n, b):
    return 1.0


WRONG = {
    "unbiased-variance": scaled(lambda n, b: n / (n - 1)),
    "share-left": scaled(same, lambda n, b: (n - 1) / n),
    "no-factor": lambda g, b: (short(g, b)[0], short(g, b)[0]),
    "factor-one-too-many": lambda g, b: (
        short(g, b)[0],
        short(g, b)[0] * (len(g) - b + 1) / len(g),
    ),
    "batch-squared": scaled(lambda n, b: 1 / b),
    "batch-forgotten": scaled(lambda n, b: b),
    "mean-over-coordinates": lambda g, b: tuple(v / g.shape[1] for v in short(g, b)),
    "not-centred": lambda g, b: tuple(
        v * g.square().sum(1).mean() / sigma2(g) for v in short(g, b)
    ),
    "root": lambda g, b: tuple(v.sqrt() for v in short(g, b)),
    "distances-not-squared": lambda g, b: tuple(
        v * (g - g.mean(0)).norm(dim=1).mean() / sigma2(g).clamp(min=1e-9) for v in short(g, b)
    ),
    "one-coordinate": lambda g, b: short(g[:, :1], b),
    "factor-squared": scaled(same, lambda n, b: (n - b) / (n - 1)),
}

UNLISTED = [
    (lambda g, b: short(g, b)[::-1], "order", "another order"),
    (
        lambda g, b: (torch.zeros(()), short(g, b)[1]),
        "all-zero",
        "The error without is right",
    ),
    (lambda g, b: tuple(-v for v in short(g, b)), "sign", "wrong sign"),
]
