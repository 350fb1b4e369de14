"""The relatives of batch norm, forward and backward, beside PyTorch's own.

Ours are the formula in PyTorch's operations; PyTorch's are one fused kernel each. There is no goal:
the report says what the readable form costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.normalization import group_norm, instance_norm, layer_norm, rms_norm, weight_norm

from .harness import Benchmark, Work

Pair = tuple[Callable[..., Tensor], Callable[..., Tensor]]
IMAGES, ROWS = (128, 64, 16, 16), (256, 512)


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """One benchmark a function; nothing here is compiled."""
    cases: dict[str, tuple[Pair, tuple[int, ...], tuple[int, ...]]] = {
        "layer norm": (
            (lambda x, w: layer_norm(x, w.shape, w), lambda x, w: F.layer_norm(x, w.shape, w)),
            ROWS,
            ROWS[1:],
        ),
        "RMS norm": (
            (lambda x, w: rms_norm(x, w.shape, w), lambda x, w: F.rms_norm(x, w.shape, w)),
            ROWS,
            ROWS[1:],
        ),
        "group norm, 8 groups": (
            (lambda x, w: group_norm(x, 8, w), lambda x, w: F.group_norm(x, 8, w)),
            IMAGES,
            IMAGES[1:2],
        ),
        "instance norm": (
            (
                lambda x, w: instance_norm(x, weight=w),
                lambda x, w: F.instance_norm(x, weight=w),
            ),
            IMAGES,
            IMAGES[1:2],
        ),
        "weight norm": (
            (lambda v, g: weight_norm(v, g), lambda v, g: torch._weight_norm(v, g, 0)),
            (512, 512),
            (512, 1),
        ),
    }
    for name, (pair, shape, weight_shape) in cases.items():
        check(pair, shape, weight_shape)
        works = [step(function, shape, weight_shape) for function in pair]
        yield Benchmark(
            name=f"{name}, forward + backward, {shape} float32",
            contestants=dict(zip(("lecturelib", "PyTorch"), works, strict=True)),
            baseline="PyTorch",
        )


def leaves(shape: tuple[int, ...], weight_shape: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Input, weight and cotangent; the same numbers for each contestant."""
    generator = torch.Generator().manual_seed(0)
    x, cotangent = (torch.randn(shape, generator=generator) for _ in range(2))
    weight = torch.rand(weight_shape, generator=generator)
    return x.requires_grad_(), weight.requires_grad_(), cotangent


def step(
    function: Callable[..., Tensor], shape: tuple[int, ...], weight_shape: tuple[int, ...]
) -> Work:
    """A forward and a backward pass."""
    x, weight, cotangent = leaves(shape, weight_shape)

    def once() -> None:
        x.grad = weight.grad = None
        function(x, weight).backward(cotangent)

    return once


def check(pair: Pair, shape: tuple[int, ...], weight_shape: tuple[int, ...]) -> None:
    """Raise unless both give the same values and gradients: what is wrong is no peer."""
    results = []
    for function in pair:
        x, weight, cotangent = leaves(shape, weight_shape)
        y = function(x, weight)
        results.append((y.detach(), *torch.autograd.grad(y, (x, weight), cotangent)))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
