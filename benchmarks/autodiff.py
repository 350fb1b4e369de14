"""Training steps of `lecturelib.autodiff` beside PyTorch and other engines in Python.

A step is forward, cross-entropy, backward and gradient descent, in float32. The matrix products
alone, and the step written by hand in NumPy, show how much of it an engine on NumPy can save. Peers
that are not installed (extra ``bench``) are left out, with a line that says so.
"""

from __future__ import annotations

import importlib
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lecturelib import autodiff as ad

from .harness import Benchmark, Work

LR = 0.01
os.environ.setdefault("DEV", "CPU")  # read by tinygrad


class Problem:
    """A batch and the weights of an MLP with ReLUs, the same for each contestant."""

    def __init__(self, sizes: Sequence[int], batch: int) -> None:
        rng = np.random.default_rng(0)
        self.x = rng.normal(size=(batch, sizes[0])).astype(np.float32)
        self.y = rng.integers(0, sizes[-1], batch)
        self.parameters: list[np.ndarray] = []
        for m, n in pairwise(sizes):
            weight = rng.normal(size=(n, m)) / m**0.5
            self.parameters += [weight.astype(np.float32), np.zeros(n, np.float32)]


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """Two sizes of network; the engine of single numbers gets a network that it can bear."""
    peers = {
        "mygrad": ("mygrad", mygrad_step),
        "HIPS autograd": ("autograd", autograd_step),
        "tinygrad": ("tinygrad", tinygrad_step),
    }
    for sizes, batch, goal in (((64, 128, 128, 10), 128, 0.55), ((784, 512, 512, 10), 256, 0.90)):
        problem = Problem(sizes, batch)
        contestants: dict[str, Work] = {
            "torch": torch_step(problem),
            "lecturelib": engine_step(problem),
            "NumPy by hand": numpy_step(problem),
            "matrix products alone": products(problem),
        }
        for name, (module, make) in peers.items():
            if step := peer(name, module, make, problem):
                contestants[name] = step
        check(contestants, problem)
        yield Benchmark(
            name=f"training step, MLP {'-'.join(map(str, sizes))}, batch {batch}",
            contestants=contestants,
            baseline="torch",
            goals={"lecturelib": goal},
        )
    problem = Problem((8, 8, 2), 2)
    contestants = {"torch": torch_step(problem), "lecturelib": engine_step(problem)}
    if step := peer("micrograd", "micrograd", micrograd_step, problem):
        contestants["micrograd"] = step
    yield Benchmark(
        name="training step, MLP 8-8-2, batch 2 (micrograd: forward and backward, loss sum z²)",
        contestants=contestants,
        baseline="torch",
    )


def peer(name: str, module: str, make: Callable[[Problem], Work], problem: Problem) -> Work | None:
    """Return the step of a peer, or say that it is not there."""
    try:
        importlib.import_module(module)
    except ImportError:
        print(f"{name} is not installed and left out: python -m pip install -e '.[bench]'")
        return None
    if name == "tinygrad" and not shutil.which("clang"):
        print("tinygrad compiles with clang, which is not installed; it is left out")
        return None
    return make(problem)


def check(contestants: dict[str, Work], problem: Problem) -> None:
    """Raise unless all lose alike after three steps: what is wrong is no peer."""
    losses: dict[str, Any] = {
        name: [step() for _ in range(3)][-1] for name, step in contestants.items()
    }
    for name, loss in losses.items():
        if loss is not None:
            np.testing.assert_allclose(loss, losses["torch"], rtol=1e-4, err_msg=name)


