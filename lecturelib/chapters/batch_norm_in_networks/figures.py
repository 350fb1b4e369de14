"""Figures of the chapter ``batch_norm_in_networks``: each function returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, curve, label_ends, styled

BEFORE, AFTER = "batch norm", "batch norm after"


def _normalized(x: Any) -> Any:
    return (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0))


@styled
def learning_rates(
    rates: Sequence[float], losses: Mapping[str, Any], *, quantity: str = "mean training loss"
) -> Figure:
    """Loss against learning rate without batch norm, with it before and after the ReLU.

    Args:
        rates: learning rates.
        losses: ``none``, ``before``, ``after`` → values ``[rates, seeds]``; nan if it diverged.
        quantity: label of the vertical axis.
    """
    fig, ax = canvas(height=3.9)
    names = {"none": "none", "before": BEFORE, "after": AFTER}
    texts = {"none": "no batch norm", "before": "before ReLU", "after": "after ReLU"}
    lines = {name: curve(ax, rates, losses[name], method) for name, method in names.items()}
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="learning rate (log scale)",
        ylabel=f"{quantity} (log scale)",
    )
    ax.set_xticks(list(rates), [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ticks = [t for t in (0.1, 0.2, 0.5, 1.0, 2.0) if ax.get_ylim()[0] <= t <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    label_ends(ax, {texts[name]: line for name, line in lines.items()})
    broken = np.isnan(np.asarray(losses["none"], dtype=float)).any(axis=1)
    color, top = METHODS["none"].color, ax.get_ylim()[1]
    for rate in np.asarray(rates)[broken]:
        ax.plot(rate, 0.93 * top, "x", color=color, ms=9, mew=2)
        ax.annotate(
            "fails",
            (rate, 0.93 * top),
            xytext=(8, 0),
            textcoords="offset points",
            color=color,
            va="center",
            annotation_clip=False,
        )
    return fig


@styled
def variance_shift(ratios: Mapping[str, Any]) -> Figure:
    """Variance at test time over running variance, layer by layer, for several uses of dropout.

    Args:
        ratios: label → ``[layers, seeds]``.
    """
    fig, ax = canvas(width=6.8, height=4.0)
    colors = ["blue", "sky", "green", "orange", "vermillion"]
    markers = ["s", "D", "o", "^", "v"]
    lines = {}
    for (label, values), color, marker in zip(ratios.items(), colors, markers, strict=False):
        v = np.asarray(values, dtype=float)
        layers = np.arange(1, len(v) + 1)
        ax.fill_between(layers, v.min(1), v.max(1), color=PALETTE[color], alpha=0.25, lw=0)
        (lines[label],) = ax.plot(layers, np.median(v, 1), color=PALETTE[color], marker=marker)
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", xlabel="layer", ylabel="test variance / running variance\n(log scale)")
    ax.set_xticks(layers)
    label_ends(ax, lines)
    return fig


def _direction_loss(w: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Logistic loss of a batch-normalized unit: w of shape (..., 2), x (m, 2), y (m,) of ±1."""
    a = w @ x.T
    a = a - a.mean(-1, keepdim=True)
    a_hat = a / a.square().mean(-1, keepdim=True).sqrt()
    return torch.nn.functional.softplus(-2 * y * a_hat).mean(-1)


@styled
def scale_invariance(
    x: Tensor, y: Tensor, starts: Sequence[tuple[float, float]], *, lr: float = 0.5, steps: int = 40
) -> Figure:
    """Loss of one batch-normalized unit over its two weights, and paths of gradient descent.

    Args:
        x: inputs ``[m, 2]``.
        y: labels of ±1.
        starts: starting points of the paths.
        lr: learning rate.
        steps: number of steps.
    """
    x, y = x.double(), y.double()
    fig, ax = canvas(width=5.4, height=4.6)
    reach = 3.2
    # An even number of points keeps the origin, where the loss is not defined, off the grid.
    axis = torch.linspace(-reach, reach, 240, dtype=torch.float64)
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)
    surface = _direction_loss(grid, x, y)
    shades = ax.imshow(
        surface.numpy(), extent=(-reach, reach, -reach, reach), origin="lower", cmap="Blues_r"
    )
    bar = fig.colorbar(shades, ax=ax, label="loss")
    bar.outline.set_visible(False)
    for start, color in zip(starts, ("vermillion", "orange", "green"), strict=False):
        w = torch.tensor(start, dtype=torch.float64)
        path = [w]
        for _ in range(steps):
            leaf = w.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(_direction_loss(leaf, x, y), leaf)
            w = w - lr * gradient
            path.append(w)
        xs, ys = torch.stack(path).T.numpy()
        ax.plot(xs, ys, "o-", color=PALETTE[color], ms=3.5, lw=1.5)
        ax.plot(xs[0], ys[0], "o", color=PALETTE[color], ms=9)
    ax.plot(0, 0, "+", color="black", ms=10)
    ax.set(
        xlabel="$w_1$", ylabel="$w_2$", aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach)
    )
    return fig


