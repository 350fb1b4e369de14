"""Figures of the chapter ``hidden_units``: one function a figure, each returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.activations import ACTIVATIONS, Activation, leaky_relu
from lecturelib.chapters.hidden_units.experiments import (
    derivative,
    minimum,
    random_network,
    start_for,
)
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
    "sigmoid, centred": (PALETTE["orange"], "-"),
}
DRAWN: dict[str, Activation] = {
    **ACTIVATIONS,
    "leaky_relu": partial(leaky_relu, negative_slope=0.2),
    "prelu": partial(leaky_relu, negative_slope=0.5),
}
"""What is drawn: a leak large enough to be seen, and one slope that a PReLU may have learned."""
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
    f = DRAWN[name]
    return f(points).numpy(), derivative(f, points).numpy()


@styled
def functions(names: Sequence[str], *, width: float = 5.0) -> Figure:
    """Activation functions on the left, their derivatives on the right.

    Args:
        names: keys of :data:`DRAWN`.
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
    left.set_ylim(-2.7 if "prelu" in names else -2.1, 3.2)
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
def through_layers(
    names: Sequence[str] = ("sigmoid", "relu"), layers: Sequence[int] = (1, 4, 12), seed: int = 0
) -> Figure:
    """Sums z in a random network: of all units and samples, and of three units by themselves.

    Args:
        names: keys of ``activations.ACTIVATIONS``, one a row.
        layers: which layers, one a column.
        seed: of the weights and of 400 normal inputs; layers are 256 wide.
    """
    fig, axes = canvas(len(names), len(layers), width=7.6, height=4.2, sharex=True, squeeze=False)
    edges = np.linspace(-3.5, 3.5, 71)
    for row, name in zip(axes, names, strict=True):
        f = ACTIVATIONS[name]
        sums, _ = random_network(seed, f, start_for(f), layers=max(layers), width=256, samples=400)
        for ax, layer in zip(row, layers, strict=True):
            z = sums[layer - 1].detach().numpy()
            spread = np.quantile(z.mean(1), (0.1, 0.5, 0.9))
            ax.hist(z.ravel(), edges, density=True, color=PALETTE["grey"], alpha=0.35)
            for place, color in zip(spread, ("blue", "orange", "vermillion"), strict=True):
                unit = abs(z.mean(1) - place).argmin()
                counts, _ = np.histogram(z[unit], edges, density=True)
                ax.stairs(np.minimum(counts, 2.0), edges, color=PALETTE[color], lw=1.3)
            ax.set(ylim=(0, 2.05), yticks=[])
            ax.set_title(f"{NAMES.get(name, name)}, layer {layer}", loc="left", fontsize=11)
    for ax in axes[-1]:
        ax.set_xlabel("z")
    for row in axes:
        row[0].set_ylabel("density")
    return fig


