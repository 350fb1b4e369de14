"""Estimate the running statistics of batch norm anew, with the weights as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as TorchBatchNorm

from .._evaluation_mode import evaluation_mode
from .lp_norm import LpNorm
from .mean_only_batch_norm import MeanOnlyBatchNorm

_BATCH_NORMS = (TorchBatchNorm, LpNorm, MeanOnlyBatchNorm)  # ours are PyTorch's too
Model = TypeVar("Model", bound=nn.Module)


def recalibrate_batch_norm(model: Model, loader: Iterable[Any]) -> Model:
    r"""Replace the running statistics by their plain mean over the batches of a loader.

    .. math::
        \mu \leftarrow \frac{1}{K} \sum_{k=1}^{K} \mu_k, \qquad
        \sigma^2 \leftarrow \frac{1}{K} \sum_{k=1}^{K} \sigma^2_k

    Running statistics are wrong when they lag behind weights that moved fast, when weights were
    averaged, or when dropout before batch norm changes the variance between training and inference.
    Here only batch norm works in training mode; dropout and the rest work as at inference. (Without
    dropout this is what ``torch.optim.swa_utils.update_bn`` does; that leaves dropout on, and does
    not know Lp and mean-only batch norm, which are done here too.)

    Args:
        model: Any module; its batch norms, of this package or of PyTorch, its Lp norms and
            mean-only batch norms are changed in place if they keep running statistics. Their
            momentum and all modes are restored.
        loader: Batches of input, or tuples or lists that begin with one. Each batch counts alike,
            so that they should be of one size.

    Returns:
        The same model.

    Raises:
        ValueError: If the loader is empty. After this or any other error the running statistics
            are as they were before.

    Example:
        >>> bn = nn.BatchNorm1d(1)
        >>> loader = [torch.tensor([[1.0], [3.0]]), torch.tensor([[5.0], [9.0]])]
        >>> recalibrate_batch_norm(bn, loader).running_mean
        tensor([4.5000])

    Source:
        Ioffe and Szegedy (2015), Batch Normalization, algorithm 2, line 10: the mean over training
        batches of the batch mean and of the unbiased variance. Li et al. (2018), Understanding the
        Disharmony between Dropout and Batch Normalization by Variance Shift.

    Chapter:
        batch_norm
    """
    layers: list[Any] = [
        module
        for module in model.modules()
        if isinstance(module, _BATCH_NORMS) and module.running_mean is not None
    ]
    uncounted = [layer for layer in layers if not isinstance(layer, TorchBatchNorm)]
    before = [(layer.momentum, _statistics(layer)) for layer in layers]
    count = 0
    try:
        with evaluation_mode(model), torch.no_grad():
            for layer in layers:
                layer.reset_running_stats()
                layer.momentum = None
                layer.train()
            for count, batch in enumerate(loader, start=1):
                for layer in uncounted:  # they keep no count of batches for a plain mean
                    layer.momentum = 1 / count
                model(batch[0] if isinstance(batch, (tuple, list)) else batch)
            if count == 0:
                raise ValueError("recalibrate_batch_norm: the loader gave no batch")
    except BaseException:
        for layer, (_, statistics) in zip(layers, before, strict=True):
            layer.load_state_dict(statistics, strict=False)
        raise
    finally:
        for layer, (momentum, _) in zip(layers, before, strict=True):
            layer.momentum = momentum
    return model


def _statistics(layer: nn.Module) -> dict[str, torch.Tensor]:
    return {name: buffer.clone() for name, buffer in layer.named_buffers()}
