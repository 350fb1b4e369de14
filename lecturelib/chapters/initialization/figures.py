"""Figures of the chapter ``initialization``: one function a figure, each returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.chapters.initialization.experiments import FACTORS, cliff_gradient, cliff_loss
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, label_ends, styled

# A way to start keeps its colour through the chapter.
COLORS = {
    "constant": PALETTE["grey"],
    "small": PALETTE["grey"],
    "uniform": PALETTE["sky"],
    "xavier": PALETTE["green"],
    "he": PALETTE["orange"],
    "large": PALETTE["vermillion"],
    "orthogonal": PALETTE["purple"],
    "lsuv": PALETTE["purple"],
    "he + batch norm": METHODS["batch norm"].color,
}
NAMES = {
    "small": "N(0, 0.01²)",
    "uniform": "±1/√n",
    "xavier": "Xavier",
    "he": "He",
    "large": "N(0, 0.2²)",
    "orthogonal": "orthogonal",
    "lsuv": "LSUV",
    "he + batch norm": "He, batch norm",
}
CLIP_COLORS = {
    "none": PALETTE["vermillion"],
    "norm": PALETTE["blue"],
    "value": PALETTE["orange"],
}
# The part of the plane (w, b) that is drawn of the cliff.
CLIFF = {"w": (3.5, 6.5), "b": (-3.5, -1.5)}


@styled
def loss_by_start(curves: Mapping[tuple[str, float], Tensor]) -> Figure:
    """Loss against the step for each start at its best rate: median and range over the seeds.

    The best rate has the lowest median of the mean loss over the last 20 steps.

    Args:
        curves: losses ``[S, steps]`` by the name of the start and the learning rate.
    """
    fig, ax = canvas(height=3.8)
    colors = {"default": "uniform", "Xavier": "xavier", "He": "he"}
    for name in dict.fromkeys(name for name, _ in curves):
        ends = {
            lr: losses[:, -20:].mean(1).nan_to_num(torch.inf).median().item()
            for (start, lr), losses in curves.items()
            if start == name
        }
        lr = min(ends, key=ends.__getitem__)
        smooth = np.stack(
            [np.convolve(run, np.ones(10) / 10, "valid") for run in np.asarray(curves[name, lr])]
        )
        steps, color = np.arange(smooth.shape[1]), COLORS[colors.get(name, "small")]
        ax.fill_between(steps, smooth.min(0), smooth.max(0), color=color, alpha=0.2, lw=0)
        ax.plot(steps, np.median(smooth, 0), color=color, label=f"{name}, rate {lr:g}")
    ax.axhline(np.log(10), color=TEXT, lw=1, ls="--")
    ax.set(xlabel="step", ylabel="loss, mean of ten steps", ylim=(0, 2.6))
    ax.legend(loc="lower left")
    return fig


@styled
def unit_lines(runs: Mapping[str, Mapping[str, Any]]) -> Figure:
    """The lines of the hidden units before and after training, a row for each start.

    Args:
        runs: results of ``experiments.unit_lines`` by a title.
    """
    fig, axes = canvas(len(runs), 2, width=7.0, height=3.3 * len(runs), sharex=True, sharey=True)
    for row, (title, found) in zip(np.atleast_2d(axes), runs.items(), strict=True):
        x, y = np.asarray(found["x"]), np.asarray(found["y"]) > 0
        for ax, when in zip(row, ("before", "after"), strict=True):
            for inside, marker, color in ((True, "o", "orange"), (False, "x", "sky")):
                points = x[y == inside]
                ax.plot(points[:, 0], points[:, 1], marker, color=PALETTE[color], ms=4, alpha=0.7)
            for line in np.asarray(found[when]):
                _draw_line(ax, line)
            ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
            ax.set_title(f"{title}, {when} training", loc="left", fontsize=11)
            ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return fig


def _draw_line(ax: Axes, line: np.ndarray) -> None:
    """The part of w·x + b = 0 near the square [-1, 1]²."""
    w, b = line[:2], line[2]
    foot, along = -b * w / (w @ w), np.array([-w[1], w[0]]) / np.linalg.norm(w)
    ends = np.stack([foot - 4 * along, foot + 4 * along])
    ax.plot(ends[:, 0], ends[:, 1], color=PALETTE["blue"], lw=1.5, scalex=False, scaley=False)


@styled
def by_layer(found: Mapping[str, Mapping[str, Tensor]]) -> Figure:
    """Size of the sums on the way up, and of the gradient on the way down, with theory dashed.

    Args:
        found: results of ``experiments.signals`` by a name in ``experiments.FACTORS``.
    """
    fig, axes = canvas(1, 2, width=8.6, height=4.0)
    lines = {}
    for name, run in found.items():
        for ax, key in zip(axes, ("forward", "backward"), strict=True):
            values = np.asarray(run[key])
            layers = np.arange(1, len(values) + 1)
            middle = np.median(values, 1)
            color = COLORS[name]
            ax.fill_between(layers, values.min(1), values.max(1), color=color, alpha=0.25, lw=0)
            (line,) = ax.plot(layers, middle, color=color)
            factor = FACTORS[name]
            if key == "backward":
                ax.plot(
                    layers, middle[-1] * factor ** (len(layers) - layers), "--", color=TEXT, lw=1
                )
                lines[NAMES[name]] = line
            elif name != "he + batch norm":
                ax.plot(
                    layers, middle[0] * factor ** (layers - 1.0), "--", color=TEXT, lw=1.2, zorder=3
                )
            ax.set(yscale="log", xlabel="layer (1 is next to the input)")
    axes[0].set(ylabel="rms of the sums z")
    axes[1].set(ylabel="rms of the gradient by z")
    axes[1].legend(lines.values(), lines.keys(), loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


@styled
def histograms(
    rows: Mapping[str, Sequence[Tensor]], *, layers: Sequence[int] = (1, 2, 4, 7, 10)
) -> Figure:
    """Histograms of the activations of some layers, a row for each start.

    Args:
        rows: results of ``experiments.activations_by_layer`` by a title.
        layers: which layers to draw, from 1.
    """
    shape = {"width": 8.2, "height": 1.75 * len(rows), "sharex": True}
    fig, axes = canvas(len(rows), len(layers), **shape)
    for row, (title, values) in zip(np.atleast_2d(axes), rows.items(), strict=True):
        for ax, layer in zip(row, layers, strict=True):
            h = np.asarray(values[layer - 1]).ravel()
            ax.hist(h, np.linspace(-1, 1, 61), color=PALETTE["green"], density=True)
            ax.set(yticks=[], xticks=[-1, 0, 1])
            ax.set_title(f"layer {layer}", fontsize=10, fontweight="normal")
        row[0].set_ylabel(title, fontsize=10)
    for ax in np.atleast_2d(axes)[-1]:
        ax.set_xlabel("activation", fontsize=10)
    return fig


@styled
def powers(norms: Mapping[str, Any], *, gain: float) -> Figure:
    """Norms of the powers of two matrices with the same largest eigenvalue.

    Args:
        norms: result of ``experiments.power_norms``.
        gain: the largest eigenvalue in size.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    looks = {"normal": PALETTE["vermillion"], "symmetric": PALETTE["blue"]}
    labels = {"normal": "Gaussian matrix", "symmetric": "symmetric matrix"}
    for name, values in norms.items():
        p = np.arange(1, len(values) + 1)
        (lines[labels[name]],) = ax.plot(p, np.asarray(values), color=looks[name])
    (lines["|λ|ᵖ"],) = ax.plot(p, gain ** p.astype(float), "--", color=TEXT, lw=1.2)
    ax.axhline(1, color=TEXT, lw=0.6)
    ax.set(yscale="log", xlabel="power p", ylabel="largest singular value of $W^p$")
    ax.legend(lines.values(), lines.keys(), loc="lower left")
    return fig


