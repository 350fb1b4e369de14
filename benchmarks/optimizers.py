"""Steps of the optimizers beside PyTorch's single-tensor, foreach and fused implementations."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from lecturelib import optimizers

from .harness import Benchmark, Work

PARAMETERS = (10**6, 10**7)
TENSORS = (1, 20, 200)
COMPILED_TENSORS = (1, 20)  # the compiler unrolls the list: minutes for 200
OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9},
    "Adagrad": {},
    "Adadelta": {},
    "RMSprop": {},
    "AdamW": {},
}
ALPHA, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """Adam beside all of PyTorch's paths, the others beside one; a textbook Adam, compiled."""
    for n in PARAMETERS:
        for k in TENSORS:
            contestants = {
                "torch, single tensor": torch_step("Adam", n, k, foreach=False),
                "lecturelib": step(optimizers.Adam, n, k),
                "torch, foreach": torch_step("Adam", n, k, foreach=True),
                "torch, fused": torch_step("Adam", n, k, fused=True),
            }
            yield benchmark("Adam", n, k, contestants)
    for name, options in OPTIONS.items():
        for n, k in itertools.product(PARAMETERS, TENSORS):
            contestants = {
                "torch, single tensor": torch_step(name, n, k, foreach=False, **options),
                "lecturelib": step(getattr(optimizers, name), n, k, **options),
            }
            yield benchmark(f"{name} {options or ''}".strip(), n, k, contestants)
    if compiled and (shutil.which("c++") or shutil.which("g++")):
        check_textbook()
        for n in PARAMETERS:
            for k in COMPILED_TENSORS:
                yield Benchmark(
                    name=f"Adam compiled, step, {size(n, k)}",
                    contestants={
                        "torch, fused": torch_step("Adam", n, k, fused=True),
                        "textbook, compiled": compiled_step(n, k),
                    },
                    baseline="torch, fused",
                    goals={"textbook, compiled": 1.1},
                )


def benchmark(name: str, n: int, k: int, contestants: dict[str, Work]) -> Benchmark:
    """Ours against PyTorch's single-tensor path."""
    return Benchmark(
        name=f"{name}, step, {size(n, k)}",
        contestants=contestants,
        baseline="torch, single tensor",
        goals={"lecturelib": 1.0},
    )


def size(n: int, k: int) -> str:
    """How many parameters in how many tensors."""
    return f"{n:.0e} float32 parameters in {k} tensor{'s' * (k > 1)}"


def tensors(n: int, k: int) -> list[Tensor]:
    """The same parameters and gradients for each contestant."""
    generator = torch.Generator().manual_seed(0)
    params = [torch.randn(n // k, generator=generator).requires_grad_() for _ in range(k)]
    for p in params:
        p.grad = torch.randn(n // k, generator=generator)
    return params


def step(make: Callable[..., torch.optim.Optimizer], n: int, k: int, **options: Any) -> Work:
    """A step of an optimizer."""
    return make(tensors(n, k), **options).step


def torch_step(name: str, n: int, k: int, **options: Any) -> Work:
    """A step of PyTorch's optimizer of that name."""
    return step(getattr(torch.optim, name), n, k, **options)


def textbook(
    thetas: list[Tensor],
    gs: list[Tensor],
    ms: list[Tensor],
    vs: list[Tensor],
    alpha_t: Tensor,
    epsilon_t: Tensor,
) -> None:
    """Adam in the order of its paper's section 2; alpha_t and epsilon_t hold the corrections."""
    for theta, g, m, v in zip(thetas, gs, ms, vs, strict=True):
        m.copy_(BETA1 * m + (1 - BETA1) * g)
        v.copy_(BETA2 * v + (1 - BETA2) * g**2)
        theta.sub_(alpha_t * m / (v.sqrt() + epsilon_t))


def compiled_step(n: int, k: int) -> Work:
    """A step of the textbook's Adam, compiled for these sizes."""
    params = tensors(n, k)
    thetas, gs, ms, vs = textbook_state(params)
    function = torch.compile(textbook, dynamic=False)
    t = 0

    def once() -> None:
        nonlocal t
        t += 1
        function(thetas, gs, ms, vs, *corrections(t))

    return once


def textbook_state(params: list[Tensor]) -> tuple[list[Tensor], ...]:
    """Parameters without history, their gradients, and zeros for the two means."""
    thetas, gs = [p.detach() for p in params], [p.grad for p in params if p.grad is not None]
    return thetas, gs, *([torch.zeros_like(p) for p in thetas] for _ in range(2))


def corrections(t: int) -> tuple[Tensor, Tensor]:
    """Step size and epsilon of step t, as tensors: numbers would be compiled into the code."""
    c1, c2 = 1 - BETA1**t, 1 - BETA2**t
    return torch.tensor(ALPHA * c2**0.5 / c1), torch.tensor(EPSILON * c2**0.5)


def check_textbook() -> None:
    """Raise unless the textbook's Adam gives what PyTorch's gives: what is wrong is no peer."""
    params, oracle = tensors(30, 3), tensors(30, 3)
    thetas, gs, ms, vs = textbook_state(params)
    adam = torch.optim.Adam(oracle, ALPHA, (BETA1, BETA2), EPSILON)
    for t in range(1, 11):
        textbook(thetas, gs, ms, vs, *corrections(t))
        adam.step()
    for ours, theirs in zip(params, oracle, strict=True):
        torch.testing.assert_close(ours, theirs)
