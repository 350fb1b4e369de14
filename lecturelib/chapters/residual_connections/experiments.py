r"""Experiments on residual connections: settings and seeds in, one value per seed out.

All networks are of one kind: a first layer, blocks of two layers each, an output layer, and no
normalization. A block makes :math:`F(h) = V \varphi(W \varphi(h) + b) + c` of what arrives. The
*plain* network hands :math:`F(h)` on, the *residual* one :math:`h + a F(h)`; nothing else differs.

Networks of all seeds, and of all learning rates, stand side by side on a leading tensor axis.
Explained in the chapter ``residual_connections``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.experiments.networks import Networks, cross_entropy, draws, fit, sgd
from lecturelib.experiments.surfaces import shape_of_surface

__all__ = [
    "KINDS",
    "DeepNetworks",
    "at_best_rate",
    "at_the_start",
    "depth_and_rate",
    "digits",
    "directions",
    "filter_directions",
    "first_step",
    "identity",
    "jacobian",
    "plane",
    "squared_error",
    "surfaces",
    "train_at_rates",
]

F64 = torch.float64
Kind = TypeVar("Kind", bound=Networks)
KINDS = ("plain", "He", "scaled", "zero")
"""Networks without skips, and residual networks by their start: see :class:`DeepNetworks`."""


class DeepNetworks(Networks):
    r"""S deep networks side by side, plain or residual.

    Args:
        kind: ``"plain"``, or a residual network by its start. ``"He"``: He's weights everywhere.
            ``"scaled"``: the same with :math:`a = 1/\sqrt M` before each branch. ``"zero"``: V = 0
            at the start, and W divided by :math:`\sqrt M`, after Zhang et al. (2019).
        blocks: M, number of blocks of two layers each.
        width: units of each layer.
        seeds: one a network.
        inputs: number of inputs.
        outputs: number of outputs.
        linear: whether the activation is left out.
        branch: a, where it is another than the kind's.
        device: where the networks live.
    """

    def __init__(
        self,
        kind: str,
        blocks: int,
        width: int,
        seeds: Sequence[int],
        *,
        inputs: int = 64,
        outputs: int = 10,
        linear: bool = False,
        branch: float | None = None,
        device: str = "cpu",
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"DeepNetworks: kind must be one of {KINDS}, got {kind!r}")
        widths = [inputs, *[width] * (2 * blocks + 1), outputs]
        last, gain = 2 * blocks + 1, 1.0 if linear else 2.0

        def start(i: int, n_out: int, n_in: int, g: torch.Generator) -> tuple[Tensor, Tensor]:
            std = math.sqrt(gain / n_in)
            if kind == "zero" and 0 < i < last:
                std *= 0.0 if i % 2 == 0 else 1 / math.sqrt(blocks)
            return std * torch.randn(n_out, n_in, generator=g), torch.zeros(n_out, 1)

        activation: Callable[[Tensor], Tensor] = (lambda z: z) if linear else torch.relu
        super().__init__(widths, seeds, start=start, activation=activation, device=device)
        self.kind, self.blocks = kind, blocks
        usual = 1 / math.sqrt(blocks) if kind == "scaled" else 1.0
        self.branch = usual if branch is None else branch

    def stream(self, x: Tensor) -> list[Tensor]:
        """What enters each block, and what leaves the last one: M + 1 tensors ``[S, D, B]``."""
        values = [torch.baddbmm(self.biases[0], self.weights[0], x)]
        for i in range(1, 2 * self.blocks, 2):
            h = values[-1]
            u = torch.baddbmm(self.biases[i], self.weights[i], self.activation(h))
            f = torch.baddbmm(self.biases[i + 1], self.weights[i + 1], self.activation(u))
            values.append(f if self.kind == "plain" else h + self.branch * f)
        return values

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs ``[S, in, B]`` to outputs ``[S, out, B]``."""
        h = self.activation(self.stream(x)[-1])
        return torch.baddbmm(self.biases[-1], self.weights[-1], h)


