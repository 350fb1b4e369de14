"""cost-functions-logits."""

import math

import numpy as np
import torch
import torch.nn.functional as F

SLUG = "cost-functions-logits"


def stable(z, y):
    return (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()


def with_numpy(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)


def with_logsigmoid(z, y):
    return -(y * F.logsigmoid(z) + (1 - y) * F.logsigmoid(-z)).mean()


RIGHT = [stable, with_numpy, with_logsigmoid, F.binary_cross_entropy_with_logits]


def naive(z, y):
    p = torch.sigmoid(z)
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def clipped(eps):
    def answer(z, y):
        p = torch.sigmoid(z).clamp(eps, 1 - eps)
        return -(y * p.log() + (1 - y) * (1 - p).log()).mean()

    return answer


WRONG = {
    "log-of-zero": naive,
    "exponential-overflows": lambda z, y: (torch.log(1 + torch.exp(z)) - y * z).mean(),
    "clipped-at-1e-7": clipped(1e-7),
    "clipped-at-1e-8": clipped(1e-8),
    "clipped-at-1e-12": clipped(1e-12),
    "clipped-at-1e-15": clipped(1e-15),
    "label-flipped": lambda z, y: stable(z, 1 - y),
    "log-likelihood": lambda z, y: -stable(z, y),
    "sum-taken": lambda z, y: stable(z, y) * len(z),
    "bits": lambda z, y: stable(z, y) / math.log(2),
    "zeros-forgotten": lambda z, y: -(y * F.logsigmoid(z)).mean(),
    "squared-error": lambda z, y: ((torch.sigmoid(z) - y) ** 2).mean(),
    "log-likelihood+sum-taken": lambda z, y: -stable(z, y) * len(z),
}

UNLISTED = [
    (clipped(1e-3), "only-sometimes", "logits of ±10,000"),
    (lambda z, y: stable(z, y) + 1, "different", "differs from the definition"),
    (lambda z, y: F.softplus(-z) * y - (1 - y) * z, "wrong-shape", "shape"),
]
