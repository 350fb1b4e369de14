"""signal-propagation-homogeneous."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "signal-propagation-homogeneous"


def mean_logit(weights, x, k):
    h = x.T
    for w in weights[:-1]:
        h = torch.relu(w @ h)
    return (weights[-1] @ h)[k].mean()


def forward_only(weights, x, k, size):
    return size * len(weights) * mean_logit(weights, x, k).abs()


def by_doubling(weights, x, k, size):
    """The degree is measured: twice the weights, and how much larger is the logit?"""
    one = mean_logit(weights, x, k)
    degree = torch.log2(mean_logit([2 * w for w in weights], x, k) / one)
    return size * degree * one.abs()


def with_numpy(weights, x, k, size):
    h = np.asarray(x)
    for w in weights[:-1]:
        h = np.maximum(h @ np.asarray(w).T, 0)
    return size * len(weights) * abs((h @ np.asarray(weights[-1]).T)[:, k].mean())


def rounded(weights, x, k, size):
    found = forward_only([w.float() for w in weights], x.float(), k, size)
    return found.double()


RIGHT = [forward_only, by_doubling, with_numpy, rounded, as_object(forward_only)]


def wrong(extra=0, *, power=1.0, signed=False, total=False):
    def answer(weights, x, k, size):
        z = mean_logit(weights, x, k) * (len(x) if total else 1)
        return size * (len(weights) + extra) ** power * (z if signed else z.abs())

    return answer


def by_autograd(weights, x, k, size):
    leaves = [w.clone().requires_grad_() for w in weights]
    g = torch.autograd.grad(mean_logit(leaves, x, k), leaves)
    return size * sum((w * d).sum() for w, d in zip(weights, g, strict=True)).abs()


def relu_everywhere(weights, x, k, size):
    h = x
    for w in weights:
        h = torch.relu(h @ w.T)
    return size * len(weights) * h[:, k].mean()


WRONG = {
    "hidden-layers-alone": wrong(-1),
    "without-size": wrong(1),
    "sign": wrong(signed=True),
    "sum-of-inputs": wrong(total=True),
    "root-of-layers": wrong(power=0.5),
    "relu-on-logits": relu_everywhere,
    "automatic-differentiation": by_autograd,
}
UNLISTED = [
    (lambda weights, x, k, size: 2 * forward_only(weights, x, k, size), "different", "fixed 2"),
    (wrong(-1, signed=True), "hidden-layers-alone+sign", "Two things"),
    (lambda weights, x, k, size: mean_logit(weights, x, k), "different", "differs"),
]
