"""Layer normalization: each sample is standardized over its own features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Standardize each sample over its last dimensions, then scale and shift elementwise."""
    shape = tuple(normalized_shape)
    if tuple(input.shape[-len(shape) :]) != shape:
        raise ValueError(
            f"layer_norm: input must end in {shape}, got shape {tuple(input.shape)}"
        )
    dims = tuple(range(-len(shape), 0))
    centred = input - input.mean(dims, keepdim=True)
    var = centred.square().mean(dims, keepdim=True)
    x_hat = centred * torch.rsqrt(var + eps)
    if weight is not None:
        x_hat = x_hat * weight
    return x_hat if bias is None else x_hat + bias


class LayerNorm(nn.Module):
    """Layer norm with its scale and shift."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else normalized_shape
        self.normalized_shape = tuple(shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        options: dict[str, Any] = {"device": device, "dtype": dtype}
        affine = elementwise_affine
        self.weight = nn.Parameter(torch.ones(self.normalized_shape, **options)) if affine else None
        self.bias = (
            nn.Parameter(torch.zeros(self.normalized_shape, **options)) if affine and bias else None
        )

    def forward(self, input: Tensor) -> Tensor:
        """Normalize each sample."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Options as PyTorch prints them."""
        return f"{self.normalized_shape}, eps={self.eps}, affine={self.elementwise_affine}"
