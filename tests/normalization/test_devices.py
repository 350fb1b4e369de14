"""Every norm computes where its input lies: on the meta device no number from elsewhere may mix in.

PyTorch refuses to combine a tensor of this device with one of the CPU, so that a constant or a
draw on the wrong device is an error here as it would be on a GPU.
"""

import pytest
import torch
from torch import nn

from lecturelib import normalization as n

META = {"device": "meta"}
MODULES = {
    "BatchNorm1d": lambda: n.BatchNorm1d(4, **META),
    "LayerNorm": lambda: n.LayerNorm(4, **META),
    "DetachedLayerNorm": lambda: n.DetachedLayerNorm(4, **META),
    "GroupNorm": lambda: n.GroupNorm(2, 4, **META),
    "RMSNorm": lambda: n.RMSNorm(4, **META),
    "LpNorm": lambda: n.LpNorm(4, 1.0, **META),
    "MeanOnlyBatchNorm": lambda: n.MeanOnlyBatchNorm(4, **META),
    "NoisyBatchNorm": lambda: n.NoisyBatchNorm(4, **META),
    "NoisyBatchNorm, CPU draws": lambda: n.NoisyBatchNorm(4, **META, generator=torch.Generator()),
    "FrozenBatchNorm": lambda: n.FrozenBatchNorm(4, **META),
    "NormPropLinear": lambda: n.NormPropLinear(4, 4, **META),
    "WeightNorm": lambda: n.WeightNorm(nn.Linear(4, 4, **META)),
    "ParametricNoise": lambda: n.ParametricNoise(nn.Linear(4, 4, **META)),
    "ParametricNoise, CPU draws": lambda: n.ParametricNoise(
        nn.Linear(4, 4, **META), "channel", generator=torch.Generator()
    ),
}
IMAGES = {
    "InstanceNorm2d": lambda: n.InstanceNorm2d(4, affine=True, track_running_stats=True, **META),
    "NormPropConv2d": lambda: n.NormPropConv2d(4, 4, 3, **META),
}


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("name", [*MODULES, *IMAGES])
def test_output_and_gradients_lie_where_the_input_does(name, mode):
    module = {**MODULES, **IMAGES}[name]().train(mode)
    x = torch.empty((6, 4, 5, 5) if name in IMAGES else (6, 4), **META, requires_grad=True)
    y = module(x)
    y.sum().backward()
    assert {t.device.type for t in (y, x.grad, *module.state_dict().values())} == {"meta"}
    assert y.dtype == torch.float32
