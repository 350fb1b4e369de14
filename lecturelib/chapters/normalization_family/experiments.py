"""Experiments on the relatives of batch norm.

Claims N3 (normalization propagation), N4 (weight normalization) and N5 (what each normalization is
invariant to); explained in the chapter ``normalization_family``. Each seed draws from a generator
of its own, on the CPU. Where it can be, seeds are carried along the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.normalization import (
    NormPropLinear,
    WeightNorm,
    batch_norm,
    layer_norm,
    mean_only_batch_norm,
    norm_prop,
    normprop_constants,
    weight_norm,
    weight_norm_gradients,
)
from lecturelib.optimizers import SGD, Adam

__all__ = [
    "BATCH_SIZE_ONE",
    "CHANGES",
    "INVARIANT",
    "NORMS",
    "batch_of_one",
    "invariance_table",
    "layer_norm_conditions",
    "propagation",
    "relu_spectrum",
    "weight_norm_identities",
    "weight_norm_path",
]

BATCH_SIZE_ONE = 1
RELU = normprop_constants(torch.relu)


def _generators(seeds: Sequence[int]) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


# N3: normalization propagation


def propagation(
    seeds: Sequence[int],
    *,
    width: int = 512,
    depth: int = 10,
    samples: int = 256,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N3: a standard normal input through ReLU layers, and a random gradient back.

    Returns:
        By name, one number a seed: mean and standard deviation of all values of the last layer
        (``"mean"``, ``"std"``), spread over units of their means (``"spread"``), and growth of the
        gradient's norm from the last layer's output to the input (``"growth"``).
    """
    rows: dict[str, list[Tensor]] = {"mean": [], "std": [], "spread": [], "growth": []}
    for generator in _generators(seeds):
        x = torch.randn(samples, width, generator=generator).to(device).requires_grad_()
        h = x
        for _ in range(depth):
            layer = NormPropLinear(width, width)
            layer.reset_parameters(generator)
            h = layer.to(device)(h)
        cotangent = torch.randn(samples, width, generator=generator).to(device)
        (gradient,) = torch.autograd.grad(h, x, cotangent)
        rows["mean"].append(h.detach().mean())
        rows["std"].append(h.detach().std())
        rows["spread"].append(h.detach().mean(0).std())
        rows["growth"].append(gradient.norm() / cotangent.norm())
    return {name: torch.stack(values).cpu() for name, values in rows.items()}


def relu_spectrum(seeds: Sequence[int], *, width: int = 256, device: str = "cpu") -> Tensor:
    """N3: singular values ``[S, width]`` of one layer's Jacobian whose weight rows are orthonormal.

    So that all that differs from 1 comes from the activation and its constants.
    """
    rows = []
    for generator in _generators(seeds):
        layer = NormPropLinear(width, width)
        nn.init.orthogonal_(layer.weight, generator=generator)
        x = torch.randn(width, generator=generator)
        jacobian = torch.func.jacrev(layer.to(device))(x.to(device)).detach()
        rows.append(torch.linalg.svdvals(jacobian).cpu())
    return torch.stack(rows)


def batch_of_one(
    seeds: Sequence[int],
    *,
    width: int = 64,
    hidden: int = 2,
    lr: float = 0.01,
    epochs: int = 1,
    device: str = "cpu",
) -> Tensor:
    """N3: test accuracy ``[S]`` of NormProp networks on standardized digits, one sample a step.

    Each layer, the last one too, has weights of unit length with a scale; those of the hidden
    layers pass a ReLU and its constants.
    """
    data = load_digits(standardize=True)
    x_train, y_train = data.x_train.to(device), data.y_train.to(device)
    x_test, y_test = data.x_test.to(device), data.y_test.to(device)
    generators = _generators(seeds)
    widths = (64, *[width] * hidden, 10)
    weights = [
        torch.stack([torch.randn(out, n_in, generator=g) for g in generators]) / math.sqrt(n_in)
        for n_in, out in pairwise(widths)
    ]
    scales = [torch.ones(*w.shape[:2], 1) for w in weights]
    biases = [torch.zeros(*w.shape[:2], 1) for w in weights]
    parameters = [p.to(device).requires_grad_() for p in (*weights, *scales, *biases)]
    layers = len(weights)

    def forward(x: Tensor) -> Tensor:
        """Logits ``[S, 10, B]`` of inputs ``[S, 64, B]``."""
        for i in range(layers):
            v, g, bias = parameters[i::layers]
            w = weight_norm(v.flatten(0, 1), g.flatten(0, 1)).view(v.shape)
            x = w @ x + bias
            if i < layers - 1:
                x = norm_prop(x, torch.relu, constants=RELU)
        return x

    count = len(x_train)
    for _ in range(epochs):
        orders = torch.stack([torch.randperm(count, generator=g) for g in generators]).to(device)
        for chosen in orders.split(BATCH_SIZE_ONE, dim=1):
            x, y = x_train[chosen].transpose(1, 2), y_train[chosen]
            loss = F.cross_entropy(forward(x), y, reduction="sum")
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-lr)
    with torch.no_grad():
        logits = forward(x_test.T.expand(len(seeds), -1, -1))
        return (logits.argmax(1) == y_test).double().mean(1).cpu()


