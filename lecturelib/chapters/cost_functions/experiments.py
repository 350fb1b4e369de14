r"""Experiments on cost functions: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: the networks of all seeds train side by side in
one batched matrix product, so activations have shape ``[S, D, B]`` (seeds, units, samples).

Claims F1, F2, F4 and CF1; explained in the chapter ``cost_functions``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import CosineAnnealingLR

from lecturelib.experiments import networks as side_by_side
from lecturelib.experiments.networks import Networks
from lecturelib.losses import bernoulli_nll, gaussian_nll, laplace_nll, least_squares

__all__ = [
    "class_probability",
    "closed_form",
    "fit",
    "fit_logistic",
    "heteroscedastic",
    "mean_and_median",
    "mean_property",
    "noise_scale",
    "probability",
    "skewed_mean",
    "skewed_median",
    "tanh_networks",
]

GRID = 201
Loss = Callable[[Tensor, Tensor], Tensor]


# --- networks ------------------------------------------------------------------------------------


def tanh_networks(
    seeds: Sequence[int], *, width: int = 32, outputs: int = 1, device: str = "cpu"
) -> Networks:
    """S networks with one input, one hidden layer of tanh units, and linear outputs, side by side.

    Args:
        seeds: one seed a network; a network does not depend on which others train beside it.
        width: hidden units.
        outputs: numbers that each network gives for an input.
        device: where the networks live.
    """
    sizes = (1, width, outputs)
    return Networks(sizes, seeds, start=_uniform, activation=torch.tanh, device=device)


def _uniform(
    layer: int, n_out: int, n_in: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Weights and biases uniform in ±1/√inputs; in ±4 at the input, whose values lie in [-1, 1]:
    so the tanh units bend at places all over it."""
    bound = 4.0 if layer == 0 else 1 / math.sqrt(n_in)
    weight, bias = (
        bound * (2 * torch.rand(shape, generator=generator) - 1)
        for shape in ((n_out, n_in), (n_out, 1))
    )
    return weight, bias


def fit(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    loss: Loss,
    *,
    steps: int,
    batch_size: int,
    lr: float = 1e-2,
) -> None:
    """Train all networks on their own data ``x``, ``y`` of shape ``[S, N]``.

    ``loss`` takes outputs ``[S, outputs, B]`` and targets ``[S, B]`` and gives one value a sample.
    Adam, with a rate that falls to zero along a cosine.
    """
    side_by_side.fit(
        networks,
        x[:, None],
        y,
        optimizer=partial(torch.optim.Adam, lr=lr),
        schedule=partial(CosineAnnealingLR, T_max=steps),
        steps=steps,
        batch_size=min(batch_size, x.shape[1]),
        loss=lambda outputs, targets: loss(outputs, targets).mean(1),
    )


def _draw(seeds: Sequence[int], samples: int, device: str, *, stream: int = 0) -> list[Tensor]:
    """Three independent uniform samples of [0, 1), ``[S, samples]`` each."""
    rows = [
        torch.rand(3, samples, generator=torch.Generator().manual_seed(7919 * (seed + 1) + stream))
        for seed in seeds
    ]
    return list(torch.stack(rows, 1).to(device))


def _grid(count: int, device: str) -> Tensor:
    return torch.linspace(-1, 1, GRID, device=device).expand(count, -1)


def _rms(error: Tensor) -> Tensor:
    return error.square().mean(-1).sqrt().double()


# --- F1: which statistic a cost function learns --------------------------------------------------


def skewed_mean(x: Tensor) -> Tensor:
    """Conditional mean of y = sin 3x + (1 + x/2) e, where e is exponential with mean 1."""
    return torch.sin(3 * x) + (1 + x / 2)


def skewed_median(x: Tensor) -> Tensor:
    """Conditional median of the same y: the median of e is log 2."""
    return torch.sin(3 * x) + math.log(2) * (1 + x / 2)


