r"""What moves in a network: units over time, batches against steps, and gradients at the start."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from lecturelib.chapters.covariate_shift.experiments import (
    ORDERS,
    NoisyNetworks,
    layers_of,
    unit_statistics,
)
from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, batch_of, fit, losses_of, sgd
from lecturelib.instruments import internal_covariate_shift

__all__ = ["batches_and_steps", "gradient_lengths", "start_shift", "unit_trace"]


def unit_trace(
    kind: str,
    *,
    seed: int = 0,
    layer: int = 13,
    unit: int = 0,
    lr: float = 0.2,
    steps: int = 60,
    width: int = 64,
    depth: int = 16,
    batch_size: int = 128,
) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of one unit on a fixed batch after each step, ``[steps]`` each.

    The unit is looked at where it enters its ReLU, with noise and batch statistics.
    """
    data = load_digits()
    fixed = data.x_train[None, :batch_size].mT
    networks = NoisyNetworks([64] + [width] * depth + [10], [seed], order=ORDERS[kind])
    seen: list[tuple[Tensor, Tensor]] = []

    def probe(step: int) -> None:
        means, sds = unit_statistics(networks, fixed)
        seen.append((means[layer - 1][0, unit], sds[layer - 1][0, unit]))

    fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=steps,
        batch_size=batch_size,
        probe=probe,
    )
    means, sds = zip(*seen, strict=True)
    return torch.stack(means), torch.stack(sds)


def batches_and_steps(
    seeds: Sequence[int] = range(5),
    *,
    lr: float = 0.03,
    training: int = 60,
    width: int = 64,
    depth: int = 16,
    batch_size: int = 128,
    batches: int = 50,
) -> dict[str, Tensor]:
    r"""How far the mean of a unit moves with the batch, and how far with one step of training.

    Both in standard deviations of the unit over the training set, root mean square over the units
    of a layer, ``[depth, S]``; networks without normalization, after ``training`` steps.
    ``sampled``: over random batches. ``moved``: by the next step, over the whole training set.
    """
    data = load_digits()
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=("relu",))
    everything = data.x_train.T.expand(len(seeds), -1, -1)
    train = partial(
        fit, networks, data.x_train, data.y_train, optimizer=sgd(lr), batch_size=batch_size
    )
    train(steps=training)
    before, sds = unit_statistics(networks, everything)
    sampled = [torch.zeros_like(mean) for mean in before]
    for _ in range(batches):
        x, _y = batch_of(networks, data.x_train, data.y_train, batch_size)
        for total, there, mean in zip(
            sampled, unit_statistics(networks, x)[0], before, strict=True
        ):
            total += (there - mean).square() / batches
    train(steps=1)
    after, _ = unit_statistics(networks, everything)
    return {
        "sampled": torch.stack(
            [(v / sd**2).mean(-1).sqrt() for v, sd in zip(sampled, sds, strict=True)]
        ),
        "moved": torch.stack(
            [
                ((b - a) / sd).square().mean(-1).sqrt()
                for a, b, sd in zip(before, after, sds, strict=True)
            ]
        ),
    }


def _start(
    seeds: Sequence[int], order: Sequence[str], width: int, depth: int, batch_size: int
) -> tuple[list[list[Tensor]], partial[Tensor]]:
    """Layers and loss of networks that have not been trained, on a batch each."""
    data = load_digits()
    widths = [64] + [width] * depth + [10]
    networks = NormalizedNetworks(widths, seeds, order=order, activation=torch.tanh)
    x, y = batch_of(networks, data.x_train, data.y_train, batch_size)
    return layers_of(networks), partial(losses_of, networks, x, y)


def _step(layers: list[list[Tensor]], loss: partial[Tensor]) -> list[list[Tensor]]:
    """The gradient, layer by layer."""
    flat = [p for layer in layers for p in layer]
    gradients = iter(torch.autograd.grad(loss().sum(), flat, materialize_grads=True))
    return [[next(gradients) for _ in layer] for layer in layers]


def gradient_lengths(
    seeds: Sequence[int] = range(5),
    *,
    order: Sequence[str] = ("relu",),
    width: int = 64,
    depth: int = 16,
    batch_size: int = 128,
) -> Tensor:
    """Length of the gradient of each layer's weights at the start, ``[layers, S]``."""
    layers, loss = _start(seeds, order, width, depth, batch_size)
    return torch.stack([g[0].flatten(1).norm(dim=1) for g in _step(layers, loss)])


def start_shift(
    seeds: Sequence[int] = range(5),
    *,
    order: Sequence[str] = ("relu",),
    width: int = 64,
    depth: int = 16,
    rates: Sequence[float] = (0.003,),
    relative: bool = False,
    batch_size: int = 128,
) -> dict[str, Tensor]:
    r"""Internal covariate shift at the start for several rates, mean over layers, ``[rates, S]``.

    Args:
        seeds: one network each.
        order: of the layers; ``"activation"`` is tanh.
        width: units in a hidden layer.
        depth: hidden layers.
        rates: of the step that the layers below make.
        relative: whether a rate is the length of each layer's step over the length of its weights,
            in place of a factor on its gradient.
        batch_size: samples.
    """
    layers, loss = _start(seeds, order, width, depth, batch_size)
    gradients = _step(layers, loss)
    cosines, ratios = [], []
    for rate in rates:
        after = []
        for layer, step in zip(layers, gradients, strict=True):
            factor = torch.tensor(rate)
            if relative:
                size = torch.stack([g.flatten(1).norm(dim=1) for g in step]).norm(dim=0)
                factor = (rate * layer[0].flatten(1).norm(dim=1) / size).view(-1, 1, 1)
            after.append([p.detach() - factor * g for p, g in zip(layer, step, strict=True)])
        found = internal_covariate_shift(loss, layers, after=after)
        cosines.append(found.cosine[1:].nan_to_num(0.0).mean(0))
        ratios.append(found.relative[1:].mean(0))
    return {"cosine": torch.stack(cosines), "relative": torch.stack(ratios)}
