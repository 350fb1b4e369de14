"""Figures of the chapter ``batch_norm``: one function a figure, each returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, label_ends, styled

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
def training_curves(curves: Mapping[str, Any]) -> Figure:
    """Training loss against step: median over seeds, and the band of all of them.

    Args:
        curves: method in ``METHODS`` → losses ``[steps, seeds]``.
    """
    fig, ax = canvas(height=3.9)
    lines = {}
    for method, losses in curves.items():
        v, look = np.asarray(losses, dtype=float), METHODS[method]
        steps = np.arange(1, len(v) + 1)
        ax.fill_between(steps, v.min(1), v.max(1), color=look.color, alpha=0.2, lw=0)
        name = "no batch norm" if method == "none" else method
        (lines[name],) = ax.plot(
            steps, np.median(v, 1), color=look.color, ls=look.linestyle, lw=1.8
        )
    ax.set(yscale="log", xlabel="step", ylabel="loss on the minibatch (log scale)")
    ax.set_yticks([0.01, 0.1, 1.0], ["0.01", "0.1", "1"])
    label_ends(ax, lines)
    return fig


@styled
def learnt_scales(layers: Sequence[tuple[Any, Any]]) -> Figure:
    """What γ and β of each layer have become in training, from 1 and 0.

    Args:
        layers: γ and β of each layer, each ``[units]``.
    """
    fig, axes = canvas(1, 2, width=6.8, height=3.2)
    rng = np.random.default_rng(0)
    for ax, column, name, start in zip(axes, (0, 1), ("γ", "β"), (1.0, 0.0), strict=True):
        for number, pair in enumerate(layers, start=1):
            values = np.asarray(pair[column], dtype=float)
            places = number + rng.uniform(-0.25, 0.25, len(values))
            ax.plot(places, values, ".", ms=4, alpha=0.6, color=METHODS[BEFORE].color)
        ax.axhline(start, color=TEXT, lw=1, ls=":")
        ax.set(xlabel="layer", ylabel=f"{name} after training")
        ax.set_xticks(range(1, len(layers) + 1))
    return fig
