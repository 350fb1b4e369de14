"""output-units-logsumexp."""

import numpy as np
import torch

SLUG = "output-units-logsumexp"


def with_torch(z):
    m = z.max(1, keepdim=True).values
    return (m + torch.log(torch.exp(z - m).sum(1, keepdim=True)))[:, 0]


def with_numpy(z):
    m = np.max(z, axis=1)
    return m + np.log(np.sum(np.exp(z - m[:, None]), axis=1))


def by_pairs(z):
    total = z[:, 0]
    for k in range(1, z.shape[1]):
        total = torch.logaddexp(total, z[:, k])
    return total


RIGHT = [with_torch, with_numpy, by_pairs]

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
}

UNLISTED = [
    (lambda z: z.amax(1), "only-sometimes", "is right with"),
    (lambda z: with_torch(z)[:, None], "wrong-shape", "shape"),
    (lambda z: 2 * with_torch(z), "factor", "right one times a number"),
]
