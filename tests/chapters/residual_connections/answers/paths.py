"""residual-connections-paths."""

from math import comb

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "residual-connections-paths"


def shares(blocks, alpha):
    p = alpha**2 / (1 + alpha**2)
    found = [1.0]
    for _ in range(blocks):
        found = [(1 - p) * a + p * b for a, b in zip([*found, 0.0], [0.0, *found], strict=True)]
    return torch.tensor(found, dtype=torch.float64)


def by_numpy(blocks, alpha):
    p, found = alpha**2 / (1 + alpha**2), np.ones(1)
    for _ in range(blocks):
        found = np.convolve(found, [1 - p, p])
    return found


def by_scipy(blocks, alpha):
    from scipy.stats import binom

    return binom.pmf(np.arange(blocks + 1), blocks, alpha**2 / (1 + alpha**2))


def in_float32(blocks, alpha):
    return shares(blocks, alpha).float()


def exact(weight, total):
    """By big whole numbers, for few blocks; many are left to the right answer."""

    def answer(blocks, alpha):
        if blocks > 100:
            return shares(blocks, alpha)
        rows = [weight(blocks, k, alpha) for k in range(blocks + 1)]
        return torch.tensor(rows, dtype=torch.float64) / total(blocks, alpha)

    return answer


RIGHT = [
    shares,
    by_numpy,
    by_scipy,
    in_float32,
    as_object(shares),
    lambda blocks, alpha: shares(blocks, alpha).tolist(),
    exact(lambda M, k, a: comb(M, k) * a ** (2 * k), lambda M, a: (1 + a**2) ** M),
]

WRONG = {
    "not-squared": exact(lambda M, k, a: comb(M, k) * abs(a) ** k, lambda M, a: (1 + abs(a)) ** M),
    "not-shares": exact(lambda M, k, a: comb(M, k) * a ** (2 * k), lambda M, a: 1.0),
    "paths-not-counted": exact(
        lambda M, k, a: a ** (2 * k), lambda M, a: sum(a ** (2 * k) for k in range(M + 1))
    ),
    "reversed": lambda M, a: shares(M, a).flip(0),
    "numbers-of-paths": lambda M, a: shares(M, 1.0),
}

UNLISTED = [
    (lambda M, a: shares(M, a)[:-1], "wrong-shape", "shape"),
    (lambda M, a: shares(M, a).sum(), "wrong-shape", "shape"),
    (lambda M, a: torch.full((M + 1,), 1 / (M + 1)), "different", "differs"),
]
