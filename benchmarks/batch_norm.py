"""Batch norm in training, forward and backward, beside PyTorch's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.normalization import batch_norm

from .harness import Benchmark, Work

SIZES = {(128, 64, 16, 16): 1.6, (256, 512): 2.1}  # with the goal for ours
COMPILED_GOALS = {(128, 64, 16, 16): 1.0}


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """One benchmark a size; compiled contestants where there is a C++ compiler."""
    functions: dict[str, Callable[..., Tensor]] = {
        "F.batch_norm": F.batch_norm,
        "lecturelib": batch_norm,
        "textbook ops": textbook,
    }
    if compiled and (shutil.which("c++") or shutil.which("g++")):
        for name in ("lecturelib", "textbook ops"):
            functions[f"{name}, compiled"] = torch.compile(functions[name], dynamic=False)
    for function in functions.values():
        check(function)
    for shape, goal in SIZES.items():
        goals = {"lecturelib": goal}
        if shape in COMPILED_GOALS:
            goals["lecturelib, compiled"] = COMPILED_GOALS[shape]
        yield Benchmark(
            name=f"batch norm, training, forward + backward, {shape} float32",
            contestants={name: step(f, shape) for name, f in functions.items()},
            baseline="F.batch_norm",
            goals={name: goal for name, goal in goals.items() if name in functions},
        )


def textbook(
    x: Tensor,
    running_mean: None,
    running_var: None,
    weight: Tensor,
    bias: Tensor,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    """The formula in PyTorch's operations, which autograd differentiates one by one."""
    dims = [0, *range(2, x.ndim)]
    shape = [1, -1, *[1] * (x.ndim - 2)]
    mean = x.mean(dims, keepdim=True)
    var = x.var(dims, correction=0, keepdim=True)
    return weight.view(shape) * (x - mean) / torch.sqrt(var + eps) + bias.view(shape)


def step(function: Callable[..., Tensor], shape: tuple[int, ...]) -> Work:
    """A forward and a backward pass; the same numbers for each contestant."""
    generator = torch.Generator().manual_seed(0)
    x, cotangent = (torch.randn(shape, generator=generator) for _ in range(2))
    weight, bias = (torch.rand(shape[1], generator=generator) for _ in range(2))
    leaves = [t.requires_grad_() for t in (x, weight, bias)]

    def once() -> None:
        for leaf in leaves:
            leaf.grad = None
        function(x, None, None, weight, bias, True, 0.1, 1e-5).backward(cotangent)

    return once


def check(function: Callable[..., Tensor]) -> None:
    """Raise unless the function gives what F.batch_norm gives: what is wrong is no peer."""
    generator = torch.Generator().manual_seed(1)
    for shape in SIZES:
        x = torch.randn(shape, generator=generator, requires_grad=True)
        weight, bias = torch.rand(2, shape[1], generator=generator)
        results = []
        for f in (function, F.batch_norm):
            y = f(x, None, None, weight, bias, True, 0.1, 1e-5)
            results.append((y.detach(), *torch.autograd.grad(y.pow(3).sum(), x)))
        for ours, theirs in zip(*results, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
