"""cost-functions-scales."""

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


RIGHT = [scales, with_numpy, with_norms]


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
}

UNLISTED = [
    (with_laplace(lambda r: r.abs().max()), "different", "The Gaussian scale is right"),
    (with_gaussian(lambda r: r.std()), "different", "The Laplace scale is right"),
    (lambda y, f: scales(y, f)[0], "wrong-number-of-values", "2 values"),
]
