"""residual-connections-paths."""

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


def by_logarithms(blocks, alpha, power=2, counts=True, total=True):
    """The logarithm of each entry first, so that nothing overflows."""
    k, n = torch.arange(blocks + 1, dtype=torch.float64), torch.tensor(float(blocks))
    logs = torch.special.xlogy(power * k, torch.tensor(abs(alpha), dtype=torch.float64))
    if counts:
        n = n.double()
        logs = logs + torch.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
    return torch.softmax(logs, 0) if total else logs.exp()


RIGHT = [
    shares,
    by_numpy,
    by_scipy,
    in_float32,
    as_object(shares),
    lambda blocks, alpha: shares(blocks, alpha).tolist(),
    by_logarithms,
]

WRONG = {
    "not-squared": lambda M, a: by_logarithms(M, a, power=1),
    "not-shares": lambda M, a: by_logarithms(M, a, total=False),
    "paths-not-counted": lambda M, a: by_logarithms(M, a, counts=False),
    "reversed": lambda M, a: shares(M, a).flip(0),
    "numbers-of-paths": lambda M, a: shares(M, 1.0),
}

UNLISTED = [
    (lambda M, a: shares(M, a)[:-1], "wrong-shape", "shape"),
    (lambda M, a: shares(M, a).sum(), "wrong-shape", "shape"),
    (lambda M, a: shares(M, a) ** 2, "only-sometimes", "right with"),
]
