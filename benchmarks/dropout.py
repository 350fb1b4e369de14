"""Dropout in training, forward and backward, beside PyTorch's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.regularizers import dropout, dropout2d

from .harness import Benchmark, Work

Dropout = Callable[[Tensor, float], Tensor]
PAIRS: dict[str, tuple[Dropout, Dropout]] = {
    "dropout": (dropout, F.dropout),
    "dropout2d": (dropout2d, F.dropout2d),
}
CASES = [
    ("dropout", (128, 512)),
    ("dropout", (128, 64, 16, 16)),
    ("dropout2d", (128, 64, 16, 16)),
]


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """One benchmark a function and size; nothing here is compiled."""
    for name, shape in CASES:
        check(name, shape)
        ours, theirs = PAIRS[name]
        yield Benchmark(
            name=f"{name}, p = 0.5, training, forward + backward, {shape} float32",
            contestants={"lecturelib": step(ours, shape), "PyTorch": step(theirs, shape)},
            baseline="PyTorch",
            goals={"lecturelib": 1.05},  # the same, but for what a measurement varies by
        )


def step(function: Dropout, shape: tuple[int, ...]) -> Work:
    """A forward and a backward pass."""
    generator = torch.Generator().manual_seed(0)
    x, cotangent = (torch.randn(shape, generator=generator) for _ in range(2))
    x.requires_grad_()

    def once() -> None:
        x.grad = None
        function(x, 0.5).backward(cotangent)

    return once


def check(name: str, shape: tuple[int, ...]) -> None:
    """Raise unless both drop the same values: what is wrong is no peer."""
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    results = []
    for function in PAIRS[name]:
        torch.manual_seed(0)
        results.append(function(x, 0.5))
    torch.testing.assert_close(*results, rtol=0, atol=0)
