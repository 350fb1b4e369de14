"""covariate-shift-weighted-risk."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "covariate-shift-weighted-risk"


def with_softmax(loss, log_p1, log_p2):
    share = torch.softmax(torch.as_tensor(log_p2) - torch.as_tensor(log_p1), 0)
    return (share * torch.as_tensor(loss)).sum(), 1 / (share**2).sum()


def with_numpy(loss, log_p1, log_p2):
    r = np.asarray(log_p2) - np.asarray(log_p1)
    w = np.exp(r - r.max())
    return float(np.average(np.asarray(loss), weights=w)), float(w.sum() ** 2 / (w * w).sum())


RIGHT = [with_softmax, with_numpy, in_float32(with_softmax), as_object(with_softmax)]


def careless(loss, log_p1, log_p2, *, up=1.0, size=lambda w: w.sum() ** 2 / (w**2).sum()):
    """Right up to what the arguments change."""
    r = up * (torch.as_tensor(log_p2) - torch.as_tensor(log_p1))
    w = torch.exp(r - r.max())
    return (w * torch.as_tensor(loss)).sum() / w.sum(), size(w)


WRONG = {
    "upside-down": lambda loss, log_p1, log_p2: careless(loss, log_p2, log_p1),
    "root-of-the-weights": lambda loss, log_p1, log_p2: careless(loss, log_p1, log_p2, up=0.5),
    "not-normalized": lambda loss, log_p1, log_p2: (
        (
            torch.exp(torch.as_tensor(log_p2) - torch.as_tensor(log_p1)) * torch.as_tensor(loss)
        ).mean(),
        careless(loss, log_p1, log_p2)[1],
    ),
    "size-inverse": lambda loss, log_p1, log_p2: careless(
        loss, log_p1, log_p2, size=lambda w: (w**2).sum() / w.sum() ** 2
    ),
    "size-root": lambda loss, log_p1, log_p2: careless(
        loss, log_p1, log_p2, size=lambda w: w.sum() / (w**2).sum() ** 0.5
    ),
    "size-count": lambda loss, log_p1, log_p2: careless(
        loss, log_p1, log_p2, size=lambda w: torch.tensor(float(len(w)))
    ),
    "size-largest": lambda loss, log_p1, log_p2: careless(
        loss, log_p1, log_p2, size=lambda w: w.sum() / w.max()
    ),
}


def underflows(loss, log_p1, log_p2):
    w = torch.exp(torch.as_tensor(log_p2) - torch.as_tensor(log_p1))
    return (w * torch.as_tensor(loss)).sum() / w.sum(), w.sum() ** 2 / (w**2).sum()


def shifted_apart(loss, log_p1, log_p2):
    """Each logarithm less its own largest: a quotient of two numbers that may both be 0."""
    p1, p2 = (torch.exp(v - v.max()) for v in (torch.as_tensor(log_p1), torch.as_tensor(log_p2)))
    w = p2 / p1
    return (w * torch.as_tensor(loss)).sum() / w.sum(), w.sum() ** 2 / (w**2).sum()


UNLISTED = [
    (shifted_apart, "not-finite", "tiny and large ones"),
    (underflows, "not-finite", "tiny densities"),
    (lambda loss, log_p1, log_p2: torch.as_tensor(loss).mean(), "wrong-number-of-values", "2"),
    (
        lambda loss, log_p1, log_p2: careless(loss, log_p1, log_p2)[::-1],
        "order",
        "The values are r",
    ),
]
