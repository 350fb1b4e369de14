"""Mean-only batch normalization: the mean of the batch is removed, its variance is not touched."""

from __future__ import annotations

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


def mean_only_batch_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = True,
    momentum: float = 0.1,
) -> Tensor:
    r"""Subtract from each channel its mean over the batch, then shift it.

    .. math::
        y = x - \mu + \beta

    With weight norm before it, which keeps the variance near 1 by the length of the weights, this
    does what is left of batch norm, with less noise: the gradient of x is the incoming one minus
    its mean over the batch. At inference the running mean takes the place of :math:`\mu`.

    Args:
        input: Floating point values of shape (N, C) or (N, C, ...).
        running_mean: Running mean, shape (C,); in training it moves towards that of the batch, in
            place. May be None in training.
        bias: Shift :math:`\beta`, shape (C,). None means 0.
        training: Subtract the mean of the batch rather than the running one.
        momentum: Share of the new batch in the running mean, in [0, 1].

    Returns:
        The shifted values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit; if momentum is out of range; in training if
            a channel has fewer than 2 values; at inference if the running mean is missing.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        >>> mean_only_batch_norm(torch.tensor([[0.0, 9.0], [2.0, 19.0]]))
        tensor([[-1., -5.],
                [ 1.,  5.]])

    Source:
        Salimans and Kingma (2016), Weight Normalization, section 4.

    Chapter:
        normalization_family
    """
    call = "mean_only_batch_norm"
    check_input(call, input, 0.0)
    check_momentum(call, momentum)
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise ValueError(f"{call}: input must have shape (N, C, ...), got {shape}")
    check_parameters(call, input, shape[1:2], running_mean=running_mean, bias=bias)
    x = input.to(statistics_dtype(input))
    if training:
        if input.numel() <= shape[1]:
            raise ValueError(
                f"{call}: training needs more than 1 value per channel, got shape {shape}, whose "
                f"values would all become the shift; {REMEDY}"
            )
        mean = _scale.mean(x, channel_dims(x))
        if running_mean is not None:
            running_mean.lerp_(mean.detach().to(running_mean.dtype), momentum)
    elif running_mean is None:
        raise ValueError(f"{call}: inference needs running_mean")
    else:
        mean = running_mean.to(x.dtype)
    output = x - view_channels(mean if bias is None else mean - bias, x)
    return output.to(input.dtype)


class MeanOnlyBatchNorm(nn.Module):
    r"""Mean-only batch norm with a shift for each channel and a running mean for inference.

    .. math::
        y = x - \mu + \beta

    Args:
        num_features: Number of channels C.
        momentum: Share of the new batch in the running mean, in [0, 1].
        affine: Whether to learn the shift.
        track_running_stats: Whether to keep a running mean. Without it, inference too subtracts
            the mean of its batch.
        device: Where shift and running mean lie.
        dtype: Their floating point type.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of channels, or in training a single value per channel.

    Example:
        >>> norm = MeanOnlyBatchNorm(1, momentum=1.0, affine=False)
        >>> norm(torch.tensor([[1.0], [3.0]])).flatten()
        tensor([-1.,  1.])
        >>> norm.eval()(torch.tensor([[7.0]]))
        tensor([[5.]])

    Source:
        Salimans and Kingma (2016), Weight Normalization, section 4.

    Chapter:
        normalization_family
    """

    bias: Tensor | None
    running_mean: Tensor | None

    def __init__(
        self,
        num_features: int,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if num_features < 1:
            raise ValueError(
                f"MeanOnlyBatchNorm: num_features must be at least 1, got {num_features}"
            )
        check_momentum("MeanOnlyBatchNorm", momentum)
        self.num_features = num_features
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats

        def zeros() -> Tensor:
            return torch.zeros(num_features, device=device, dtype=dtype)

        self.register_parameter("bias", nn.Parameter(zeros()) if affine else None)
        self.register_buffer("running_mean", zeros() if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Set the running mean to 0."""
        if self.running_mean is not None:
            self.running_mean.zero_()

    def reset_parameters(self) -> None:
        """Set the shift and the running mean to 0."""
        self.reset_running_stats()
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Subtract the batch's mean in training (or without a running mean), else the past's."""
        if input.ndim < 2 or input.shape[1] != self.num_features:
            raise ValueError(
                f"MeanOnlyBatchNorm: expected {self.num_features} channels in dimension 1, got "
                f"shape {tuple(input.shape)}"
            )
        by_batch = self.training or self.running_mean is None
        check_batch("MeanOnlyBatchNorm", input, training=self.training, by_batch=by_batch)
        return mean_only_batch_norm(input, self.running_mean, self.bias, by_batch, self.momentum)

    def extra_repr(self) -> str:
        """Options."""
        return (
            f"{self.num_features}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )
