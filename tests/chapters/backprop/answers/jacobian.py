"""backprop-jacobian."""

import numpy as np
import torch

SLUG = "backprop-jacobian"


def product(W, V, x):
    return V @ torch.diag(1 - torch.tanh(W @ x) ** 2) @ W


def scaled(W, V, x):
    return (V / np.cosh(W @ x) ** 2) @ W


def by_differences(W, V, x):
    h, f = 1e-5, lambda x: V @ torch.tanh(W @ x)
    moves = h * torch.eye(len(x), dtype=x.dtype)
    return torch.stack([(f(x + m) - f(x - m)) / (2 * h) for m in moves], dim=1)


class Jacobian:
    def __call__(self, W, V, x):
        return (V * (1 - np.tanh(W @ x) ** 2)) @ W


def in_float32(W, V, x):
    return product(W.float(), V.float(), x.float())


def by_entries(W, V, x):
    return torch.einsum("kn,n,nm->km", V, 1 - torch.tanh(W @ x) ** 2, W)


def with_slopes(slopes):
    return lambda W, V, x: V @ torch.diag(slopes(W @ x)) @ W


def by_autograd(W, V, x):
    return torch.autograd.functional.jacobian(lambda x: V @ torch.tanh(W @ x), x)


RIGHT = [product, scaled, by_differences, Jacobian(), in_float32, by_entries]

WRONG = {
    "transposed": lambda W, V, x: product(W, V, x).T,
    "slope-forgotten": lambda W, V, x: V @ W,
    "slope-not-squared": lambda W, V, x: V @ torch.diag(1 - torch.tanh(W @ x)) @ W,
    "slope-at-result": lambda W, V, x: V @ torch.diag(1 - (W @ x).tanh().tanh() ** 2) @ W,
    "value-for-slope": lambda W, V, x: V @ torch.diag(torch.tanh(W @ x)) @ W,
    "transposed+slope-forgotten": lambda W, V, x: (V @ W).T,
    "slope-of-sigmoid": with_slopes(lambda z: torch.sigmoid(z) * (1 - torch.sigmoid(z))),
    "slope-as-sigmoid": with_slopes(lambda z: torch.tanh(z) * (1 - torch.tanh(z))),
    "cosh-not-squared": with_slopes(lambda z: 1 / torch.cosh(z)),
    "slope-sign": with_slopes(lambda z: 1 + torch.tanh(z) ** 2),
    "slopes-averaged": with_slopes(lambda z: (1 - z.tanh() ** 2).mean() * torch.ones_like(z)),
    "slope-at-weight": lambda W, V, x: V @ (1 - torch.tanh(W) ** 2),
    "input-multiplied": lambda W, V, x: product(W, V, x) * x,
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (
        lambda W, V, x: torch.func.jacrev(lambda x: V @ torch.tanh(W @ x))(x),
        "automatic-differentiation",
        "",
    ),
    (lambda W, V, x: 2 * product(W, V, x), "factor", "times a number"),
    (lambda W, V, x: -product(W, V, x), "sign", "wrong sign"),
    (lambda W, V, x: V @ torch.tanh(W @ x), "wrong-shape", "shape"),
]
