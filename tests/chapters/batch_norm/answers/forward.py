"""batch-norm-forward."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "batch-norm-forward"


def four_lines(x, gamma, beta, eps):
    mean = x.mean(0)
    var = ((x - mean) ** 2).mean(0)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def loops(x, gamma, beta, eps):
    columns = []
    for d in range(x.shape[1]):
        column = [float(v) for v in x[:, d]]
        mean = sum(column) / len(column)
        var = sum((v - mean) ** 2 for v in column) / len(column)
        columns.append(
            [float(gamma[d]) * (v - mean) / (var + eps) ** 0.5 + float(beta[d]) for v in column]
        )
    return [list(row) for row in zip(*columns, strict=True)]


def numpy_einsum(x, gamma, beta, eps):
    centred = x - np.einsum("nd->d", x) / len(x)
    var = np.einsum("nd,nd->d", centred, centred) / len(x)
    return np.einsum("d,nd->nd", gamma / np.sqrt(var + eps), centred) + beta


def as_layer_norm(x, gamma, beta, eps):
    return torch.nn.functional.layer_norm(x.T, (len(x),), eps=eps).T * gamma + beta


def in_float32(x, gamma, beta, eps):
    return four_lines(x.float(), gamma.float(), beta.float(), eps)


RIGHT = [
    four_lines,
    loops,
    numpy_einsum,
    as_layer_norm,
    in_float32,
    lambda x, gamma, beta, eps: (
        (x - x.mean(0)) * torch.rsqrt((x**2).mean(0) - x.mean(0) ** 2 + eps) * gamma + beta
    ),
    as_object(four_lines),
]


def unbiased(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0) + eps).sqrt() + beta


def over_features(x, gamma, beta, eps):
    mean, var = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
    return gamma * (x - mean) / (var + eps).sqrt() + beta


def over_all(x, gamma, beta, eps):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + eps) + beta


def detached(x, gamma, beta, eps):
    with torch.no_grad():
        mean, var = x.mean(0), x.var(0, correction=0)
    return gamma * (x - mean) / (var + eps).sqrt() + beta


def in_place(x, gamma, beta, eps):
    x -= x.mean(0)
    x /= (x.pow(2).mean(0) + eps).sqrt()
    return gamma * x + beta


def as_given(x, gamma, beta, eps):
    """The function of the statement, with its five mistakes."""
    mean, variance = x.mean(), x.var(0)
    with torch.no_grad():
        spread = torch.sqrt(variance) + eps
    return gamma * ((x - mean) / spread + beta)


def std(x):
    return x.std(0, correction=0)


WRONG = {
    "unbiased-variance": unbiased,
    "averaged-over-features": over_features,
    "averaged-over-everything": over_all,
    "mean-missing": lambda x, g, b, eps: g * x / (x.var(0, correction=0) + eps).sqrt() + b,
    "variance-not-centred": lambda x, g, b, eps: (
        g * (x - x.mean(0)) / ((x**2).mean(0) + eps).sqrt() + b
    ),
    "squares-summed": lambda x, g, b, eps: (
        g * (x - x.mean(0)) / (((x - x.mean(0)) ** 2).sum(0) + eps).sqrt() + b
    ),
    "divided-by-variance": lambda x, g, b, eps: g * (x - x.mean(0)) / (std(x) ** 2 + eps) + b,
    "multiplied-by-deviation": lambda x, g, b, eps: (
        g * (x - x.mean(0)) * (std(x) ** 2 + eps).sqrt() + b
    ),
    "eps-missing": lambda x, g, b, eps: g * (x - x.mean(0)) / std(x) + b,
    "eps-outside-root": lambda x, g, b, eps: g * (x - x.mean(0)) / (std(x) + eps) + b,
    "eps-fixed": lambda x, g, b, eps: four_lines(x, g, b, 1e-5),
    "affine-missing": lambda x, g, b, eps: (x - x.mean(0)) / (std(x) ** 2 + eps).sqrt(),
    "beta-missing": lambda x, g, b, eps: g * (x - x.mean(0)) / (std(x) ** 2 + eps).sqrt(),
    "gamma-missing": lambda x, g, b, eps: (x - x.mean(0)) / (std(x) ** 2 + eps).sqrt() + b,
    "gamma-beta-swapped": lambda x, g, b, eps: four_lines(x, b, g, eps),
    "beta-scaled": lambda x, g, b, eps: g * ((x - x.mean(0)) / (std(x) ** 2 + eps).sqrt() + b),
    "affine-before": lambda x, g, b, eps: four_lines(
        g * x + b, torch.ones_like(g), torch.zeros_like(b), eps
    ),
    "statistics-detached": detached,
    "unbiased-variance+eps-outside-root": lambda x, g, b, eps: (
        g * (x - x.mean(0)) / (x.std(0, correction=1) + eps) + b
    ),
    "gradient-cut": lambda x, g, b, eps: four_lines(x, g, b, eps).detach(),
    "gradient-lost": lambda x, g, b, eps: four_lines(x, g.detach(), b, eps),
}

UNLISTED = [
    (in_place, "gradient-cut", "modified by an inplace operation"),
    (
        lambda x, g, b, eps: g * (x - x.mean(0)) / (x.amax(0) - x.amin(0) + eps) + b,
        "different",
        "look at what you divide by",
    ),
    (
        lambda x, g, b, eps: (
            g * (x - x.min(0).values) / (x.max(0).values - x.min(0).values + eps) + b
        ),
        "different",
        "are both wrong",
    ),
    (
        lambda x, g, b, eps: g * (x - x.median(0).values) / (std(x) ** 2 + eps).sqrt() + b,
        "different",
        "what you subtract",
    ),
    (
        lambda x, g, b, eps: four_lines(x, g, b, eps).flip(0),
        "reversed",
        "in reverse",
    ),
    (
        lambda x, g, b, eps: four_lines(x, g, b, eps).clamp(min=-1, max=1),
        "different",
        "no straight-line function",
    ),
    (as_given, "different", "Undo γ and β"),
    (lambda x, g, b, eps: four_lines(x, g, b, eps).sum(1), "wrong-shape", "Over which axes"),
    (lambda x, g, b, eps: four_lines(x.T, g, b, eps), "exception", "The size of tensor"),
]
