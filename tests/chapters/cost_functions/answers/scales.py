"""cost-functions-scales."""

import math

import numpy as np
import torch

SLUG = "cost-functions-scales"


def scales(y, f):
    r = y - f
    return r.square().mean().sqrt(), r.abs().mean()


def with_numpy(y, f):
    return np.sqrt(np.mean((y - f) ** 2)), np.mean(np.abs(y - f))


def with_norms(y, f):
    n = len(y)
    return torch.linalg.norm(y - f) / n**0.5, torch.linalg.norm(y - f, 1) / n


class Stacked:
    def __call__(self, target, prediction):
        residual = target - prediction
        return np.array([np.sqrt((residual**2).mean()), np.abs(residual).mean()])


def in_float32(y, f):
    return torch.stack(scales(y.float(), f.float()))


def named(y, f):
    return {"laplace": scales(y, f)[1], "gaussian": scales(y, f)[0]}


RIGHT = [scales, with_numpy, with_norms, Stacked(), in_float32, named]


def with_laplace(second):
    return lambda y, f: (scales(y, f)[0], second(y - f))


def with_gaussian(first):
    return lambda y, f: (first(y - f), scales(y, f)[1])


WRONG = {
    "variance-returned": with_gaussian(lambda r: r.square().mean()),
    "divided-by-less": with_gaussian(lambda r: (r.square().sum() / (len(r) - 1)).sqrt()),
    "centred": lambda y, f: ((y - f).std(correction=0), (y - f - (y - f).mean()).abs().mean()),
    "laplace-median": with_laplace(lambda r: r.abs().median()),
    "laplace-moment": with_laplace(lambda r: r.square().mean().sqrt() / 2**0.5),
    "laplace-deviation": with_laplace(lambda r: r.square().mean().sqrt()),
    "laplace-signed": with_laplace(lambda r: r.mean()),
    "laplace-doubled": with_laplace(lambda r: 2 * r.abs().mean()),
    "laplace-summed": with_laplace(lambda r: r.abs().sum()),
    "order": lambda y, f: scales(y, f)[::-1],
    "gaussian-centred": with_gaussian(lambda r: r.std(correction=0)),
    "laplace-centred": with_laplace(lambda r: (r - r.mean()).abs().mean()),
    "laplace-about-the-median": with_laplace(lambda r: (r - r.median()).abs().mean()),
    "laplace-times-root-two": with_laplace(lambda r: 2**0.5 * r.abs().mean()),
    "gaussian-from-absolute": with_gaussian(lambda r: r.abs().mean() * math.sqrt(math.pi / 2)),
    "laplace-halved": with_laplace(lambda r: r.abs().mean() / 2),
    "laplace-divided-by-less": with_laplace(lambda r: r.abs().sum() / (len(r) - 1)),
}

UNLISTED = [
    (with_laplace(lambda r: r.abs().max()), "only-sometimes", "The Gaussian scale is right"),
    (with_gaussian(lambda r: r.std()), "divided-by-less+gaussian-centred", "Two things"),
    (
        with_gaussian(lambda r: (r.square().mean() + 1e-6).sqrt()),
        "only-sometimes",
        "residuals of a millionth",
    ),
    (lambda y, f: scales(y, f)[0], "wrong-number-of-values", "2 values"),
]
