"""Normalization propagation, intact and with each of its assumptions broken on purpose."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.normalization import norm_prop, normprop_constants

__all__ = ["BREAKS", "broken_assumptions"]

_RELU = normprop_constants(torch.relu)
Draw = Callable[..., Tensor]


def _gaussian(normal: Draw, uniform: Draw, n: int) -> Tensor:
    return normal(n)


def _correlated(normal: Draw, uniform: Draw, n: int) -> Tensor:
    """Each pair of inputs has the correlation ½."""
    return math.sqrt(0.5) * (normal(n) + normal(1))


def _sparse(normal: Draw, uniform: Draw, n: int) -> Tensor:
    """Independent inputs of mean 0 and variance 1: one in a hundred is 9.95, the others −0.1."""
    return ((uniform(n) < 0.01).float() - 0.01) / math.sqrt(0.01 * 0.99)


def _rows(normal: Draw, n: int) -> Tensor:
    return normal(n)


def _coherent(normal: Draw, n: int) -> Tensor:
    """Any two rows have a cosine of about ½: they share a part."""
    return normal(n) + normal(n)[:1]


def _few(normal: Draw, n: int) -> Tensor:
    """Each unit reads a single input, so that its sum is as far from normal as the input."""
    return torch.eye(n)


BREAKS: dict[str, tuple[Callable[..., Tensor], Callable[..., Tensor]]] = {
    "as assumed": (_gaussian, _rows),
    "correlated inputs": (_correlated, _rows),
    "coherent rows": (_gaussian, _coherent),
    "sparse inputs": (_sparse, _rows),
    "sparse inputs, one a unit": (_sparse, _few),
}
"""What is broken: how the inputs are drawn, and the weights of each layer."""


def broken_assumptions(
    name: str,
    *,
    seeds: Sequence[int] = range(10),
    width: int = 256,
    depth: int = 10,
    samples: int = 512,
) -> dict[str, Tensor]:
    """Mean and standard deviation ``[depth, S]`` of a layer's outputs, over samples and units.

    ReLU layers of ``width`` units with rows of unit length and NormProp's constants, at γ = 1 and
    β = 0.
    """
    inputs, weights = BREAKS[name]
    mean, std = torch.zeros(2, depth, len(seeds))
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)

        def normal(n: int, g: torch.Generator = generator) -> Tensor:
            return torch.randn(samples, n, generator=g)

        def square(n: int, g: torch.Generator = generator) -> Tensor:
            return torch.randn(n, n, generator=g)

        def uniform(n: int, g: torch.Generator = generator) -> Tensor:
            return torch.rand(samples, n, generator=g)

        h = inputs(normal, uniform, width)
        for layer in range(depth):
            w = F.normalize(weights(square, width), dim=1)
            h = norm_prop(h @ w.T, torch.relu, constants=_RELU)
            mean[layer, s], std[layer, s] = h.mean(), h.std()
    return {"mean": mean, "std": std}
