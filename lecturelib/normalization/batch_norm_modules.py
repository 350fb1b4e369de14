"""Batch normalization as modules: the function, and the state that it keeps between batches."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm as TorchBatchNorm

from ._checks import check_batch
from ._running_norm import RunningNorm
from .batch_norm import batch_norm


class BatchNorm(RunningNorm, TorchBatchNorm):  # type: ignore[misc]  # parameters may be None
    """Bookkeeping that the batch norm modules share, whatever the number of dimensions.

    Use :class:`BatchNorm1d` or :class:`BatchNorm2d`; they say which inputs they take.

    By the class PyTorch's tools know a batch norm; all that it does is written anew here.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
        unbiased_running_var: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.unbiased_running_var = unbiased_running_var

    def forward(self, input: Tensor) -> Tensor:
        """Normalize by the batch in training (or without running statistics), else by the past."""
        self._check_input(input)
        use_batch = self.training or self.running_mean is None
        check_batch(type(self).__name__, input, training=self.training, by_batch=use_batch)
        update = self.training and self.track_running_stats
        use_running = update or not use_batch
        output = batch_norm(
            input,
            self.running_mean if use_running else None,
            self.running_var if use_running else None,
            self.weight,
            self.bias,
            use_batch,
            self._share_of_batch() if update else 0.0,
            self.eps,
            unbiased_running_var=self.unbiased_running_var,
        )
        if update and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        return output

    def _share_of_batch(self) -> float:
        """Share of the next batch in the running statistics."""
        if self.momentum is not None:
            return self.momentum
        if self.num_batches_tracked is None:
            return 0.0
        # The mean of k batches is (1 - 1/k) times that of the first k - 1, plus 1/k of the last.
        return 1 / (self.num_batches_tracked.item() + 1)


class BatchNorm1d(BatchNorm):
    r"""Batch norm of a vector (N, C), or of a sequence (N, C, L) with N·L values a channel.

    .. math::
        y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    It stands in for ``torch.nn.BatchNorm1d``: same arguments, results and ``state_dict``. PyTorch's
    tools take it for a batch norm: ``torch.optim.swa_utils.update_bn``, and
    ``torch.nn.SyncBatchNorm.convert_sync_batchnorm``, which makes PyTorch's own of it. Those that
    ask for the very class (fusion for quantization) do not; see :func:`fold_batch_norm`. With
    ``torch.func``, pass the buffers too, since the running statistics change in place.

    Args:
        num_features: Number of channels C.
        eps: Added to the variance, at least 0.
        momentum: Share of the new batch in the running statistics, in [0, 1]. None: the running
            statistics are the plain mean over all batches so far.
        affine: Whether to learn the scale and the shift.
        track_running_stats: Whether to keep running statistics. Without them, inference too
            normalizes by its batch.
        device: Where the parameters and buffers lie.
        dtype: Their floating point type.
        bias: Whether to learn the shift.
        unbiased_running_var: Whether the running variance takes the estimate divided by m - 1 (as
            PyTorch and the paper do), or that divided by m, by which training normalizes.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of dimensions or channels, or in training a single value per channel.

    Example:
        >>> bn = BatchNorm1d(1, momentum=1.0, affine=False)
        >>> bn(torch.tensor([[1.0], [3.0]]))  # mean 2, biased variance 1
        tensor([[-1.0000],
                [ 1.0000]])
        >>> bn.eval()(torch.tensor([[1.0], [3.0]]))  # unbiased variance 2
        tensor([[-0.7071],
                [ 0.7071]])

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, algorithms 1 and 2.

    Chapter:
        batch_norm
    """

    _input_dims = (2, 3)


class BatchNorm2d(BatchNorm):
    r"""Batch norm of images (N, C, H, W): one mean and variance for the N·H·W values of a channel.

    A convolution treats all places alike, and so does its normalization. It stands in for
    ``torch.nn.BatchNorm2d``: same arguments, results and ``state_dict``. What PyTorch's tools make
    of it is said at :class:`BatchNorm1d`.

    Args:
        num_features: Number of channels C.
        eps: Added to the variance, at least 0.
        momentum: Share of the new batch in the running statistics, in [0, 1]. None: the running
            statistics are the plain mean over all batches so far.
        affine: Whether to learn the scale and the shift.
        track_running_stats: Whether to keep running statistics. Without them, inference too
            normalizes by its batch.
        device: Where the parameters and buffers lie.
        dtype: Their floating point type.
        bias: Whether to learn the shift.
        unbiased_running_var: Whether the running variance takes the estimate divided by m - 1 (as
            PyTorch and the paper do), or that divided by m, by which training normalizes.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of dimensions or channels, or in training a single value per channel.

    Example:
        One image suffices, if it has more than one pixel.

        >>> image = torch.tensor([[1.0, 2.0], [2.0, 3.0]]).view(1, 1, 2, 2)
        >>> BatchNorm2d(1, eps=0.0, affine=False)(image).view(2, 2)
        tensor([[-1.4142,  0.0000],
                [ 0.0000,  1.4142]])

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, section 3.2 (convolutional networks).

    Chapter:
        batch_norm
    """

    _input_dims = (4,)
