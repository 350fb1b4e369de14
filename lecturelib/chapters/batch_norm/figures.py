"""Figures of the chapter ``batch_norm``: one function a figure, each returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, curve, label_ends, styled

BEFORE, AFTER = "batch norm", "batch norm after"


def _normalized(x: Any) -> Any:
    return (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0))


@styled
def stages_of_a_batch(x: Any, *, gamma: float = 1.0, beta: float = 0.0) -> Figure:
    """One unit's batch in four stages: as it came, centred, normalized, scaled and shifted.

    Args:
        x: the unit's values on the batch, shape ``(m,)``.
        gamma: scale of the last stage.
        beta: shift of the last stage.
    """
    x = np.asarray(x, dtype=float)
    x_hat = _normalized(x)
    stages = [
        (x, "$x_i$", "grey"),
        (x - x.mean(), r"$x_i-\mu_B$", "orange"),
        (x_hat, r"$\hat x_i$", "blue"),
        (gamma * x_hat + beta, r"$\gamma\hat x_i+\beta$", "green"),
    ]
    fig, ax = canvas(width=6.4, height=3.4)
    for row, (values, _, color) in enumerate(stages):
        height = len(stages) - 1 - row
        mean, sd = values.mean(), values.std()
        ax.plot([mean - sd, mean + sd], [height - 0.22] * 2, color=PALETTE[color], lw=5, alpha=0.45)
        ax.plot(values, np.full_like(values, height), "o", color=PALETTE[color], ms=7, alpha=0.8)
        ax.plot(mean, height - 0.22, "|", color=PALETTE[color], ms=14, mew=2.5)
    ax.axvline(0, color=TEXT, lw=0.8, zorder=0)
    ax.set_yticks(range(len(stages)), [name for _, name, _ in reversed(stages)], fontsize=13)
    ax.set(xlabel="value (bar: one standard deviation either side of the mean)", ylim=(-0.6, 3.4))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return fig


@styled
def sigmoid_regime(*, gamma: float = 1.0, beta: float = 0.0) -> Figure:
    """Where a standard normal input lands on the sigmoid after scaling by γ and shifting by β."""
    fig, ax = canvas(height=3.6)
    z = np.linspace(-8, 8, 401)
    sigmoid = 1 / (1 + np.exp(-z))
    density = np.exp(-(((z - beta) / gamma) ** 2) / 2) / (abs(gamma) * math.sqrt(2 * math.pi))
    color = METHODS[BEFORE].color
    ax.fill_between(z, density, color=color, alpha=0.35, lw=0)
    ax.text(beta, density.max() / 3, "inputs", color=color, ha="center", fontweight="bold")
    (line,) = ax.plot(z, sigmoid, color=PALETTE["vermillion"])
    inside = np.abs(z) <= 2.6
    ax.plot(z[inside], 0.5 + z[inside] / 4, "--", color=TEXT, lw=1.4)
    ax.text(2.7, 1.17, "tangent at 0", va="center")
    ax.set(xlabel="input of the sigmoid", ylabel="output, density", ylim=(-0.2, 1.3), xlim=(-8, 8))
    label_ends(ax, {"sigmoid": line})
    return fig


@styled
def backward_is_a_residual(x: Any, g: Any) -> Figure:
    """The gradient through batch norm is what a straight line in x̂ cannot explain of the cotangent.

    Args:
        x: one unit's batch, shape ``(m,)``.
        g: gradient of the loss with respect to the output, shape ``(m,)``.
    """
    x_hat, g = _normalized(np.asarray(x, dtype=float)), np.asarray(g, dtype=float)
    line = g.mean() + x_hat * (g * x_hat).mean()
    fig, ax = canvas(height=3.8)
    order = np.argsort(x_hat)
    ax.plot(x_hat[order], line[order], color=TEXT, lw=1.6, zorder=1)
    ax.vlines(x_hat, line, g, color=PALETTE["green"], lw=2.5, zorder=2)
    ax.plot(x_hat, g, "o", color=PALETTE["orange"], ms=7, zorder=3)
    last = order[-1]
    ax.annotate(
        r"$\bar g+\hat x\,\overline{g\hat x}$", (x_hat[last], line[last]), xytext=(8, 0),
        textcoords="offset points", va="center", annotation_clip=False,
    )  # fmt: skip
    ax.text(
        0.03,
        0.97,
        r"bars: residuals, $\propto\partial L/\partial x_i$",
        color=PALETTE["green"],
        transform=ax.transAxes,
        va="top",
    )
    ax.margins(y=0.15)
    ax.set(xlabel=r"normalized value $\hat x_i$", ylabel=r"incoming gradient $g_i$")
    return fig


@styled
def running_statistics(
    batch_means: Any, truth: float, *, momenta: Sequence[float] = (0.01, 0.1, 0.5)
) -> Figure:
    """Running means of one unit for several momenta, the cumulative mean, and the batch means.

    Args:
        batch_means: mean of the unit on each minibatch, in order of time.
        truth: mean over the whole training set.
        momenta: weights of the newest batch.
    """
    batch_means = np.asarray(batch_means, dtype=float)
    steps = np.arange(1, len(batch_means) + 1)
    fig, ax = canvas(height=3.8)
    ax.plot(steps, batch_means, ".", color=METHODS["none"].color, ms=4, alpha=0.7)
    ax.axhline(truth, color=TEXT, lw=1, ls=":")
    lines = {}
    for momentum, color in zip(momenta, ("blue", "green", "orange"), strict=False):
        average, path = 0.0, []
        for mean in batch_means:
            average = (1 - momentum) * average + momentum * mean
            path.append(average)
        (lines[f"momentum {momentum:g}"],) = ax.plot(steps, path, color=PALETTE[color], lw=1.8)
    cumulative = np.cumsum(batch_means) / steps
    (lines["cumulative"],) = ax.plot(steps, cumulative, "--", color=PALETTE["vermillion"], lw=1.8)
    ax.set(xlabel="minibatch", ylabel="estimate of the mean")
    label_ends(ax, lines)
    return fig


@styled
def convolution_samples(*, batch: int = 3, channels: int = 4, size: int = 4) -> Figure:
    """Which values share one mean and variance: a channel's pixels over the whole batch."""
    fig, ax = canvas(width=6.8, height=2.9)
    cell, shift = 0.2, 0.26
    width = size * cell
    for n in range(batch):
        left = n * (width + channels * shift + 0.75)
        for c in reversed(range(channels)):
            color = PALETTE["grey"] if c else METHODS[BEFORE].color
            for i in range(size):
                for j in range(size):
                    corner = (left + c * shift + j * cell, c * shift + i * cell)
                    ax.add_patch(
                        Rectangle(corner, cell, cell, facecolor=color, edgecolor="#D0D0D0", lw=0.8)
                    )
        ax.text(left + width / 2, -0.14, f"sample {n + 1}", ha="center", va="top")
    right = (batch - 1) * (width + channels * shift + 0.75)
    ax.text(right + width + channels * shift + 0.05, (channels - 1) * shift + width / 2,
            f"{channels} channels", va="center")  # fmt: skip
    ax.text(
        0, (channels - 1) * shift + width + 0.22,
        f"one channel: $m = N·H·W = {batch}·{size}·{size} = {batch * size * size}$ values",
        color=METHODS[BEFORE].color, fontweight="bold",
    )  # fmt: skip
    ax.set(xlim=(-0.1, right + width + channels * shift + 1.1), aspect="equal")
    ax.set_ylim(-0.4, (channels - 1) * shift + width + 0.5)
    ax.axis("off")
    return fig


