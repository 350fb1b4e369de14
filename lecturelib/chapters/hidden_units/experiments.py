r"""Experiments on activation functions: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: the networks of all seeds train side by side in
one batched matrix product, so activations have shape ``[S, D, B]`` (seeds, units, samples).

Claims F5, F7, F8, F9 and T7; explained in the chapter ``hidden_units``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib import activations
from lecturelib.experiments.networks import accuracy
from lecturelib.experiments.perceptrons import Perceptrons, digits, fit, gaussian_nodes

__all__ = [
    "MINIMA",
    "SELECTABLE",
    "ZOO",
    "Perceptrons",
    "accuracies",
    "collapse",
    "cost_ratios",
    "death",
    "derivative",
    "digits",
    "fit",
    "gelu_gap",
    "minimum",
    "moments",
    "recommended_tanh",
    "same_sign",
    "second_derivative_peak",
    "zigzag",
]

ZOO: dict[str, activations.Activation] = {
    name: activations.ACTIVATIONS[name]
    for name in (
        "sigmoid",
        "tanh",
        "lecun_tanh",
        "relu",
        "leaky_relu",
        "elu",
        "selu",
        "softplus",
        "gelu",
        "silu",
        "mish",
    )
}
"""The functions of one number that the chapter compares; leaky ReLU with slope 0.01."""

SELECTABLE = ("identity", *ZOO, "prelu", "maxout", "maxout narrow")
"""What a hidden layer of :class:`Perceptrons` may be made of."""

MINIMA = ("gelu", "silu", "mish")


# --- the functions -------------------------------------------------------------------------------


def derivative(f: activations.Activation, x: Tensor) -> Tensor:
    """Derivative of f at x, by automatic differentiation.

    >>> derivative(torch.tanh, torch.zeros(1))
    tensor([1.])
    """
    x = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return slope


def moments(f: activations.Activation) -> dict[str, float]:
    """Means of f, f² and f'² for a standard normal input, by numerical integration.

    >>> {name: round(value, 4) for name, value in moments(torch.relu).items()}
    {'mean': 0.3989, 'square': 0.5, 'slope square': 0.5}
    """
    x, w = gaussian_nodes()
    y, slope = f(x), derivative(f, x)
    return {
        "mean": (w * y).sum().item(),
        "square": (w * y**2).sum().item(),
        "slope square": (w * slope**2).sum().item(),
    }


def minimum(f: activations.Activation, low: float = -4.0, high: float = 0.0) -> tuple[float, float]:
    """Place and value of the smallest f between low and high, by bisection of the derivative.

    >>> minimum(lambda x: (x + 1) ** 2)
    (-1.0, 0.0)
    """
    for _ in range(60):
        middle = (low + high) / 2
        slope = derivative(f, torch.tensor([middle], dtype=torch.float64)).item()
        low, high = (low, middle) if slope > 0 else (middle, high)
    x = torch.tensor([(low + high) / 2], dtype=torch.float64)
    return round(x.item(), 12), f(x).item()


def second_derivative_peak(f: activations.Activation) -> float:
    """Where on [0, 4] the second derivative of f is largest in size, to 1e-5."""
    x = torch.linspace(0, 4, 400_001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), x)
    return x[bend.abs().argmax()].item()


def gelu_gap() -> tuple[float, float]:
    """Largest distance of GELU's tanh approximation to GELU, and where it is."""
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    gap = (activations.gelu(x) - activations.gelu(x, approximate="tanh")).abs()
    return gap.max().item(), x[gap.argmax()].abs().item()


def recommended_tanh(
    seeds: Sequence[int], *, samples: int = 100_000, device: str = "cpu"
) -> dict[str, Tensor]:
    """F7: facts about the zoo; E f² is a mean over each seed's normal draws, the rest is fixed."""
    draws = torch.stack(
        [
            torch.randn(samples, generator=torch.Generator().manual_seed(s), dtype=torch.float64)
            for s in seeds
        ]
    ).to(device)
    f = activations.lecun_tanh
    one = f(torch.ones(1, dtype=torch.float64)).item()
    gap = moments(f)["square"]
    fixed = {
        "f(1)": abs(one - 1),
        "peak": abs(second_derivative_peak(f) - 1),
        "E f² by integration": gap,
        **{f"{name} minimum": minimum(ZOO[name])[1] for name in MINIMA},
        "gelu approximation": gelu_gap()[0],
    }
    found = {
        name: torch.full((len(seeds),), value, dtype=torch.float64) for name, value in fixed.items()
    }
    return {**found, "square": f(draws).square().mean(1).cpu()}