@styled
def singular_values(values: Mapping[str, Any]) -> Figure:
    """Singular values of deep Jacobians, largest first, largest = 1.

    Args:
        values: result of ``experiments.jacobian_values``.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for name, v in values.items():
        kind, how = name.split()
        color = COLORS["orthogonal"] if how == "orthogonal" else COLORS["he"]
        label = f"{how}, {'linear' if kind == 'linear' else 'ReLU'}"
        sizes = np.where(np.asarray(v) < 1e-16, np.nan, np.asarray(v))  # rounding below
        style = "-" if kind == "linear" else "--"
        (lines[label],) = ax.plot(range(1, len(v) + 1), sizes, style, color=color)
    ax.set(yscale="log", ylim=(1e-16, 10), xlabel="rank", ylabel="singular value, largest = 1")
    ax.legend(lines.values(), lines.keys(), loc="center right")
    return fig


@styled
def accuracies(found: Mapping[tuple[str, str], Any]) -> Figure:
    """Training accuracy of deep networks by activation and start, one dot a seed.

    Args:
        found: result of ``experiments.accuracies``: by (scheme, activation).
    """
    fig, ax = canvas(height=0.55 * len(found) + 1.2)
    labels = []
    for row, ((scheme, activation), values) in enumerate(reversed(list(found.items()))):
        v = 100 * np.asarray(values, dtype=float)
        ax.plot(v, [row] * len(v), "o", color=COLORS[scheme], ms=5, alpha=0.5)
        ax.plot(np.median(v), row, "|", color=COLORS[scheme], ms=18, mew=2.5)
        kind = {"relu": "ReLU", "gelu": "GELU"}.get(activation, activation)
        labels.append(f"{kind}, {NAMES[scheme]}")
    ax.axvline(10, color=TEXT, lw=1, ls=":")
    ax.set_yticks(range(len(labels)), labels)
    ax.set(xlabel="training accuracy (%); dotted: guessing", xlim=(0, 102))
    ax.grid(axis="x")
    return fig


@styled
def skips(found: Mapping[str, Mapping[str, Tensor]]) -> Figure:
    """Size of the gradient by layer, with skip connections and without.

    Args:
        found: results of ``experiments.signals`` by a label.
    """
    fig, ax = canvas(width=7.2, height=4.0)
    lines = {}
    colors = (PALETTE["grey"], PALETTE["orange"], PALETTE["vermillion"], PALETTE["green"])
    for (label, run), color in zip(found.items(), colors, strict=False):
        values = np.asarray(run["backward"])
        layers = np.arange(1, len(values) + 1)
        ax.fill_between(layers, values.min(1), values.max(1), color=color, alpha=0.25, lw=0)
        (lines[label],) = ax.plot(layers, np.median(values, 1), color=color)
    ax.set(yscale="log", xlabel="layer (1 is next to the input)", ylabel="rms of the gradient by z")
    ax.legend(lines.values(), lines.keys(), loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


def cliff_background(ax: Axes, *, points: int = 120) -> None:
    """Shade the loss of the recurrent net of one unit over the part :data:`CLIFF` of the plane."""
    w, b = (torch.linspace(*CLIFF[name], points, dtype=torch.float64) for name in ("w", "b"))
    loss = cliff_loss(*torch.meshgrid(w, b, indexing="xy")).numpy()
    ax.imshow(
        loss, origin="lower", extent=(*CLIFF["w"], *CLIFF["b"]), aspect="auto", cmap="Greys",
        vmin=0, vmax=0.9, interpolation="bilinear",
    )  # fmt: skip
    ax.set(xlim=CLIFF["w"], ylim=CLIFF["b"], xlabel="weight w", ylabel="bias b")


@styled
def cliff(runs: Mapping[str, Mapping[str, Tensor]], *, steps: int = 60) -> Figure:
    """Paths of gradient descent at the cliff from one start: whole, and enlarged near the start.

    Args:
        runs: results of ``experiments.cliff_run`` for one start, by ``"none"``, ``"norm"`` ….
        steps: how many steps to draw.
    """
    fig, (whole, near) = canvas(1, 2, width=8.6, height=4.0)
    start = np.asarray(next(iter(runs.values()))["path"])[0, 0]
    for ax in (whole, near):
        cliff_background(ax)
        for how, run in runs.items():
            path = np.asarray(run["path"])[: steps + 1, 0]
            label = "not clipped" if how == "none" else f"clipped by {how}"
            ax.plot(path[:, 0], path[:, 1], "o-", color=CLIP_COLORS[how], ms=3, lw=1.2, label=label)
        ax.plot(*start, "*", color=PALETTE["green"], ms=14)
    bounded = [np.asarray(run["path"])[: steps + 1, 0] for h, run in runs.items() if h != "none"]
    points = np.concatenate([start[None], *bounded])
    (left, bottom), (right, top) = points.min(0) - 0.05, points.max(0) + 0.05
    near.set(xlim=(left, right), ylim=(bottom, top))
    whole.legend(loc="upper right", fontsize=9)
    return fig


def edge(w: float, *, low: float = -4.5, high: float = -1.0) -> float:
    """The bias at which the loss jumps, found by halving the interval sixty times.

    >>> round(edge(5.5), 2)
    -2.92
    """
    for _ in range(60):
        middle = (low + high) / 2
        at = torch.tensor([w, middle], dtype=torch.float64)
        if cliff_loss(at[0], at[1]) > 0.2:
            low = middle
        else:
            high = middle
    return middle


@styled
def cliff_section(*, w: float = 5.5) -> Figure:
    """Loss and size of the gradient along b, for one w: a step, and a spike beside it."""
    fig, axes = canvas(1, 2, width=7.6, height=3.3)
    place = edge(w)
    near = torch.logspace(-14, -0.1, 300, dtype=torch.float64)
    b = torch.cat([place - near.flip(0), place + near])
    ws = torch.full_like(b, w)
    slope = torch.stack(cliff_gradient(ws, b)).norm(dim=0)
    axes[0].plot(b, cliff_loss(ws, b), color=PALETTE["blue"])
    axes[1].plot(b, slope, color=PALETTE["vermillion"])
    axes[0].set(xlabel="bias b", ylabel="loss", ylim=(0, 0.5))
    axes[1].set(xlabel="bias b", ylabel="norm of the gradient", yscale="log")
    for ax in axes:
        ax.set_xticks([-3.5, -3.0, -2.5])
    return fig


@styled
def losses(runs: Mapping[str, Mapping[str, Tensor]]) -> Figure:
    """Loss at the cliff against the step, median and range over the starts.

    Args:
        runs: results of ``experiments.cliff_run`` by ``"none"``, ``"norm"`` ….
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for how, run in runs.items():
        values = np.asarray(run["loss"])
        steps = np.arange(len(values))
        color = CLIP_COLORS[how]
        ax.fill_between(steps, values.min(1), values.max(1), color=color, alpha=0.2, lw=0)
        (lines[how],) = ax.plot(steps, np.median(values, 1), color=color)
    ax.set(yscale="log", xlabel="step", ylabel="loss")
    label_ends(ax, lines)
    return fig