@styled
def around_the_relu(before: Any, after: Any) -> Figure:
    """Histograms of one trained unit: normalized before the ReLU, and normalized after it.

    Args:
        before: batch-normalized pre-activations, which then meet the ReLU.
        after: batch-normalized outputs of a ReLU.
    """
    before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    fig, axes = canvas(2, 1, height=4.6, sharex=True)
    bins = np.linspace(-3.5, 5.5, 73).tolist()
    for ax, values, method, title in zip(
        axes,
        (before, after),
        (BEFORE, AFTER),
        ("normalized before the ReLU", "normalized after the ReLU"),
        strict=True,
    ):
        shares = np.full(len(values), 1 / len(values))
        ax.hist(values, bins=bins, weights=shares, color=METHODS[method].color)
        ax.set_title(title, loc="left", color=METHODS[method].color)
        ax.set_ylabel("share of samples")
        ax.axvline(0, color=TEXT, lw=0.8, ls=":")
    top = axes[0].get_ylim()[1]
    axes[0].fill_betweenx([0, top], -3.5, 0, color=PALETTE["grey"], alpha=0.2, lw=0)
    axes[0].text(-3.4, 0.85 * top, "cut to 0\nby the ReLU", va="center")
    lowest, height = float(after.min()), 0.85 * axes[1].get_ylim()[1]
    axes[1].text(lowest + 0.3, height, "point mass: samples for which the unit is off")
    axes[1].set_xlabel("normalized value")
    return fig


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
    ax.set(yscale="log", xlabel="layer", ylabel="test variance / running variance (log scale)")
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
