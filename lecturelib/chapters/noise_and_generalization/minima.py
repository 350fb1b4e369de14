r"""Sharpness: what rescaled layers do to it, and whether it goes with the test error.

Explained in the chapter ``noise_and_generalization``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.noise_and_generalization.batch_noise import UnitNoiseNetworks
from lecturelib.data import load_digits
from lecturelib.experiments.networks import (
    NormalizedNetworks,
    accuracy,
    cross_entropy,
    fit,
    losses_of,
)
from lecturelib.experiments.wrong_labels import flip_labels
from lecturelib.instruments import top_eigenvalues

__all__ = [
    "REGULARIZERS",
    "largest_curvature",
    "ranks_agree",
    "regularized",
    "rescaled",
    "rise_nearby",
]

REGULARIZERS: dict[str, dict[str, Any]] = {
    "none": {},
    "stopped early": {"share": 0.1},
    "weight decay": {"weight_decay": 0.03},
    "dropout": {"dropout": 0.5},
    "noise on units": {"noise": 3.0},
}
"""What was tried on the plain network, by name: options of :func:`regularized`."""


def largest_curvature(
    networks: NormalizedNetworks, inputs: Tensor, labels: Tensor, *, tol: float = 1e-2
) -> Tensor:
    """The largest eigenvalue of the Hessian of the loss of a single network, ``[1]``."""
    generator = torch.Generator().manual_seed(0)
    loss = partial(losses_of, networks, inputs, labels)
    learned = [*networks.weights, *networks.biases]
    return top_eigenvalues(lambda: loss().sum(), learned, tol=tol, generator=generator).values[:1]


@torch.no_grad()
def rise_nearby(
    networks: NormalizedNetworks, inputs: Tensor, labels: Tensor, *, size: float, draws: int = 10
) -> Tensor:
    """Mean rise of each network's loss under random changes of its weights, ``[S]``.

    Each unit's weights change by a random vector of ``size`` times their own length, so that
    rescaled layers change nothing.
    """
    generator = torch.Generator().manual_seed(0)
    before = [w.clone() for w in networks.weights]
    start, rises = losses_of(networks, inputs, labels), []
    for _ in range(draws):
        for weight, old in zip(networks.weights, before, strict=True):
            change = torch.randn(old.shape[1:], generator=generator).to(old)
            change = change / change.norm(dim=-1, keepdim=True)
            weight.copy_(old + size * old.norm(dim=-1, keepdim=True) * change)
        rises.append(losses_of(networks, inputs, labels) - start)
    for weight, old in zip(networks.weights, before, strict=True):
        weight.copy_(old)
    return torch.stack(rises).mean(0)


def regularized(
    seeds: Sequence[int] = range(5),
    *,
    weight_decay: float = 0.0,
    dropout: float = 0.0,
    noise: float = 0.0,
    share: float = 1.0,
    wrong: float = 0.2,
    size: float = 0.3,
    width: int = 64,
    depth: int = 2,
    lr: float = 0.3,
    steps: int = 300,
    batch_size: int = 128,
    train_size: int = 512,
) -> dict[str, Tensor]:
    """Plain networks on digits with wrong labels: ``test`` accuracy, sharpness, ``[S]`` each.

    ``curvature`` is the largest eigenvalue of the Hessian of the loss on the training set, and
    ``rise`` what :func:`rise_nearby` measures; ``train loss`` is the loss there.

    Args:
        seeds: one network each.
        weight_decay: of all weights.
        dropout: probability of dropping a hidden unit.
        noise: standard deviation of noise on the units of the last hidden layer.
        share: of the steps, after which training stops.
        wrong: share of the training labels that are wrong.
        size: of the random changes, relative to the weights of a unit.
        width: units of a hidden layer.
        depth: hidden layers.
        lr: of plain SGD, constant.
        steps: number of steps, before ``share``.
        batch_size: samples a step.
        train_size: training samples.
    """
    data = load_digits(standardize=True)
    x, y = data.x_train[:train_size], data.y_train[:train_size]
    generators = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]
    labels = flip_labels(y.expand(len(seeds), -1), wrong, generators)
    widths = [64] + [width] * depth + [10]
    networks: NormalizedNetworks
    if noise:
        networks = UnitNoiseNetworks(widths, seeds, noise="own", std=noise)
    else:
        networks = NormalizedNetworks(
            widths, seeds, order=("relu", "dropout"), dropout=dropout
        )  # fmt: skip
    inputs = x.T.expand(len(seeds), -1, -1)
    fit(
        networks,
        inputs,
        labels,
        optimizer=lambda p: torch.optim.SGD(p, lr=lr, weight_decay=weight_decay),
        steps=int(share * steps),
        batch_size=batch_size,
    )
    networks.eval()
    curvatures = [_of_one(networks, s, x, labels[s]) for s in range(len(seeds))]
    with torch.no_grad():
        train_loss = cross_entropy(networks(inputs), labels)
    return {
        "test": accuracy(networks, data.x_test.T.expand(len(seeds), -1, -1), data.y_test),
        "train loss": train_loss,
        "curvature": torch.cat(curvatures),
        "rise": rise_nearby(networks, inputs, labels, size=size),
    }


def _of_one(networks: NormalizedNetworks, s: int, x: Tensor, labels: Tensor) -> Tensor:
    """The largest curvature of network ``s``."""
    widths = [w.shape[2] for w in networks.weights] + [networks.weights[-1].shape[1]]
    alone = NormalizedNetworks(widths, [0], order=("relu",))
    with torch.no_grad():
        for mine, theirs in zip(
            (*alone.weights, *alone.biases), (*networks.weights, *networks.biases), strict=True
        ):
            mine.copy_(theirs[s : s + 1])
    return largest_curvature(alone, x.T[None], labels[None])


@contextmanager
def rescaled(networks: NormalizedNetworks, a: float) -> Iterator[NormalizedNetworks]:
    """The networks with the first layer times ``a`` and the second's weights divided by it.

    With ReLU between them they compute the same. At the end of the block they are as before.
    """

    def scale(factor: float) -> None:
        with torch.no_grad():
            networks.weights[0].mul_(factor)
            networks.biases[0].mul_(factor)
            networks.weights[1].div_(factor)

    scale(a)
    try:
        yield networks
    finally:
        scale(1 / a)


def ranks_agree(a: Tensor, b: Tensor) -> Tensor:
    """Spearman's rank correlation of the columns of ``a`` and ``b``, ``[n, S]`` to ``[S]``."""
    first, second = (t.argsort(0).argsort(0).double() for t in (a, b))
    pairs = zip(first.T, second.T, strict=True)
    return torch.stack([torch.corrcoef(torch.stack(pair))[0, 1] for pair in pairs])
