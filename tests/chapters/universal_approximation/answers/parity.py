"""universal-approximation-parity."""

import numpy as np
import torch

SLUG = "universal-approximation-parity"


def listed(n):
    return [k - 0.5 for k in range(1, n + 1)], [(-1) ** (k + 1) for k in range(1, n + 1)]


def with_torch(n):
    k = torch.arange(n)
    return k + 0.5, 1 - 2 * (k % 2)


def with_numpy(n):
    return np.arange(n) + 0.5, np.cos(np.pi * np.arange(n))


RIGHT = [listed, with_torch, with_numpy]


def but(n, change):
    t, v = with_torch(n)
    return change(t.double(), v.double())


WRONG = {
    "even-parity": lambda n: but(n, lambda t, v: (t, -v)),
    "counts-ones": lambda n: but(n, lambda t, v: (t, v**2)),
    "never-off": lambda n: but(n, lambda t, v: (t, (v > 0).double())),
    "weights-grow": lambda n: but(n, lambda t, v: (t, v * (t + 0.5))),
    "weights-doubled": lambda n: but(n, lambda t, v: (t, torch.where(t > 1, 2 * v, v))),
    "thresholds-late": lambda n: but(n, lambda t, v: (t + 1, v)),
    "thresholds-early": lambda n: but(n, lambda t, v: (t - 1, v)),
    "thresholds-on-counts": lambda n: but(n, lambda t, v: (t + 0.5, v)),
    "falling": lambda n: but(n, lambda t, v: (t.flip(0), v)),
}

UNLISTED = [
    (lambda n: listed(n)[0], "wrong-number-of-values", "2 values"),
    (lambda n: (listed(n)[0], [0] * n), "all-zero", "The output weights"),
    (lambda n: but(n, lambda t, v: (t[:-1], v[:-1])), "wrong-shape", "The thresholds"),
]
