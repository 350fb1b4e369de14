"""noise-and-augmentation-floor."""

import math

import numpy as np
import torch

from lecturelib.chapters.noise_and_augmentation.exercises.floor import formula

SLUG = "noise-and-augmentation-floor"


def right(epsilon, K):
    q = np.full(K, epsilon / K)
    q[0] += 1 - epsilon
    q = q[q > 0]
    return -(q * np.log(q)).sum()


def with_torch(epsilon, K):
    q = torch.full((K,), epsilon / K, dtype=torch.float64)
    q[0] += 1 - epsilon
    return torch.special.entr(q).sum()


def in_float32(epsilon, K):
    return with_torch(epsilon, K).float()


class Floor:
    def __call__(self, epsilon, K):
        logs = lambda p: p * math.log(p) if p else 0.0  # noqa: E731
        return -logs(1 - epsilon + epsilon / K) - (K - 1) * logs(epsilon / K)


RIGHT = [right, with_torch, in_float32, Floor()]

WRONG = {
    "share-forgotten": lambda epsilon, K: formula(epsilon, K, share=False),
    "others-only": lambda epsilon, K: formula(epsilon, K, among=True),
    "true-labels": lambda epsilon, K: -math.log(1 - epsilon + epsilon / K),
    "one-term": lambda epsilon, K: formula(epsilon, K, others=False),
    "wrong-sign": lambda epsilon, K: -right(epsilon, K),
    "bits": lambda epsilon, K: right(epsilon, K) / math.log(2),
}

UNLISTED = [
    (lambda epsilon, K: 3 * right(epsilon, K) + 1, "different", "too large"),
    (lambda epsilon, K: epsilon, "different", "differs"),
    (lambda epsilon, K: [1.0, 2.0], "wrong-shape", "shape"),
]
