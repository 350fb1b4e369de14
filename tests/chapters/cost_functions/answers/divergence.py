"""cost-functions-divergence."""

import math

import numpy as np
import scipy.stats
import torch
import torch.nn.functional as F

SLUG = "cost-functions-divergence"


def divergences(counts, q):
    p = counts / counts.sum()
    cross, entropy = -(p * q.log()).sum(), -torch.xlogy(p, p).sum()
    return cross, entropy, cross - entropy


def masked(counts, q):
    p = counts / counts.sum()
    seen = p > 0
    p, q = p[seen], q[seen]
    return -(p * q.log()).sum(), -(p * p.log()).sum(), (p * (p / q).log()).sum()


def with_numpy(counts, q):
    p = counts / counts.sum()
    own = np.where(p > 0, p, 1)
    cross, entropy = -np.sum(p * np.log(q)), -np.sum(p * np.log(own))
    return cross, entropy, cross - entropy


class WithScipy:
    def __call__(self, counts, q):
        entropy = scipy.stats.entropy(counts)
        divergence = scipy.stats.entropy(counts, q)
        return {"divergence": divergence, "entropy": entropy, "cross-entropy": entropy + divergence}


def in_float32(counts, q):
    return divergences(counts.float(), q.float())


RIGHT = [
    divergences,
    masked,
    with_numpy,
    WithScipy(),
    in_float32,
    lambda c, q: torch.stack(divergences(c, q)),
]


def shares(counts):
    return counts / counts.sum()


def but(counts, q, **change):
    names = ("cross", "entropy", "divergence")
    values = dict(zip(names, divergences(counts, q), strict=True))
    return tuple({**values, **change}.values())


WRONG = {
    "zero-times-log-zero": lambda c, q: (
        divergences(c, q)[0],
        -(shares(c) * shares(c).log()).sum(),
        (shares(c) * (shares(c) / q).log()).sum(),
    ),
    "divergence-reversed": lambda c, q: but(c, q, divergence=(q * (q / shares(c)).log()).sum()),
    "cross-entropy-swapped": lambda c, q: but(c, q, cross=-(q * shares(c).log()).sum()),
    "counts-not-normalized": lambda c, q: (
        -(c * q.log()).sum(),
        -torch.xlogy(c, c).sum(),
        (torch.xlogy(c, c) - c * q.log()).sum(),
    ),
    "classes-alike": lambda c, q: divergences(torch.ones_like(c), q),
    "bits": lambda c, q: [v / math.log(2) for v in divergences(c, q)],
    "divergence-negative": lambda c, q: but(c, q, divergence=-divergences(c, q)[2]),
    "entropy-of-model": lambda c, q: (
        divergences(c, q)[0],
        -(q * q.log()).sum(),
        divergences(c, q)[0] + (q * q.log()).sum(),
    ),
    "minus-forgotten": lambda c, q: (
        -divergences(c, q)[0],
        -divergences(c, q)[1],
        divergences(c, q)[2],
    ),
    "order": lambda c, q: (divergences(c, q)[1], divergences(c, q)[0], divergences(c, q)[2]),
    "base-ten": lambda c, q: [v / math.log(10) for v in divergences(c, q)],
    "smoothed-by-1": lambda c, q: divergences(c + 1, q),
    "smoothed-by-0.01": lambda c, q: divergences(c + 0.01, q),
    "model-renormalized": lambda c, q: divergences(c[c > 0], q[c > 0] / q[c > 0].sum()),
    "divergence-averaged": lambda c, q: but(
        c, q, divergence=F.kl_div(q.log(), shares(c), reduction="batchmean")
    ),
    "averaged-over-classes": lambda c, q: [v / len(c) for v in divergences(c, q)],
}

UNLISTED = [
    (lambda c, q: divergences(c, q + 1e-12), "only-sometimes", "all but impossible"),
    (lambda c, q: divergences(c, q.clamp(min=1e-12)), "only-sometimes", "all but impossible"),
    (lambda c, q: but(c, q, entropy=1.0), "different", "The cross-entropy and the divergence"),
    (lambda c, q: divergences(c, q + 1e-6), "only-sometimes", "impossible"),
    (lambda c, q: divergences(c, q)[:2], "wrong-number-of-values", "3 values"),
    (lambda c, q: but(c, q, divergence=0.0), "all-zero", "The divergence is zero"),
]
