"""Batch normalization in NumPy: the forward pass, and the backward pass written in two ways."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class BatchNormCache(NamedTuple):
    """What the backward pass needs from the forward pass."""

    x: Array
    """Input, shape (m, C)."""
    mean: Array
    """Mean of the batch, shape (C,)."""
    var: Array
    """Biased variance of the batch, shape (C,)."""
    x_hat: Array
    """Normalized input, shape (m, C)."""
    gamma: Array
    """Scale, shape (C,)."""
    eps: float
    """Added to the variance."""


class BatchNormGradients(NamedTuple):
    """Gradients of the loss for what went into the forward pass."""

    dx: Array
    """For the input, shape (m, C)."""
    dgamma: Array
    """For the scale, shape (C,)."""
    dbeta: Array
    """For the shift, shape (C,)."""


class BatchNormChain(NamedTuple):
    """All partial derivatives of Ioffe's chain, in the order in which it computes them."""

    dx_hat: Array
    """For the normalized input, shape (m, C)."""
    dvar: Array
    """For the variance of the batch, shape (C,)."""
    dmean: Array
    """For the mean of the batch, shape (C,)."""
    dx: Array
    """For the input, shape (m, C)."""
    dgamma: Array
    """For the scale, shape (C,)."""
    dbeta: Array
    """For the shift, shape (C,)."""


def batch_norm_forward_numpy(
    x: Array, gamma: Array, beta: Array, eps: float = 1e-5
) -> tuple[Array, BatchNormCache]:
    r"""Normalize each column of a batch, scale and shift it: training mode, line by line.

    .. math::
        \mu = \frac{1}{m} \sum_i x_i, \quad
        \sigma^2 = \frac{1}{m} \sum_i (x_i - \mu)^2, \quad
        \hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}, \quad
        y_i = \gamma \hat x_i + \beta

    It is computed in the dtype of x, unlike :func:`batch_norm`: where the squares of values leave
    it, as those of 600 do float16 and those of 1e20 float32, give float64.

    Args:
        x: Floating point batch of shape (m, C) with m at least 2. For images (N, C, H, W) use
            ``x.transpose(0, 2, 3, 1).reshape(-1, C)``: then m = N·H·W.
        gamma: Scale, shape (C,).
        beta: Shift, shape (C,).
        eps: Added to the variance, at least 0.

    Returns:
        The output, of the shape of x, and the cache for the backward pass.

    Raises:
        ValueError: If a shape does not fit, m is less than 2, or eps is negative.
        TypeError: If x is not floating point.

    Example:
        >>> y, _ = batch_norm_forward_numpy(
        ...     np.array([[0.0], [1.0], [2.0]]), np.array([1.0]), np.array([5.0]), eps=0.5
        ... )
        >>> y.ravel().round(3)
        array([4.074, 5.   , 5.926])

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, algorithm 1.

    Chapter:
        batch_norm
    """
    _check_forward(x, gamma, beta, eps)
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    y = gamma * x_hat + beta
    return y, BatchNormCache(x, mean, var, x_hat, gamma, eps)


