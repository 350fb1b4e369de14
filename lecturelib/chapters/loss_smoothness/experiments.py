r"""Experiments on the smoothness of the loss: along the gradient, over a plane, against the rate.

Claims W17 and A3 to A6, and what the chapter ``loss_smoothness`` shows beside them: walks along
the gradient, curvatures with frozen statistics, slices. Seeds, and points of a surface, are carried
along a leading tensor axis, see :mod:`lecturelib.experiments.networks`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, batch_of, fit, losses_of, sgd
from lecturelib.experiments.surfaces import shape_of_surface
from lecturelib.instruments import (
    filter_normalize,
    gradient_walk,
    random_directions,
    top_eigenvalues,
)

__all__ = [
    "BATCH",
    "PLAIN",
    "ResidualNetworks",
    "curvatures",
    "explosion",
    "filter_directions",
    "gradient_norm_bound",
    "learning_rates",
    "ramp",
    "slices",
    "smoothness",
    "surface",
    "surfaces",
    "trained",
    "walk",
]

PLAIN, BATCH = ("relu",), ("norm", "relu")  # what follows the linear map of a hidden layer


def gradient_norm_bound(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 64,
    inputs: int = 20,
    units: int = 16,
    scale: float = 1.0,
    eps: float = 0.0,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""W17: both sides of theorem 4.1 of Santurkar et al. (2018), unit by unit, ``[S, units]``.

    A layer :math:`y = Wx`, batch norm :math:`z = \gamma\hat y + \beta` and a two-layer network on
    top of it. ``left``: :math:`\|\nabla_y L\|^2`. ``right``: the bound
    :math:`(\gamma^2/\sigma^2)(\|g\|^2 - (1^\top g)^2/m - (g^\top\hat y)^2/m)` with the gradient
    :math:`g = \nabla_z L` that arrives at the output of batch norm. ``plain``: the same bound with
    the gradient at y of the network without batch norm in g's place. ``arriving``:
    :math:`\|g\|^2`.

    Args:
        seeds: one layer each, float64.
        samples: size m of the batch.
        inputs: inputs of the layer.
        units: its units.
        scale: factor on He-sized weights W, so on :math:`\sigma`.
        eps: added to the variance.
        device: where it runs.
    """
    rows: dict[str, list[Tensor]] = {}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        draw = partial(torch.randn, generator=generator, dtype=torch.float64)
        x = draw(samples, inputs).to(device)
        y = x @ (draw(inputs, units) * scale * math.sqrt(2 / inputs)).to(device)
        gamma, beta = (1 + 0.5 * draw(units)).to(device), draw(units).to(device)
        v = (draw(units, 12) * math.sqrt(2 / units)).to(device)
        u = (draw(12, 3) / math.sqrt(12)).to(device)
        target = torch.randint(3, (samples,), generator=generator).to(device)

        def loss(z: Tensor, v: Tensor = v, u: Tensor = u, target: Tensor = target) -> Tensor:
            return F.cross_entropy((z.relu() @ v).relu() @ u, target, reduction="sum")

        y.requires_grad_()
        sd = (y.var(0, correction=0) + eps).sqrt()
        y_hat = (y - y.mean(0)) / sd
        z = gamma * y_hat + beta
        below, at = torch.autograd.grad(loss(z), [y, z])
        (plain,) = torch.autograd.grad(loss(y), y)

        def bound(g: Tensor, y_hat: Tensor = y_hat, factor: Tensor = gamma / sd) -> Tensor:
            kept = g.square().sum(0) - (g.sum(0).square() + (g * y_hat).sum(0).square()) / len(g)
            return (factor.square() * kept).detach()

        for name, value in {
            "left": below.square().sum(0),
            "right": bound(at),
            "plain": bound(plain),
            "arriving": at.square().sum(0),
        }.items():
            rows.setdefault(name, []).append(value)
    return {name: torch.stack(values) for name, values in rows.items()}