def _skewed(seeds: Sequence[int], samples: int, device: str) -> tuple[Tensor, Tensor]:
    u, v, _ = _draw(seeds, samples, device)
    x = 2 * u - 1
    return x, torch.sin(3 * x) - (1 + x / 2) * torch.log1p(-v)


def mean_and_median(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 20_000,
    width: int = 32,
    steps: int = 1_000,
    batch_size: int = 256,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F1: the same network, on the same skewed data, under a Gaussian and a Laplace model.

    Returns:
        Root-mean-square distances over a grid of x in [−1, 1], ``[S]`` each:
        ``"Gaussian to mean"``, ``"Gaussian to median"``, ``"Laplace to mean"`` and
        ``"Laplace to median"``; the curves themselves, ``"Gaussian"`` and ``"Laplace"``,
        ``[S, 201]``; and data of the first seed.
    """
    x, y = _skewed(seeds, samples, device)
    grid = _grid(len(seeds), device)
    found = {"grid": grid[0], "x": x[0], "y": y[0]}
    for name, nll in {"Gaussian": gaussian_nll, "Laplace": laplace_nll}.items():
        networks = tanh_networks(seeds, width=width, device=device)

        def loss(out: Tensor, target: Tensor, nll: Callable[..., Tensor] = nll) -> Tensor:
            return nll(out[:, 0], target, reduction="none")

        fit(networks, x, y, loss, steps=steps, batch_size=batch_size)
        with torch.no_grad():
            found[name] = networks(grid[:, None])[:, 0]
        found[f"{name} to mean"] = _rms(found[name] - skewed_mean(grid))
        found[f"{name} to median"] = _rms(found[name] - skewed_median(grid))
    return found


def probability(x: Tensor) -> Tensor:
    """Probability of the label 1 in the data of :func:`class_probability`, between .12 and .88."""
    return torch.sigmoid(2 * torch.sin(4 * x))


def class_probability(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 20_000,
    width: int = 32,
    steps: int = 1_000,
    batch_size: int = 256,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F1: a network with a sigmoid at its end under three costs: what does it learn from labels?

    Returns:
        Root-mean-square distance to P(y = 1 | x), ``[S]``, as ``"Bernoulli to probability"`` and so
        on for the costs ``"Bernoulli"``, ``"squared"`` and ``"absolute"``; the curves under the
        names of the costs; and data of the first seed.
    """
    u, v, _ = _draw(seeds, samples, device, stream=1)
    x = 2 * u - 1
    y = (v < probability(x)).float()
    grid = _grid(len(seeds), device)
    costs: dict[str, Loss] = {
        "Bernoulli": lambda z, t: bernoulli_nll(z[:, 0], t, reduction="none"),
        "squared": lambda z, t: (torch.sigmoid(z[:, 0]) - t).square(),
        "absolute": lambda z, t: (torch.sigmoid(z[:, 0]) - t).abs(),
    }
    found = {"grid": grid[0], "x": x[0], "y": y[0]}
    for name, cost in costs.items():
        networks = tanh_networks(seeds, width=width, device=device)
        fit(networks, x, y, cost, steps=steps, batch_size=batch_size)
        with torch.no_grad():
            found[name] = torch.sigmoid(networks(grid[:, None])[:, 0])
        found[f"{name} to probability"] = _rms(found[name] - probability(grid))
    return found


# --- CF1: the mean property ----------------------------------------------------------------------


def fit_logistic(x: Tensor, y: Tensor, *, steps: int = 30) -> Tensor:
    """Logistic regression by Newton's method: ``[S, N, D]`` and ``[S, N]`` -> weights ``[S, D]``.

    The gradient of the Bernoulli NLL is Xᵀ(p − y), its Hessian Xᵀ diag(p(1 − p)) X.
    """
    w = x.new_zeros(x.shape[0], x.shape[2])
    for _ in range(steps):
        p = torch.sigmoid((x @ w[:, :, None])[:, :, 0])
        gradient = (x.mT @ (p - y)[:, :, None])[:, :, 0]
        hessian = x.mT @ ((p * (1 - p))[:, :, None] * x)
        w = w - torch.linalg.solve(hessian, gradient)
    return w


def mean_property(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 500,
    features: int = 4,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """CF1: mean prediction minus mean label, for models that cannot represent P(y = 1 | x).

    The labels follow a rule with products of features, the models are linear in the features:
    logistic regression with a bias, the same without, and least squares on the labels with a bias.
    """
    xs, ys = [], []
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(samples, features, generator=g, dtype=torch.float64) + 0.5
        z = 1 - 2 * x[:, 0] * x[:, 1] + x[:, 2].square() / 2
        xs.append(x)
        ys.append(
            (torch.rand(samples, generator=g, dtype=torch.float64) < torch.sigmoid(z)).double()
        )
    x, y = torch.stack(xs).to(device), torch.stack(ys).to(device)
    with_bias = torch.cat([x, torch.ones_like(x[:, :, :1])], -1)

    def gap(design: Tensor) -> Tensor:
        w = fit_logistic(design, y)
        return (torch.sigmoid((design @ w[:, :, None])[:, :, 0]) - y).mean(1).abs()

    theta = torch.linalg.lstsq(with_bias, y[:, :, None]).solution
    return {
        "with bias": gap(with_bias),
        "without bias": gap(x),
        "least squares": ((with_bias @ theta)[:, :, 0] - y).mean(1).abs(),
    }


# --- F2: the closed form -------------------------------------------------------------------------


def closed_form(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 200,
    features: int = 5,
    correlation: float = 0.5,
    steps: int = 1_000,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F2: a linear layer, trained by gradient descent on the Gaussian NLL, against the closed form.

    Features are Gaussian with one correlation between all pairs. The rate is 1/λ, where λ is the
    largest eigenvalue of the cost's Hessian. Float64.

    Returns:
        ``"distance"`` ``[steps + 1, S]``, of the parameters to the closed form, relative to the
        length of the closed form; ``"condition"`` ``[S]``, the Hessian's condition number; and
        ``"two starts"`` ``[S]``, the relative distance of two trained layers that started from
        different weights, with more features than samples.
    """
    randn = partial(torch.randn, dtype=torch.float64)
    xs, ys, starts = [], [], []
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)
        common = randn(samples, 1, generator=g)
        own = randn(samples, features, generator=g)
        x = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
        w = randn(features, generator=g)
        xs.append(x)
        ys.append(x @ w + 1 + randn(samples, generator=g))
        starts.append(randn(2, features + 1, generator=g))
    x, y, start = (torch.stack(t).to(device) for t in (xs, ys, starts))
    solutions = [least_squares(a, b) for a, b in zip(x, y, strict=True)]
    exact = torch.stack([torch.cat([w, b.reshape(1)]) for w, b in solutions])
    design = torch.cat([x, torch.ones_like(x[:, :, :1])], -1)
    path, condition = _descend(design, y, start[:, 0], steps)
    distance = (path - exact).norm(dim=-1) / exact.norm(dim=-1)
    few = design[:, : features // 2], y[:, : features // 2]
    ends = [_descend(*few, start[:, i], steps)[0][-1] for i in (0, 1)]
    return {
        "distance": distance,
        "condition": condition,
        "two starts": (ends[0] - ends[1]).norm(dim=-1) / ends[1].norm(dim=-1),
    }


def _descend(design: Tensor, y: Tensor, start: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Gradient descent on the mean Gaussian NLL: the path ``[steps + 1, S, D]``, and κ ``[S]``."""
    eigenvalues = torch.linalg.eigvalsh(design.mT @ design / design.shape[1])
    rate = 1 / eigenvalues[:, -1:]
    theta = start.clone().requires_grad_()
    path = [start]
    for _ in range(steps):
        prediction = (design @ theta[:, :, None])[:, :, 0]
        nll = gaussian_nll(prediction, y, reduction="none").mean(1).sum()
        (gradient,) = torch.autograd.grad(nll, theta)
        theta = (theta - rate * gradient).detach().requires_grad_()
        path.append(theta.detach())
    return torch.stack(path), eigenvalues[:, -1] / eigenvalues[:, 0]


# --- F4: heteroscedastic regression --------------------------------------------------------------


def noise_scale(x: Tensor) -> Tensor:
    """Standard deviation of the noise in the data of :func:`heteroscedastic`: .1 to .5."""
    return 0.3 + 0.2 * torch.sin(4 * x)


def heteroscedastic(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 20_000,
    width: int = 32,
    steps: int = 1_500,
    batch_size: int = 512,
    noise: str = "normal",
    device: str = "cpu",
) -> dict[str, Tensor]:
    """F4: a network with two outputs, mean and scale, on y = sin 3x + s(x) e with known s.

    Args:
        seeds: one network each.
        samples: size of the training set.
        width: hidden units.
        steps: steps of training.
        batch_size: samples a step.
        noise: distribution of e, with mean 0 and variance 1: ``"normal"`` or ``"exponential"``.
        device: where to compute.

    Returns:
        ``"error"``, the mean of |ŝ/s − 1| over a grid of x; ``"ratio"``, the median of ŝ/s over
        it; ``"gain"``, the NLL on new data under the best constant scale minus that under ŝ(x);
        ``"mean error"``, the root-mean-square distance of the mean; each ``[S]``. ``"mean"`` and
        ``"scale"`` are the curves, ``[S, 201]``.
    """
    x, y = _heteroscedastic(seeds, samples, noise, device)
    networks = tanh_networks(seeds, width=width, outputs=2, device=device)

    def loss(out: Tensor, target: Tensor) -> Tensor:
        return gaussian_nll(out[:, 0], target, scale=F.softplus(out[:, 1]), reduction="none")

    fit(networks, x, y, loss, steps=steps, batch_size=batch_size)
    grid = _grid(len(seeds), device)
    new_x, new_y = _heteroscedastic(seeds, 20_000, noise, device, stream=5)
    with torch.no_grad():
        out, new, old = (networks(at[:, None]) for at in (grid, new_x, x))
        ratio = F.softplus(out[:, 1]) / noise_scale(grid)
        constant = (y - old[:, 0]).square().mean(1, keepdim=True).sqrt()
        nll = [
            gaussian_nll(new[:, 0], new_y, scale=s.expand_as(new_y), reduction="none").mean(1)
            for s in (constant, F.softplus(new[:, 1]))
        ]
    return {
        "error": (ratio - 1).abs().mean(1).double(),
        "ratio": ratio.median(1).values.double(),
        "gain": (nll[0] - nll[1]).double(),
        "mean error": _rms(out[:, 0] - torch.sin(3 * grid)),
        "mean": out[:, 0],
        "scale": F.softplus(out[:, 1]),
        "grid": grid[0],
        "x": x[0],
        "y": y[0],
    }


def _heteroscedastic(
    seeds: Sequence[int], samples: int, noise: str, device: str, *, stream: int = 2
) -> tuple[Tensor, Tensor]:
    u, v, w = _draw(seeds, samples, device, stream=stream)
    x = 2 * u - 1
    radius = torch.sqrt(-2 * torch.log1p(-v))
    unit = {
        "normal": radius * torch.cos(2 * math.pi * w),  # Box and Muller
        "exponential": -torch.log1p(-v) - 1,
    }
    if noise not in unit:
        raise ValueError(f"heteroscedastic: noise must be one of {sorted(unit)}, got {noise!r}")
    return x, torch.sin(3 * x) + noise_scale(x) * unit[noise]
