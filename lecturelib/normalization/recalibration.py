"""Estimate the running statistics of batch norm anew, with the weights as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as _TorchBatchNorm

from .batch_norm_modules import _BatchNorm

Model = TypeVar("Model", bound=nn.Module)


def recalibrate_batch_norm(model: Model, loader: Iterable[Any]) -> Model:
    """Replace the running statistics by their plain average over the batches of the loader."""
    layers = [m for m in model.modules() if isinstance(m, (_BatchNorm, _TorchBatchNorm))]
    momenta = [layer.momentum for layer in layers]
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None
            layer.train()
        with torch.no_grad():
            for batch in loader:
                model(batch[0] if isinstance(batch, (tuple, list)) else batch)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for module, mode in modes.items():
            module.training = mode
    return model
