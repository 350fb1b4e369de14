"""Normalization layers: batch norm, its backward pass, its uses at inference, and layer norm.

>>> import torch
>>> from lecturelib.normalization import BatchNorm1d
>>> BatchNorm1d(2)(torch.tensor([[0.0, 9.0], [1.0, 10.0], [2.0, 11.0]])).round(decimals=3)
tensor([[-1.2250, -1.2250],
        [ 0.0000,  0.0000],
        [ 1.2250,  1.2250]], grad_fn=<RoundBackward1>)
"""

from .batch_norm import BatchNormFunction, batch_norm
from .batch_norm_modules import BatchNorm1d, BatchNorm2d
from .batch_norm_numpy import (
    batch_norm_backward_chain_numpy,
    batch_norm_backward_numpy,
    batch_norm_forward_numpy,
)
from .folding import fold_batch_norm
from .independent_component import IndependentComponent
from .layer_norm import LayerNorm, layer_norm
from .recalibration import recalibrate_batch_norm

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNormFunction",
    "IndependentComponent",
    "LayerNorm",
    "batch_norm",
    "batch_norm_backward_chain_numpy",
    "batch_norm_backward_numpy",
    "batch_norm_forward_numpy",
    "fold_batch_norm",
    "layer_norm",
    "recalibrate_batch_norm",
]
