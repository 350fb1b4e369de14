r"""Experiments on the layer: settings and seeds in, one value per seed out.

The networks and their training are those of :mod:`lecturelib.experiments.networks`.

Claim N1 and the chapter's own comparisons; explained in the chapter ``batch_norm``.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, normalize, sgd

__all__ = ["moments_around_relu", "shapes_around_relu", "trained_unit", "training_curves"]

ORDERS = {"before": ("norm", "relu"), "after": ("relu", "norm")}


def _moments(h: Tensor) -> tuple[Tensor, Tensor]:
    """Skewness and excess kurtosis of each unit of ``[S, D, B]``; constant units give nan."""
    z = h - h.mean(-1, keepdim=True)
    sd = z.square().mean(-1).sqrt()
    return z.pow(3).mean(-1) / sd.pow(3), z.pow(4).mean(-1) / sd.pow(4) - 3


def moments_around_relu(
    seeds: Sequence[int] = range(10),
    *,
    width: int = 128,
    depth: int = 3,
    lr: float = 0.1,
    epochs: int = 10,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N1: how Gaussian are the units that batch norm sees, before the ReLU and after it?

    Networks with either order are trained on standardized digits. Reported for the last hidden
    layer over the training set: median over units of skewness and excess kurtosis of what enters
    the norm, and the share of exact zeros that leave the ReLU.
    """
    data = load_digits(standardize=True, device=device)
    result = {}
    for name, order in {"before": ("norm", "relu"), "after": ("relu", "norm")}.items():
        networks = NormalizedNetworks(
            [64] + [width] * depth + [10], seeds, order=order, device=device
        )
        steps = epochs * (len(data.x_train) // batch_size)
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=steps,
            batch_size=batch_size,
        )
        networks.eval()
        seen: dict[str, list[Tensor]] = {}
        with torch.no_grad():
            networks(data.x_train.T.expand(len(seeds), -1, -1), seen)
        skewness, kurtosis = _moments(seen["norm"][-1].double())
        result[f"skewness {name}"] = skewness.nanmedian(-1).values
        result[f"excess kurtosis {name}"] = kurtosis.nanmedian(-1).values
        result[f"zeros {name}"] = (seen["relu"][-1] <= 0).double().mean((1, 2))
    return result


def trained_unit(
    placement: str,
    *,
    unit: int = 1,
    seed: int = 0,
    width: int = 128,
    depth: int = 3,
    lr: float = 0.1,
    steps: int = 110,
    batch_size: int = 128,
) -> Tensor:
    """N1: one unit of the last hidden layer over the training set, normalized there, ``[N]``.

    ``placement`` is ``"before"`` or ``"after"`` the ReLU.
    """
    order = {"before": ("norm", "relu"), "after": ("relu", "norm")}[placement]
    data = load_digits(standardize=True)
    networks = NormalizedNetworks([64] + [width] * depth + [10], [seed], order=order)
    fit(networks, data.x_train, data.y_train, optimizer=sgd(lr), steps=steps, batch_size=batch_size)
    seen: dict[str, list[Tensor]] = {}
    with torch.no_grad():
        networks.eval()(data.x_train.T[None], seen)
    return normalize(seen["norm"][-1], "batch")[0, unit]


def shapes_around_relu(
    seeds: Sequence[int] = range(10),
    *,
    width: int = 128,
    depth: int = 3,
    lr: float = 0.1,
    steps: int = 110,
    batch_size: int = 128,
) -> dict[str, tuple[Tensor, Tensor]]:
    """Skewness and excess kurtosis, each ``[S, D]``, of what enters the last norm.

    ``"before"`` has the norm before the ReLU, ``"after"`` after it; the networks are those of N1.
    """
    data = load_digits(standardize=True)
    shapes = {}
    for name, order in ORDERS.items():
        networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order)
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=steps,
            batch_size=batch_size,
        )
        seen: dict[str, list[Tensor]] = {}
        with torch.no_grad():
            networks.eval()(data.x_train.T.expand(len(seeds), -1, -1), seen)
        shapes[name] = _moments(seen["norm"][-1].double())
    return shapes


def training_curves(
    rates: Sequence[float],
    seeds: Sequence[int] = range(10),
    *,
    width: int = 64,
    depth: int = 8,
    steps: int = 100,
    batch_size: int = 128,
) -> dict[str, Tensor]:
    """Training loss ``[rates, steps, S]`` with and without batch norm before each ReLU.

    He's start, plain SGD, standardized digits. A run that diverges gives nan from then on.
    """
    data = load_digits(standardize=True)
    curves = {}
    for name, order in {"none": ("relu",), "batch norm": ORDERS["before"]}.items():
        runs = []
        for rate in rates:
            networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order)
            run = fit(
                networks,
                data.x_train,
                data.y_train,
                optimizer=sgd(rate),
                steps=steps,
                batch_size=batch_size,
            )
            runs.append(run)
        curves[name] = torch.stack(runs)
    return curves
