r"""Experiments on activation functions: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: the networks of all seeds train side by side in
one batched matrix product, so activations have shape ``[S, D, B]`` (seeds, units, samples).

Claims F5, F7, F8, F9, HU1, HU2 and T7; explained in the chapter ``hidden_units``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib import activations
from lecturelib.experiments import networks as side_by_side
from lecturelib.experiments.networks import Networks, Start, accuracy, sgd
from lecturelib.experiments.perceptrons import Perceptrons, digits, fit, gaussian_nodes

__all__ = [
    "MINIMA",
    "PASS",
    "SELECTABLE",
    "SPEED_RATES",
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
    "leaks",
    "learn",
    "minimum",
    "moments",
    "random_network",
    "recommended_tanh",
    "same_sign",
    "second_derivative_peak",
    "sizes",
    "speed",
    "start_for",
    "steps_to",
    "through_layers",
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
    """Time of forward and backward over that of ReLU, PyTorch's own kernels, median of rounds.

    ``"linear layer"`` is one of 256 inputs and 256 outputs, for as many outputs in all.
    """
    x = torch.randn(size // 256 * 256, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.randn(256, 256, generator=torch.Generator().manual_seed(1)).requires_grad_()
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "linear layer": lambda v: F.linear(v.view(-1, 256), weight),
        "lecun_tanh": lambda v: 1.7159 * torch.tanh(v * (2 / 3)),
        **{name: getattr(F, name) for name in names if name != "lecun_tanh"},
    }
    seconds: dict[str, list[float]] = {name: [] for name in ("relu", *names, "linear layer")}
    for turn in range(rounds + 2):  # two to warm up
        for name, record in seconds.items():
            start = time.process_time()
            functions[name](x).sum().backward()
            if turn > 1:
                record.append(time.process_time() - start)
    relu = float(np.median(seconds["relu"]))
    return {name: float(np.median(record)) / relu for name, record in seconds.items()}


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


# --- HU1: what happens to values and gradients in depth ------------------------------------------


def sizes(f: activations.Activation, variance: float, layers: int) -> list[float]:
    """Mean square of each layer's sums in a wide random network, from 1 at the first.

    >>> [round(q, 3) for q in sizes(torch.relu, 1.0, 3)]
    [1.0, 0.5, 0.25]
    """
    x, w = gaussian_nodes()
    found = [1.0]
    for _ in range(layers - 1):
        found.append(variance * (w * f(math.sqrt(found[-1]) * x) ** 2).sum().item())
    return found


def start_for(f: activations.Activation, *, centre: bool = False, scale: float = 1.0) -> Start:
    """A start at which the sums of a wide layer have mean square 1.

    Weights have the variance 1/E f² over the number of inputs. With ``centre``, biases take away
    what the mean of f adds to a sum, b = −W·E f, and the variance is 1/Var f; ``scale`` multiplies
    the weights above the first layer.
    """
    m = moments(f)
    mean = m["mean"] if centre else 0.0
    std = scale / math.sqrt(m["square"] - mean**2)

    def start(
        layer: int, n_out: int, n_in: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        first = layer == 0
        factor = 1.0 if first else std
        weight = factor * torch.randn(n_out, n_in, generator=generator) / math.sqrt(n_in)
        return weight, -(0.0 if first else mean) * weight.sum(1, keepdim=True)

    return start


def random_network(
    seed: int, f: activations.Activation, start: Start, *, layers: int, width: int, samples: int
) -> tuple[list[Tensor], Tensor]:
    """Sums of each layer, ``[width, samples]``, for normal inputs, and the last layer's values."""
    g = torch.Generator().manual_seed(seed)
    h = torch.randn(width, samples, generator=g, dtype=torch.float64)
    sums = []
    for layer in range(layers):
        weight, bias = start(layer, width, width, g)
        sums.append((weight.double() @ h + bias.double()).requires_grad_())
        h = f(sums[-1])
    return sums, h


def through_layers(
    seeds: Sequence[int],
    f: activations.Activation,
    *,
    centre: bool = False,
    scale: float = 1.0,
    layers: int = 20,
    width: int = 256,
    samples: int = 64,
) -> dict[str, Tensor]:
    """HU1: a random network of ``f``, before any training; per seed ``[S]``, and by layer.

    Returns ``"ratio"``, the rms gradient of the first layer's sums over that of the last;
    ``"saturated"``, the share of slopes, over all layers, below a tenth of the largest slope of f;
    ``"common"``, the share of the last layer's mean square that is the same for all samples; and
    ``"gradients"``, the rms gradients ``[S, layers]``.
    """
    grid = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    steepest = derivative(f, grid).abs().max()
    start = start_for(f, centre=centre, scale=scale)
    found: dict[str, list[Tensor]] = {"saturated": [], "common": [], "gradients": []}
    for seed in seeds:
        sums, h = random_network(seed, f, start, layers=layers, width=width, samples=samples)
        g = torch.Generator().manual_seed(seed + 1_000_000)
        gradients = torch.autograd.grad((h * torch.randn(h.shape, generator=g)).sum(), sums)
        slopes = derivative(f, torch.stack([z.detach() for z in sums])).abs()
        last = sums[-1].detach()
        found["saturated"].append((slopes < 0.1 * steepest).double().mean())
        found["common"].append(last.mean(1).square().mean() / last.square().mean())
        found["gradients"].append(torch.stack([d.square().mean().sqrt() for d in gradients]))
    stacked = {name: torch.stack(values) for name, values in found.items()}
    by_layer = stacked["gradients"]
    return {**stacked, "ratio": by_layer[:, 0] / by_layer[:, -1]}