# N4: weight normalization

OPTIMIZERS: dict[str, Callable[[list[Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda parameters: SGD(parameters, lr=0.1),
    "momentum": lambda parameters: SGD(parameters, lr=0.1, momentum=0.9),
    "adam": lambda parameters: Adam(parameters, lr=0.01),
}


def weight_norm_path(
    seeds: Sequence[int],
    optimizer: str,
    *,
    samples: int = 64,
    inputs: int = 20,
    units: int = 5,
    steps: int = 50,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N4: train directions v and lengths g of a linear layer in float64 and watch v's steps.

    Returns:
        By name, one number a seed: the largest \\|cosine\\| between a unit's v and a step of at
        least 1e-6 of its length (``"cosine"``), the largest relative distance of the length after
        a step to √(1 + c²) times that before it, c = ‖Δv‖ / ‖v‖ (``"growth"``), and the last length
        over the first, mean over units (``"length"``).
    """
    generators = _generators(seeds)

    def normal(*shape: int) -> Tensor:
        draws = [torch.randn(shape, generator=g, dtype=torch.float64) for g in generators]
        return torch.stack(draws).to(device)

    x, teacher = normal(samples, inputs), normal(units, inputs)
    target = torch.tanh(x @ teacher.mT) + 0.1 * normal(samples, units)
    v = normal(units, inputs).requires_grad_()
    g = torch.ones(len(seeds), units, 1, dtype=torch.float64, device=device, requires_grad=True)
    update = OPTIMIZERS[optimizer]([v, g])
    start = v.detach().norm(dim=2)
    cosine, growth = torch.zeros(2, len(seeds), dtype=torch.float64, device=device)
    for _ in range(steps):
        before = v.detach().clone()
        w = weight_norm(v.flatten(0, 1), g.flatten(0, 1)).view(v.shape)
        loss = (torch.tanh(x @ w.mT) - target).square().sum(2).mean(1).sum()
        update.zero_grad()
        loss.backward()
        update.step()
        step, length = v.detach() - before, before.norm(dim=2)
        size = step.norm(dim=2)
        c = size / length
        angle = ((step * before).sum(2) / (size * length)).abs()
        # v is rounded to 1e-16 of its length, which turns a step that is hardly longer
        cosine = torch.maximum(cosine, torch.where(c > 1e-6, angle, 0.0).amax(1))
        ratio = v.detach().norm(dim=2) / (length * torch.sqrt(1 + c**2))
        growth = torch.maximum(growth, (ratio - 1).abs().amax(1))
    length = (v.detach().norm(dim=2) / start).mean(1)
    return {"cosine": cosine.cpu(), "growth": growth.cpu(), "length": length.cpu()}


def weight_norm_identities(
    seeds: Sequence[int],
    *,
    samples: int = 64,
    inputs: int = 20,
    units: int = 5,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N4: what holds without training, as the largest errors in float64.

    Returns:
        By name, one number a seed: the formulas of the gradients against autograd
        (``"gradients"``), mean and variance of the outputs after the data-dependent start against 0
        and 1 (``"start"``), and mean-only batch norm against batch norm times the standard
        deviation (``"mean only"``).
    """
    rows: dict[str, list[float]] = {"gradients": [], "start": [], "mean only": []}
    options: dict[str, Any] = {"dtype": torch.float64}
    for generator in _generators(seeds):
        x = (3 + 2 * torch.randn(samples, inputs, generator=generator, **options)).to(device)
        v, r = (torch.randn(units, inputs, generator=generator, **options) for _ in range(2))
        v, r = v.to(device).requires_grad_(), r.to(device)
        g = torch.rand(units, 1, generator=generator, **options).to(device).requires_grad_()
        w = g * v / v.square().sum(1, keepdim=True).sqrt()
        truth = torch.autograd.grad((r * w).sum(), (v, g))
        formulas = weight_norm_gradients(r, v.detach(), g.detach())
        rows["gradients"].append(max(map(_error, formulas, truth)))

        layer = WeightNorm(nn.Linear(inputs, units, **options).to(device))
        with torch.no_grad():
            layer.v.copy_(v)
        y = layer.initialize(x)
        variance = y.var(0, correction=0)
        rows["start"].append(max(y.mean(0).abs().max().item(), (variance - 1).abs().max().item()))

        z = x @ v.detach().T
        scaled = batch_norm(z, None, None, z.std(0, correction=0), training=True, eps=0.0)
        rows["mean only"].append(_error(mean_only_batch_norm(z), scaled))
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in rows.items()}


def _error(a: Tensor, b: Tensor) -> float:
    """Largest difference over the largest value of ``b``."""
    return ((a - b).abs().max() / b.abs().max()).item()


# N5: invariances

NORMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "batch": lambda w, x: batch_norm(x @ w.T, None, None, training=True, eps=0.0),
    "weight": lambda w, x: x @ weight_norm(w, torch.ones_like(w[:, :1])).T,
    "layer": lambda w, x: layer_norm(x @ w.T, [len(w)], eps=0.0),
}
"""Outputs of a layer with weights w (units, inputs) for data x (samples, inputs)."""


def _first_row(matrix: Tensor, factor: float) -> Tensor:
    return torch.cat([factor * matrix[:1], matrix[1:]])


CHANGES: dict[str, Callable[[Tensor, Tensor, float, Tensor], tuple[Tensor, Tensor]]] = {
    "matrix rescaled": lambda w, x, c, shift: (c * w, x),
    "matrix recentred": lambda w, x, c, shift: (w + shift, x),
    "vector rescaled": lambda w, x, c, shift: (_first_row(w, c), x),
    "data rescaled": lambda w, x, c, shift: (w, c * x),
    "data recentred": lambda w, x, c, shift: (w, x + shift),
    "case rescaled": lambda w, x, c, shift: (w, _first_row(x, c)),
}
"""What becomes of (w, x) by a positive factor, or by a shift that all rows share."""

INVARIANT: dict[str, tuple[bool, ...]] = {
    "batch": (True, False, True, True, True, False),
    "weight": (True, False, True, False, False, False),
    "layer": (True, True, False, True, False, True),
}
"""Ba, Kiros and Hinton (2016), table 1, in the order of :data:`CHANGES`."""


def _layer(
    generator: torch.Generator, samples: int, inputs: int, units: int, device: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Weights, data, and a shift of the size of both."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(device)

    return normal(units, inputs), normal(samples, inputs), 2 * normal(inputs)


def invariance_table(
    seeds: Sequence[int],
    *,
    samples: int = 16,
    inputs: int = 6,
    units: int = 5,
    factor: float = 3.0,
    device: str = "cpu",
) -> dict[tuple[str, str], Tensor]:
    """N5: relative change ``[S]`` of the output, by normalization and by what is changed."""
    table: dict[tuple[str, str], list[float]] = {}
    for generator in _generators(seeds):
        w, x, shift = _layer(generator, samples, inputs, units, device)
        for norm, function in NORMS.items():
            before = function(w, x)
            for change, apply in CHANGES.items():
                after = function(*apply(w, x, factor, shift))
                table.setdefault((norm, change), []).append(_error(after, before))
    return {cell: torch.tensor(values, dtype=torch.float64) for cell, values in table.items()}


def layer_norm_conditions(
    seeds: Sequence[int],
    *,
    samples: int = 16,
    inputs: int = 6,
    units: int = 5,
    factor: float = 3.0,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N5: where layer norm's row of the table ends.

    Returns:
        By name, one number a seed: relative change of the output by a factor on the data with a
        bias of the size of w x before the norm (``"bias"``), and the largest distance of
        \\|output\\| to 1 with two units and any data (``"two units"``).
    """
    rows: dict[str, list[float]] = {"bias": [], "two units": []}
    for generator in _generators(seeds):
        w, x, _ = _layer(generator, samples, inputs, units, device)
        bias = torch.randn(units, generator=generator, dtype=torch.float64).to(device)
        bias *= math.sqrt(inputs)  # the size of w x
        before, after = (
            layer_norm(data @ w.T + bias, [units], eps=0.0) for data in (x, factor * x)
        )
        rows["bias"].append(_error(after, before))
        two = layer_norm(x @ w[:2].T, [2], eps=0.0)
        rows["two units"].append((two.abs() - 1).abs().max().item())
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in rows.items()}
