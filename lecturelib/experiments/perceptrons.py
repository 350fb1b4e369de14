"""Perceptrons by the name of their activation, and the digits that each of them learns from.

Weights are normal with the variance that keeps the mean square of a layer's sums at 1: one over the
number of inputs times E f² of the activation below. For ReLU, where E f² is 1/2, this is He's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from lecturelib import activations
from lecturelib.data import load_digits
from lecturelib.experiments import networks as side_by_side
from lecturelib.experiments.networks import Networks, Optimizer, sgd

__all__ = ["Perceptrons", "digits", "fit", "gaussian_nodes", "mean_square"]


@cache
def gaussian_nodes() -> tuple[Tensor, Tensor]:
    """Points and weights for the mean under N(0, 1): Gauss–Legendre on both sides of the kink."""
    points, weights = np.polynomial.legendre.leggauss(200)
    x = torch.from_numpy(5 * (points + 1))  # 0 to 10; beyond lies 1e-23 of the probability
    w = torch.from_numpy(5 * weights) * torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return torch.cat([-x, x]), torch.cat([w, w])


def mean_square(f: activations.Activation) -> float:
    """E f² for a standard normal input.

    >>> round(mean_square(torch.relu), 9)
    0.5
    """
    x, w = gaussian_nodes()
    return (w * f(x) ** 2).sum().item()


class Perceptrons(Networks):
    """Networks with hidden units of one kind.

    Args:
        seeds: one seed a network; a network does not depend on which others train beside it.
        widths: inputs, hidden layers, outputs.
        activation: a name of ``ACTIVATIONS``, or a function of ``[S, D, B]``; ``"prelu"`` learns
            its slope; ``"maxout"`` has two pieces a unit; ``"maxout narrow"`` has 1/√2 of the
            units, so about as many weights as the others.
        bias: where hidden biases start.
        device: where the networks live.

    >>> Perceptrons([0, 1], (2, 3, 1), "maxout")(torch.zeros(2, 2, 5)).shape
    torch.Size([2, 1, 5])
    """

    def __init__(
        self,
        seeds: Sequence[int],
        widths: Sequence[int] = (64, 64, 64, 10),
        activation: str | activations.Activation = "relu",
        *,
        bias: float = 0.0,
        device: str = "cpu",
    ) -> None:
        self.kind = activation if isinstance(activation, str) else ""
        maxout = self.kind.startswith("maxout")
        narrow = 1 / math.sqrt(2) if self.kind == "maxout narrow" else 1.0
        hidden = [round(width * narrow) for width in widths[1:-1]]
        sizes = [widths[0], *hidden, widths[-1]]
        f = activation if callable(activation) else activations.ACTIVATIONS.get(activation)
        square = self._square(f)

        def start(
            layer: int, n_out: int, n_in: int, generator: torch.Generator
        ) -> tuple[Tensor, Tensor]:
            std = 1 / math.sqrt(n_in * (1.0 if layer == 0 else square))
            weight = std * torch.randn(n_out, n_in, generator=generator)
            return weight, torch.full((n_out, 1), 0.0 if layer == len(sizes) - 2 else bias)

        super().__init__(
            sizes,
            seeds,
            start=start,
            activation=f or torch.relu,
            pieces=2 if maxout else 1,
            device=device,
        )
        if self.kind == "prelu":
            self.slope = nn.Parameter(torch.full((len(seeds), 1, 1), 0.25, device=device))

    def _square(self, f: activations.Activation | None) -> float:
        if self.kind == "prelu":
            return (1 + 0.25**2) / 2
        if f is None:
            return 1.0  # maxout: of two independent normal variables the larger has mean square 1
        return mean_square(f)

    def activate(self, z: Tensor) -> Tensor:
        """The activation of ``[S, D, B]``."""
        if self.kind == "prelu":
            return torch.where(z > 0, z, self.slope * z)
        if self.kind.startswith("maxout"):
            return activations.maxout(z, 2, dim=1)
        return self.activation(z)


@cache
def digits(seeds: tuple[int, ...], standardize: bool = True) -> tuple[Tensor, ...]:
    """A split of the digits for each seed: ``[S, 64, N]`` and ``[S, N]`` for training and test."""
    splits = [load_digits(standardize=standardize, seed=seed) for seed in seeds]
    x_train, y_train, x_test, y_test = (torch.stack(part) for part in zip(*splits, strict=True))
    return x_train.transpose(1, 2).contiguous(), y_train, x_test.transpose(1, 2), y_test


def fit(
    networks: Perceptrons,
    x: Tensor,
    y: Tensor,
    *,
    lr: float,
    epochs: int,
    batch_size: int = 64,
    method: str = "momentum",
    probe: Callable[[int], None] | None = None,
) -> None:
    """Train all networks, each on its own samples in its own order.

    The losses are summed over the seeds, so no network sees another's gradient.

    Args:
        networks: what is trained.
        x: inputs ``[S, D, N]``.
        y: classes ``[S, N]``.
        lr: learning rate.
        epochs: passes over the samples.
        batch_size: samples a step; a last incomplete batch is left out.
        method: ``"momentum"`` (SGD, 0.9) or ``"Adam"`` with a rate that falls along a cosine.
        probe: called with the number of steps done, before the first and after each.
    """
    steps = epochs * (x.shape[2] // batch_size)
    optimizer: Optimizer = sgd(lr, 0.9)
    schedule = None
    if method == "Adam":
        optimizer = partial(torch.optim.Adam, lr=lr)
        schedule = partial(CosineAnnealingLR, T_max=steps)
    if probe:
        probe(0)
    side_by_side.fit(
        networks,
        x,
        y,
        optimizer=optimizer,
        schedule=schedule,
        steps=steps,
        batch_size=batch_size,
        probe=(lambda step: probe(step + 1)) if probe else None,
    )
