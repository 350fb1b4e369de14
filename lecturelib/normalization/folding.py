"""Fold batch norm at inference into the layer before it."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as TorchBatchNorm

from .._computed import check_own
from .._precision import widen
from .batch_norm_modules import BatchNorm

Layer = TypeVar("Layer", bound=nn.Module)

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_REMOVE = (
    "make it a parameter first, by torch.nn.utils.parametrize.remove_parametrizations, "
    "prune.remove, remove_weight_norm or remove_spectral_norm"
)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def fold_batch_norm(linear_or_conv: Layer, bn: nn.Module) -> Layer:
    r"""Make one layer that does what a layer followed by batch norm does at inference.

    .. math::
        W' = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} W, \qquad
        b' = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} (b - \mu) + \beta

    Batch norm *before* a layer folds likewise into a linear layer, but not into a padded
    convolution, where the padding is not normalized; only the order layer, batch norm is done here.

    Args:
        linear_or_conv: A Linear, Conv1d, Conv2d, Conv3d or ConvTranspose1d to 3d of PyTorch, with
            or without bias. It is left as it is.
        bn: Batch norm in eval mode with running statistics, of this package or of PyTorch.

    Returns:
        A new layer of the same class, dtype and device, with a bias. It is a copy in all else, so
        that forward hooks of the layer are copied with it, and now see what batch norm gave; those
        of bn are gone.

    Raises:
        TypeError: If either is of another class.
        ValueError: If bn is in training mode, has no running statistics or another number of
            channels, or if the layer's weight or bias is computed at each call, by a
            parametrization, pruning, weight norm or spectral norm.

    Example:
        >>> layer, bn = nn.Linear(3, 2), nn.BatchNorm1d(2).eval()
        >>> x = torch.ones(1, 3)
        >>> torch.allclose(fold_batch_norm(layer, bn)(x), bn(layer(x)))
        True

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, section 3.1: at inference it is "simply a
        linear transform"; algorithm 2, line 11.

    Chapter:
        batch_norm
    """
    if not isinstance(linear_or_conv, (nn.Linear, *_CONVOLUTIONS, *_TRANSPOSED)):
        raise TypeError(
            "fold_batch_norm: the layer must be a Linear, Conv or ConvTranspose, "
            f"got {type(linear_or_conv).__name__}"
        )
    if not isinstance(bn, (BatchNorm, TorchBatchNorm)):
        raise TypeError(f"fold_batch_norm: bn must be batch norm, got {type(bn).__name__}")
    if bn.training:
        raise ValueError(
            "fold_batch_norm: bn is in training mode, where it depends on the batch; "
            "call bn.eval() first"
        )
    if bn.running_mean is None or bn.running_var is None:
        raise ValueError("fold_batch_norm: bn has no running statistics (track_running_stats)")
    check_own("fold_batch_norm", linear_or_conv, "weight", "bias", remedy=_REMOVE)
    folded: Any = copy.deepcopy(linear_or_conv)
    channels = folded.out_features if isinstance(folded, nn.Linear) else folded.out_channels
    if bn.num_features != channels:
        raise ValueError(
            f"fold_batch_norm: the layer gives {channels} channels, bn takes {bn.num_features}"
        )
    weight: Tensor = widen(folded.weight.detach())
    old_bias = 0 if folded.bias is None else widen(folded.bias.detach())
    scale = torch.rsqrt(widen(bn.running_var) + bn.eps)
    if bn.weight is not None:
        scale = scale * bn.weight.detach()
    bias = scale * (old_bias - bn.running_mean)
    if bn.bias is not None:
        bias = bias + bn.bias.detach()
    folded.weight = _parameter(weight * _by_output_channel(scale, folded), folded.weight)
    folded.bias = _parameter(bias, folded.weight)
    return folded


def _by_output_channel(scale: Tensor, layer: Any) -> Tensor:
    """View a scale per output channel so that it multiplies the layer's weight."""
    kernel = [1] * (layer.weight.ndim - 2)
    if not isinstance(layer, _TRANSPOSED):
        return scale.view(-1, 1, *kernel)  # weight (out, in, ...)
    # Transposed: weight (in, out / groups, ...), where group g takes the g-th share of in and out.
    per_group = scale.view(layer.groups, 1, -1)
    per_input = per_group.expand(-1, layer.in_channels // layer.groups, -1)
    return per_input.reshape(layer.in_channels, -1, *kernel)


def _parameter(value: Tensor, like: nn.Parameter) -> nn.Parameter:
    return nn.Parameter(value.to(like.dtype), requires_grad=like.requires_grad)