@styled
def gradients(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """The rms gradient by layer, over that of the last layer: median and range over seeds.

    Args:
        found: results of ``experiments.through_layers`` by a key of :data:`LOOKS`.
    """
    fig, ax = canvas(width=6.8, height=3.8)
    lines = {}
    for name, result in found.items():
        by_layer = np.asarray(result["gradients"])
        relative = (by_layer / by_layer[:, -1:]).T[::-1]
        back = range(len(relative))
        color, style = LOOKS[name]
        ax.fill_between(back, relative.min(1), relative.max(1), color=color, alpha=0.25, lw=0)
        (lines[NAMES.get(name, name)],) = ax.plot(back, np.median(relative, 1), style, color=color)
    ax.set(yscale="log", xlabel="layers below the last", ylabel="rms gradient (log scale)")
    label_ends(ax, lines)
    return fig


@styled
def curves(losses: Mapping[str, Any], *, window: int = 22) -> Figure:
    """Training loss by step, averaged over a window: median and range over seeds.

    Args:
        losses: ``[steps, seeds]`` by a key of :data:`LOOKS`.
        window: steps over which the loss is averaged.
    """
    fig, ax = canvas(width=6.8, height=3.8)
    lines = {}
    for name, values in losses.items():
        smooth = np.asarray(torch.as_tensor(values).unfold(0, window, 1).mean(-1))
        steps = np.arange(len(smooth)) + window
        color, style = LOOKS[name]
        ax.fill_between(steps, smooth.min(1), smooth.max(1), color=color, alpha=0.25, lw=0)
        (lines[NAMES.get(name, name)],) = ax.plot(steps, np.median(smooth, 1), style, color=color)
    ax.set(yscale="log", xlabel="step", ylabel="training loss (log scale)")
    label_ends(ax, lines)
    return fig


@styled
def xor(hidden: Any, outputs: Any) -> Figure:
    """The four points of XOR in the plane of the inputs and in that of two hidden units.

    Args:
        hidden: hidden values of the points 00, 01, 10, 11, ``[4, 2]``.
        outputs: what the network answers, ``[4]``.
    """
    points = {"inputs": np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), "hidden": np.asarray(hidden)}
    fig, axes = canvas(1, 2, width=7.6, height=3.6)
    for ax, (space, places) in zip(axes, points.items(), strict=True):
        for value, marker, color in ((0, "o", "blue"), (1, "s", "vermillion")):
            chosen = places[np.round(np.asarray(outputs)) == value]
            ax.plot(*chosen.T, marker, color=PALETTE[color], ms=11)
        ax.set(xlim=(-0.4, 2.5 if space == "hidden" else 1.5), ylim=(-0.4, 1.5), aspect="equal")
    axes[0].set(xlabel="$x_1$", ylabel="$x_2$")
    axes[1].set(xlabel="$h_1$", ylabel="$h_2$")
    line = np.array([-0.4, 2.5])
    axes[1].plot(line, (line - 0.5) / 2, color=TEXT, lw=1.5)
    axes[1].annotate("(0,1) and (1,0)", (1, 0), (1.05, -0.28), color=TEXT)
    return fig


@styled
def cloud() -> Figure:
    """A cloud of data with the half-plane in which a unit is positive: one alive, one dead."""
    g = torch.Generator().manual_seed(3)
    x = torch.randn(120, 2, generator=g, dtype=torch.float64).numpy() * (0.9, 0.6)
    fig, axes = canvas(1, 2, width=7.6, height=3.4, sharex=True, sharey=True)
    direction, corners = np.array([0.8, 0.6]), np.linspace(-4, 4, 2)
    for ax, bias, title in zip(axes, (-0.3, -2.6), ("alive", "dead"), strict=True):
        on = x @ direction + bias > 0
        ax.plot(*x[~on].T, "o", color=PALETTE["grey"], ms=4, alpha=0.7)
        ax.plot(*x[on].T, "o", color=PALETTE["blue"], ms=5)
        border = (-bias - direction[0] * corners) / direction[1]
        ax.plot(corners, border, color=PALETTE["vermillion"])
        ax.fill_between(corners, border, 9, color=PALETTE["vermillion"], alpha=0.12, lw=0)
        foot = -bias * direction
        arrow = {"arrowstyle": "->", "color": PALETTE["vermillion"], "lw": 2}
        ax.annotate("", foot + 0.9 * direction, foot, arrowprops=arrow)
        ax.set(xlim=(-3, 4), ylim=(-2.2, 3), aspect="equal", xlabel="$x_1$")
        ax.set_title(f"{title}: positive for {int(on.sum())} of {len(x)}", loc="left")
    axes[0].set_ylabel("$x_2$")
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
    fig, ax = canvas(height=3.8)
    order = sorted(ratios, key=lambda name: -ratios[name])
    colors = [LOOKS[n][0] if n in LOOKS else TEXT for n in order]
    ax.barh(range(len(order)), [ratios[n] for n in order], color=colors)
    ax.set_yticks(range(len(order)), [NAMES.get(name, name) for name in order])
    ax.axvline(1, color=TEXT, lw=1)
    ax.set(xlabel="time of forward and backward, ReLU = 1")
    return fig
