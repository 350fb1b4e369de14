"""Layers of networks as single operations, each with a short vjp, made as the engine makes its own.

Chapter: backprop.
"""
# ruff: noqa: E731 (a vjp is a formula, which a lambda shows best)

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lecturelib.autodiff.engine import RESULT, Tensor, linear_map, record, tensor


def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    r"""Return the logarithm of the softmax along an axis.

    .. math::
        y_k = x_k - \log \sum_j e^{x_j}, \qquad \bar x = \bar y - e^{y} \sum_j \bar y_j

    The largest value is taken out first, so that nothing overflows.

    Args:
        x: Values of any shape with at least one along the axis.
        axis: The axis of the classes.

    Returns:
        A tensor like x.

    Example:
        >>> log_softmax(Tensor([0.0, 1e4]))
        Tensor([-10000.,      0.])

    Chapter: backprop.
    """
    y = x.data - np.maximum.reduce(x.data, axis, keepdims=True)
    y = y - np.log(np.add.reduce(np.exp(y), axis, keepdims=True))
    vjp = lambda g, y: g - _exp(y) * g.sum(axis, keepdims=True)
    return record("log_softmax", y, (x, vjp, RESULT))


def _exp(x: Any) -> Any:
    return x.exp() if isinstance(x, Tensor) else np.exp(x)


def linear(x: Any, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Map rows linearly, as one operation: only its input and the weight are kept.

    .. math::
        y = x W^\top + b, \qquad \bar x = \bar y W, \quad \bar W = \bar y^\top x, \quad
        \bar b = \textstyle\sum \bar y

    Args:
        x: Of shape (..., in).
        weight: :math:`W`, of shape (out, in).
        bias: :math:`b`, of shape (out,), or None.

    Returns:
        A tensor of shape (..., out).

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> linear([[1.0, 2.0]], Tensor([[3.0, 4.0]]), Tensor([0.5]))
        Tensor([[11.5]])

    Chapter: backprop.
    """
    x, w = tensor(x), weight.data
    given = x.shape, w.shape, w.shape[:1] if bias is None else bias.shape
    if w.ndim != 2 or given[0][-1:] != w.shape[1:] or given[2] != w.shape[:1]:
        raise ValueError(f"linear: wants (..., in), (out, in) and (out,), got {given}")
    y = x.data @ w.T
    x_edge = (x, lambda g, weight: g @ weight, weight)
    weight_edge = (weight, lambda g, x: _rows(g).T @ _rows(x), x)
    if bias is None:
        return record("linear", y, x_edge, weight_edge)
    y = np.add(y, bias.data, out=y if y.dtype == bias.dtype else None)
    return record("linear", y, x_edge, weight_edge, (bias, _sum_of_rows))


def _rows(x: Any) -> Any:
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def _sum_of_rows(g: Any) -> Any:
    return _ones(len(g := _rows(g)), g.dtype) @ g  # a product is faster than g.sum(0)


@lru_cache
def _ones(n: int, dtype: np.dtype) -> np.ndarray:
    return np.ones(n, dtype)


def cross_entropy(logits: Tensor, target: Any) -> Tensor:
    r"""Return the mean cross-entropy of classes, as one operation whose gradient is short.

    .. math::
        L = -\frac1N \sum_n \log p_{n, t_n}, \quad p = \mathrm{softmax}(z), \qquad
        \bar z = \frac{p - \mathrm{onehot}(t)}{N} \, \bar L

    Args:
        logits: :math:`z`, of shape (N, K) with N > 0.
        target: :math:`t`, integers from 0 to K - 1 of shape (N,).

    Returns:
        A scalar tensor.

    Raises:
        ValueError: If a shape, a dtype or a class does not fit.

    Example:
        >>> z = Tensor([[0.0, 0.0]], requires_grad=True)
        >>> cross_entropy(z, [1]).backward()
        >>> z.grad
        array([[ 0.5, -0.5]])

    Chapter: backprop.
    """
    z, target = logits.data, np.array(target)
    if z.ndim != 2 or target.shape != z.shape[:1] or target.dtype.kind not in "iu":
        given = f"{z.shape} and {target.dtype} {target.shape}"
        raise ValueError(f"cross_entropy: wants (N, K) and integers (N,), got {given}")
    (n, k), at = z.shape, (target, np.arange(len(target)))
    if not n or np.maximum.reduce(target.astype(np.uint64)) >= k:  # negative ones become huge
        raise ValueError(f"cross_entropy: wants N > 0 targets in 0..{k - 1}, got {target}")
    z = z.T.copy()  # of shape (K, N): to go along N in memory makes the sums over K fast
    z -= np.maximum.reduce(z)
    p = np.exp(z)
    total = np.add.reduce(p)
    loss = np.add.reduce(np.log(total) - z[at]) / n
    p /= total

    def vjp(g: Any, logits: Any) -> Any:
        one_hot = np.zeros((k, n), p.dtype)
        one_hot[at] = 1
        softmax = log_softmax(logits).exp() if isinstance(logits, Tensor) else p.T
        return (softmax - one_hot.T) * (g / n)

    return record("cross_entropy", loss, (logits, vjp, logits))


def conv2d(
    x: Any, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0
) -> Tensor:
    r"""Correlate images with kernels: a linear layer whose weight all windows share.

    The windows are laid out as rows, a linear map of which the transposed map adds each window back
    to its place. The rest is `linear`.

    Args:
        x: Images of shape (N, C, H, W).
        weight: Kernels of shape (O, C, h, w).
        bias: Of shape (O,), or None.
        stride: Step between windows: a number, or two for rows and columns.
        padding: Zeros added on each side: a number, or two.

    Returns:
        A tensor of shape (N, O, H', W') with :math:`H' = \lfloor (H + 2p - h) / s \rfloor + 1`.

    Raises:
        ValueError: If a shape does not fit, or a window is larger than the padded image.

    Example:
        >>> conv2d(np.arange(9.0).reshape(1, 1, 3, 3), Tensor([[[[-1.0, 1.0]]]]), stride=2)
        Tensor([[[[1.],
                  [1.]]]])

    Chapter: backprop.
    """
    x, (s, t), (p, q) = tensor(x), np.broadcast_to(stride, 2), np.broadcast_to(padding, 2)
    if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[1]:
        shapes = f"{x.shape} and {weight.shape}"
        raise ValueError(f"conv2d: wants (N, C, H, W) and (O, C, h, w), got {shapes}")
    (n, c, height, width), (h, w) = x.shape, weight.shape[2:]
    rows, columns = (height + 2 * p - h) // s + 1, (width + 2 * q - w) // t + 1
    if rows < 1 or columns < 1:
        raise ValueError(f"conv2d: windows {(h, w)} do not fit into {(height, width)} with padding")

    def unfold(x: np.ndarray) -> np.ndarray:  # to (N, rows, columns, C h w)
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
        windows = sliding_window_view(padded, (h, w), (2, 3))[:, :, ::s, ::t]
        return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, rows, columns, c * h * w)

    def fold(g: np.ndarray) -> np.ndarray:  # adds each window back to its place
        padded = np.zeros((n, c, height + 2 * p, width + 2 * q), g.dtype)
        windows = g.reshape(n, rows, columns, c, h, w).transpose(4, 5, 0, 3, 1, 2)
        for i, j in np.ndindex(h, w):
            padded[:, :, i : i + s * rows : s, j : j + t * columns : t] += windows[i, j]
        return padded[:, :, p : p + height, q : q + width]

    windows = linear_map("windows", x, unfold, fold)
    return linear(windows, weight.reshape(len(weight), -1), bias).transpose(0, 3, 1, 2)