def smoothness(
    seeds: Sequence[int] = range(10),
    *,
    order: Sequence[str] = ("relu",),
    width: int = 64,
    depth: int = 8,
    lr: float = 0.1,
    training: int = 200,
    batch_size: int = 128,
    etas: Sequence[float] = (0.05, 0.1, 0.2, 0.3, 0.4),
    every: int = 40,
    walks: Sequence[str] = ("raw", "equal"),
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""A3: how the loss and its gradient vary along the gradient, mean over times of training.

    For ``raw`` steps :math:`\eta g` and for steps of ``equal`` length :math:`\eta g/\|g\|`:
    ``variation``, the largest minus the smallest loss over the points; ``change``, the largest
    :math:`\|g(\theta - \eta g) - g(\theta)\|`; ``beta``, the largest of these divided by the
    distance walked, the effective smoothness. Names are ``"variation raw"`` and so on.
    """
    data = load_digits(device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order, device=device)
    rows: dict[str, list[Tensor]] = {}

    def probe(step: int) -> None:
        if step % every != every - 1:
            return
        x, y = batch_of(networks, data.x_train, data.y_train, batch_size)
        for walk in walks:
            found = gradient_walk(
                partial(losses_of, networks, x, y),
                networks.parameters(),
                steps=etas,
                equal_length=walk == "equal",
            )
            for name, value in {
                "variation": found.losses.amax(0) - found.losses.amin(0),
                "change": found.gradient_changes.amax(0),
                "beta": (found.gradient_changes / found.distances).amax(0),
            }.items():
                rows.setdefault(f"{name} {walk}", []).append(value)

    fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=training,
        batch_size=batch_size,
        probe=probe,
    )
    return {name: torch.stack(values).mean(0) for name, values in rows.items()}


def trained(
    seeds: Sequence[int],
    *,
    order: Sequence[str],
    updates: int = 16,
    width: int = 64,
    depth: int = 8,
    lr: float = 0.1,
    batch_size: int = 128,
    activation: Callable[[Tensor], Tensor] | None = None,
) -> tuple[NormalizedNetworks, Tensor, Tensor]:
    """Networks after so many steps of SGD on the digits, and a batch for each: inputs, classes.

    ``activation`` takes the place of the ReLU.
    """
    data = load_digits()
    options: dict[str, Any] = {}
    if activation is not None:
        order = ["activation" if name == "relu" else name for name in order]
        options["activation"] = activation
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order, **options)
    if updates:
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=updates,
            batch_size=batch_size,
        )
    return networks, *batch_of(networks, data.x_train, data.y_train, batch_size)


def walk(
    seeds: Sequence[int] = range(10),
    *,
    order: Sequence[str],
    steps: Sequence[float],
    equal_length: bool = False,
    **training: Any,
) -> dict[str, Tensor]:
    r"""Loss and gradient along the negative gradient, ``[len(steps), S]`` each.

    ``relative``: the loss over that at the start; ``quotient``: the change of the gradient over the
    distance, whose largest value is the effective smoothness; ``distance``; and ``length``, the
    norm of the gradient at the start, ``[S]``.

    Args:
        seeds: one network each.
        order: :data:`PLAIN` or :data:`BATCH`.
        steps: learning rates, or distances.
        equal_length: whether they are distances.
        training: of :func:`trained`.
    """
    networks, x, y = trained(seeds, order=order, **training)
    loss = partial(losses_of, networks, x, y)
    found = gradient_walk(loss, networks.parameters(), steps=steps, equal_length=equal_length)
    with torch.no_grad():
        start = loss()
    gradient = torch.autograd.grad(loss().sum(), list(networks.parameters()), allow_unused=True)
    squares = sum(g.flatten(1).square().sum(1) for g in gradient if g is not None)
    return {
        "relative": found.losses / start,
        "quotient": found.gradient_changes / found.distances,
        "distance": found.distances,
        "length": torch.as_tensor(squares).sqrt(),
    }


def curvatures(
    seeds: Sequence[int] = range(5), *, samples: int = 512, **training: Any
) -> dict[str, Tensor]:
    """The largest eigenvalue of the Hessian on the first training samples, ``[S]`` each.

    ``none`` and ``batch``, the network with batch norm in training mode; and ``frozen``, the same
    network with the statistics of these samples held constant, so that its outputs are the same.

    Args:
        seeds: one network each.
        samples: how many training samples the loss is over.
        training: of :func:`trained`.
    """
    data = load_digits()
    x, y = data.x_train[:samples].T[None], data.y_train[:samples][None]
    found: dict[str, list[Tensor]] = {"none": [], "batch": [], "frozen": []}

    def largest(networks: NormalizedNetworks) -> Tensor:
        loss = partial(losses_of, networks, x, y)
        return top_eigenvalues(lambda: loss().sum(), networks.parameters(), tol=1e-2).values[0]

    for seed in seeds:
        for name, order in (("none", PLAIN), ("batch", BATCH)):
            networks, *_ = trained([seed], order=order, **training)
            found[name].append(largest(networks))
            if name == "batch":
                networks.recalibrate(x)  # to the statistics of these samples, in evaluation mode
                found["frozen"].append(largest(networks))
    return {name: torch.stack(values) for name, values in found.items()}


def slices(
    scales: Sequence[float],
    *,
    normalized: bool,
    distances: Sequence[float],
    seed: int = 0,
    order: Sequence[str] = BATCH,
    updates: int = 100,
) -> Tensor:
    """Loss along one random direction of networks whose hidden weights are rescaled, ``[n, C]``.

    With batch norm all C networks compute the same function.

    Args:
        scales: factors on the weights before batch norm, one a network.
        normalized: whether the direction is filter-normalized.
        distances: positions along the direction.
        seed: of the network and of the direction.
        order: :data:`PLAIN` or :data:`BATCH`.
        updates: steps of training.
    """
    networks, x, y = trained([seed], order=order, updates=updates)
    generator = torch.Generator().manual_seed(seed)
    (drawn,) = random_directions([w[0] for w in networks.weights], 1, generator=generator)
    weights = [w.detach()[0].clone() for w in networks.weights]
    columns = []
    with torch.no_grad():
        for scale in scales:
            scaled = [scale * w for w in weights[:-1]] + weights[-1:]
            d = filter_normalize(drawn, scaled) if normalized else drawn
            column = []
            for distance in distances:
                for w, start, direction in zip(networks.weights, scaled, d, strict=True):
                    w[0] = start + distance * direction
                column.append(losses_of(networks, x, y)[0])
            columns.append(torch.stack(column))
    return torch.stack(columns, 1)


def explosion(
    seeds: Sequence[int] = range(10),
    *,
    order: Sequence[str] = ("relu",),
    updates: int = 16,
    width: int = 64,
    depth: int = 12,
    lr: float = 0.01,
    batch_size: int = 128,
    points: int = 120,
    device: str = "cpu",
) -> Tensor:
    """A5: the largest step along the gradient before the loss first rises above its start, ``[S]``.

    After ``updates`` steps of training; steps from 1e-4 to 1e3 in equal ratios.
    """
    data = load_digits(device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order, device=device)
    if updates:
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=updates,
            batch_size=batch_size,
        )
    x, y = batch_of(networks, data.x_train, data.y_train, batch_size)
    etas = torch.logspace(-4, 3, points).tolist()
    parameters = list(networks.parameters())
    start = losses_of(networks, x, y)
    gradients = torch.autograd.grad(start.sum(), parameters, allow_unused=True)
    old = [p.detach().clone() for p in parameters]
    rises = []
    with torch.no_grad():
        for eta in etas:
            for p, value, g in zip(parameters, old, gradients, strict=True):
                if g is not None:
                    p.copy_(value - eta * g)
            rises.append(~(losses_of(networks, x, y) <= start))
        for p, value in zip(parameters, old, strict=True):
            p.copy_(value)
    first = torch.stack(rises).double().argmax(0)  # the first step at which the loss is above
    return torch.tensor(etas, dtype=torch.float64)[(first - 1).clamp_min(0).cpu()]


def ramp(
    seeds: Sequence[int] = range(10),
    *,
    order: Sequence[str] = ("relu",),
    width: int = 64,
    depth: int = 12,
    first: float = 1e-3,
    last: float = 30.0,
    steps: int = 150,
    batch_size: int = 128,
    device: str = "cpu",
) -> Tensor:
    """A5: learning rate at which the loss is lowest while the rate rises, ``[S]``.

    The rate rises in equal ratios from step to step; loss as the mean of five steps. Beyond that
    rate training loses what it had gained.
    """
    data = load_digits(device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order, device=device)
    rates = torch.logspace(math.log10(first), math.log10(last), steps, dtype=torch.float64)
    optimizers: list[torch.optim.Optimizer] = []

    def optimizer(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        optimizers.append(torch.optim.SGD(parameters, lr=first))
        return optimizers[0]

    def probe(step: int) -> None:
        if step + 1 < steps:
            optimizers[0].param_groups[0]["lr"] = rates[step + 1].item()

    losses = fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=optimizer,
        steps=steps,
        batch_size=batch_size,
        probe=probe,
    )
    smooth = losses.nan_to_num(nan=math.inf).unfold(0, 5, 1).mean(-1)
    return rates[2 + smooth.argmin(0).cpu()]


class ResidualNetworks(NormalizedNetworks):
    r"""S residual multilayer perceptrons side by side, or the same without skip connections.

    A first layer, then blocks :math:`h \leftarrow \mathrm{relu}(h + N(W_2\,\mathrm{relu}(N(W_1
    h))))` with or without batch norm N, then the output. Without ``skip`` the sum has no h.

    Args:
        blocks: number of blocks, of two layers each.
        width: units of each layer.
        seeds: one a network.
        skip: whether the input of a block is added to its output.
        normalized: whether there is batch norm.
        device: where the networks live.
    """

    def __init__(
        self,
        blocks: int,
        width: int,
        seeds: Sequence[int],
        *,
        skip: bool = True,
        normalized: bool = True,
        device: str = "cpu",
    ) -> None:
        order = ("norm", "relu") if normalized else ("relu",)
        super().__init__(
            [64] + [width] * (1 + 2 * blocks) + [10], seeds, order=order, device=device
        )
        self.skip, self.normalized = skip, normalized

    def forward(self, x: Tensor, record: dict[str, list[Tensor]] | None = None) -> Tensor:
        """Map ``[S, in, B]`` to logits ``[S, out, B]``."""
        h = self._layer(x, 0).relu()
        for i in range(1, len(self.gains), 2):
            block = self._layer(self._layer(h, i).relu(), i + 1)
            h = (h + block if self.skip else block).relu()
        return torch.baddbmm(self.biases[-1], self.weights[-1], h)

    def _layer(self, h: Tensor, i: int) -> Tensor:
        h = self._linear(h, i)
        return self._normalize(h, i) if self.normalized else h


def stepped_sgd(
    lr: float, steps: int, *, momentum: float, weight_decay: float
) -> tuple[Callable[[list[nn.Parameter]], torch.optim.Optimizer], Callable[[int], None]]:
    """SGD whose rate falls to a tenth at half and at three quarters: optimizer and probe."""
    made: list[torch.optim.Optimizer] = []

    def optimizer(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        made.append(
            torch.optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)
        )
        return made[0]

    def probe(step: int) -> None:
        if step + 1 in (steps // 2, 3 * steps // 4):
            made[0].param_groups[0]["lr"] /= 10

    return optimizer, probe


def learning_rates(
    seeds: Sequence[int] = range(10),
    *,
    rates: Sequence[float] = (0.001, 0.003, 0.1),
    blocks: int = 5,
    width: int = 64,
    epochs: int = 100,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A4: test accuracy of residual networks at each rate, without and with batch norm, [rates, S].

    Momentum 0.9, weight decay 5e-4, the rate a tenth after half and after three quarters.
    """
    data = load_digits(device=device)
    steps = epochs * (len(data.x_train) // batch_size)
    result = {}
    for name, normalized in {"none": False, "batch": True}.items():
        rows = []
        for rate in rates:
            networks = ResidualNetworks(blocks, width, seeds, normalized=normalized, device=device)
            optimizer, probe = stepped_sgd(rate, steps, momentum=0.9, weight_decay=5e-4)
            fit(
                networks,
                data.x_train,
                data.y_train,
                optimizer=optimizer,
                steps=steps,
                batch_size=batch_size,
                probe=probe,
            )
            rows.append(networks.accuracy(data.x_test, data.y_test))
        result[name] = torch.stack(rows)
    return result


def filter_directions(
    networks: NormalizedNetworks, s: int, generator: torch.Generator
) -> list[Tensor]:
    """A random direction for the weights of network ``s``, filter-normalized (Li et al. 2018).

    Each row, the weights of one unit, has the length of the row of the network. Biases, scales and
    shifts stay.
    """
    directions = []
    for weight in networks.weights:
        w = weight[s].detach()
        d = torch.randn(w.shape, generator=generator).to(w.device)
        directions.append(d * (w.norm(dim=1, keepdim=True) / d.norm(dim=1, keepdim=True)))
    return directions


@torch.no_grad()
def surface(
    networks: ResidualNetworks,
    s: int,
    x: Tensor,
    y: Tensor,
    *,
    directions: Sequence[Sequence[Tensor]],
    radius: float = 1.0,
    points: int = 21,
    training: bool = True,
    chunk: int = 63,
) -> Tensor:
    r"""Loss of network ``s`` at :math:`\theta + a d_1 + b d_2`, ``[points, points]``.

    The points of the plane take the place of the seeds on the leading axis.

    Args:
        networks: trained networks.
        s: which of them.
        x: inputs ``[in, B]``.
        y: classes ``[B]``.
        directions: two directions as :func:`filter_directions` gives them.
        radius: a and b run from minus to plus this.
        points: grid points a side.
        training: batch statistics at each point, or the running ones of the centre.
        chunk: points evaluated at once.
    """
    axis = torch.linspace(-radius, radius, points, device=x.device)
    grid = torch.cartesian_prod(axis, axis)
    blocks = (len(networks.gains) - 1) // 2
    width = networks.gains[0].shape[1]
    losses = []
    for part in grid.split(chunk):
        count = len(part)
        plane = ResidualNetworks(
            blocks,
            width,
            [0],
            skip=networks.skip,
            normalized=networks.normalized,
            device=str(x.device),
        )
        for p, q in zip(plane.parameters(), networks.parameters(), strict=True):
            p.data = q[s].expand(count, -1, -1).clone()
        a, b = part[:, 0, None, None], part[:, 1, None, None]
        for weight, d1, d2 in zip(plane.weights, *directions, strict=True):
            weight.data += a * d1 + b * d2
        for mine, theirs in (
            (plane.running_mean, networks.running_mean),
            (plane.running_var, networks.running_var),
        ):
            mine[:] = [t[s].expand(count, -1, -1).clone() for t in theirs]
        plane.train(training)
        losses.append(losses_of(plane, x.expand(count, -1, -1), y.expand(count, -1)))
    return torch.cat(losses).view(points, points)


def surfaces(
    seeds: Sequence[int] = range(10),
    *,
    blocks: int = 10,
    width: int = 32,
    lr: float = 0.1,
    epochs: int = 40,
    batch_size: int = 128,
    samples: int = 192,
    points: int = 17,
    radius: float = 1.0,
    near: float = 0.05,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A6: shape of the loss surface with and without skip connections, ``[S]`` each.

    Names are ``"<number> <skip or plain> <batch or running>"``, and ``"accuracy <skip or plain>"``
    on the test set. Curvature is taken from a grid of spacing ``near`` at the centre.
    """
    data = load_digits(device=device)
    steps = epochs * (len(data.x_train) // batch_size)
    rows: dict[str, list[Tensor]] = {}
    result = {}
    for name, skip in {"skip": True, "plain": False}.items():
        networks = ResidualNetworks(blocks, width, seeds, skip=skip, device=device)
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=steps,
            batch_size=batch_size,
        )
        result[f"accuracy {name}"] = networks.accuracy(data.x_test, data.y_test)
        for s, seed in enumerate(seeds):
            generator = torch.Generator().manual_seed(seed + 500_000)
            directions = [filter_directions(networks, s, generator) for _ in range(2)]
            for statistics, training in {"batch": True, "running": False}.items():
                plane = partial(
                    surface,
                    networks,
                    s,
                    data.x_train[:samples].T,
                    data.y_train[:samples],
                    directions=directions,
                    training=training,
                )
                found = shape_of_surface(
                    plane(radius=radius, points=points), 2 * radius / (points - 1)
                )
                centre = shape_of_surface(plane(radius=near, points=3), near)
                found["curvature"] = centre["curvature"]
                for number, value in found.items():
                    rows.setdefault(f"{number} {name} {statistics}", []).append(value)
    return result | {name: torch.stack(values) for name, values in rows.items()}
