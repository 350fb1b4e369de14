"""Batch normalization in NumPy: forward, and two ways to write the same backward pass."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class BatchNormCache(NamedTuple):
    """What the backward pass needs from the forward pass."""

    x: Array
    mean: Array
    var: Array
    x_hat: Array
    gamma: Array
    eps: float


def batch_norm_forward_numpy(
    x: Array, gamma: Array, beta: Array, eps: float = 1e-5
) -> tuple[Array, BatchNormCache]:
    """Normalize a batch x of shape (m, d), and return (y, cache)."""
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    y = gamma * x_hat + beta
    return y, BatchNormCache(x, mean, var, x_hat, gamma, eps)


def batch_norm_backward_numpy(dy: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """Return (dx, dgamma, dbeta) by the compact formula."""
    _, _, var, x_hat, gamma, eps = cache
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    m = len(dy)
    dx = gamma / np.sqrt(var + eps) * (dy - dbeta / m - x_hat * dgamma / m)
    return dx, dgamma, dbeta


class BatchNormChain(NamedTuple):
    """Each partial derivative of Ioffe's chain, in the order in which they are computed."""

    dx_hat: Array
    dvar: Array
    dmean: Array
    dx: Array
    dgamma: Array
    dbeta: Array


def batch_norm_backward_chain_numpy(dy: Array, cache: BatchNormCache) -> BatchNormChain:
    """Return all partial derivatives of the chain, as the paper lists them."""
    x, mean, var, x_hat, gamma, eps = cache
    m = len(x)
    dx_hat = dy * gamma
    dvar = (dx_hat * (x - mean)).sum(axis=0) * -0.5 * (var + eps) ** -1.5
    dmean = -dx_hat.sum(axis=0) / np.sqrt(var + eps) + dvar * (-2 * (x - mean)).mean(axis=0)
    dx = dx_hat / np.sqrt(var + eps) + dvar * 2 * (x - mean) / m + dmean / m
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    return BatchNormChain(dx_hat, dvar, dmean, dx, dgamma, dbeta)
