r"""Experiments on covariate shift: of the inputs, and of what reaches a hidden layer.

Claims W1, A1 and A2; explained in the chapter ``covariate_shift``. Networks carry their seeds along
a leading tensor axis, see :mod:`lecturelib.experiments.networks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, batch_of, fit, losses_of, sgd
from lecturelib.instruments import internal_covariate_shift

__all__ = [
    "NoisyNetworks",
    "importance_weights",
    "internal_shift",
    "layers_of",
    "noisy_training",
]


def normal_density(x: Tensor, mean: float, sd: float) -> Tensor:
    r"""Density of :math:`N(\text{mean}, \text{sd}^2)` up to the factor :math:`1/\sqrt{2\pi}`."""
    return torch.exp(-((x - mean) ** 2) / (2 * sd**2)) / sd


def weighted_fit(x: Tensor, y: Tensor, weights: Tensor, *, degree: int) -> Tensor:
    """Coefficients of the polynomial of that degree with the least weighted squares."""
    root = weights.sqrt()
    powers = torch.stack([x**k for k in range(degree + 1)], -1)
    return torch.linalg.lstsq(powers * root[:, None], (y * root)[:, None]).solution[:, 0]


def cubic(x: Tensor) -> Tensor:
    """The regression function of Shimodaira's example."""
    return -x + x**3


def importance_weights(
    seeds: Sequence[int] = range(10),
    *,
    samples: int = 1_000,
    train: tuple[float, float] = (0.5, 0.5),
    test: tuple[float, float] = (0.0, 0.3),
    noise: float = 0.3,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""W1: least squares under covariate shift, plain and with weights p_test(x)/p_train(x).

    :math:`y = -x + x^3 + \varepsilon`, x from one normal distribution in training and another in
    the test. For a line (misspecified) and a cubic (well specified): ``excess``, the mean squared
    distance of the fit to the true curve over the test distribution, by quadrature; for the line
    also its slope.
    """
    grid = torch.linspace(-1, 1, 2_001, dtype=torch.float64, device=device)
    grid = test[0] + 8 * test[1] * grid
    density = normal_density(grid, *test)
    density /= density.sum()
    rows: dict[str, list[Tensor]] = {}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        z, e = torch.randn(2, samples, generator=generator, dtype=torch.float64).to(device)
        x = train[0] + train[1] * z
        y = cubic(x) + noise * e
        ratio = normal_density(x, *test) / normal_density(x, *train)
        for name, degree in {"line": 1, "cubic": 3}.items():
            for kind, weights in {"plain": torch.ones_like(x), "weighted": ratio}.items():
                found = weighted_fit(x, y, weights, degree=degree)
                fitted = sum(c * grid**k for k, c in enumerate(found))
                excess = (density * (fitted - cubic(grid)) ** 2).sum()
                rows.setdefault(f"excess {name} {kind}", []).append(excess)
                if degree == 1:
                    rows.setdefault(f"slope {kind}", []).append(found[1])
    return {name: torch.stack(values) for name, values in rows.items()}


class NoisyNetworks(NormalizedNetworks):
    r"""Networks with noise that changes its distribution at every step (Santurkar et al. 2018).

    At ``"noise"`` in ``order`` each unit j draws :math:`\mu_j \sim U(-n_\mu, n_\mu)` and
    :math:`\sigma_j \sim U(1, n_\sigma)`, and then each sample i of it
    :math:`m_{ij} \sim U(\mu_j - r_\mu, \mu_j + r_\mu)` and :math:`s_{ij} \sim N(\sigma_j,
    r_\sigma^2)`; the unit becomes :math:`s_{ij} a_{ij} + m_{ij}`. Evaluation has no noise.
    """

    n_mean, n_sd, r_mean, r_sd = 0.5, 1.25, 0.1, 0.1

    def _place(self, name: str, h: Tensor, i: int) -> Tensor:
        if name != "noise":
            return super()._place(name, h, i)
        return self.perturb(h) if self.training else h

    def perturb(self, h: Tensor) -> Tensor:
        """Draw the noise of one layer ``[S, D, B]`` and apply it."""
        units, samples = h.shape[1:]
        draws = [
            (
                torch.rand(2, units, 1, generator=g),
                torch.rand(units, samples, generator=g),
                torch.randn(units, samples, generator=g),
            )
            for g in self.generators
        ]
        of_unit, uniform, normal = (
            torch.stack(part).to(h.device) for part in zip(*draws, strict=True)
        )
        mean = self.n_mean * (2 * of_unit[:, 0] - 1)
        sd = 1 + (self.n_sd - 1) * of_unit[:, 1]
        return h * (sd + self.r_sd * normal) + mean + self.r_mean * (2 * uniform - 1)


ORDERS = {
    "none": ("relu",),
    "batch": ("norm", "relu"),
    "noisy": ("norm", "noise", "relu"),
}


def noisy_training(
    seeds: Sequence[int] = range(10),
    *,
    kind: str = "noisy",
    width: int = 64,
    depth: int = 16,
    lr: float = 0.2,
    steps: int = 240,
    batch_size: int = 128,
    every: int = 20,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A1: training without batch norm (``none``), with it (``batch``) and with noise (``noisy``).

    ``loss``: mean training loss over all steps. ``accuracy``: on the whole training set at the end,
    as training sees it, with noise and batch statistics. ``shift``: by how many of its standard
    deviations the mean of a unit's pre-activation moves from one step to the next on a fixed batch,
    mean over units and layers, median over steps, as training sees it too. A run that diverges
    counts until it does.
    """
    data = load_digits(device=device)
    fixed = data.x_train[:batch_size].T.expand(len(seeds), -1, -1)
    widths = [64] + [width] * depth + [10]
    networks = NoisyNetworks(widths, seeds, order=ORDERS[kind], device=device)
    shifts: list[Tensor] = []
    before: list[Tensor] = []

    def probe(step: int) -> None:
        if step % every < every - 2:
            return
        means, sds = unit_statistics(networks, fixed)
        if step % every == every - 1:
            moved = [(b - a).abs() / sd for a, b, sd in zip(before, means, sds, strict=True)]
            shifts.append(torch.stack(moved).mean((0, 2)))
        before[:] = means

    losses = fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=steps,
        batch_size=batch_size,
        probe=probe,
    )
    with torch.no_grad():
        logits = networks.train()(data.x_train.T.expand(len(seeds), -1, -1))
    return {
        "loss": losses.mean(0),
        "accuracy": (logits.argmax(1) == data.y_train).double().mean(-1),
        "shift": torch.stack(shifts).nanmedian(0).values,
    }


