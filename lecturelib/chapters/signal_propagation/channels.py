"""What the units of deep networks at their start make of a batch, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.chapters.signal_propagation.meanfield import BLOCKS
from lecturelib.experiments.networks import (
    Networks,
    NormalizedNetworks,
    accuracy,
    fit,
    normalize,
    sgd,
)

__all__ = ["KINDS", "layers", "modal_share", "neighbours", "repaired", "variance_shares"]

KINDS = ("ReLU", "linear", "batch norm", "skip", "scaled skip")


def layers(
    kind: str,
    *,
    seed: int = 0,
    width: int = 256,
    depth: int = 50,
    samples: int = 512,
    inputs: Tensor | None = None,
) -> list[Tensor]:
    """The values of each layer before its activation, ``[width, samples]``.

    Args:
        kind: one of ``KINDS``. ``"batch norm"`` stands before the ReLU. With a skip the layer adds
            √2 W relu(h) to its input h, and the sum is what is looked at; the scaled skip adds
            1/√50 times as much.
        seed: of weights and inputs.
        width: units in a layer.
        depth: layers.
        samples: inputs, from N(0, 1).
        inputs: in the place of these, ``[width, samples]``.
    """
    if kind not in KINDS:
        raise ValueError(f"layers: kind must be one of {KINDS}, got {kind!r}")
    generator = torch.Generator().manual_seed(seed)
    h = torch.randn(width, samples, generator=generator) if inputs is None else inputs
    found = []
    for _ in range(depth):
        w = torch.randn(width, width, generator=generator) / math.sqrt(width)
        if kind == "linear":
            h = z = w @ h
        elif kind == "batch norm":
            z = normalize((w @ h)[None], "batch")[0]
            h = z.relu()
        elif kind == "ReLU":
            z = math.sqrt(2) * w @ h
            h = z.relu()
        else:
            scale = 1.0 if kind == "skip" else 1 / math.sqrt(BLOCKS)
            h = z = h + scale * math.sqrt(2) * w @ h.relu()
        found.append(z)
    return found


def variance_share(z: Tensor) -> Tensor:
    """Share of the mean square of ``[width, samples]`` that is variance over the samples."""
    return z.var(1, correction=0).mean() / z.square().mean()


def variance_shares(
    kind: str, seeds: Sequence[int] = range(5), *, width: int = 256, depth: int = 50
) -> tuple[Tensor, Tensor]:
    """By layer, ``[depth, S]``: the share of variance, and one minus the mean cosine of two inputs.

    The second is the first for vectors that have been brought to the same length.
    """
    shares, gaps = [], []
    for seed in seeds:
        found = layers(kind, seed=seed, width=width, depth=depth)
        shares.append(torch.stack([variance_share(z) for z in found]))
        gaps.append(torch.stack([variance_share(z / z.norm(dim=0)) for z in found]))
    return torch.stack(shares, 1), torch.stack(gaps, 1)


def modal_share(z: Tensor, kind: str, *, seed: int = 0, classes: int = 10) -> float:
    """Share of the inputs that the most frequent of random output classes gets."""
    generator = torch.Generator().manual_seed(10_000 + seed)
    h = z if kind == "linear" else z.relu()
    out = torch.randn(classes, len(z), generator=generator) @ h
    return torch.bincount(out.argmax(0), minlength=classes).max().item() / z.shape[1]


def neighbours(
    seeds: Sequence[int] = range(5), *, start: float = 0.99, width: int = 512, depth: int = 20
) -> Tensor:
    """Correlation of two inputs of a batch under batch norm, ``[depth, S]``.

    The other inputs of the batch are independent. ``start`` is the correlation of the two.
    """
    columns = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(20_000 + seed)
        x = torch.randn(width, 512, generator=generator)
        x[:, 1] = start * x[:, 0] + math.sqrt(1 - start**2) * x[:, 1]
        found = layers("batch norm", seed=seed, width=width, depth=depth, inputs=x)
        columns.append(
            torch.stack([torch.cosine_similarity(z[:, 0], z[:, 1], dim=0) for z in found])
        )
    return torch.stack(columns, 1)


@torch.no_grad()
def repair(networks: Networks, x: Tensor, *, centred: bool) -> None:
    """Rescale each unit so that its variance over a batch is 1; and centre it, with its bias.

    Args:
        networks: plain ones, changed in place.
        x: the batch, ``[S, in, B]``.
        centred: whether the mean of each unit is removed, too.
    """
    h = x
    for w, b in zip(networks.weights[:-1], networks.biases[:-1], strict=True):
        z = w @ h
        sd = z.std(-1, correction=0, keepdim=True)
        w /= sd
        if centred:
            b.copy_(-z.mean(-1, keepdim=True) / sd)
        h = (w @ h + b).relu()


def repaired(
    start: str,
    lr: float,
    seeds: Sequence[int] = range(5),
    *,
    depth: int = 12,
    width: int = 48,
    epochs: int = 10,
) -> Tensor:
    """Test accuracy on digits, ``[S]``, of networks whose start is He's or was repaired.

    Args:
        start: ``"He"``; ``"scaled"`` or ``"centred"``, a plain network whose units were given
            variance 1, or mean 0 as well, on 256 images before training; or ``"batch norm"``.
        lr: rate of SGD.
        seeds: one a network.
        depth: hidden layers.
        width: units in each.
        epochs: of training.
    """
    from lecturelib.data import load_digits

    data = load_digits(device="cpu")
    sizes = [64, *[width] * depth, 10]
    kind = NormalizedNetworks if start == "batch norm" else Networks
    networks = kind(sizes, seeds)
    if start in ("scaled", "centred"):
        x = data.x_train[:256].T.expand(len(seeds), -1, -1)
        repair(networks, x, centred=start == "centred")
    steps = epochs * (len(data.x_train) // 128)
    fit(networks, data.x_train, data.y_train, optimizer=sgd(lr), steps=steps, batch_size=128)
    x_test = data.x_test.T.expand(len(seeds), -1, -1)  # batch norm: the test set is one batch
    return accuracy(networks, x_test, data.y_test, finite=True)
