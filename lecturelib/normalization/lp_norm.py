"""Normalization by an Lp norm over the batch, as an alternative to the standard deviation."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from .. import _scale
from ._checks import (
    REMEDY,
    channel_dims,
    check_batch,
    check_input,
    check_momentum,
    check_parameters,
    statistics_dtype,
    view_channels,
)


def lp_norm(
    input: Tensor,
    p: float = 2.0,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *,
    running_mean: Tensor | None = None,
    running_size: Tensor | None = None,
    training: bool = True,
    momentum: float = 0.1,
) -> Tensor:
    r"""Divide each channel by its mean p-norm over the batch, then remove its mean.

    .. math::
        s = \Bigl(\frac{1}{m} \sum_i |x_i|^p\Bigr)^{1/p} \quad (\max_i |x_i| \text{ for } p =
        \infty), \qquad y = \gamma \frac{x - \mu}{s + \epsilon} + \beta

    The size :math:`s` is that of the values as they come, *before* the mean is removed, so that
    for p = 2 it is the root mean square and not the standard deviation. (Other definitions centre
    first.) With ``training=False`` the running statistics take the place of :math:`\mu` and
    :math:`s`; in training, where given, they move towards them in place.

    Args:
        input: Floating point values of shape (N, C) or (N, C, ...).
        p: Which norm, at least 1; ``math.inf`` for the largest absolute value.
        weight: Scale :math:`\gamma`, shape (C,). None means 1.
        bias: Shift :math:`\beta`, shape (C,). None means 0.
        eps: Added to the size, at least 0.
        running_mean: Running mean, shape (C,).
        running_size: Running size, shape (C,).
        training: Normalize by the statistics of the batch rather than the running ones.
        momentum: Share of the new batch in the running statistics, in [0, 1].

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit; if p, momentum or eps is out of range; in
            training if a channel has fewer than 2 values; at inference if a statistic is missing.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        >>> x = torch.tensor([[1.0], [3.0], [-4.0]])  # mean 0, |x| 1, 3, 4
        >>> lp_norm(x, math.inf, eps=0.0).flatten()
        tensor([ 0.2500,  0.7500, -1.0000])

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, section 3.3.

    Chapter:
        normalization_family
    """
    check_input("lp_norm", input, eps)
    check_p("lp_norm", p)
    check_momentum("lp_norm", momentum)
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise ValueError(f"lp_norm: input must have shape (N, C, ...), got {shape}")
    running = {"running_mean": running_mean, "running_size": running_size}
    check_parameters("lp_norm", input, shape[1:2], weight=weight, bias=bias, **running)
    x = input.to(statistics_dtype(input))
    if training:
        if input.numel() <= shape[1]:
            raise ValueError(
                f"lp_norm: training needs more than 1 value per channel, got shape {shape}; "
                f"{REMEDY}"
            )
        mean, size = _scale.mean(x, channel_dims(x)), mean_norm(x, p)
        for kept, new in ((running_mean, mean), (running_size, size)):
            if kept is not None:
                kept.lerp_(new.detach().to(kept.dtype), momentum)
    elif running_mean is None or running_size is None:
        raise ValueError("lp_norm: inference needs running_mean and running_size")
    else:
        mean, size = running_mean.to(x.dtype), running_size.to(x.dtype)
    output = (x - view_channels(mean, x)) / view_channels(size + eps, x)
    if weight is not None:
        output = output * view_channels(weight, x)
    if bias is not None:
        output = output + view_channels(bias, x)
    return output.to(input.dtype)


def mean_norm(x: Tensor, p: float) -> Tensor:
    """The p-norm of each channel of x (N, C, ...), with a mean in place of the sum."""
    dims, m = channel_dims(x), x.numel() // x.shape[1]
    if p == math.inf:
        return torch.linalg.vector_norm(x, p, dim=dims)
    return _scale.by_size(
        lambda x: torch.linalg.vector_norm(x, p, dim=dims) / m ** (1 / p), x, dims, power=p
    )


def check_p(call: str, p: float) -> None:
    """Raise unless there is a p-norm."""
    if not p >= 1:
        raise ValueError(f"{call}: p must be at least 1 (math.inf for the maximum), got {p}")


class LpNorm(nn.Module):
    r"""Lp normalization with a scale, a shift and running statistics for inference.

    .. math::
        y = \gamma \frac{x - \mu}{s + \epsilon} + \beta, \qquad
        s = \Bigl(\frac{1}{m} \sum_i |x_i|^p\Bigr)^{1/p}

    Arguments and state are those of batch norm, but for p and the running size in place of the
    running variance.

    Args:
        num_features: Number of channels C.
        p: Which norm, at least 1; ``math.inf`` for the largest absolute value.
        eps: Added to the size, at least 0.
        momentum: Share of the new batch in the running statistics, in [0, 1].
        affine: Whether to learn the scale and the shift.
        track_running_stats: Whether to keep running statistics. Without them, inference too
            normalizes by its batch.
        device: Where the parameters and buffers lie.
        dtype: Their floating point type.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of channels, or in training a single value per channel.

    Example:
        >>> norm = LpNorm(1, p=1.0, eps=0.0)
        >>> norm(torch.tensor([[1.0], [3.0], [-4.0]])).flatten().detach()
        tensor([ 0.3750,  1.1250, -1.5000])

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, section 3.3.

    Chapter:
        normalization_family
    """

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor | None
    running_size: Tensor | None

    def __init__(
        self,
        num_features: int,
        p: float = 2.0,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if num_features < 1:
            raise ValueError(f"LpNorm: num_features must be at least 1, got {num_features}")
        check_p("LpNorm", p)
        check_momentum("LpNorm", momentum)
        if not eps >= 0:
            raise ValueError(f"LpNorm: eps must be at least 0, got {eps}")
        self.num_features = num_features
        self.p = p
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats

        def vector() -> Tensor:
            return torch.empty(num_features, device=device, dtype=dtype)

        self.register_parameter("weight", nn.Parameter(vector()) if affine else None)
        self.register_parameter("bias", nn.Parameter(vector()) if affine else None)
        self.register_buffer("running_mean", vector() if track_running_stats else None)
        self.register_buffer("running_size", vector() if track_running_stats else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0 and the running size to 1."""
        if self.running_mean is not None:
            self.running_mean.zero_()
        if self.running_size is not None:
            self.running_size.fill_(1)

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0, and reset the running statistics."""
        self.reset_running_stats()
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalize by the batch in training (or without running statistics), else by the past."""
        if input.ndim < 2 or input.shape[1] != self.num_features:
            raise ValueError(
                f"LpNorm: expected {self.num_features} channels in dimension 1, got shape "
                f"{tuple(input.shape)}"
            )
        by_batch = self.training or self.running_mean is None
        check_batch("LpNorm", input, training=self.training, by_batch=by_batch)
        return lp_norm(
            input,
            self.p,
            self.weight,
            self.bias,
            self.eps,
            running_mean=self.running_mean,
            running_size=self.running_size,
            training=by_batch,
            momentum=self.momentum,
        )

    def extra_repr(self) -> str:
        """Options."""
        return (
            f"{self.num_features}, p={self.p}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        )
