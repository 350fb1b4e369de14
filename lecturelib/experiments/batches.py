"""A batch for each of the networks side by side, and their losses on it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.experiments.networks import NormalizedNetworks

__all__ = ["batch_of", "losses_of"]


def batch_of(
    networks: NormalizedNetworks, x: Tensor, y: Tensor, size: int
) -> tuple[Tensor, Tensor]:
    """A batch of its own for each network: inputs ``[S, in, size]`` and classes ``[S, size]``."""
    chosen = torch.stack([torch.randperm(len(x), generator=g)[:size] for g in networks.generators])
    chosen = chosen.to(x.device)
    return x[chosen].transpose(1, 2), y[chosen]


def losses_of(networks: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of each network, ``[S]``."""
    return F.cross_entropy(networks(x), y, reduction="none").mean(-1)
