"""gradient-descent-stratified."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "gradient-descent-stratified"


def short(gradients):
    C = len(gradients)
    within = ((gradients - gradients.mean(1, keepdims=True)) ** 2).sum(2).mean(1)
    free = ((gradients - gradients.mean((0, 1))) ** 2).sum(2).mean()
    return within.sum() / C**2, free / C


def by_difference(gradients):
    """Free draws have the scatter of the classes' means on top."""
    C = gradients.shape[0]
    means = gradients.mean(1)
    within = torch.var(gradients, 1, correction=0).sum(-1).mean() / C
    return within, within + torch.var(means, 0, correction=0).sum() / C


def with_loops(gradients):
    C, M, P = gradients.shape
    within = sum(np.var([g[m, p] for m in range(M)]) for g in gradients for p in range(P))
    flat = np.reshape(gradients, (C * M, P))
    return within / C**2, sum(np.var(flat[:, p]) for p in range(P)) / C


RIGHT = [short, by_difference, with_loops, in_float32(short), as_object(short)]


def parts(gradients):
    """Sums of variances within each class, scatter of the means, and the variance of all."""
    C = len(gradients)
    means = gradients.mean(1, keepdims=True)
    within = ((gradients - means) ** 2).sum(2).mean(1)
    scatter = ((means - gradients.mean((0, 1))) ** 2).sum(2).mean(1)
    return C, within, scatter, ((gradients - gradients.mean((0, 1))) ** 2).sum(2).mean()


def wrong(make):
    return lambda gradients: make(*parts(gradients))


WRONG = {
    "batch-forgotten": wrong(lambda C, w, s, f: (w.sum() / C, f / C)),
    "sum-of-variances": wrong(lambda C, w, s, f: (w.sum(), f / C)),
    "between-classes": wrong(lambda C, w, s, f: ((w + s).sum() / C**2, f / C)),
    "free-single": wrong(lambda C, w, s, f: (w.sum() / C**2, f)),
    "root": wrong(lambda C, w, s, f: ((w.sum() / C**2) ** 0.5, (f / C) ** 0.5)),
    "mean-over-coordinates": lambda g: tuple(part / g.shape[2] for part in short(g)),
    "free-without": lambda g: (
        short(g)[0],
        short(g)[1] * (g.shape[0] * g.shape[1] - g.shape[0]) / (g.shape[0] * g.shape[1] - 1),
    ),
    "not-centred": lambda g: (
        (g**2).sum(2).mean(1).sum() / len(g) ** 2,
        (g**2).sum(2).mean() / len(g),
    ),
    "unbiased-variance": lambda g: (
        short(g)[0] * g.shape[1] / max(g.shape[1] - 1, 1),
        short(g)[1] * g.shape[0] * g.shape[1] / max(g.shape[0] * g.shape[1] - 1, 1),
    ),
}

UNLISTED = [
    (lambda g: short(g)[::-1], "order", "another order"),
    (lambda g: (3 * short(g)[0], short(g)[1]), "different", "The error of free draws is right"),
    (lambda g: short(g)[0], "wrong-number-of-values", ""),
]
