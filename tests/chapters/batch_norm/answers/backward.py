"""batch-norm-backward."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "batch-norm-backward"


def forward(x, weight, eps):
    centred = x - weight @ x
    root = (weight @ centred**2 + eps) ** 0.5
    return centred / root, root


def compact(dy, x, weight, gamma, eps):
    z, root = forward(x, weight, eps)
    w = weight[:, None]
    dx = gamma / root * (dy - w * dy.sum(0) - w * z * (dy * z).sum(0))
    return dx, (dy * z).sum(0), dy.sum(0)


def chain(dy, x, weight, gamma, eps):
    """Step by step, as in the paper."""
    w = np.reshape(weight, (-1, 1))
    centred = x - np.sum(w * x, 0)
    var = np.sum(w * centred**2, 0)
    dz = dy * gamma
    dvar = np.sum(dz * centred, 0) * -0.5 * (var + eps) ** -1.5
    dmean = -np.sum(dz, 0) / np.sqrt(var + eps)
    dx = dz / np.sqrt(var + eps) + dvar * 2 * w * centred + dmean * w
    return dx, np.sum(dy * centred / np.sqrt(var + eps), 0), np.sum(dy, 0)


def by_jacobian(dy, x, weight, gamma, eps):
    """The full matrix of derivatives of one feature, one feature after the other."""
    z, root = forward(x, weight, eps)
    columns = []
    for d in range(x.shape[1]):
        matrix = torch.eye(len(x)).to(x) - 1.0 * weight - torch.outer(z[:, d], weight * z[:, d])
        columns.append(gamma[d] / root[d] * matrix.T @ dy[:, d])
    dgamma = torch.einsum("nd,nd->d", dy, z)
    return {"dx": torch.stack(columns, 1), "dgamma": dgamma, "dbeta": dy.sum(0)}


def by_autograd(dy, x, weight, gamma, eps):
    x, gamma = x.clone().requires_grad_(), gamma.clone().requires_grad_()
    y = forward(x, weight, eps)[0] * gamma
    dx, dgamma = torch.autograd.grad(y, (x, gamma), dy)
    return dx, dgamma, dy.sum(0)


RIGHT = [compact, chain, by_jacobian, in_float32(compact), as_object(compact)]


def variant(terms=None, mean=1.0, variance=1.0, **change):
    """The right answer with one thing changed."""

    def answer(dy, x, weight, gamma, eps):
        z, root = forward(x, weight, eps)
        w = weight[:, None]
        a, b = (terms or (lambda w, v: w * v.sum(0)))(w, dy), (dy * z)
        b = (terms or (lambda w, v: w * v.sum(0)))(w, b)
        dx = gamma / root * (dy - mean * a - variance * z * b)
        values = {"dx": dx, "dgamma": (dy * z).sum(0), "dbeta": dy.sum(0)}
        values.update({k: f(dy, x, w, gamma, z, root, dx) for k, f in change.items()})
        return tuple(values.values())

    return answer


def of_the_chapter(dy, x, weight, gamma, eps):
    return compact(dy, x, torch.full_like(weight, 1 / len(x)), gamma, eps)


WRONG = {
    "weights-inside-the-sums": variant(lambda w, v: (w * v).sum(0)),
    "weights-twice": variant(lambda w, v: w * (w * v).sum(0)),
    "equal-shares": variant(lambda w, v: v.mean(0)),
    "shares-missing": variant(lambda w, v: v.sum(0)),
    "weights-ignored": of_the_chapter,
    "dx-weighted": variant(dx=lambda dy, x, w, g, z, root, dx: w * dx),
    "mean-term-missing": variant(mean=0),
    "variance-term-missing": variant(variance=0),
    "statistics-held-constant": variant(mean=0, variance=0),
    "variance-term-doubled": variant(variance=2),
    "eps-ignored": lambda dy, x, w, gamma, eps: compact(dy, x, w, gamma, 0.0),
    "gamma-missing-in-dx": variant(dx=lambda dy, x, w, g, z, root, dx: dx / g),
    "dx-divided-by-variance": variant(dx=lambda dy, x, w, g, z, root, dx: dx / root),
    "dgamma-weighted": variant(dgamma=lambda dy, x, w, g, z, root, dx: (w * dy * z).sum(0)),
    "dgamma-of-raw-input": variant(dgamma=lambda dy, x, w, g, z, root, dx: (dy * x).sum(0)),
    "dbeta-weighted": variant(dbeta=lambda dy, x, w, g, z, root, dx: (w * dy).sum(0)),
    "dbeta-times-gamma": variant(dbeta=lambda dy, x, w, g, z, root, dx: (g * dy).sum(0)),
    "order": lambda *a: (compact(*a)[0], compact(*a)[2], compact(*a)[1]),
    "wrong-number-of-values": lambda *a: compact(*a)[0],
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (
        variant(dgamma=lambda dy, x, w, g, z, root, dx: (dy * z**2).sum(0)),
        "different",
        "dx and dbeta are right",
    ),
    (variant(mean=0.5), "different", "adds up to"),
    (variant(dx=lambda dy, x, w, g, z, root, dx: 2 * dx), "factor", "dgamma and dbeta are right"),
]
