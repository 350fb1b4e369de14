r"""Experiments on batch norm in networks: settings and seeds in, one value per seed out.

The networks and their training are those of :mod:`lecturelib.experiments.networks`.

Claims N2, N10, N12, W10, W11 and A10; explained in the chapter ``batch_norm_in_networks``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, sgd

__all__ = [
    "DISTRIBUTIONS",
    "dropout_placement",
    "gradients_in_small_batches",
    "lp_normalization",
    "placement_accuracy",
    "residual_correlation",
    "running_average_variance",
    "scale_growth",
    "small_batches",
    "standardized_sample_variance",
    "statistics_noise",
    "variance_ratio",
]


def placement_accuracy(
    seeds: Sequence[int] = range(10),
    *,
    rates: Sequence[float] = (0.03, 0.1, 0.3, 1.0),
    width: int = 64,
    depth: int = 8,
    epochs: int = 10,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N1: mean training loss and final test accuracy, ``[rates, S]``, for each learning rate.

    ``none`` has no batch norm, ``before`` has it before the ReLU, ``after`` after it. A run that
    diverges has loss nan.
    """
    data = load_digits(standardize=True, device=device)
    orders = {"none": ("relu",), "before": ("norm", "relu"), "after": ("relu", "norm")}
    steps = epochs * (len(data.x_train) // batch_size)
    result = {}
    for name, order in orders.items():
        losses, accuracies = [], []
        for rate in rates:
            networks = NormalizedNetworks(
                [64] + [width] * depth + [10], seeds, order=order, device=device
            )
            run = fit(
                networks,
                data.x_train,
                data.y_train,
                optimizer=sgd(rate),
                steps=steps,
                batch_size=batch_size,
            )
            losses.append(run.mean(0))
            accuracies.append(networks.accuracy(data.x_test, data.y_test))
        result[f"loss {name}"] = torch.stack(losses)
        result[f"accuracy {name}"] = torch.stack(accuracies)
    return result


def variance_ratio(
    seeds: Sequence[int] = range(10),
    *,
    keep: float = 0.5,
    samples: int = 100_000,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N2: variance of N(0, 1) without dropout over that with (inverted) dropout: ``keep``."""
    ratios = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(samples, generator=generator, dtype=torch.float64).to(device)
        mask = (torch.rand(samples, generator=generator) < keep).to(device)
        ratios.append(x.var() / (x * mask / keep).var())
    return {"ratio": torch.stack(ratios)}


def dropout_placement(
    seeds: Sequence[int] = range(10),
    *,
    dropout: float = 0.5,
    order: Sequence[str] = ("norm", "relu", "dropout"),
    dropout_everywhere: bool = True,
    width: int = 64,
    depth: int = 6,
    lr: float = 0.3,
    epochs: int = 15,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N2: dropout before batch norm leaves running variances that are too large at test time.

    In the default order the dropout of one block stands before the norm of the next. ``ratio``:
    variance of the test set that enters each norm over its running variance, median over units,
    ``[depth, S]``. ``stale`` and ``recalibrated``: test accuracy before and after the statistics
    are estimated again without dropout.
    """
    data = load_digits(standardize=True, device=device)
    networks = NormalizedNetworks(
        [64] + [width] * depth + [10],
        seeds,
        order=order,
        dropout=dropout,
        dropout_everywhere=dropout_everywhere,
        device=device,
    )
    fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=epochs * (len(data.x_train) // batch_size),
        batch_size=batch_size,
    )
    stale = networks.accuracy(data.x_test, data.y_test)
    seen: dict[str, list[Tensor]] = {}
    with torch.no_grad():
        networks(data.x_test.T.expand(len(seeds), -1, -1), seen)
    ratios = [
        (h.var(-1, keepdim=True) / running).flatten(1).median(-1).values
        for h, running in zip(seen["norm"], networks.running_var, strict=True)
    ]
    networks.recalibrate(data.x_train.T.expand(len(seeds), -1, -1))
    fresh = networks.accuracy(data.x_test, data.y_test)
    return {"ratio": torch.stack(ratios), "stale": stale, "recalibrated": fresh}


def residual_correlation(
    angles: Sequence[float],
    seeds: Sequence[int] = range(10),
    *,
    variances: tuple[float, float] = (9.0, 1.0),
    samples: int = 20_000,
    device: str = "cpu",
) -> Tensor:
    """N10: correlation that batch norm leaves, ``[angles, S]``, for a rotated Gaussian.

    ``angles`` in degrees between the principal axes and the coordinate axes.
    """
    result = torch.empty(len(angles), len(seeds), dtype=torch.float64)
    scales = torch.tensor(variances, dtype=torch.float64).sqrt()
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        z = (torch.randn(samples, 2, generator=generator, dtype=torch.float64) * scales).to(device)
        for a, angle in enumerate(angles):
            c, si = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            x = z @ torch.tensor([[c, si], [-si, c]], dtype=torch.float64, device=device)
            x_hat = (x - x.mean(0)) / x.var(0, correction=0).sqrt()
            result[a, s] = (x_hat[:, 0] * x_hat[:, 1]).mean()
    return result


# Name -> sampler, variance and fourth central moment.
DISTRIBUTIONS: dict[str, tuple[Callable[..., Tensor], float, float]] = {
    "normal": (lambda *n, generator: torch.randn(*n, generator=generator).double(), 1.0, 3.0),
    "uniform": (
        lambda *n, generator: torch.rand(*n, generator=generator).double(),
        1 / 12,
        1 / 80,
    ),
    "exponential": (
        lambda *n, generator: -torch.rand(*n, generator=generator).double().neg().log1p(),
        1.0,
        9.0,
    ),
    "ReLU of normal": (
        lambda *n, generator: torch.randn(*n, generator=generator).double().relu(),
        0.5 - 1 / (2 * math.pi),
        # E[(r - μ)^4] with E[r] = μ = 1/√(2π), E[r²] = 1/2, E[r³] = √(2/π), E[r⁴] = 3/2
        1.5 - 4 / math.pi + 3 / (2 * math.pi) - 3 / (4 * math.pi**2),
    ),
}


def statistics_noise(
    sizes: Sequence[int] = (2, 4, 8, 16, 32, 64),
    seeds: Sequence[int] = range(10),
    *,
    distribution: str = "normal",
    batches: int = 20_000,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""W10: variance over minibatches of batch mean and variance, over theory, ``[sizes, S]``.

    Theory: :math:`\mathrm{Var}(\mu_B) = \sigma^2/n`,
    :math:`\mathrm{Var}(S^2) = \mu_4/n - \sigma^4 (n-3)/(n(n-1))` for the unbiased :math:`S^2`, and
    :math:`((n-1)/n)^2` times that for the biased :math:`\sigma_B^2` with which batch norm
    normalizes. ``slide`` compares the biased variance with the formula of the unbiased one, as the
    lecture does.
    """
    sample, var, mu4 = DISTRIBUTIONS[distribution]
    names = ("mean", "unbiased", "biased", "slide")
    result = {name: torch.empty(len(sizes), len(seeds), dtype=torch.float64) for name in names}
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        for i, n in enumerate(sizes):
            x = sample(batches, n, generator=generator).to(device)
            theory = mu4 / n - var**2 * (n - 3) / (n * (n - 1))
            spread = x.var(1, correction=0).var()
            result["mean"][i, s] = x.mean(1).var() / (var / n)
            result["unbiased"][i, s] = x.var(1).var() / theory
            result["biased"][i, s] = spread / (theory * ((n - 1) / n) ** 2)
            result["slide"][i, s] = spread / theory
    return result


def standardized_sample_variance(
    sizes: Sequence[int],
    seeds: Sequence[int] = range(10),
    *,
    value: float = 1.0,
    batches: int = 20_000,
    device: str = "cpu",
) -> Tensor:
    """W10: variance of the standardized value of one fixed sample, ``[sizes, S]``.

    The other ``n - 1`` samples are normal and change from batch to batch, and so does its
    normalized value.
    """
    result = torch.empty(len(sizes), len(seeds), dtype=torch.float64)
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        for i, n in enumerate(sizes):
            x = torch.randn(batches, n, generator=generator).double().to(device)
            x[:, 0] = value
            x_hat = (x[:, 0] - x.mean(1)) / x.var(1, correction=0).sqrt()
            result[i, s] = x_hat.var()
    return result


def running_average_variance(
    momenta: Sequence[float] = (0.01, 0.1, 0.5),
    seeds: Sequence[int] = range(10),
    *,
    steps: int = 400,
    chains: int = 2_000,
    device: str = "cpu",
) -> Tensor:
    """W10: variance of the running average over that of one batch, over theory ``m/(2-m)``.

    Returned as ``[momenta, S]``; each chain starts at the expectation and the start-up transient
    ``1 - (1-m)^(2 steps)`` is part of the theory.
    """
    result = torch.empty(len(momenta), len(seeds), dtype=torch.float64)
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        for i, m in enumerate(momenta):
            average = torch.zeros(chains, dtype=torch.float64, device=device)
            for _ in range(steps):
                new = torch.randn(chains, generator=generator).to(average)
                average += m * (new - average)
            theory = m / (2 - m) * (1 - (1 - m) ** (2 * steps))
            result[i, s] = average.var() / theory
    return result


def small_batches(
    sizes: Sequence[int] = (2, 4, 8, 32),
    seeds: Sequence[int] = range(10),
    *,
    norm: str = "batch",
    width: int = 64,
    depth: int = 2,
    epochs: int = 4,
    lr_at_32: float = 0.1,
    device: str = "cpu",
) -> dict[int, Tensor]:
    """W11: test accuracy for each batch size; the learning rate is .1·B/32."""
    data = load_digits(standardize=True, device=device)
    result = {}
    for size in sizes:
        networks = NormalizedNetworks(
            [64] + [width] * depth + [10], seeds, norm=norm, device=device
        )
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr_at_32 * size / 32),
            steps=epochs * (len(data.x_train) // size),
            batch_size=size,
        )
        result[size] = networks.accuracy(data.x_test, data.y_test)
    return result


def gradients_in_small_batches(
    size: int,
    seeds: Sequence[int] = range(10),
    *,
    width: int = 64,
    depth: int = 2,
    epochs: int = 4,
    lr_at_32: float = 0.1,
) -> dict[str, Tensor]:
    r"""How training in batches of ``size`` moves the first layer; settings of W11.

    ``moved``: :math:`\|\Delta W_1\| / \|W_1\|` over the whole run, ``[S]``. ``top``: share of the
    sum of the squared gradient of :math:`W_1` that comes from the largest 1% of the pairs of unit
    and step, ``[S]``.
    """
    data = load_digits(standardize=True)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds)
    first, squares = networks.weights[0], []
    start = first.detach().clone()

    def probe(step: int) -> None:
        assert first.grad is not None
        squares.append(first.grad.square().sum(-1))  # [S, D]

    fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr_at_32 * size / 32),
        steps=epochs * (len(data.x_train) // size),
        batch_size=size,
        probe=probe,
    )
    pairs = torch.stack(squares, 1).flatten(1).sort(1, descending=True).values
    moved = (first.detach() - start).norm(dim=(1, 2)) / start.norm(dim=(1, 2))
    return {"moved": moved, "top": pairs[:, : pairs.shape[1] // 100].sum(1) / pairs.sum(1)}


def lp_normalization(
    seeds: Sequence[int] = range(10),
    *,
    width: int = 64,
    depth: int = 16,
    lr: float = 0.2,
    steps: int = 300,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A10: mean training loss of the last 20 steps for each normalization."""
    data = load_digits(device=device)
    result = {}
    for norm in ("none", "batch", "l1", "l2", "linf", "center"):
        order = ("relu",) if norm == "none" else ("norm", "relu")
        networks = NormalizedNetworks(
            [64] + [width] * depth + [10],
            seeds,
            order=order,
            norm="batch" if norm == "none" else norm,
            device=device,
        )
        losses = fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=steps,
            batch_size=batch_size,
        )
        result[norm] = losses[-20:].mean(0)
    return result


def scale_growth(
    seeds: Sequence[int] = range(10),
    *,
    scale: float = 1.0,
    width: int = 64,
    depth: int = 2,
    lr: float = 0.1,
    epochs: int = 10,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """Norm of the first weight matrix and loss during SGD, ``[steps, S]``, from ``scale`` × He.

    ``start`` is the norm before the first step, ``[S]``.
    """
    data = load_digits(standardize=True, device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, device=device)
    with torch.no_grad():
        for weight in networks.weights[:-1]:
            weight *= scale
    start = networks.weights[0].detach().norm(dim=(1, 2))
    norms: list[Tensor] = []

    def probe(step: int) -> None:
        norms.append(networks.weights[0].detach().norm(dim=(1, 2)))

    losses = fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=epochs * (len(data.x_train) // batch_size),
        batch_size=batch_size,
        probe=probe,
    )
    return {"start": start, "norm": torch.stack(norms), "loss": losses}
