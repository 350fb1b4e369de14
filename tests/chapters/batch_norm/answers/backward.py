"""batch-norm-backward."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "batch-norm-backward"


def forward(x, eps):
    centred = x - x.mean(0)
    root = ((centred**2).mean(0) + eps) ** 0.5
    return centred / root, root


def compact(dy, x, gamma, eps):
    z, root = forward(x, eps)
    dx = gamma / root * (dy - dy.mean(0) - z * (dy * z).mean(0))
    return dx, (dy * z).sum(0), dy.sum(0)


def chain(dy, x, gamma, eps):
    """Step by step, as in the paper."""
    n = len(x)
    mean, centred = np.mean(x, 0), x - np.mean(x, 0)
    var = np.mean(centred**2, 0)
    dz = dy * gamma
    dvar = np.sum(dz * centred, 0) * -0.5 * (var + eps) ** -1.5
    dmean = -np.sum(dz, 0) / np.sqrt(var + eps) + dvar * np.mean(-2 * (x - mean), 0)
    dx = dz / np.sqrt(var + eps) + dvar * 2 * centred / n + dmean / n
    return dx, np.sum(dy * centred / np.sqrt(var + eps), 0), np.sum(dy, 0)


def by_jacobian(dy, x, gamma, eps):
    """The full matrix of derivatives of one feature, one feature after the other."""
    z, root = forward(x, eps)
    n, columns = len(x), []
    for d in range(x.shape[1]):
        matrix = torch.eye(n).to(x) - 1 / n - torch.outer(z[:, d], z[:, d]) / n
        columns.append(gamma[d] / root[d] * matrix @ dy[:, d])
    dgamma = torch.einsum("nd,nd->d", dy, z)
    return {"dx": torch.stack(columns, 1), "dgamma": dgamma, "dbeta": dy.sum(0)}


def by_autograd(dy, x, gamma, eps):
    x, gamma = x.clone().requires_grad_(), gamma.clone().requires_grad_()
    y = forward(x, eps)[0] * gamma
    dx, dgamma = torch.autograd.grad(y, (x, gamma), dy)
    return dx, dgamma, dy.sum(0)


def by_differences(dy, x, gamma, eps):
    def loss(x):
        return (dy * gamma * forward(x, eps)[0]).sum()

    dx = torch.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            h = torch.zeros_like(x)
            h[i, j] = 1e-5
            dx[i, j] = (loss(x + h) - loss(x - h)) / 2e-5
    return dx, (dy * forward(x, eps)[0]).sum(0), dy.sum(0)


RIGHT = [compact, chain, by_jacobian, by_differences, in_float32(compact), as_object(compact)]


def variant(mean=1.0, variance=1.0, **change):
    """The right answer with one thing changed."""

    def answer(dy, x, gamma, eps):
        z, root = forward(x, eps)
        n = len(x)
        a = n if mean == "sum" else mean
        b = {"sum": n, "unbiased": n / (n - 1)}.get(variance, variance)
        dx = gamma / root * (dy - a * dy.mean(0) - b * z * (dy * z).mean(0))
        values = {"dx": dx, "dgamma": (dy * z).sum(0), "dbeta": dy.sum(0)}
        values.update({k: f(dy, x, gamma, z, root, dx) for k, f in change.items()})
        return tuple(values.values())

    return answer


def all_unbiased(dy, x, gamma, eps):
    z = (x - x.mean(0)) / (x.var(0) + eps).sqrt()
    dx = gamma / (x.var(0) + eps).sqrt() * (dy - dy.mean(0) - z * (dy * z).mean(0))
    return dx, (dy * z).sum(0), dy.sum(0)


WRONG = {
    "mean-term-missing": variant(mean=0),
    "variance-term-missing": variant(variance=0),
    "statistics-held-constant": variant(mean=0, variance=0),
    "mean-term-sign": variant(mean=-1),
    "variance-term-sign": variant(variance=-1),
    "mean-term-summed": variant(mean="sum"),
    "variance-term-summed": variant(variance="sum"),
    "variance-term-doubled": variant(variance=2),
    "unbiased-in-one-term": variant(variance="unbiased"),
    "unbiased-variance": all_unbiased,
    "eps-ignored": lambda dy, x, gamma, eps: compact(dy, x, gamma, 0.0),
    "gamma-missing-in-dx": lambda dy, x, gamma, eps: (
        compact(dy, x, torch.ones_like(gamma), eps)[0],
        *compact(dy, x, gamma, eps)[1:],
    ),
    "dx-divided-by-variance": variant(dx=lambda dy, x, g, z, root, dx: dx / root),
    "dx-not-divided": variant(dx=lambda dy, x, g, z, root, dx: dx * root),
    "all-zero": variant(dx=lambda dy, x, g, z, root, dx: 0 * dx),
    "dgamma-averaged": variant(dgamma=lambda dy, x, g, z, root, dx: (dy * z).mean(0)),
    "dgamma-of-raw-input": variant(dgamma=lambda dy, x, g, z, root, dx: (dy * x).sum(0)),
    "dgamma-not-divided": variant(dgamma=lambda dy, x, g, z, root, dx: (dy * z * root).sum(0)),
    "dgamma-not-summed": variant(dgamma=lambda dy, x, g, z, root, dx: dy * z),
    "dbeta-averaged": variant(dbeta=lambda dy, x, g, z, root, dx: dy.mean(0)),
    "dbeta-times-gamma": variant(dbeta=lambda dy, x, g, z, root, dx: (g * dy).sum(0)),
    "order": lambda *a: (compact(*a)[0], compact(*a)[2], compact(*a)[1]),
    "mean-term-missing+dbeta-averaged": variant(
        mean=0, dbeta=lambda dy, x, g, z, root, dx: dy.mean(0)
    ),
    "wrong-number-of-values": lambda *a: compact(*a)[0],
    "automatic-differentiation": by_autograd,
    "gamma-twice-in-dx": variant(dx=lambda dy, x, g, z, root, dx: g * dx),
    "dx-divided-by-the-batch-size": variant(dx=lambda dy, x, g, z, root, dx: dx / len(x)),
}

UNLISTED = [
    (
        variant(dgamma=lambda dy, x, g, z, root, dx: (dy * z**2).sum(0)),
        "different",
        "dx and dbeta are right",
    ),
    (
        variant(dx=lambda dy, x, g, z, root, dx: dy * z - (dy * z).mean(0)),
        "different",
        "adds up to 0, as it must",
    ),
    (variant(mean=0.5), "different", "path through the mean counts 0.5-fold"),
    (variant(dx=lambda dy, x, g, z, root, dx: 2 * dx), "factor", "dgamma and dbeta are right"),
    (variant(dx=lambda dy, x, g, z, root, dx: dy * z), "different", "adds up to"),
    (
        variant(dgamma=lambda dy, x, g, z, root, dx: -(dy * z).sum(0)),
        "sign",
        "dgamma has the right",
    ),
]