def train_at_rates(
    make: Callable[[Sequence[int]], Kind],
    rates: Sequence[float],
    seeds: Sequence[int],
    x: Tensor,
    y: Tensor,
    *,
    steps: int,
    batch_size: int,
    loss: Callable[[Tensor, Tensor], Tensor] = cross_entropy,
) -> tuple[Kind, Tensor]:
    """Plain SGD at several rates side by side: the networks, rate by rate, and all losses.

    Each network's gradient is multiplied by its own rate, and SGD takes a step of 1.

    Returns:
        The networks, ``len(rates) * len(seeds)`` of them, and losses ``[steps, rates, S]``.
    """
    networks = make(list(seeds) * len(rates))
    rate = torch.tensor(rates, device=x.device).repeat_interleave(len(seeds))[:, None, None]
    parameters = list(networks.parameters())

    def scale() -> None:
        for p in parameters:
            assert p.grad is not None
            p.grad.mul_(rate)

    losses = fit(
        networks,
        x,
        y,
        optimizer=sgd(1.0),
        steps=steps,
        batch_size=batch_size,
        loss=loss,
        indices=draws,
        before_step=scale,
    )
    return networks, losses.view(steps, len(rates), len(seeds))


# --- the identity ------------------------------------------------------------------------------


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error ``[S]`` of outputs ``[S, D, B]`` against targets ``[S, B, D]``."""
    return (outputs - targets.transpose(1, 2)).square().mean((1, 2))


def identity(
    seeds: Sequence[int],
    *,
    blocks: int = 8,
    features: int = 4,
    width: int = 16,
    rates: Sequence[float] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    steps: int = 200,
    batch_size: int = 32,
    runs: Sequence[str] = ("plain", "linear", "scaled", "zero"),
    device: str = "cpu",
) -> dict[str, Tensor]:
    """RC1: error of deep networks that are asked for their own input, ``[rates, S]``.

    Inputs are standard normal, so that the answer 0 has the error 1; the error is taken on 1,000
    fresh inputs after training. ``"linear"`` is the plain network without its ReLUs, with weights
    of variance one over their inputs. A network that diverged has an infinite error.
    """
    g = torch.Generator().manual_seed(77)
    x = torch.randn(4_000, features, generator=g).to(device)
    fresh = torch.randn(1_000, features, generator=g).to(device)
    found = {}
    for name in runs:
        make = partial(
            DeepNetworks,
            "plain" if name == "linear" else name,
            blocks,
            width,
            inputs=features,
            outputs=features,
            linear=name == "linear",
            device=device,
        )
        networks, _ = train_at_rates(
            lambda s, make=make: make(seeds=s),  # type: ignore[misc]
            rates,
            seeds,
            x,
            x,
            steps=steps,
            batch_size=batch_size,
            loss=squared_error,
        )
        many = fresh.expand(len(networks.generators), -1, -1)
        with torch.no_grad():
            errors = squared_error(networks(many.transpose(1, 2)), many)
        found[name] = errors.nan_to_num(nan=math.inf).view(len(rates), -1).cpu()
    return found


# --- what goes up and what comes down ------------------------------------------------------------


def at_the_start(
    seeds: Sequence[int],
    kind: str,
    *,
    blocks: int = 50,
    width: int = 32,
    samples: int = 64,
    branch: float | None = None,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""Networks at their start on standard normal inputs, in float64.

    Returns:
        ``"forward"`` and ``"backward"``, the rms of what enters each block and leaves the last one
        and of the gradient by it, ``[M + 1, S]``, with a standard normal cotangent at the top;
        ``"values"``, the singular values of :math:`\partial h_M / \partial h_0` at the first
        sample, largest first, ``[S, width]``; ``"cosine"``, the mean cosine between the
        :math:`h_M` of two samples, ``[S]``; ``"share"``, :math:`(\sum s^2)^2 / n \sum s^4`.
    """
    networks = DeepNetworks(
        kind, blocks, width, seeds, inputs=width, branch=branch, device=device
    ).double()
    generators = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]

    def normal() -> Tensor:
        draws = [torch.randn(width, samples, generator=g, dtype=F64) for g in generators]
        return torch.stack(draws).to(device)

    stream = networks.stream(normal())
    gradients = torch.autograd.grad((stream[-1] * normal()).sum(), stream)
    values = torch.linalg.svdvals(jacobian(networks, [h.detach() for h in stream]))
    unit = F.normalize(stream[-1].detach(), dim=1)
    cosines = unit.transpose(1, 2) @ unit
    others = samples * (samples - 1)
    squares = (values / values[:, :1]).square()
    return {
        "forward": _rms(stream).cpu(),
        "backward": _rms(gradients).cpu(),
        "values": values.cpu(),
        "cosine": ((cosines.sum((1, 2)) - samples) / others).cpu(),
        "share": (squares.sum(1).square() / (width * squares.square().sum(1))).cpu(),
    }


