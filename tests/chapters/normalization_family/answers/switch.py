"""normalization-family-switch."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "normalization-family-switch"
DIMS = ((0, 2), (1, 2), (2,))


def mixed(x, weights, eps, dims=DIMS, correction=0):
    mean = sum(a * x.mean(d, keepdim=True) for a, d in zip(weights, dims, strict=True))
    var = sum(
        a * torch.var(x, d, keepdim=True, correction=correction)
        for a, d in zip(weights, dims, strict=True)
    )
    return (x - mean) / torch.sqrt(var + eps)


def in_numpy(x, weights, eps):
    x, weights = np.asarray(x), np.asarray(weights)
    mean = sum(a * x.mean(d, keepdims=True) for a, d in zip(weights, DIMS, strict=True))
    var = sum(a * x.var(d, keepdims=True) for a, d in zip(weights, DIMS, strict=True))
    return (x - mean) / np.sqrt(var + eps)


RIGHT = [mixed, in_numpy, in_float32(mixed), as_object(mixed)]


def outputs(x, weights, eps):
    return sum(a * mixed(x, torch.eye(3)[i], eps) for i, a in enumerate(weights))


def deviations(x, weights, eps):
    mean = sum(a * x.mean(d, keepdim=True) for a, d in zip(weights, DIMS, strict=True))
    size = sum(
        a * torch.sqrt(torch.var(x, d, keepdim=True, correction=0) + eps)
        for a, d in zip(weights, DIMS, strict=True)
    )
    return (x - mean) / size


def about_mixed(x, weights, eps):
    mean = sum(a * x.mean(d, keepdim=True) for a, d in zip(weights, DIMS, strict=True))
    var = sum(
        a * torch.mean((x - mean) ** 2, d, keepdim=True) for a, d in zip(weights, DIMS, strict=True)
    )
    return (x - mean) / torch.sqrt(var + eps)


WRONG = {
    "outputs-mixed": outputs,
    "deviations-mixed": deviations,
    "variance-about-the-mixed-mean": about_mixed,
    "unbiased": lambda x, w, eps: mixed(x, w, eps, correction=1),
    "eps-ignored": lambda x, w, eps: mixed(x, w, 0.0),
    "batch-and-layer-swapped": lambda x, w, eps: mixed(x, w[[1, 0, 2]], eps),
    "places-left-out": lambda x, w, eps: mixed(x, w, eps, ((0,), (1, 2), (2,))),
    "layer-place-by-place": lambda x, w, eps: mixed(x, w, eps, ((0, 2), (1,), (2,))),
    "all-in-one": lambda x, w, eps: mixed(x, w, eps, ((0, 1, 2), (1, 2), (2,))),
}

UNLISTED = [
    (lambda x, w, eps: x, "different", "it is `x` itself"),
    (lambda x, w, eps: mixed(x, w, eps) + 1, "shift", "same amount"),
    (lambda x, w, eps: mixed(x, w, eps)[0], "wrong-shape", "shape"),
]
