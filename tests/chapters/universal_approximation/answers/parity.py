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


class Staircase:
    def __call__(self, n):
        return np.arange(n) + 0.5, (-1.0) ** np.arange(n)


def in_float32(n):
    return torch.stack([torch.arange(n) + 0.5, 1.0 - 2 * (torch.arange(n) % 2)])


RIGHT = [listed, with_torch, with_numpy, Staircase(), in_float32]


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
    "thresholds-off-the-middle": lambda n: but(n, lambda t, v: (t - 0.25, v)),
    "thresholds-two-apart": lambda n: but(n, lambda t, v: (2 * t - 0.5, v)),
    "one-unit-too-few": lambda n: but(n, lambda t, v: (t[: n - 1], v[: n - 1])),
    "even-weights-doubled": lambda n: but(n, lambda t, v: (t, torch.where(v < 0, 2 * v, v))),
    "weights-halved": lambda n: but(n, lambda t, v: (t, v / 2)),
    "off-and-never-on": lambda n: but(n, lambda t, v: (t, torch.where(t > 1, -v.abs(), v))),
}

UNLISTED = [
    (lambda n: listed(n)[0], "wrong-number-of-values", "2 values"),
    (lambda n: (listed(n)[0], [0] * n), "all-zero", "The output weights"),
    (lambda n: but(n, lambda t, v: (t[:1], v)), "wrong-shape", "The thresholds"),
    (
        lambda n: but(n, lambda t, v: (t, torch.where(t < 7, v, 0))),
        "only-sometimes",
        "30 bits",
    ),
]
