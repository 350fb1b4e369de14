"""Normalization layers: batch norm, its backward pass, its uses at inference, and its relatives.

PyTorch's tools work on the modules: ``state_dict``, also of older versions, autocast, averaged
models and ``update_bn``, ``SyncBatchNorm``, pruning, parametrizations, ``torch.func``,
``torch.compile`` and ``torch.export``. Three do not. Fusion for quantization asks for the very
classes of PyTorch; fold the batch norms first. ``torch.fx.symbolic_trace`` stops at the checks of
shapes; give it a ``Tracer`` whose ``is_leaf_module`` is true for them. ``torch.save`` of a whole
`WeightNorm` or `ParametricNoise`, as of each parametrized module, is refused; save its state.

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
from .detached_layer_norm import DetachedLayerNorm, detached_layer_norm
from .folding import fold_batch_norm
from .frozen_batch_norm import FrozenBatchNorm
from .group_norm import GroupNorm, group_norm
from .independent_component import IndependentComponent
from .instance_norm import InstanceNorm1d, InstanceNorm2d, instance_norm
from .layer_norm import LayerNorm, layer_norm
from .lp_norm import LpNorm, lp_norm
from .mean_only_batch_norm import MeanOnlyBatchNorm, mean_only_batch_norm
from .noisy_batch_norm import NoisyBatchNorm, shifting_noise
from .norm_prop import (
    NormPropConstants,
    NormPropConv2d,
    NormPropLinear,
    norm_prop,
    normprop_constants,
)
from .parametric_noise import ParametricNoise, parametric_noise
from .recalibration import recalibrate_batch_norm
from .rms_norm import RMSNorm, rms_norm
from .weight_norm import WeightNorm, weight_norm, weight_norm_gradients

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNormFunction",
    "DetachedLayerNorm",
    "FrozenBatchNorm",
    "GroupNorm",
    "IndependentComponent",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LayerNorm",
    "LpNorm",
    "MeanOnlyBatchNorm",
    "NoisyBatchNorm",
    "NormPropConstants",
    "NormPropConv2d",
    "NormPropLinear",
    "ParametricNoise",
    "RMSNorm",
    "WeightNorm",
    "batch_norm",
    "batch_norm_backward_chain_numpy",
    "batch_norm_backward_numpy",
    "batch_norm_forward_numpy",
    "detached_layer_norm",
    "fold_batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "lp_norm",
    "mean_only_batch_norm",
    "norm_prop",
    "normprop_constants",
    "parametric_noise",
    "recalibrate_batch_norm",
    "rms_norm",
    "shifting_noise",
    "weight_norm",
    "weight_norm_gradients",
]
