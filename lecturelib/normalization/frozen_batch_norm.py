"""Batch norm whose statistics are frozen: a fixed scale and shift, in training too."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as TorchBatchNorm

from .batch_norm import batch_norm
from .batch_norm_modules import BatchNorm


class FrozenBatchNorm(nn.Module):
    r"""Batch norm that uses its running statistics always, and never updates them.

    .. math::
        y = \gamma \frac{x - \mu_{run}}{\sqrt{\sigma^2_{run} + \epsilon}} + \beta

    In training mode too, so that no gradient passes through the statistics and a sample does not
    depend on the rest of its batch. It takes inputs (N, C) and (N, C, ...). As in
    ``torchvision.ops.FrozenBatchNorm2d`` scale and shift are buffers and not learned, unless
    ``learn_affine`` says so; the names in the ``state_dict`` are the same in both cases, and a
    state saved by batch norm can be loaded.

    Args:
        num_features: Number of channels C.
        eps: Added to the variance, at least 0.
        device: Where parameters and buffers lie.
        dtype: Their floating point type.
        learn_affine: Whether scale and shift are parameters.

    Raises:
        ValueError: If an option is out of range or, in the call, if the input has the wrong number
            of channels.

    Example:
        >>> bn = nn.BatchNorm1d(1, momentum=1.0)
        >>> _ = bn(torch.tensor([[1.0], [3.0]]))  # mean 2, variance 2
        >>> FrozenBatchNorm.from_batch_norm(bn)(torch.tensor([[7.0]])).round(decimals=3)
        tensor([[3.5360]])

    Source:
        He et al. (2016), Deep Residual Learning for Image Recognition, appendix A, which fine-tunes
        with fixed statistics; ``torchvision.ops.FrozenBatchNorm2d`` for names and state.

    Chapter:
        normalization_family
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        learn_affine: bool = False,
    ) -> None:
        super().__init__()
        if num_features < 1:
            raise ValueError(
                f"FrozenBatchNorm: num_features must be at least 1, got {num_features}"
            )
        if not eps >= 0:
            raise ValueError(f"FrozenBatchNorm: eps must be at least 0, got {eps}")
        self.num_features = num_features
        self.eps = eps
        self.learn_affine = learn_affine
        for name, value in (("weight", 1.0), ("bias", 0.0)):
            tensor = torch.full((num_features,), value, device=device, dtype=dtype)
            if learn_affine:
                self.register_parameter(name, nn.Parameter(tensor))
            else:
                self.register_buffer(name, tensor)
        for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
            tensor = torch.full((num_features,), value, device=device, dtype=dtype)
            self.register_buffer(name, tensor)
        self._register_load_state_dict_pre_hook(_drop_count)

    @classmethod
    def from_batch_norm(cls, bn: nn.Module, *, learn_affine: bool = False) -> FrozenBatchNorm:
        """Make one that does what a batch norm does in eval mode.

        Args:
            bn: Batch norm with running statistics, of this package or of PyTorch. It is left as it
                is; numbers are copied.
            learn_affine: Whether scale and shift are parameters.

        Returns:
            The frozen batch norm, on the device and with the dtype of the statistics.

        Raises:
            TypeError: If bn is not batch norm.
            ValueError: If it has no running statistics.

        Example:
            >>> bn = nn.BatchNorm2d(3, eps=0.1)
            >>> FrozenBatchNorm.from_batch_norm(bn)
            FrozenBatchNorm(3, eps=0.1, learn_affine=False)
        """
        if not isinstance(bn, (BatchNorm, TorchBatchNorm)):
            raise TypeError(
                f"FrozenBatchNorm.from_batch_norm: bn must be batch norm, got {type(bn).__name__}"
            )
        mean, var = bn.running_mean, bn.running_var
        if mean is None or var is None:
            raise ValueError(
                "FrozenBatchNorm.from_batch_norm: bn has no running statistics "
                "(track_running_stats)"
            )
        frozen = cls(bn.num_features, bn.eps, mean.device, mean.dtype, learn_affine=learn_affine)
        state = {k: v for k, v in bn.state_dict().items() if k != "num_batches_tracked"}
        frozen.load_state_dict(state, strict=False)
        return frozen

    def forward(self, input: Tensor) -> Tensor:
        """Scale and shift each channel."""
        if input.ndim < 2 or input.shape[1] != self.num_features:
            raise ValueError(
                f"FrozenBatchNorm: expected {self.num_features} channels in dimension 1, got shape "
                f"{tuple(input.shape)}"
            )
        return batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )

    def extra_repr(self) -> str:
        """Options."""
        return f"{self.num_features}, eps={self.eps}, learn_affine={self.learn_affine}"


def _drop_count(state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
    """Leave out batch norm's count of batches, which nothing here needs."""
    state.pop(f"{prefix}num_batches_tracked", None)
