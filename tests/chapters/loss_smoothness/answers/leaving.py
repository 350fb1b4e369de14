"""loss-smoothness-leaving."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "loss-smoothness-leaving"


def pieces(y, eps, correction=0):
    s2 = y.var(correction=correction) + eps
    return s2, (y - y.mean()) / s2.sqrt()


def by_formula(y, g, gamma, eps):
    s2, y_hat = pieces(y, eps)
    r = y.var(correction=0) / s2
    rest = g @ g - g.sum() ** 2 / len(y) - (2 - r) * (y_hat @ g) ** 2 / len(y)
    return gamma**2 / s2 * rest


def by_the_bracket(y, g, gamma, eps):
    s2, y_hat = pieces(y, eps)
    left = gamma / s2.sqrt() * (g - g.mean() - y_hat * (g * y_hat).mean())
    return (left**2).sum()


def with_numpy(y, g, gamma, eps):
    s2 = np.var(y) + eps
    y_hat = (y - np.mean(y)) / np.sqrt(s2)
    left = gamma / np.sqrt(s2) * (g - np.mean(g) - y_hat * np.mean(g * y_hat))
    return np.sum(left**2)


RIGHT = [by_formula, by_the_bracket, with_numpy, in_float32(by_formula), as_object(by_formula)]


def wrong(factor=lambda r: 2 - r, *, mean=1, slope=1, power=2, keep=1.0, correction=0, root=False):
    def answer(y, g, gamma, eps):
        s2, y_hat = pieces(y, keep * eps, correction)
        r = (y_hat**2).mean()
        rest = g @ g - mean * g.sum() ** 2 / len(y)
        rest = rest - slope * factor(r) * (y_hat @ g) ** 2 / len(y)
        out = (gamma**2 / s2) ** (power / 2) * rest
        return out**0.5 if root else out

    return answer


def by_autograd(y, g, gamma, eps):
    leaf = y.clone().requires_grad_()
    z = gamma * (leaf - leaf.mean()) / (leaf.var(correction=0) + eps).sqrt()
    (left,) = torch.autograd.grad(z @ g, leaf)
    return (left**2).sum()


WRONG = {
    "as-without-eps": wrong(lambda r: 1.0),
    "mean-square-alone": wrong(lambda r: r),
    "mean-term": wrong(mean=0),
    "slope-term": wrong(slope=0),
    "not-squared": wrong(power=1),
    "unbiased-variance": wrong(correction=1),
    "length-not-squared": wrong(root=True),
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (wrong(lambda r: 0.0, mean=0), "mean-term+slope-term", "Two things"),
    (lambda y, g, gamma, eps: 2 * by_formula(y, g, gamma, eps), "different", "fixed 2"),
    (lambda y, g, gamma, eps: g @ g, "different", "differs"),
]
