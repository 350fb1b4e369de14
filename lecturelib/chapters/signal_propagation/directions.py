r"""Where the leading eigenvectors of the Hessian lie, one by one, and why they should lie there.

The networks, the eigenvectors and the overlap are those of claim A8, in
:mod:`lecturelib.chapters.signal_propagation.experiments`.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.chapters.signal_propagation.experiments import (
    PooledNetworks,
    leading_eigenvectors,
    moment_gradients,
    overlap,
    per_network,
)
from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, sgd

__all__ = ["KINDS", "alike", "eigenvectors", "shares", "trained"]

KINDS = ("none", "batch", "frozen")
CHANNELS, SAMPLES = (6, 12, 12), 256
SEEDS = tuple(range(10))


@cache
def trained(
    kind: str, seeds: tuple[int, ...] = SEEDS, *, epochs: int = 8, lr: float = 0.1
) -> tuple[PooledNetworks, Tensor, Tensor]:
    """Small convolutional networks on digits, and the images on which their Hessian is taken.

    Args:
        kind: ``"none"``, ``"batch"``, or ``"frozen"``: trained with batch norm, whose statistics
            are then held fixed at those of the images.
        seeds: one a network.
        epochs: of training.
        lr: rate of SGD.

    Returns:
        The networks, images ``[S, 64, N]`` and classes ``[S, N]``.
    """
    if kind == "frozen":
        networks, x, y = trained("batch", seeds, epochs=epochs, lr=lr)
        networks = copy.deepcopy(networks)
        networks.frozen = True
        return networks, x, y
    data = load_digits(device="cpu")
    networks = PooledNetworks(seeds, channels=CHANNELS, normalized=kind != "none")
    if epochs:
        fit(
            cast(NormalizedNetworks, networks),
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=epochs * (len(data.x_train) // 128),
            batch_size=128,
        )
    x = data.x_train[:SAMPLES].T.expand(len(seeds), -1, -1)
    y = data.y_train[:SAMPLES].expand(len(seeds), -1)
    with torch.no_grad():
        networks(x)
    return networks, x, y


@cache
def eigenvectors(
    kind: str, seeds: tuple[int, ...] = SEEDS, *, epochs: int = 8, k: int = 9
) -> tuple[Tensor, Tensor]:
    """The k largest eigenvalues ``[S, k]`` of the Hessian, and their eigenvectors ``[S, k, P]``."""
    networks, x, y = trained(kind, seeds, epochs=epochs)
    parameters = list(networks.parameters())
    loss = F.cross_entropy(networks(x), y, reduction="none").mean(-1).sum()
    gradient = per_network(torch.autograd.grad(loss, parameters, create_graph=True))

    def product(v: Tensor) -> Tensor:
        return per_network(torch.autograd.grad((gradient * v).sum(), parameters, retain_graph=True))

    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return leading_eigenvectors(
        product, (len(seeds), gradient.shape[1]), k=k, steps=30, generators=generators
    )


def class_gradients(networks: PooledNetworks, x: Tensor, y: Tensor) -> Tensor:
    """Gradients of the mean loss of each class, ``[S, 10, P]``."""
    losses = F.cross_entropy(networks(x), y, reduction="none")
    parameters = list(networks.parameters())
    rows = [
        torch.autograd.grad((losses * (y == c)).mean(-1).sum(), parameters, retain_graph=True)
        for c in range(10)
    ]
    return torch.stack([per_network(row) for row in rows], 1)


def shares(kind: str, seeds: tuple[int, ...] = SEEDS, *, epochs: int = 8) -> dict[str, Tensor]:
    """How much of the nine leading eigenvectors lies in three subspaces.

    Returns:
        ``values`` ``[S, 9]``, the eigenvalues; ``each`` ``[S, 9]``, the squared length of each
        eigenvector's projection on the span of the ten gradients of mean logits; ``ten`` ``[S]``,
        its mean; ``nine``, the same for the span of their differences; ``classes``, for the
        gradients of the ten classes' losses.
    """
    networks, x, y = trained(kind, seeds, epochs=epochs)
    values, vectors = eigenvectors(kind, seeds, epochs=epochs)
    means = moment_gradients(networks, x)[:, :10]
    differences = means[:, 1:] - means[:, :1]
    each = torch.stack([overlap(v[:, None], means) for v in vectors.unbind(1)], 1)
    return {
        "values": values,
        "each": each,
        "ten": each.mean(1),
        "nine": overlap(vectors, differences),
        "classes": overlap(vectors, class_gradients(networks, x, y)),
    }


def alike(
    kind: str, seeds: tuple[int, ...] = SEEDS, *, epochs: int = 8, samples: int = 24
) -> Tensor:
    r"""How alike the gradients of a logit are for different images, ``[S]``.

    The squared length of the mean gradient over the mean squared length, of the logits less their
    mean over the classes: 1 if all images have the same gradients.
    """
    networks, x, _ = trained(kind, seeds, epochs=epochs)
    parameters = list(networks.parameters())
    z = networks(x)
    z = z - z.mean(1, keepdim=True)
    total, squares = torch.zeros(()), torch.zeros(())
    for i in range(samples):
        rows = [
            per_network(torch.autograd.grad(z[:, c, i].sum(), parameters, retain_graph=True))
            for c in range(10)
        ]
        J = torch.stack(rows, 1)  # [S, 10, P]
        total = total + J / samples
        squares = squares + J.square().sum((1, 2)) / samples
    return total.square().sum((1, 2)) / squares
