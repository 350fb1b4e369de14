"""batch-norm-running-statistics."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "batch-norm-running-statistics"


def mixed(m, v, x, momentum):
    return (1 - momentum) * m + momentum * x.mean(0), (1 - momentum) * v + momentum * x.var(0)


def with_lerp(m, v, x, momentum):
    return torch.lerp(m, x.mean(0), momentum), torch.lerp(v, x.var(0), momentum)


def with_numpy(m, v, x, momentum):
    new = [np.mean(x, axis=0), np.var(x, axis=0, ddof=1)]
    return tuple(old + momentum * (now - old) for old, now in zip((m, v), new, strict=True))


def with_a_layer(m, v, x, momentum):
    layer = torch.nn.BatchNorm1d(len(m), momentum=momentum, dtype=x.dtype)
    layer.running_mean, layer.running_var = m.clone(), v.clone()
    layer(x)
    return [layer.running_mean, layer.running_var]


RIGHT = [mixed, with_lerp, with_numpy, with_a_layer, in_float32(mixed), as_object(mixed)]


def variant(mean=None, var=None, keep=None, take=None):
    def answer(m, v, x, momentum):
        a = 1 - momentum if keep is None else keep(momentum)
        b = momentum if take is None else take(momentum)
        new_mean = x.mean(0) if mean is None else mean(m, x)
        new_var = x.var(0) if var is None else var(m, x)
        return a * m + b * new_mean, a * v + b * new_var

    return answer


def in_place(m, v, x, momentum):
    m.mul_(1 - momentum).add_(momentum * x.mean(0))
    v.mul_(1 - momentum).add_(momentum * x.var(0))
    return m, v


WRONG = {
    "biased-variance": variant(var=lambda m, x: x.var(0, correction=0)),
    "momentum-reversed": variant(keep=lambda k: k, take=lambda k: 1 - k),
    "past-not-faded": variant(keep=lambda k: 1),
    "past-forgotten": variant(keep=lambda k: 0, take=lambda k: 1),
    "momentum-fixed": lambda m, v, x, momentum: mixed(m, v, x, 0.1),
    "deviation-stored": variant(var=lambda m, x: x.std(0)),
    "deviations-from-running-mean": variant(var=lambda m, x: ((x - m) ** 2).mean(0)),
    "variance-not-centred": variant(var=lambda m, x: (x**2).mean(0)),
    "mean-not-updated": lambda m, v, x, momentum: (m, mixed(m, v, x, momentum)[1]),
    "variance-not-updated": lambda m, v, x, momentum: (mixed(m, v, x, momentum)[0], v),
    "averaged-over-everything": variant(mean=lambda m, x: x.mean(), var=lambda m, x: x.var()),
    "biased-variance+momentum-reversed": variant(
        var=lambda m, x: x.var(0, correction=0), keep=lambda k: k, take=lambda k: 1 - k
    ),
    "argument-changed": in_place,
    "order": lambda m, v, x, momentum: mixed(m, v, x, momentum)[::-1],
    "variance-reversed": lambda m, v, x, momentum: (
        mixed(m, v, x, momentum)[0],
        momentum * v + (1 - momentum) * x.var(0),
    ),
    "deviations-averaged": lambda m, v, x, momentum: (
        mixed(m, v, x, momentum)[0],
        ((1 - momentum) * v.sqrt() + momentum * x.std(0)) ** 2,
    ),
    "old-variance-corrected-again": lambda m, v, x, momentum: (
        mixed(m, v, x, momentum)[0],
        ((1 - momentum) * v + momentum * x.var(0, correction=0)) * len(x) / (len(x) - 1),
    ),
    "means-gap-counted": lambda m, v, x, momentum: (
        mixed(m, v, x, momentum)[0],
        mixed(m, v, x, momentum)[1] + momentum * (1 - momentum) * (m - x.mean(0)) ** 2,
    ),
    "eps-added": lambda m, v, x, momentum: (
        mixed(m, v, x, momentum)[0],
        mixed(m, v, x, momentum)[1] + 1e-5,
    ),
    "median": variant(mean=lambda m, x: x.median(0).values),
}

UNLISTED = [
    (lambda m, v, x, momentum: mixed(m, v, x, momentum**2), "different", "of the way from the old"),
    (
        lambda m, v, x, momentum: (x.mean(0) - m, mixed(m, v, x, momentum)[1]),
        "different",
        "does not lie on the way",
    ),
    (
        lambda m, v, x, momentum: (mixed(m, v, x, momentum)[0], 1 / mixed(m, v, x, momentum)[1]),
        "different",
        "running variance does not lie",
    ),
]
