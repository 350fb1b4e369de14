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


RIGHT = [product, scaled, by_differences]

WRONG = {
    "transposed": lambda W, V, x: product(W, V, x).T,
    "slope-forgotten": lambda W, V, x: V @ W,
    "slope-not-squared": lambda W, V, x: V @ torch.diag(1 - torch.tanh(W @ x)) @ W,
    "slope-at-result": lambda W, V, x: V @ torch.diag(1 - (W @ x).tanh().tanh() ** 2) @ W,
    "value-for-slope": lambda W, V, x: V @ torch.diag(torch.tanh(W @ x)) @ W,
    "transposed+slope-forgotten": lambda W, V, x: (V @ W).T,
}

UNLISTED = [
    (lambda W, V, x: 2 * product(W, V, x), "factor", "times a number"),
    (lambda W, V, x: -product(W, V, x), "sign", "wrong sign"),
    (lambda W, V, x: V @ torch.tanh(W @ x), "wrong-shape", "shape"),
]
