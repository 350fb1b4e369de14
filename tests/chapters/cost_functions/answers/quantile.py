"""cost-functions-quantile."""

import numpy as np
import torch
import torch.nn.functional as F

SLUG = "cost-functions-quantile"


def pinball(f, y, tau):
    return torch.maximum(tau * (y - f), (tau - 1) * (y - f))


def tilted(f, y, tau):
    r = y - f
    return r * (tau - (r < 0).double())


def with_numpy(f, y, tau):
    return np.where(y > f, tau * (y - f), (1 - tau) * (f - y))


def scaled(f, y, tau):
    """Any positive multiple has the same minimum."""
    return 7 * pinball(f, y, tau)


class Pinball:
    def __call__(self, prediction, target, tau):
        return np.maximum(tau * (target - prediction), (tau - 1) * (target - prediction))


def in_float32(f, y, tau):
    return pinball(f.float(), y.float(), tau)


def about_the_median(f, y, tau):
    return (y - f).abs() + (2 * tau - 1) * (y - f)


RIGHT = [pinball, tilted, with_numpy, scaled, Pinball(), in_float32, about_the_median]


def weight(f, y, tau):
    return torch.where(y > f, tau, 1 - tau)


WRONG = {
    "tau-swapped": lambda f, y, tau: pinball(f, y, 1 - tau),
    "tau-ignored": lambda f, y, tau: (y - f).abs(),
    "mean-learnt": lambda f, y, tau: (y - f) ** 2,
    "expectile-learnt": lambda f, y, tau: weight(f, y, tau) * (y - f) ** 2,
    "expectile-swapped": lambda f, y, tau: weight(f, y, 1 - tau) * (y - f) ** 2,
    "runs-away": lambda f, y, tau: tau * (y - f),
    "inverted": lambda f, y, tau: -pinball(f, y, tau),
    "flat": lambda f, y, tau: torch.zeros_like(f),
    "not-one-cost-each": lambda f, y, tau: pinball(f, y, tau).mean(),
    "not-finite": lambda f, y, tau: torch.log(y - f),
    "weights-squared": lambda f, y, tau: torch.where(
        y > f, tau**2 * (y - f), (1 - tau) ** 2 * (f - y)
    ),
    "weights-rooted": lambda f, y, tau: torch.where(
        y > f, tau**0.5 * (y - f), (1 - tau) ** 0.5 * (f - y)
    ),
    "depends-on-other-pairs": lambda f, y, tau: (f - torch.quantile(y, tau)) ** 2,
}

UNLISTED = [
    (lambda f, y, tau: tau * (y - f).abs(), "tau-ignored", "median"),
    (lambda f, y, tau: pinball(f, y, 0.97), "elsewhere", "a share of 1.00"),
    (lambda f, y, tau: (y - f).clamp(min=0) * tau, "flat", "the same cost"),
    (lambda f, y, tau: pinball(f, y, tau**2), "elsewhere", "asked is"),
    (lambda f, y, tau: torch.log1p(pinball(f, y, tau)), "elsewhere", "a share of"),
    (lambda f, y, tau: pinball(f, y, tau) / y.max(), "depends-on-other-pairs", "other pairs"),
    (
        lambda f, y, tau: torch.where(y > f, tau, 1 - tau) * F.huber_loss(f, y, reduction="none"),
        "elsewhere",
        "a share of",
    ),
]
