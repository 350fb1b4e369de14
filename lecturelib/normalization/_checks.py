"""What the normalization functions ask of their arguments."""

from __future__ import annotations

import torch
from torch import Tensor

from .._precision import wide_dtype

REMEDY = "use a larger batch, or running statistics (training=False)"


def statistics_dtype(x: Tensor) -> torch.dtype:
    """Type in which statistics are computed: float32 for half precision, as PyTorch does."""
    return wide_dtype(x.dtype)


def check_input(call: str, input: Tensor, eps: float) -> None:
    """Raise unless the input is floating point and eps in range."""
    if not input.is_floating_point():
        raise TypeError(f"{call}: input must be floating point, got {input.dtype}")
    if not eps >= 0:
        raise ValueError(f"{call}: eps must be at least 0, got {eps}")


def check_parameters(
    call: str, input: Tensor, shape: tuple[int, ...], **tensors: Tensor | None
) -> None:
    """Raise unless each tensor given has the shape, and dtype and device fit the input."""
    for name, tensor in tensors.items():
        if tensor is None:
            continue
        if tensor.shape != shape:
            raise ValueError(
                f"{call}: {name} must have shape {shape} for an input of shape "
                f"{tuple(input.shape)}, got {tuple(tensor.shape)}"
            )
        if tensor.dtype != input.dtype and tensor.dtype != statistics_dtype(input):
            raise TypeError(f"{call}: {name} must be {input.dtype} like input, got {tensor.dtype}")
        if tensor.device != input.device:
            raise ValueError(
                f"{call}: {name} must be on {input.device} like input, got {tensor.device}"
            )


def view_channels(vector: Tensor, x: Tensor) -> Tensor:
    """Let a vector of shape (C,) broadcast over x of shape (N, C, ...)."""
    return vector.view(-1, *[1] * (x.ndim - 2))


def channel_dims(x: Tensor) -> tuple[int, ...]:
    """The dimensions over which the statistics of a channel of x (N, C, ...) are taken."""
    return (0, *range(2, x.ndim))


def check_momentum(call: str, momentum: float | None, *, none: bool = False) -> None:
    """Raise unless the share of the new batch lies in [0, 1]; None passes where it is allowed."""
    if momentum is None and none:
        return
    if momentum is None or not 0 <= momentum <= 1:
        wanted = "be None or lie" if none else "lie"
        raise ValueError(f"{call}: momentum must {wanted} in [0, 1], got {momentum}")


def check_batch(call: str, input: Tensor, *, training: bool, by_batch: bool) -> None:
    """Raise if a module in eval mode has to normalize by a batch of one value per channel."""
    if by_batch and not training and input.numel() <= input.shape[1]:
        raise ValueError(
            f"{call}: without running statistics (track_running_stats=False) it normalizes by the "
            "batch in eval mode too, which takes more than 1 value per channel, got shape "
            f"{tuple(input.shape)}"
        )