@styled
def approximate_whitening(
    *, angles: Sequence[float] = (0, 20, 45), samples: int = 400, seed: int = 0
) -> Figure:
    """A Gaussian cloud before and after batch norm, with principal axes at several angles."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(samples, 2)) * [3, 1]
    fig, axes = canvas(2, len(angles), width=6.8, height=4.6, squeeze=False)
    for column, angle in enumerate(angles):
        t = math.radians(angle)
        x = z @ np.array([[math.cos(t), math.sin(t)], [-math.sin(t), math.cos(t)]])
        for row, (points, reach, color) in enumerate(
            [(x, 9, "grey"), (_normalized(x), 3.6, "blue")]
        ):
            ax = axes[row, column]
            ax.plot(*points.T, ".", ms=3, alpha=0.6, color=PALETTE[color])
            values, vectors = np.linalg.eigh(np.cov(points.T))
            for value, vector in zip(values, vectors.T, strict=True):
                end = 2 * math.sqrt(value) * vector
                ax.plot([-end[0], end[0]], [-end[1], end[1]], color=PALETTE["vermillion"], lw=2)
            ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
        axes[0, column].set_title(f"axes at {angle:g}°")
    axes[0, 0].set_ylabel("raw")
    axes[1, 0].set_ylabel("batch norm")
    return fig


@styled
def residual_correlation(
    angles: Sequence[float], measured: Any, *, variances: tuple[float, float] = (9.0, 1.0)
) -> Figure:
    """Correlation that batch norm leaves against the principal axes' angle: theory and samples."""
    fig, ax = canvas(height=3.6)
    t = np.radians(np.linspace(0, 90, 181))
    a, b = variances
    difference = (a - b) * np.sin(2 * t) / 2
    theory = difference / np.sqrt(
        (a * np.cos(t) ** 2 + b * np.sin(t) ** 2) * (a * np.sin(t) ** 2 + b * np.cos(t) ** 2)
    )
    ax.plot(np.degrees(t), theory, color=TEXT, lw=1.4)
    v = np.asarray(measured, dtype=float)
    median = np.median(v, 1)
    look = METHODS[BEFORE]
    ax.errorbar(
        angles, median, [median - v.min(1), v.max(1) - median], fmt=look.marker, color=look.color
    )
    ax.text(66, theory[132] + 0.04, "line: equation\nsquares: samples", va="bottom")
    ax.set(xlabel="angle between principal and coordinate axes (degrees)", ylim=(-0.05, 1))
    ax.set_ylabel("correlation left")
    ax.set_xticks([0, 15, 30, 45, 60, 75, 90])
    return fig


@styled
def fixed_sample(
    x: Any, value: float, *, sizes: Sequence[int] = (2, 4, 16, 64), draws: int = 600, seed: int = 0
) -> Figure:
    """What batch norm makes of one fixed value in random batches of several sizes.

    Args:
        x: values of the unit over the data set, from which the companions are drawn.
        value: the fixed sample's value.
        sizes: batch sizes, the fixed sample included.
        draws: batches a size.
        seed: of the draws.
    """
    rng, x = np.random.default_rng(seed), np.asarray(x, dtype=float)
    fig, ax = canvas(height=3.6)
    for row, size in enumerate(sizes):
        companions = rng.choice(x, size=(draws, size - 1))
        batch = np.concatenate([np.full((draws, 1), value), companions], axis=1)
        sd = np.sqrt(batch.var(1) + 1e-5)
        x_hat = (value - batch.mean(1)) / sd
        jitter = rng.uniform(-0.3, 0.3, draws)
        ax.plot(x_hat, row + jitter, ".", ms=3, alpha=0.35, color=METHODS[BEFORE].color)
    ax.axvline((value - x.mean()) / x.std(), color=PALETTE["vermillion"], lw=1.5)
    ax.text(
        (value - x.mean()) / x.std() + 0.05,
        len(sizes) - 0.45,
        "whole data set",
        color=PALETTE["vermillion"],
        va="bottom",
    )
    ax.set_yticks(range(len(sizes)), [str(size) for size in sizes])
    ax.set(xlabel=r"$\hat x$ of one and the same sample", ylabel="batch size")
    ax.set_ylim(-0.6, len(sizes))
    return fig


@styled
def batch_sizes(accuracy: Mapping[str, Mapping[int, Any]]) -> Figure:
    """Test accuracy against batch size.

    Args:
        accuracy: method in ``METHODS`` → batch size → values over seeds.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for method, by_size in accuracy.items():
        values = np.stack([np.asarray(v, dtype=float) for v in by_size.values()])
        lines[method] = curve(ax, list(by_size), values, method)
    ax.set(xscale="log", xlabel="batch size (log scale)", ylabel="test accuracy")
    ax.set_xticks(list(by_size), [str(size) for size in by_size])
    ax.minorticks_off()
    label_ends(ax, lines)
    return fig