@torch.no_grad()
def unit_statistics(networks: NormalizedNetworks, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Mean and standard deviation over the samples of what enters each ReLU, ``[S, D]`` a layer."""
    seen: dict[str, list[Tensor]] = {}
    networks(x, seen)
    return (
        [h.mean(-1) for h in seen["relu"]],
        [h.std(-1).clamp_min(1e-12) for h in seen["relu"]],
    )


def layers_of(networks: NormalizedNetworks) -> list[list[Tensor]]:
    """The parameters layer by layer, the weight first; bias, scale and shift move with it."""
    groups = (networks.weights, networks.biases, networks.gains, networks.shifts)
    return [[g[i] for g in groups if i < len(g)] for i in range(len(networks.weights))]


def internal_shift(
    seeds: Sequence[int] = range(10),
    *,
    order: Sequence[str] = ("relu",),
    width: int = 64,
    depth: int = 16,
    lr: float = 0.003,
    steps: int = 100,
    batch_size: int = 128,
    every: int = 20,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A2: internal covariate shift during training, mean over layers and times.

    ``cosine`` of a layer's gradients before and after the layers below made their step, and
    ``relative``, the norm of the difference over that of the gradient. Each probe asks what a step
    of SGD on a batch of its own would do; the first layer, with none below it, does not count.
    """
    data = load_digits(device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order, device=device)
    layers = layers_of(networks)
    cosines, ratios = [], []

    def probe(step: int) -> None:
        if step % every != every - 1:
            return
        x, y = batch_of(networks, data.x_train, data.y_train, batch_size)
        loss = partial(losses_of, networks, x, y)
        flat = [p for layer in layers for p in layer]
        gradients = iter(torch.autograd.grad(loss().sum(), flat, materialize_grads=True))
        after = [[p.detach() - lr * next(gradients) for p in layer] for layer in layers]
        found = internal_covariate_shift(loss, layers, after=after)
        cosines.append(found.cosine[1:].nan_to_num(0.0).mean(0))
        ratios.append(found.relative[1:].mean(0))

    losses = fit(
        networks,
        data.x_train,
        data.y_train,
        optimizer=sgd(lr),
        steps=steps,
        batch_size=batch_size,
        probe=probe,
    )
    return {
        "cosine": torch.stack(cosines).mean(0),
        "relative": torch.stack(ratios).mean(0),
        "loss": losses[-10:].mean(0),
    }
