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


class WithNumpy:
    def __call__(self, logits, target):
        return float(
            np.mean(np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-abs(logits))))
        )


def in_float32(z, y):
    return stable(z.float(), y.float())


def looped(z, y):
    pairs = zip(z.tolist(), y.tolist(), strict=True)
    return sum(max(a, 0) - a * b + math.log1p(math.exp(-abs(a))) for a, b in pairs) / len(z)


RIGHT = [stable, with_numpy, with_logsigmoid, WithNumpy(), in_float32, looped]


def naive(z, y):
    p = torch.sigmoid(z)
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def clipped(eps):
    def answer(z, y):
        p = torch.sigmoid(z).clamp(eps, 1 - eps)
        return -(y * p.log() + (1 - y) * (1 - p).log()).mean()

    return answer


def shifted(z, y, eps):
    p = torch.sigmoid(z)
    return -(y * (p + eps).log() + (1 - y) * (1 - p + eps).log()).mean()


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
    "clipped-at-1e-6": lambda z, y: shifted(z, y, 1e-6),
    "clipped-at-1e-10": lambda z, y: shifted(z, y, 1e-10),
    "log-clamped": lambda z, y: F.binary_cross_entropy(torch.sigmoid(z), y),
    "logits-clipped-at-30": lambda z, y: stable(z.clamp(-30, 30), y),
    "logits-clipped-at-1000": lambda z, y: stable(z.clamp(-1000, 1000), y),
    "labels-rounded": lambda z, y: stable(z, (y > 0.5).double()),
    "halved": lambda z, y: stable(z, y) / 2,
    "does-it-all": F.binary_cross_entropy_with_logits,
}

UNLISTED = [
    (torch.nn.BCEWithLogitsLoss(), "does-it-all", "single call"),
    (clipped(1e-3), "only-sometimes", "logits of ±10,000"),
    (lambda z, y: stable(z, y) + 1, "different", "differs from the definition"),
    (lambda z, y: F.softplus(-z) * y - (1 - y) * z, "wrong-shape", "shape"),
]
