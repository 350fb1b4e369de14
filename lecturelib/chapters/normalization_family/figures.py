"""Figures of the chapter ``normalization_family``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, curve, label_ends, styled


@styled
def learning_rates(rates: Sequence[float], losses: Mapping[str, Any]) -> Figure:
    """Mean training loss against learning rate for each normalization.

    Args:
        rates: learning rates.
        losses: name of the method → values ``[rates, seeds]``; nan if a run diverged.
    """
    fig, ax = canvas(width=7.4, height=4.2)
    for name, values in losses.items():
        curve(ax, rates, values, name)
    ax.set(xscale="log", yscale="log", xlabel="learning rate (log scale)")
    ax.set_ylabel("mean training loss (log scale)")
    ax.set_xticks(list(rates), [f"{rate:g}" for rate in rates])
    ticks = [0.2, 0.3, 0.5, 1.0, 2.0]
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


@styled
def large_steps(runs: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Loss and length of the first layer's weights or directions, step by step.

    Args:
        runs: name → ``{"loss": …, "length": …}``; the name of a method of the book comes first in
            it, as in "weight norm, rate 3".
    """
    fig, axes = canvas(1, 2, width=7.6, height=3.4)
    titles = {"loss": "loss (log scale)", "length": "length of the weights (log scale)"}
    styles = {"3": "-", "30": "--"}
    for ax, (key, title) in zip(axes, titles.items(), strict=True):
        for name, run in runs.items():
            method, _, rate = name.partition(", rate ")
            values = np.asarray(run[key], dtype=float)
            values = np.where(values < 1e6, values, np.nan)
            color = METHODS[method.split(",")[0]].color
            color = PALETTE["orange"] if "v alone" in method else color
            ax.plot(values, color=color, ls=styles.get(rate, "-"), label=name)
        ax.set(yscale="log", xlabel="step", title=title)
    axes[0].set_ylim(0.1, 1e4)
    axes[1].set_ylim(3, 1e4)
    axes[1].legend(loc="upper right", fontsize=8)
    return fig


@styled
def spheres(covariance: Tensor, *, samples: int = 300, seed: int = 0) -> Figure:
    """Inputs, and the weights of length 1 as weight norm and as batch norm measure length.

    Args:
        covariance: S, of two inputs.
    """
    fig, axes = canvas(1, 2, width=7.0, height=3.4)
    s = covariance.double().numpy()
    root = np.linalg.cholesky(s)
    points = np.random.default_rng(seed).normal(size=(samples, 2)) @ root.T
    axes[0].plot(*points.T, ".", color=PALETTE["grey"], ms=4, alpha=0.6)
    reach = 1.05 * np.abs(points).max()
    axes[0].set(title="inputs", xlabel="$u_1$", ylabel="$u_2$", aspect="equal")
    axes[0].set(xlim=(-reach, reach), ylim=(-reach, reach))
    t = np.linspace(0, 2 * np.pi, 241)
    circle = np.stack([np.cos(t), np.sin(t)])
    ellipse = np.linalg.solve(root.T, circle)  # wᵀ S w = ‖Lᵀ w‖² = 1
    names = {"weight norm": circle, "batch norm": ellipse}
    for name, curve_of in names.items():
        look = METHODS[name]
        axes[1].plot(*curve_of, color=look.color, label=name)
    reach = 1.1 * max(1.0, np.abs(ellipse).max())
    axes[1].set(title="weights of one unit", xlabel="$w_1$", ylabel="$w_2$", aspect="equal")
    axes[1].set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes[1].legend(loc="upper right", fontsize=9)
    return fig


@styled
def assumptions(std: Mapping[str, Any]) -> Figure:
    """Standard deviation of NormProp's outputs, layer by layer, as each assumption is broken.

    Args:
        std: what is broken → ``[layers, seeds]``.
    """
    fig, ax = canvas(width=6.8, height=3.9)
    colors = ["purple", "blue", "green", "orange", "vermillion"]
    lines = {}
    for (label, values), color, marker in zip(std.items(), colors, "osD^v", strict=False):
        v = np.asarray(values, dtype=float)
        layers = np.arange(1, len(v) + 1)
        ax.fill_between(layers, v.min(1), v.max(1), color=PALETTE[color], alpha=0.25, lw=0)
        (lines[label],) = ax.plot(layers, np.median(v, 1), color=PALETTE[color], marker=marker)
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", xlabel="layer", ylabel="standard deviation (log scale)", ylim=(0.1, 1e3))
    ax.set_xticks(layers)
    label_ends(ax, lines)
    return fig


@styled
def recurrent_gain(
    steps: Sequence[int], found: Mapping[tuple[str, float], Any], formula: Mapping[Any, Any]
) -> Figure:
    """Gain of a gradient over the time steps: measured points, and the formula as lines.

    Args:
        steps: numbers of time steps.
        found: (method, scale) → ``[steps, seeds]``; the method is "none" or "layer norm".
        formula: the same keys → the gain by the formula, one a number of steps.
    """
    fig, ax = canvas(width=6.8, height=4.2)
    faces = {0: "full", 1: "none", 2: "right"}
    scales = sorted({scale for _, scale in found})
    lines = {}
    for (method, scale), values in found.items():
        look, v = METHODS[method], np.asarray(values, dtype=float)
        (line,) = ax.plot(steps, np.asarray(formula[method, scale]), color=look.color, lw=1.5)
        middle = np.median(v, 1)
        low, high = middle - v.min(1), v.max(1) - middle
        style = {"color": look.color, "fillstyle": faces[scales.index(scale)], "ms": 7}
        ax.errorbar(steps, middle, [low, high], fmt=look.marker, **style)
        short = "plain" if method == "none" else "layer norm"
        lines[f"{short}, scale {scale:.3g}"] = line
    ax.set(yscale="log", xlabel="time steps", ylabel="gain of the gradient (log scale)")
    label_ends(ax, lines)
    return fig


@styled
def detached_ratios(ratios: Mapping[str, Sequence[float]]) -> Figure:
    """Loss with detached statistics over that of layer norm, one dot a seed, by network.

    Args:
        ratios: name of the network → one ratio a seed.
    """
    fig, ax = canvas(width=6.4, height=2.8)
    look = METHODS["detached layer norm"]
    for i, values in enumerate(ratios.values()):
        v = np.asarray(values, dtype=float)
        jitter = np.random.default_rng(0).uniform(-0.18, 0.18, len(v))
        ax.plot(v, i + jitter, "o", color=look.color, ms=6, alpha=0.8)
        ax.plot([np.median(v)] * 2, [i - 0.3, i + 0.3], color=look.color, lw=3)
    ax.axvline(1, color=TEXT, lw=1, ls=":")
    ax.set(xscale="log", xlabel="loss, both detached,\nover that of layer norm (log scale)")
    ax.set_yticks(range(len(ratios)), list(ratios))
    ax.set_ylim(-0.6, len(ratios) - 0.4)
    return fig


def gain_by_formula(scale: float, steps: int, *, layer_norm: bool) -> float:
    r"""Root mean square gain of a gradient in the recurrent net of the chapter, for wide layers.

    A ReLU passes half of the components, and the recurrent weights multiply the mean square by
    scale². Layer norm divides by the variance of the sums, :math:`1 + \text{scale}^2 / 2`.

    >>> round(gain_by_formula(2**0.5, 50, layer_norm=False), 3)
    1.0
    """
    half = torch.tensor(scale, dtype=torch.float64).square().item() / 2
    square = half / (1 + half) if layer_norm else half
    return float(square ** (steps / 2))
