"""dropout-calibration-error."""

import numpy as np
import torch

SLUG = "dropout-calibration-error"


def by_loops(confidence, right, bins):
    total = 0.0
    for i in range(bins):
        chosen = [
            (c, r)
            for c, r in zip(confidence, right, strict=True)
            if min(int(c * bins), bins - 1) == i
        ]
        if chosen:
            gap = sum(r for _, r in chosen) - sum(c for c, _ in chosen)
            total = total + abs(gap) / len(confidence)
    return total


def with_numpy(confidence, right, bins):
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    return sum(abs((right - confidence)[number == i].sum()) for i in range(bins)) / len(right)


def with_torch(confidence, right, bins):
    number = torch.clamp((confidence * bins).long(), max=bins - 1)
    gaps = torch.zeros(bins, dtype=confidence.dtype).scatter_add_(0, number, right - confidence)
    return gaps.abs().sum() / len(right)


class Error:
    def __call__(self, confidence, right, bins):
        return with_numpy(np.asarray(confidence), np.asarray(right), bins)


def in_float32(confidence, right, bins):
    return with_torch(confidence.float(), right.float(), bins)


RIGHT = [by_loops, with_numpy, with_torch, Error(), in_float32]


def binned(join, gap=lambda c, r, low, high: abs(np.mean(r) - np.mean(c))):
    def answer(confidence, right, bins):
        confidence, right = np.asarray(confidence), np.asarray(right)
        number = np.minimum((confidence * bins).astype(int), bins - 1)
        rows = [
            (gap(confidence[number == i], right[number == i], i / bins, (i + 1) / bins),
             np.mean(number == i))
            for i in range(bins)
            if (number == i).any()
        ]  # fmt: skip
        return float(join(*np.array(rows).T, bins))

    return answer


def share(g, s, bins):
    return (g * s).sum()


def lower(confidence, right, bins):
    """A border belongs to the interval that ends there."""
    number = np.maximum(np.ceil(np.asarray(confidence) * bins).astype(int) - 1, 0)
    gaps = np.asarray(right) - np.asarray(confidence)
    return sum(abs(gaps[number == i].sum()) for i in range(bins)) / len(gaps)


WRONG = {
    "not-weighted": binned(lambda g, s, bins: g.mean()),
    "divided-by-bins": binned(lambda g, s, bins: g.sum() / bins),
    "signed": binned(share, lambda c, r, low, high: np.mean(r) - np.mean(c)),
    "middle-of-the-bin": binned(share, lambda c, r, low, high: abs(np.mean(r) - (low + high) / 2)),
    "squared": binned(share, lambda c, r, low, high: (np.mean(r) - np.mean(c)) ** 2),
    "largest-gap": binned(lambda g, s, bins: g.max()),
    "lower-interval": lower,
}

UNLISTED = [
    (
        lambda confidence, right, bins: abs(right.mean() - confidence.mean()),
        "only-sometimes",
        "30 answers",
    ),
    (
        lambda confidence, right, bins: (
            100 * with_numpy(np.asarray(confidence), np.asarray(right), bins)
        ),
        "different",
        "100",
    ),
    (lambda confidence, right, bins: confidence, "wrong-shape", "single number"),
]
