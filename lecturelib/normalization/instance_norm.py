"""Instance normalization: each channel of each sample is standardized over its places."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ._checks import check_input, check_momentum, check_parameters
from ._running_norm import RunningNorm
from .batch_norm import batch_norm


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    r"""Standardize each channel of each sample over its places, then scale and shift it.

    .. math::
        y = \gamma_c \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}} + \beta_c

    It is batch norm on one sample at a time: the contrast of a single image is lost with its mean
    and scale. The arguments and results are those of ``torch.nn.functional.instance_norm``:
    running statistics, where given, move towards the mean over the samples of their means and
    unbiased variances, and with ``use_input_stats=False`` they take the place of both.

    Args:
        input: Floating point values of shape (N, C, ...), with at least one dimension of places.
        running_mean: Running mean, shape (C,), changed in place if the input's statistics are used.
        running_var: Running variance, shape (C,), likewise.
        weight: Scale :math:`\gamma`, shape (C,). None means 1.
        bias: Shift :math:`\beta`, shape (C,). None means 0.
        use_input_stats: Normalize by the statistics of each sample rather than the running ones.
        momentum: Share of the new batch in the running statistics, in [0, 1].
        eps: Added to the variance, at least 0.

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit; if momentum or eps is out of range; if a
            channel of a sample has fewer than 2 values; if a running statistic is missing.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        >>> x = torch.tensor([[[0.0, 2.0], [10.0, 30.0]]])  # one sample, two channels
        >>> instance_norm(x, eps=0.0).round(decimals=3)
        tensor([[[-1.,  1.],
                 [-1.,  1.]]])

    Source:
        Ulyanov, Vedaldi and Lempitsky (2016), Instance Normalization.

    Chapter:
        normalization_family
    """
    check_input("instance_norm", input, eps)
    check_momentum("instance_norm", momentum)
    shape = tuple(input.shape)
    if len(shape) < 3:
        raise ValueError(f"instance_norm: input must have shape (N, C, ...), got {shape}")
    n, channels = shape[:2]
    running = {"running_mean": running_mean, "running_var": running_var}
    check_parameters("instance_norm", input, (channels,), weight=weight, bias=bias, **running)
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise ValueError(
                "instance_norm: running_mean and running_var are needed if use_input_stats is False"
            )
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if torch.Size(shape[2:]).numel() < 2:
        raise ValueError(
            "instance_norm: a channel of a sample needs more than 1 value to have a variance, got "
            f"shape {shape}"
        )
    if n == 0:
        return input.clone()
    # The channels of all samples are the channels of one batch norm.
    mean, var, scale, shift = (
        None if t is None else t.repeat(n) for t in (running_mean, running_var, weight, bias)
    )
    flat = input.reshape(1, n * channels, *shape[2:])
    output = batch_norm(flat, mean, var, scale, shift, True, momentum, eps).view(shape)
    for kept, updated in ((running_mean, mean), (running_var, var)):
        if kept is not None and updated is not None:
            kept.copy_(updated.view(n, channels).mean(0))
    return output


class InstanceNorm(RunningNorm):
    """Bookkeeping that the instance norm modules share.

    Use :class:`InstanceNorm1d` or :class:`InstanceNorm2d`; they say which inputs they take.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input: Tensor) -> Tensor:
        """Normalize each sample by itself or, at inference with running statistics, by those."""
        unbatched = input.ndim == self._input_dims[0] - 1
        batch = input.unsqueeze(0) if unbatched else input
        self._check_input(batch)
        output = instance_norm(
            batch,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            # As in PyTorch, which keeps no count of batches here, None leaves them as they are.
            self.momentum if self.momentum is not None else 0.0,
            self.eps,
        )
        return output.squeeze(0) if unbatched else output


class InstanceNorm1d(InstanceNorm):
    r"""Instance norm of sequences (N, C, L), or of one sequence (C, L).

    .. math::
        y = \gamma_c \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}} + \beta_c

    It stands in for ``torch.nn.InstanceNorm1d``: same arguments, results and ``state_dict``.

    Args:
        num_features: Number of channels C.
        eps: Added to the variance, at least 0.
        momentum: Share of the new batch in the running statistics, in [0, 1]. None never moves
            them, as in PyTorch.
        affine: Whether to learn the scale and the shift; by default not.
        track_running_stats: Whether to keep running statistics for inference; by default not.
        device: Where the parameters and buffers lie.
        dtype: Their floating point type.
        bias: Whether to learn the shift.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of dimensions or channels, or a single place.

    Example:
        >>> x = torch.tensor([[[0.0, 2.0], [10.0, 30.0]]])
        >>> InstanceNorm1d(2)(x).round(decimals=3)
        tensor([[[-1.,  1.],
                 [-1.,  1.]]])

    Source:
        Ulyanov, Vedaldi and Lempitsky (2016), Instance Normalization.

    Chapter:
        normalization_family
    """

    _input_dims = (3,)


class InstanceNorm2d(InstanceNorm):
    r"""Instance norm of images (N, C, H, W), or of one image (C, H, W).

    .. math::
        y = \gamma_c \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}} + \beta_c

    It stands in for ``torch.nn.InstanceNorm2d``: same arguments, results and ``state_dict``.

    Args:
        num_features: Number of channels C.
        eps: Added to the variance, at least 0.
        momentum: Share of the new batch in the running statistics, in [0, 1]. None never moves
            them, as in PyTorch.
        affine: Whether to learn the scale and the shift; by default not.
        track_running_stats: Whether to keep running statistics for inference; by default not.
        device: Where the parameters and buffers lie.
        dtype: Their floating point type.
        bias: Whether to learn the shift.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of dimensions or channels, or a single place.

    Example:
        An image and a copy with more contrast come out alike.

        >>> image = torch.tensor([[[0.0, 1.0], [1.0, 4.0]]])
        >>> pair = torch.stack([image, 10 * image - 3])
        >>> a, b = InstanceNorm2d(1, eps=0.0)(pair)
        >>> torch.allclose(a, b)
        True

    Source:
        Ulyanov, Vedaldi and Lempitsky (2016), Instance Normalization.

    Chapter:
        normalization_family
    """

    _input_dims = (4,)
