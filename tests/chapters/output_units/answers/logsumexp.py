"""output-units-logsumexp."""

import math

import numpy as np
import scipy.special
import torch

SLUG = "output-units-logsumexp"


def with_torch(z):
    m = z.max(1, keepdim=True).values
    m = torch.where(m > -math.inf, m, 0.0)
    return (m + torch.log(torch.exp(z - m).sum(1, keepdim=True)))[:, 0]


def with_numpy(z):
    m = np.maximum(np.max(z, axis=1), -1e300)
    with np.errstate(divide="ignore"):
        return m + np.log(np.sum(np.exp(z - m[:, None]), axis=1))


def by_pairs(z):
    total = z[:, 0]
    for k in range(1, z.shape[1]):
        total = torch.logaddexp(total, z[:, k])
    return total


class WithNumpy:
    def __call__(self, z):
        m = np.nan_to_num(z.max(axis=1), neginf=0.0)
        return m + np.log(np.exp(z - m[:, None]).sum(axis=1))


def in_float32(z):
    return with_torch(z.float())


def looped(z):
    rows = [[v for v in row if v > -math.inf] for row in z.tolist()]
    return [
        max(row) + math.log(sum(math.exp(v - max(row)) for v in row)) if row else -math.inf
        for row in rows
    ]


def as_in_the_chapter(z):
    m = z.amax(1, keepdim=True)
    return m[:, 0] + torch.log(torch.exp(z - m).sum(1))


RIGHT = [with_torch, with_numpy, by_pairs, WithNumpy(), in_float32, looped]


def shifted(z, m):
    return m[:, 0] + torch.log(torch.exp(z - m).sum(1))


WRONG = {
    "overflow": lambda z: torch.log(torch.exp(z).sum(1)),
    "maximum-not-added": lambda z: torch.log(torch.exp(z - z.amax(1, True)).sum(1)),
    "maximum-subtracted-twice": lambda z: (
        torch.log(torch.exp(z - z.amax(1, True)).sum(1)) - z.amax(1)
    ),
    "one-maximum-for-all": lambda z: z.max() + torch.log(torch.exp(z - z.max()).sum(1)),
    "minimum-subtracted": lambda z: z.amin(1) + torch.log(torch.exp(z - z.amin(1, True)).sum(1)),
    "summed-over-rows": lambda z: z.amax(0) + torch.log(torch.exp(z - z.amax(0)).sum(0)),
    "averaged": lambda z: z.amax(1) + torch.log(torch.exp(z - z.amax(1, True)).mean(1)),
    "mean-subtracted": lambda z: shifted(z, z.mean(1, keepdim=True)),
    "size-subtracted": lambda z: shifted(z, z.abs().amax(1, keepdim=True)),
    "largest-only": lambda z: z.amax(1),
    "largest-where-it-overflows": lambda z: torch.where(
        z.amax(1).abs() > 700, z.amax(1), torch.log(torch.exp(z).sum(1))
    ),
    "two-largest-only": lambda z: by_pairs(z.sort(1, descending=True).values[:, :2]),
    "numbers-clipped": lambda z: torch.log(torch.exp(z.clamp(-700, 700)).sum(1)),
    "one-too-many": lambda z: z.amax(1) + torch.log1p(torch.exp(z - z.amax(1, True)).sum(1)),
    "does-it-all": lambda z: torch.logsumexp(z, 1),
    "breaks-at-minus-infinity": as_in_the_chapter,
}

UNLISTED = [
    (lambda z: z.logsumexp(dim=1), "does-it-all", "Write your own"),
    (lambda z: scipy.special.logsumexp(z, axis=1), "does-it-all", "Write your own"),
    (lambda z: with_torch(z)[:, None], "wrong-shape", "shape"),
    (lambda z: 2 * with_torch(z), "factor", "right one times a number"),
    (lambda z: with_torch(z.clamp(min=-1e5)), "breaks-at-minus-infinity", "ruled out"),
]