# --- HU2: which one learns faster ----------------------------------------------------------------

PASS = 22  # steps of 64 in a pass over the 1,437 training digits
SPEED_RATES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)


def learn(
    seeds: Sequence[int],
    f: activations.Activation,
    *,
    depth: int,
    lr: float,
    steps: int,
    centre: bool = False,
    width: int = 64,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """HU2: train a network of ``depth`` hidden layers on the standardized digits.

    SGD with momentum 0.9, a start at which all sums have mean square 1. Returns the ``"loss"`` of
    the batches, ``[steps, S]``, and the test ``"accuracy"``, ``[S]``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), True))
    networks = Networks(
        (64, *[width] * depth, 10),
        seeds,
        start=start_for(f, centre=centre),
        activation=f,
        device=device,
    )
    losses = side_by_side.fit(
        networks, x, y, optimizer=sgd(lr, 0.9), steps=steps, batch_size=batch_size
    )
    return {"loss": losses.cpu(), "accuracy": accuracy(networks, x_test, y_test).cpu()}


def steps_to(losses: Tensor, level: float, window: int = PASS) -> Tensor:
    """Steps until the mean loss of the last ``window`` batches is below ``level``; inf if never.

    >>> steps_to(torch.tensor([[3.0], [2.0], [1.0], [0.0]]), 1.6, window=2)
    tensor([3.], dtype=torch.float64)
    """
    below = losses.unfold(0, window, 1).mean(-1) < level
    steps = below.double().argmax(0).double() + window
    return torch.where(below.any(0), steps, torch.inf)


def speed(
    seeds: Sequence[int],
    f: activations.Activation,
    *,
    rates: Sequence[float] = SPEED_RATES,
    level: float = 0.1,
    **settings: Any,
) -> dict[str, Tensor]:
    """HU2: steps to a mean loss of ``level`` at the best of the rates.

    The best rate is that with the smallest median over the seeds: each activation is as fast as
    the grid lets it be. Returns ``"steps"`` ``[S]``, the ``"rate"``, and the ``"accuracy"``.
    """
    tried = []
    for lr in rates:
        found = learn(seeds, f, lr=lr, **settings)
        steps = steps_to(found["loss"].nan_to_num(torch.inf), level)
        tried.append((steps.median().item(), lr, steps, found["accuracy"]))
    _, lr, steps, right = min(tried, key=lambda one: one[:2])
    return {"steps": steps, "rate": torch.full_like(steps, lr), "accuracy": right}


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

    Returns ``"start"`` and ``"dead"`` (after training), each ``[S]``, the share that is seen to be
    positive again after it was negative for all samples, ``"revived"``, the test ``"accuracy"``,
    and ``"course"``, the share of dead units at the steps ``"steps"``, ``[number, S]``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), standardize))
    networks = Perceptrons(seeds, (64, width, width, 10), activation, bias=bias, device=device)
    off: list[Tensor] = []

    @torch.no_grad()
    def count(step: int) -> None:
        sums = torch.baddbmm(networks.biases[0], networks.weights[0], x)
        off.append(~(sums > 0).any(2).cpu())  # NaN is not positive

    per_epoch = x.shape[2] // batch_size
    every = max(1, per_epoch // 11)
    fit(networks, x, y, lr=lr, epochs=epochs, batch_size=batch_size,
        probe=lambda step: count(step) if step % every == 0 else None)  # fmt: skip
    seen = torch.stack(off)  # [number, S, unit]
    course = seen.double().mean(2)
    return {
        "start": course[0],
        "dead": course[-1],
        "revived": (seen[:-1] & ~seen[1:]).any(0).double().mean(1),
        "accuracy": accuracy(networks, x_test, y_test).cpu(),
        "course": course,
        "steps": torch.arange(len(seen)) * every,
    }


def leaks(
    seeds: Sequence[int],
    rates: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0),
    slopes: Sequence[float] = (0.0, 0.01, 0.1),
    **settings: Any,
) -> dict[tuple[float, float], dict[str, Tensor]]:
    """F8: results of :func:`death` by slope and rate; the slope 0 is ReLU."""
    return {
        (a, lr): death(seeds, partial(activations.leaky_relu, negative_slope=a), lr=lr, **settings)
        for a in slopes
        for lr in rates
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
    """Whether no two weights of a unit, the last axis, have gradients of opposite signs."""
    return ~((gradient > 0).any(-1) & (gradient < 0).any(-1))


def same_sign(
    seeds: Sequence[int],
    activation: str = "sigmoid",
    *,
    width: int = 16,
    units: int = 128,
    samples: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T7: share of ``units`` of the second layer whose weights get gradients of one sign.

    A weight whose gradient is zero has no sign and does not count. ``"sample"`` takes the gradient
    of each sample by itself, ``"batch"`` their mean; both are counted among the units, and samples,
    whose gradient is not zero.
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
    mean = torch.bmm(delta, below.transpose(1, 2))

    def share(gradient: Tensor) -> Tensor:
        alive = (gradient != 0).any(-1).double().flatten(1)
        return ((_one_sign(gradient).double().flatten(1) * alive).sum(1) / alive.sum(1)).cpu()

    return {"sample": share(each), "batch": share(mean)}


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
