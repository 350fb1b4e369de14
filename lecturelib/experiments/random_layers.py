r"""Random layers in float64, for what holds exactly: one seed, one case.

Every error is the largest absolute difference of the two sides over the largest absolute value of
the second one. Losses are :math:`\sum r_{ij} y_{ij}` with random :math:`r`, as a plain sum of a
normalized output has no gradient at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.normalization import batch_norm

__all__ = ["Case", "error", "over_seeds"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


class Case:
    """A random layer: inputs x (m, d), weights w (k, d) and cotangents r (m, k), all float64."""

    def __init__(self, settings: Settings, seed: int, device: str) -> None:
        m, d, k = settings["samples"], settings["inputs"], settings["units"]
        self.generator = torch.Generator().manual_seed(seed)
        self.device = device
        self.x = self.normal(m, d)
        self.w = self.normal(k, d)
        self.r = self.normal(m, k)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers; drawn on the CPU, so that a seed means the same everywhere."""
        draw = torch.randn(*shape, generator=self.generator, dtype=torch.float64)
        return draw.to(self.device)

    def output(self, w: Tensor, eps: float = 0.0) -> Tensor:
        """BN(w x)."""
        return batch_norm(self.x @ w.T, None, None, training=True, eps=eps)

    def gradient(self, w: Tensor, eps: float = 0.0) -> Tensor:
        """Gradient of Σ r·BN(w x) with respect to w."""
        w = w.detach().clone().requires_grad_()
        (self.r * self.output(w, eps)).sum().backward()
        assert w.grad is not None
        return w.grad


def error(a: Tensor, b: Tensor) -> float:
    """Largest difference over the largest value of ``b``."""
    return ((a - b).abs().max() / b.abs().max()).item()


def over_seeds(
    one: Callable[[Case], dict[str, float]], settings: Settings, seeds: Sequence[int], device: str
) -> Values:
    """The values of one case after the other, one a seed."""
    rows = [one(Case(settings, seed, device)) for seed in seeds]
    return {name: [row[name] for row in rows] for name in rows[0]}
