"""Fold an inference-mode batch norm into the layer before it."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as _TorchBatchNorm

from .batch_norm_modules import _BatchNorm

Layer = TypeVar("Layer", nn.Linear, nn.Conv1d, nn.Conv2d)


def fold_batch_norm(linear_or_conv: Layer, bn: nn.Module) -> Layer:
    """Return a new layer that equals the given layer followed by bn in eval mode."""
    if not isinstance(bn, (_BatchNorm, _TorchBatchNorm)):
        raise TypeError(f"fold_batch_norm: bn must be a batch norm, got {type(bn).__name__}")
    if bn.training:
        raise ValueError("fold_batch_norm: bn is in training mode; call bn.eval() first")
    if bn.running_mean is None or bn.running_var is None:
        raise ValueError("fold_batch_norm: bn has no running statistics")
    folded = copy.deepcopy(linear_or_conv)
    with torch.no_grad():
        scale = torch.rsqrt(bn.running_var + bn.eps)
        if bn.weight is not None:
            scale = scale * bn.weight
        bias = -bn.running_mean if folded.bias is None else folded.bias - bn.running_mean
        bias = bias * scale + (0 if bn.bias is None else bn.bias)
        folded.weight.mul_(scale.view(-1, *[1] * (folded.weight.ndim - 1)))
        folded.bias = nn.Parameter(bias)
    return folded