def batch_norm_backward_chain_numpy(dy: Array, cache: BatchNormCache) -> BatchNormChain:
    r"""Apply the chain rule backwards through each line of the forward pass.

    .. math::
        \frac{\partial L}{\partial \hat x_i} &= \frac{\partial L}{\partial y_i} \gamma \\
        \frac{\partial L}{\partial \sigma^2} &= \sum_i \frac{\partial L}{\partial \hat x_i}
            (x_i - \mu) \cdot \left(-\tfrac12\right) (\sigma^2 + \epsilon)^{-3/2} \\
        \frac{\partial L}{\partial \mu} &= \sum_i \frac{\partial L}{\partial \hat x_i}
            \frac{-1}{\sqrt{\sigma^2 + \epsilon}}
            + \frac{\partial L}{\partial \sigma^2} \frac{1}{m} \sum_i -2 (x_i - \mu) \\
        \frac{\partial L}{\partial x_i} &= \frac{\partial L}{\partial \hat x_i}
            \frac{1}{\sqrt{\sigma^2 + \epsilon}}
            + \frac{\partial L}{\partial \sigma^2} \frac{2 (x_i - \mu)}{m}
            + \frac{\partial L}{\partial \mu} \frac{1}{m}

    Args:
        dy: Gradient of the loss for the output, shape (m, C).
        cache: From the forward pass.

    Returns:
        Every partial derivative by name.

    Raises:
        ValueError: If dy has not the shape of the forward pass's output.

    Example:
        >>> x = np.array([[0.0], [1.0], [5.0]])
        >>> _, cache = batch_norm_forward_numpy(x, np.array([2.0]), np.array([0.0]), eps=0.0)
        >>> chain = batch_norm_backward_chain_numpy(np.array([[1.0], [0.0], [0.0]]), cache)
        >>> chain.dx_hat.ravel(), chain.dx.ravel().round(4)
        (array([2., 0., 0.]), array([ 0.3527, -0.4409,  0.0882]))

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, section 3, the equations after algorithm 1.

    Chapter:
        batch_norm
    """
    x, mean, var, x_hat, gamma, eps = cache
    _check_backward("batch_norm_backward_chain_numpy", dy, x)
    m = len(x)
    std = np.sqrt(var + eps)
    dx_hat = dy * gamma
    dvar = (dx_hat * (x - mean)).sum(axis=0) * -0.5 * std**-3
    dmean = (dx_hat * -1 / std).sum(axis=0) + dvar * (-2 * (x - mean)).sum(axis=0) / m
    dx = dx_hat / std + dvar * 2 * (x - mean) / m + dmean / m
    dgamma = (dy * x_hat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    return BatchNormChain(dx_hat, dvar, dmean, dx, dgamma, dbeta)


def batch_norm_backward_numpy(dy: Array, cache: BatchNormCache) -> BatchNormGradients:
    r"""Compute the same gradients by the compact formula, to which the chain sums up.

    .. math::
        \frac{\partial L}{\partial x_i} = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} \left(
            \frac{\partial L}{\partial y_i}
            - \frac{1}{m} \sum_j \frac{\partial L}{\partial y_j}
            - \frac{\hat x_i}{m} \sum_j \frac{\partial L}{\partial y_j} \hat x_j \right)

    The gradient loses its mean and its component along the normalized input: the two directions in
    which the input can move without moving the output (exactly so for eps = 0).

    Args:
        dy: Gradient of the loss for the output, shape (m, C).
        cache: From the forward pass.

    Returns:
        The gradients (dx, dgamma, dbeta).

    Raises:
        ValueError: If dy has not the shape of the forward pass's output.

    Example:
        >>> x = np.array([[0.0], [1.0], [5.0]])
        >>> _, cache = batch_norm_forward_numpy(x, np.array([2.0]), np.array([0.0]), eps=0.0)
        >>> dx, dgamma, dbeta = batch_norm_backward_numpy(np.array([[1.0], [0.0], [0.0]]), cache)
        >>> dx.ravel().round(4), dgamma.round(4), dbeta
        (array([ 0.3527, -0.4409,  0.0882]), array([-0.9258]), array([1.]))

    Source:
        The equations of Ioffe and Szegedy (2015), section 3, summed up; derived in the chapter.

    Chapter:
        batch_norm
    """
    x, _, var, x_hat, gamma, eps = cache
    _check_backward("batch_norm_backward_numpy", dy, x)
    m = len(x)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma / np.sqrt(var + eps) * (dy - dbeta / m - x_hat * dgamma / m)
    return BatchNormGradients(dx, dgamma, dbeta)


def _check_forward(x: Array, gamma: Array, beta: Array, eps: float) -> None:
    call = "batch_norm_forward_numpy"
    if not np.issubdtype(x.dtype, np.floating):
        raise TypeError(f"{call}: x must be floating point, got {x.dtype}")
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"{call}: x must have shape (m, C) with m at least 2, got {x.shape}")
    for name, v in (("gamma", gamma), ("beta", beta)):
        if np.shape(v) != x.shape[1:]:
            raise ValueError(f"{call}: {name} must have shape {x.shape[1:]}, got {np.shape(v)}")
    if not eps >= 0:
        raise ValueError(f"{call}: eps must be at least 0, got {eps}")


def _check_backward(call: str, dy: Array, x: Array) -> None:
    if np.shape(dy) != x.shape:
        raise ValueError(f"{call}: dy must have the output's shape {x.shape}, got {np.shape(dy)}")
