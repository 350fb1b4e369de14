"""Figures of the chapter ``hidden_units``: one function a figure, each returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.activations import ACTIVATIONS
from lecturelib.chapters.hidden_units.experiments import derivative, minimum
from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled

# An activation keeps its colour and line through the chapter.
LOOKS = {
    "sigmoid": (PALETTE["grey"], "-"),
    "tanh": (PALETTE["green"], "-"),
    "lecun_tanh": (PALETTE["green"], "--"),
    "relu": (PALETTE["blue"], "-"),
    "leaky_relu": (PALETTE["blue"], "--"),
    "prelu": (PALETTE["blue"], ":"),
    "elu": (PALETTE["orange"], "-"),
    "selu": (PALETTE["orange"], "--"),
    "softplus": (PALETTE["sky"], "-"),
    "gelu": (PALETTE["vermillion"], "-"),
    "silu": (PALETTE["purple"], "-"),
    "mish": (PALETTE["vermillion"], "--"),
    "maxout": (PALETTE["sky"], "--"),
    "identity": (PALETTE["grey"], ":"),
}
NAMES = {
    "lecun_tanh": "LeCun tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "prelu": "PReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "identity": "none (linear)",
    "maxout narrow": "maxout, narrow",
}


def _values(name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points = torch.from_numpy(x)
    f = ACTIVATIONS[name]
    return f(points).numpy(), derivative(f, points).numpy()


@styled
def functions(names: Sequence[str], *, width: float = 5.0) -> Figure:
    """Activation functions on the left, their derivatives on the right.

    Args:
        names: keys of ``activations.ACTIVATIONS``.
        width: the input goes from minus to plus this.
    """
    fig, (left, right) = canvas(1, 2, width=7.6, height=3.3)
    x = np.linspace(-width, width, 1001)
    for name in names:
        y, slope = _values(name, x)
        jumps = np.abs(np.diff(slope, prepend=slope[0])) > 0.1
        color, style = LOOKS[name]
        left.plot(x, y, style, color=color, label=NAMES.get(name, name))
        right.plot(x, np.where(jumps, np.nan, slope), style, color=color)
    for ax, title in ((left, "value"), (right, "derivative")):
        ax.axhline(0, color=TEXT, lw=0.6)
        ax.set(xlabel="input z", ylabel=title)
    left.set_ylim(-2.1, 3.2)
    right.set_ylim(-0.25, 1.9 if "selu" in names else 1.25)
    left.legend(loc="upper left", fontsize=10)
    return fig


@styled
def minima(names: Sequence[str] = ("gelu", "silu", "mish")) -> Figure:
    """The dip below zero of the smooth relatives of ReLU, with each minimum."""
    fig, ax = canvas(height=3.4)
    x = np.linspace(-5, 1, 601)
    ax.plot(x, _values("relu", x)[0], color=LOOKS["relu"][0], lw=1.2, label=NAMES["relu"])
    for name in names:
        color, style = LOOKS[name]
        ax.plot(x, _values(name, x)[0], style, color=color, label=NAMES[name])
        place, value = minimum(ACTIVATIONS[name])
        ax.plot(place, value, "o", color=color, ms=7)
    ax.axhline(0, color=TEXT, lw=0.6)
    ax.set(xlabel="input z", ylabel="value", ylim=(-0.36, 0.5))
    ax.legend(loc="upper left")
    return fig


@styled
def vanishing(names: Sequence[str], *, layers: int = 20, width: int = 256, seed: int = 0) -> Figure:
    """Size of the gradient at each layer of a deep network of random weights, by activation.

    Weights are normal with variance 1 over the number of inputs, for every activation the same,
    so that what differs is the activation.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for name in names:
        g = torch.Generator().manual_seed(seed)
        h = torch.randn(width, 64, generator=g, dtype=torch.float64)
        sums = []
        for _ in range(layers):
            w = torch.randn(width, width, generator=g, dtype=torch.float64) / width**0.5
            sums.append((w @ h).requires_grad_())
            h = ACTIVATIONS[name](sums[-1])
        cotangent = torch.randn(h.shape, generator=g, dtype=torch.float64)
        gradients = torch.autograd.grad((h * cotangent).sum(), sums)
        sizes = [v.square().mean().sqrt().item() for v in gradients]
        color, style = LOOKS[name]
        label = NAMES.get(name, name)
        (lines[label],) = ax.plot(range(1, layers + 1), sizes, style, color=color)
    ax.set(yscale="log", xlabel="layer (1 is next to the input)", ylabel="rms gradient")
    ax.set_xticks(range(0, layers + 1, 5))
    label_ends(ax, lines)
    return fig