def _rms(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack([t.detach().square().mean((1, 2)).sqrt() for t in tensors])


@torch.no_grad()
def jacobian(networks: DeepNetworks, stream: Sequence[Tensor]) -> Tensor:
    """The derivative of the last entry of a ReLU network's stream by its first, at sample 0.

    It is the product of the blocks' own, V D W D' without skips and I + a V D W D' with them; D
    holds ones where a ReLU is on.
    """
    first = stream[0]
    product = torch.eye(first.shape[1]).to(first).expand(len(first), -1, -1)
    for i, h in zip(range(1, 2 * networks.blocks, 2), stream, strict=False):
        x = h[:, :, :1]
        u = networks.biases[i] + networks.weights[i] @ x.relu()
        own = networks.weights[i + 1] @ ((u > 0) * networks.weights[i] * (x > 0).mT)
        passed = own @ product
        product = passed if networks.kind == "plain" else product + networks.branch * passed
    return product


# --- the surface ---------------------------------------------------------------------------------


def filter_directions(networks: Networks, s: int, generator: torch.Generator) -> list[Tensor]:
    """A normal random direction for network ``s``: each row as long as the row of the weights."""
    found = []
    for weight in networks.weights:
        w = weight[s].detach()
        d = torch.randn(w.shape, generator=generator).to(w)
        found.append(d * (w.norm(dim=1, keepdim=True) / d.norm(dim=1, keepdim=True)))
    return found


@torch.no_grad()
def plane(
    networks: DeepNetworks,
    s: int,
    x: Tensor,
    y: Tensor,
    *,
    directions: Sequence[Sequence[Tensor]],
    radius: float = 1.0,
    points: int = 17,
) -> Tensor:
    r"""Loss of network ``s`` at :math:`\theta + a d_1 + b d_2`, ``[points, points]``.

    The points of the plane take the place of the seeds on the leading axis.
    """
    axis = torch.linspace(-radius, radius, points, device=x.device)
    a, b = torch.cartesian_prod(axis, axis).T[:, :, None, None]
    count, width = points**2, networks.weights[0].shape[1]
    moved = DeepNetworks(networks.kind, networks.blocks, width, [0], device=str(x.device))
    for p, q in zip(moved.parameters(), networks.parameters(), strict=True):
        p.data = q[s].expand(count, -1, -1)
    for weight, d1, d2 in zip(moved.weights, *directions, strict=True):
        weight.data = weight.data + a * d1 + b * d2
    losses = cross_entropy(moved(x.T.expand(count, -1, -1)), y.expand(count, -1))
    return losses.view(points, points)


def surfaces(
    seeds: Sequence[int],
    *,
    blocks: int = 5,
    width: int = 32,
    rates: Sequence[float] = (0.03, 0.3),
    steps: int = 400,
    batch_size: int = 64,
    samples: int = 128,
    points: int = 17,
    radius: float = 0.5,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """R14: shape of the loss round trained networks, over a random plane, ``[S]`` each.

    Names are ``"<number> <network>"``, with the numbers of ``shape_of_surface``, ``"loss"``, that
    of the training's last 20 steps, and ``"surface"``, ``[S, points, points]``. Curvature is taken
    from a grid of spacing 0.05 at the centre. ``rates`` are those of ``"plain"`` and ``"scaled"``;
    ``"same rate"`` is the latter at the rate of the former.
    """
    x, y = digits(device)
    result: dict[str, Tensor] = {}
    slow, fast = rates
    networks_of = {"plain": slow, "scaled": fast, "same rate": slow}
    for name, rate in networks_of.items():
        kind = "plain" if name == "plain" else "scaled"
        make = partial(DeepNetworks, kind, blocks, width, device=device)
        networks, losses = train_at_rates(
            make, [rate], seeds, x, y, steps=steps, batch_size=batch_size
        )
        rows: dict[str, list[Tensor]] = {}
        for s, seed in enumerate(seeds):
            g = torch.Generator().manual_seed(seed + 500_000)
            directions = [filter_directions(networks, s, g) for _ in range(2)]
            view = partial(plane, networks, s, x[:samples], y[:samples], directions=directions)
            z = view(radius=radius, points=points)
            shape = shape_of_surface(z, 2 * radius / (points - 1))
            shape["curvature"] = shape_of_surface(view(radius=0.05, points=3), 0.05)["curvature"]
            shape["surface"] = z
            for number, value in shape.items():
                rows.setdefault(number, []).append(value)
        result[f"loss {name}"] = losses[-20:, 0].mean(0)
        result |= {f"{number} {name}": torch.stack(v) for number, v in rows.items()}
    return {name: value.cpu() for name, value in result.items()}


# --- depth ---------------------------------------------------------------------------------------


def depth_and_rate(
    seeds: Sequence[int],
    kind: str,
    *,
    blocks: int = 50,
    width: int = 32,
    rates: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0),
    steps: int = 120,
    batch_size: int = 64,
    device: str = "cpu",
) -> Tensor:
    """RC2: mean loss of the last 20 steps at each rate, ``[rates, S]``; inf if it diverged."""
    x, y = digits(device)
    make = partial(DeepNetworks, kind, blocks, width, device=device)
    _, losses = train_at_rates(make, rates, seeds, x, y, steps=steps, batch_size=batch_size)
    return losses[-20:].mean(0).nan_to_num(nan=math.inf, posinf=math.inf).cpu()


def at_best_rate(losses: Tensor) -> tuple[int, Tensor]:
    """The rate with the smallest mean over the seeds, by its place, and its row ``[S]``.

    A rate at which one network diverged is out, as its mean is infinite.

    >>> at_best_rate(torch.tensor([[2.0, 2.0], [1.0, 2.5], [0.5, torch.inf]]))
    (1, tensor([1.0000, 2.5000]))
    """
    best = int(losses.mean(1).argmin())
    return best, losses[best]


def first_step(
    seeds: Sequence[int],
    *,
    blocks: int,
    shrink: bool,
    biases: bool = False,
    width: int = 32,
    lr: float = 1e-4,
) -> Tensor:
    r"""How far the first step of SGD moves the logits of a network with the start "zero", ``[S]``.

    The root of the mean square over 64 digits, those of the step. ``shrink``: whether W is divided
    by :math:`\sqrt M`, as that start does. The step moves the branches' weights alone, or their
    biases alone.
    """
    x, y = (part[:64] for part in digits())
    networks = DeepNetworks("zero", blocks, width, seeds)
    if not shrink:
        for weight in networks.weights[1:-1:2]:
            weight.data *= math.sqrt(blocks)
    batch = x.T.expand(len(seeds), -1, -1)
    before = networks(batch)
    cross_entropy(before, y.expand(len(seeds), -1)).sum().backward()
    with torch.no_grad():
        for p in list(networks.biases if biases else networks.weights)[1:-1]:  # the branches'
            assert p.grad is not None
            p -= lr * p.grad
        return (networks(batch) - before).square().mean((1, 2)).sqrt()


def directions(blocks: nn.Module, h: Tensor) -> Tensor:
    """Share of directions that pass through some blocks together: median over inputs ``[N, n]``.

    It is (Σ s²)² / (n Σ s⁴) with the singular values s of the Jacobian.
    """
    jacobians = torch.func.vmap(torch.func.jacrev(blocks))(h.detach())
    squares = torch.linalg.svdvals(jacobians).square()
    return (squares.sum(1).square() / (h.shape[1] * squares.square().sum(1))).median()


@cache
def digits(device: str = "cpu") -> tuple[Tensor, Tensor]:
    """Six hundred standardized digits to train on: ``[600, 64]`` and ``[600]``."""
    data = load_digits(standardize=True, device=device)
    return data.x_train[:600], data.y_train[:600]