def torch_step(p: Problem) -> Work:
    """PyTorch, eager."""
    x, y = torch.tensor(p.x), torch.tensor(p.y)
    parameters = [torch.tensor(a, requires_grad=True) for a in p.parameters]
    optimizer = torch.optim.SGD(parameters, lr=LR)

    def step() -> float:
        h = F.linear(x, *parameters[:2])
        for i in range(2, len(parameters), 2):
            h = F.linear(F.relu(h), *parameters[i : i + 2])
        loss = F.cross_entropy(h, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def engine_step(p: Problem) -> Work:
    """The engine of this course."""
    x = ad.Tensor(p.x)
    parameters = [ad.Tensor(a, requires_grad=True) for a in p.parameters]
    optimizer = ad.SGD(parameters, lr=LR)

    def step() -> float:
        h = ad.linear(x, *parameters[:2])
        for i in range(2, len(parameters), 2):
            h = ad.linear(h.relu(), *parameters[i : i + 2])
        loss = ad.cross_entropy(h, p.y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def numpy_step(p: Problem) -> Work:
    """The same arithmetic without an engine, each part in the fastest way found."""
    parameters = [a.copy() for a in p.parameters]
    n = len(p.y)
    at, ones = (p.y, np.arange(n)), np.ones(n, np.float32)

    def step() -> float:
        inputs, h = [], p.x
        for i in range(0, len(parameters), 2):
            inputs.append(h.clip(0, np.inf) if i else h)
            h = inputs[-1] @ parameters[i].T
            h += parameters[i + 1]
        z = h.T.copy()  # a row for each class
        z -= np.maximum.reduce(z)
        g = np.exp(z)
        total = np.add.reduce(g)
        loss = np.add.reduce(np.log(total) - z[at]) / n
        g /= total
        g[at] -= 1
        g *= np.float32(1 / n)
        g, gradients = g.T, []
        for i in reversed(range(0, len(parameters), 2)):
            gradients += [ones @ g, g.T @ inputs[i // 2]]
            if i:
                g = g @ parameters[i]
                g *= inputs[i // 2] > 0
        for a, gradient in zip(parameters, reversed(gradients), strict=True):
            a -= LR * gradient
        return float(loss)

    return step


def products(p: Problem) -> Work:
    """Only the matrix products of a step."""
    weights = p.parameters[::2]
    inputs = [p.x, *(np.ones((len(p.x), len(w)), np.float32) for w in weights)]

    def step() -> None:
        for i, w in enumerate(weights):
            inputs[i] @ w.T
            inputs[i + 1].T @ inputs[i]
            if i:
                inputs[i + 1] @ w

    return step


def mygrad_step(p: Problem) -> Work:
    """MyGrad, with its memory guard off, which is its fastest way."""
    mg: Any = importlib.import_module("mygrad")
    relu: Any = importlib.import_module("mygrad.nnet.activations").relu
    softmax_crossentropy: Any = importlib.import_module("mygrad.nnet.losses").softmax_crossentropy
    parameters = [mg.tensor(a.copy()) for a in p.parameters]

    def step() -> float:
        with mg.mem_guard_off:
            h = mg.matmul(p.x, parameters[0].T) + parameters[1]
            for i in range(2, len(parameters), 2):
                h = mg.matmul(relu(h), parameters[i].T) + parameters[i + 1]
            loss = softmax_crossentropy(h, p.y)
            loss.backward()
        for a in parameters:
            a.data -= LR * a.grad
            a.null_grad()
        return float(loss.data)

    return step


def autograd_step(p: Problem) -> Work:
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    parameters = [a.copy() for a in p.parameters]
    at = np.arange(len(p.y)), p.y

    def loss(parameters: list[Any]) -> Any:
        h = anp.dot(p.x, parameters[0].T) + parameters[1]
        for i in range(2, len(parameters), 2):
            h = anp.dot(anp.maximum(h, 0), parameters[i].T) + parameters[i + 1]
        return anp.mean(logsumexp(h, axis=1) - h[at])

    gradient = value_and_grad(loss)

    def step() -> float:
        value, gradients = gradient(parameters)
        for a, g in zip(parameters, gradients, strict=True):
            a -= LR * g
        return float(value)

    return step


def tinygrad_step(p: Problem) -> Work:
    """tinygrad on the CPU, its step compiled by its own jit."""
    from tinygrad import Tensor, TinyJit

    x, y = Tensor(p.x).realize(), Tensor(p.y.astype(np.int32)).realize()
    parameters = [Tensor(a.copy()).realize() for a in p.parameters]

    @TinyJit
    def jitted() -> Any:
        h = x.linear(parameters[0].T, parameters[1])
        for i in range(2, len(parameters), 2):
            h = h.relu().linear(parameters[i].T, parameters[i + 1])
        loss = h.sparse_categorical_crossentropy(y)
        gradients = loss.gradient(*parameters)
        changed = [a.assign(a - LR * g) for a, g in zip(parameters, gradients, strict=True)]
        return loss.realize(*changed)

    return lambda: float(jitted().item())


def micrograd_step(p: Problem) -> Work:
    """micrograd, which has no cross-entropy: the sum of squares of the outputs."""
    from micrograd.nn import MLP

    random.seed(0)
    network = MLP(p.x.shape[1], [len(b) for b in p.parameters[1::2]])
    rows = [[float(v) for v in row] for row in p.x]

    def step() -> None:
        loss = sum(z * z for row in rows for z in network(row))
        network.zero_grad()
        loss.backward()
        for parameter in network.parameters():
            parameter.data -= LR * parameter.grad

    return step