def cost_ratios(
    names: Sequence[str] = tuple(ZOO), *, size: int = 200_000, rounds: int = 15
) -> dict[str, float]:
    """Time of forward and backward over that of ReLU, PyTorch's own kernels, median of rounds."""
    x = torch.randn(size, generator=torch.Generator().manual_seed(0)).requires_grad_()
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "lecun_tanh": lambda v: 1.7159 * torch.tanh(v * (2 / 3)),
        **{name: getattr(F, name) for name in names if name != "lecun_tanh"},
    }
    seconds: dict[str, list[float]] = {name: [] for name in ("relu", *names)}
    for turn in range(rounds + 2):  # two to warm up
        for name, record in seconds.items():
            start = time.process_time()
            functions[name](x).sum().backward()
            if turn > 1:
                record.append(time.process_time() - start)
    relu = float(np.median(seconds["relu"]))
    return {name: float(np.median(seconds[name])) / relu for name in names}


# --- F5: linear layers collapse ------------------------------------------------------------------


def collapse(
    seeds: Sequence[int],
    *,
    features: int = 20,
    outputs: int = 10,
    width: int = 40,
    bottleneck: int = 3,
    layers: int = 6,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F5: a stack of linear layers against the one layer made of its weights.

    Returns relative distances over 200 inputs: ``"stack"`` of the stack to its product, ``"relu"``
    of the same stack with ReLUs to the best affine map, ``"bottleneck"`` of a random target map to
    the best one that passes a layer of ``bottleneck`` units; and ``"rank"`` of that product.
    """
    found: dict[str, list[float]] = {name: [] for name in ("stack", "relu", "bottleneck", "rank")}
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)

        def normal(*shape: int, g: torch.Generator = g) -> Tensor:
            return torch.randn(*shape, generator=g, dtype=torch.float64).to(device)

        sizes = [features, *[width] * (layers - 1), outputs]
        stack = [(normal(o, i) / math.sqrt(i), normal(o, 1)) for i, o in pairwise(sizes)]
        x = normal(features, 200)
        y, w, b = x, torch.eye(features, dtype=x.dtype, device=device), torch.zeros_like(x[:, :1])
        z = x
        for i, (wi, bi) in enumerate(stack):
            y, w, b = wi @ y + bi, wi @ w, wi @ b + bi
            z = wi @ z + bi
            z = z.clamp(min=0) if i < layers - 1 else z
        one = torch.cat([x, torch.ones_like(x[:1])])
        best = torch.linalg.lstsq(one.T, z.T).solution
        centred = (z - z.mean(1, keepdim=True)).norm()
        target = normal(outputs, features)
        u, s, vt = torch.linalg.svd(target, full_matrices=False)
        through = (u[:, :bottleneck] * s[:bottleneck]) @ vt[:bottleneck]
        found["stack"].append(((w @ x + b - y).norm() / y.norm()).item())
        found["relu"].append(((one.T @ best - z.T).norm() / centred).item())
        found["bottleneck"].append(((target - through).norm() / target.norm()).item())
        found["rank"].append(float(torch.linalg.matrix_rank(through).item()))
    return {name: torch.tensor(values) for name, values in found.items()}


# --- F8: dying units -----------------------------------------------------------------------------


def death(
    seeds: Sequence[int],
    activation: str | activations.Activation = "relu",
    *,
    lr: float = 0.3,
    epochs: int = 3,
    width: int = 256,
    batch_size: int = 64,
    bias: float = 0.0,
    standardize: bool = False,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F8: share of the first layer's units that are positive for no training sample.

    Returns ``"start"`` and ``"dead"`` (after training), each ``[S]``, the test ``"accuracy"``, and
    ``"course"``, the share after each step, ``[steps + 1, S]``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), standardize))
    networks = Perceptrons(seeds, (64, width, width, 10), activation, bias=bias, device=device)
    course: list[Tensor] = []

    @torch.no_grad()
    def count(step: int) -> None:
        sums = torch.baddbmm(networks.biases[0], networks.weights[0], x)
        course.append((sums <= 0).all(2).double().mean(1).cpu())

    per_epoch = x.shape[2] // batch_size
    every = max(1, per_epoch // 11)
    fit(networks, x, y, lr=lr, epochs=epochs, batch_size=batch_size,
        probe=lambda step: count(step) if step % every == 0 else None)  # fmt: skip
    return {
        "start": course[0],
        "dead": course[-1],
        "accuracy": accuracy(networks, x_test, y_test).cpu(),
        "course": torch.stack(course),
        "steps": torch.arange(len(course)) * every,
    }


# --- F9: which activation ------------------------------------------------------------------------


def accuracies(
    seeds: Sequence[int],
    names: Sequence[str] = SELECTABLE,
    *,
    lrs: Sequence[float] = (1e-3, 3e-3),
    epochs: int = 15,
    width: int = 64,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F9: test accuracy of a network of two hidden layers, for each activation, ``[S]``.

    A fifth of the training samples is held out; the learning rate with the best mean accuracy on
    it, over all seeds, is taken for the activation. Test samples decide nothing.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), True))
    kept = x.shape[2] * 4 // 5
    found = {}
    for name in names:
        tried = []
        for lr in lrs:
            networks = Perceptrons(seeds, (64, width, width, 10), name, device=device)
            fit(networks, x[:, :, :kept], y[:, :kept], lr=lr, epochs=epochs,
                batch_size=batch_size, method="Adam")  # fmt: skip
            held = accuracy(networks, x[:, :, kept:], y[:, kept:]).mean().item()
            tried.append((held, accuracy(networks, x_test, y_test).cpu()))
        found[name] = max(tried, key=lambda pair: pair[0])[1]
    return found


# --- T7: positive inputs -------------------------------------------------------------------------


def _one_sign(gradient: Tensor) -> Tensor:
    """Whether the weights of a unit, the last axis, have gradients of one sign."""
    return (gradient > 0).all(-1) | (gradient < 0).all(-1)


def same_sign(
    seeds: Sequence[int],
    activation: str = "sigmoid",
    *,
    width: int = 16,
    units: int = 128,
    samples: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T7: share of ``units`` of the second layer whose weights all get gradients of one sign.

    ``"sample"`` takes the gradient of each sample by itself, ``"batch"`` their mean; both are
    counted among units and samples with a gradient that is not zero.
    """
    x, y, *_ = (t.to(device) for t in digits(tuple(seeds), True))
    networks = Perceptrons(seeds, (64, width, units, 10), activation, device=device)
    with torch.no_grad():
        _, below, _ = networks.hidden(x[:, :, :samples])
    sums = torch.baddbmm(networks.biases[1], networks.weights[1], below).requires_grad_()
    logits = torch.baddbmm(networks.biases[2], networks.weights[2], networks.activate(sums))
    loss = F.cross_entropy(logits, y[:, :samples], reduction="none").sum()
    (delta,) = torch.autograd.grad(loss, sums)  # [S, unit, sample]
    each = delta[..., None] * below.transpose(1, 2)[:, None]  # [S, unit, sample, weight]
    one, alive = _one_sign(each).double(), (delta != 0).double()
    mean = torch.bmm(delta, below.transpose(1, 2))
    return {
        "sample": ((one * alive).sum((1, 2)) / alive.sum((1, 2))).cpu(),
        "batch": _one_sign(mean).double().mean(1).cpu(),
    }


def zigzag(
    *, centred: bool, steps: int = 30, lr: float = 0.25, seed: int = 0
) -> Mapping[str, Tensor]:
    """Weights of one linear unit under SGD, one sample a step, towards weights of opposite signs.

    Inputs are uniform on [0, 2]², or the same shifted to mean 0.
    """
    g = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(steps, 2, generator=g, dtype=torch.float64) - (1.0 if centred else 0.0)
    goal, w = torch.tensor([1.0, -1.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    path = [w]
    for sample in x:
        w = w - lr * (sample @ (w - goal)) * sample
        path.append(w)
    return {"path": torch.stack(path), "goal": goal, "inputs": x}