@styled
def one_sign(positive: Mapping[str, Any], centred: Mapping[str, Any]) -> Figure:
    """Paths of two weights under SGD for positive and for centred inputs.

    Args:
        positive: result of ``experiments.zigzag(centred=False)``.
        centred: result of ``experiments.zigzag(centred=True)``.
    """
    fig, axes = canvas(1, 2, width=7.6, height=3.7, sharex=True, sharey=True)
    for ax, found, title in zip(
        axes, (positive, centred), ("positive inputs", "centred inputs"), strict=True
    ):
        path, goal = np.asarray(found["path"]), np.asarray(found["goal"])
        ax.plot(path[:, 0], path[:, 1], "-", color=PALETTE["blue"], lw=1.2)
        ax.plot(path[:, 0], path[:, 1], "o", color=PALETTE["blue"], ms=4)
        ax.plot(*goal, "*", color=PALETTE["orange"], ms=15)
        ax.axhline(0, color=TEXT, lw=0.6)
        ax.axvline(0, color=TEXT, lw=0.6)
        ax.set(xlabel="weight $w_1$", aspect="equal")
        ax.set_title(title, loc="left")
    axes[0].set_ylabel("weight $w_2$")
    return fig


@styled
def dying(courses: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Share of units of the first layer that no training sample reaches, step by step.

    Args:
        courses: results of ``experiments.death`` by a label.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    colors = (PALETTE["sky"], PALETTE["green"], PALETTE["blue"], PALETTE["vermillion"])
    for (label, found), color in zip(courses.items(), colors, strict=False):
        steps, course = np.asarray(found["steps"]), 100 * np.asarray(found["course"])
        ax.fill_between(steps, course.min(1), course.max(1), color=color, alpha=0.25, lw=0)
        (lines[label],) = ax.plot(steps, np.median(course, 1), color=color)
    ax.set(xlabel="step", ylabel="dead units (%)", ylim=(-2, 102))
    label_ends(ax, lines)
    return fig


@styled
def ranking(found: Mapping[str, Any]) -> Figure:
    """Test accuracy by activation, one dot a seed, sorted by the median.

    Args:
        found: result of ``experiments.accuracies``.
    """
    fig, ax = canvas(height=4.6)
    order = sorted(found, key=lambda name: float(np.median(np.asarray(found[name]))))
    for row, name in enumerate(order):
        values = 100 * np.asarray(found[name], dtype=float)
        color = LOOKS[name.split()[0]][0]
        ax.plot(values, [row] * len(values), "o", color=color, ms=5, alpha=0.5)
        ax.plot(np.median(values), row, "|", color=color, ms=18, mew=2.5)
    ax.set_yticks(range(len(order)), [NAMES.get(name, name) for name in order])
    ax.set(xlabel="test accuracy (%)")
    ax.grid(axis="x")
    return fig


@styled
def maxout_pieces(pieces: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Maxout units of one input: each the largest of some lines, drawn thin below it.

    Args:
        pieces: (slope, offset) of each line, by a title.
    """
    fig, axes = canvas(1, len(pieces), width=7.6, height=2.9, sharey=True)
    x = np.linspace(-2, 2, 401)
    for ax, (title, lines) in zip(np.atleast_1d(axes), pieces.items(), strict=True):
        values = np.array([slope * x + offset for slope, offset in lines])
        for value in values:
            ax.plot(x, value, color=PALETTE["grey"], lw=1, alpha=0.8)
        ax.plot(x, values.max(0), color=PALETTE["sky"], lw=3)
        ax.set(xlabel="input x", ylim=(-1.2, 3.2))
        ax.set_title(title, loc="left")
    np.atleast_1d(axes)[0].set_ylabel("output")
    return fig


@styled
def costs(ratios: Mapping[str, float]) -> Figure:
    """Measured time of forward and backward, as a multiple of ReLU's.

    Args:
        ratios: result of ``experiments.cost_ratios``.
    """
    fig, ax = canvas(height=3.6)
    order = sorted(ratios, key=lambda name: -ratios[name])
    ax.barh(range(len(order)), [ratios[n] for n in order], color=[LOOKS[n][0] for n in order])
    ax.set_yticks(range(len(order)), [NAMES.get(name, name) for name in order])
    ax.axvline(1, color=TEXT, lw=1)
    ax.set(xlabel="time of forward and backward, ReLU = 1")
    return fig
