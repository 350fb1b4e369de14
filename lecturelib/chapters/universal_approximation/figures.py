"""Figures of the chapter ``universal_approximation``: one function a figure, each a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure

from lecturelib.chapters.universal_approximation import experiments
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled

TARGET = PALETTE["grey"]
# A kind of hidden unit keeps its colour and marker through the chapter.
UNITS = {
    "step": (PALETTE["blue"], "s"),
    "sigmoid": (PALETTE["vermillion"], "^"),
    "relu": (PALETTE["green"], "o"),
    "prelu": (PALETTE["sky"], "v"),
    "tanh": (PALETTE["purple"], "D"),
    "identity": (PALETTE["grey"], "x"),
}
NAMES = {"relu": "ReLU", "prelu": "PReLU", "identity": "no activation"}
OUTSIDE, INSIDE = PALETTE["orange"], PALETTE["blue"]
REGIONS = LinearSegmentedColormap.from_list("regions", [OUTSIDE, "#BBBBBB", INSIDE])
RIDGE = LinearSegmentedColormap.from_list("ridge", ["#BBBBBB33", PALETTE["blue"]])
F64 = torch.float64


def _array(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=float)


@styled
def bump(*, edges: tuple[float, float] = (0.35, 0.65), steepness: float = 60.0) -> Figure:
    """Two steep sigmoids, and their difference: a bump."""
    fig, (left, right) = canvas(1, 2, width=7.4, height=3.0, sharey=True)
    x = np.linspace(0, 1, 401)
    up, down = (1 / (1 + np.exp(-steepness * (x - edge))) for edge in edges)
    color = UNITS["sigmoid"][0]
    left.plot(x, up, color=color, label="first unit")
    left.plot(x, -down, color=color, ls="--", label="minus second unit")
    right.fill_between(x, up - down, color=color, alpha=0.25, lw=0)
    right.plot(x, up - down, color=color)
    left.legend(loc="lower left", fontsize=10)
    left.set(xlabel="x", ylabel="value", ylim=(-1.1, 1.1), title="a pair of units")
    right.set(xlabel="x", title="their sum: a bump")
    return fig


@styled
def constructions(f: experiments.Function, units: int) -> Figure:
    """One hidden layer against its target: steps, sigmoids and ReLUs, the same number of each."""
    fig, axes = canvas(1, 3, width=8.4, height=3.0, sharey=True)
    x = torch.linspace(0, 1, 2001, dtype=F64)
    fits = {
        "step": experiments.staircase(f, units, x),
        "sigmoid": experiments.staircase(f, units, x, steepness=10.0),
        "relu": experiments.interpolant(f, units, x),
    }
    for ax, (name, fit) in zip(axes, fits.items(), strict=True):
        ax.plot(x, f(x), color=TARGET, lw=4, alpha=0.5)
        ax.plot(x, fit, color=UNITS[name][0], lw=1.6)
        ax.set(xlabel="x", title=f"{units} {'ReLU' if name == 'relu' else name} units")
    axes[0].set_ylabel("f(x)")
    return fig


@styled
def error_against_width(
    widths: Sequence[int], errors: Mapping[str, Mapping[str, Sequence[float]]]
) -> Figure:
    """Sup error against the number of units, one panel a target, one line a kind of unit.

    Args:
        widths: numbers of units.
        errors: by the target's name, by the kind of unit, one error for each width.
    """
    fig, axes = canvas(1, len(errors), width=7.6, height=3.8, sharey=True)
    n = _array(widths)
    for ax, (target, lines) in zip(np.atleast_1d(axes), errors.items(), strict=True):
        for name, values in lines.items():
            color, marker = UNITS[name]
            label = "ReLU" if name == "relu" else name
            ax.loglog(n, _array(values), color=color, marker=marker, ms=6, label=label)
        slopes = {"1/n": 0.5 / n, "1/n²": 1.2 / n**2}
        for text, slope in slopes.items():
            ax.loglog(n, slope, color=TEXT, ls=":", lw=1.2)
            ax.annotate(text, (n[-1], slope[-1]), xytext=(3, 0), textcoords="offset points",
                        va="center")  # fmt: skip
        ax.set(xlabel="hidden units n", title=target, ylim=(3e-6, 1))
    np.atleast_1d(axes)[0].set_ylabel("largest error")
    np.atleast_1d(axes)[0].legend(loc="lower left")
    return fig


@styled
def maxout_square(k: int = 3) -> Figure:
    """x² and k tangents: the error before and after the tangents are lifted."""
    fig, (left, right) = canvas(1, 2, width=7.4, height=3.4)
    x = torch.linspace(-1, 1, 1201, dtype=F64)
    best = experiments.maxout_square(k, x)
    lift = (2 / k) ** 2 / 8
    left.plot(x, x**2, color=TARGET, lw=4, alpha=0.5)
    left.plot(x, best, color=PALETTE["sky"], lw=1.8)
    left.set(xlabel="x", ylabel="value", title=f"maxout with {k} pieces")
    right.plot(x, best - lift - x**2, color=PALETTE["orange"], label="tangents")
    right.plot(x, best - x**2, color=PALETTE["sky"], label="lifted")
    for level in (-1 / k**2, -1 / (2 * k**2), 1 / (2 * k**2)):
        right.axhline(level, color=TEXT, ls=":", lw=1)
    right.set_yticks([-1 / k**2, -1 / (2 * k**2), 0, 1 / (2 * k**2)],
                     ["$-1/k^2$", "$-1/2k^2$", "0", "$1/2k^2$"])  # fmt: skip
    right.legend(loc="upper center", bbox_to_anchor=(0.5, 1.02), ncols=2)
    right.set(xlabel="x", title="error", ylim=(-1.25 / k**2, 1.1 / k**2))
    return fig


@styled
def polygons(shapes: Sequence[torch.Tensor]) -> Figure:
    """Half planes, their AND (a convex polygon), and the OR of two polygons."""
    fig, axes = canvas(1, 3, width=8.4, height=3.0, sharex=True, sharey=True)
    axis = torch.linspace(-1.2, 1.2, 241, dtype=F64)
    plane = torch.cartesian_prod(axis, axis)
    corners = shapes[0]
    edge = corners.roll(-1, 0) - corners
    normal = torch.stack([-edge[:, 1], edge[:, 0]], 1)
    count = (plane @ normal.T - (normal * corners).sum(1) > 0).double().sum(1)
    panels = {
        "half planes that fire": count / len(corners),
        "all of them: AND": experiments.polygon_network(plane, shapes[:1]),
        "either polygon: OR": experiments.polygon_network(plane, shapes),
    }
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        _region(ax, values.reshape(241, 241).T * 2 - 1, 1.2)
        ax.set_title(title)
    return fig


def _region(ax: Axes, values: Any, reach: float, *, levels: int = 12) -> None:
    """Draw a decision function: its sign by colour, its zero as a line."""
    v = _array(values)
    axis = np.linspace(-reach, reach, v.shape[0])
    ax.contourf(axis, axis, np.clip(v, -1, 1), np.linspace(-1, 1, levels + 1), cmap=REGIONS,
                alpha=0.75)  # fmt: skip
    if v.min() < 0 < v.max():
        ax.contour(axis, axis, v, [0.0], colors=[TEXT], linewidths=1.5)
    ax.set_aspect("equal")
    ax.set(xticks=[], yticks=[])


@styled
def pieces(layers: Sequence[int], deep: Any, shallow: Any, drawn: Any) -> Figure:
    """Affine pieces against layers of two ReLUs.

    Args:
        layers: numbers of layers.
        deep: pieces of the iterated tent, one for each number.
        shallow: pieces of one layer with as many units.
        drawn: ``[len(layers), seeds]``, pieces of networks with random weights.
    """
    fig, ax = canvas(height=3.8)
    found = _array(drawn)
    ax.semilogy(layers, deep, color=UNITS["relu"][0], marker="o", label="deep sawtooth: $2^\\ell$")
    ax.semilogy(layers, shallow, color=PALETTE["orange"], marker="s",
                label="one layer, same units: $2\\ell+1$")  # fmt: skip
    ax.fill_between(layers, found.min(1), found.max(1), color=TARGET, alpha=0.3, lw=0)
    ax.semilogy(layers, np.median(found, 1), color=TARGET, marker="x",
                label="deep, random weights (median, range)")  # fmt: skip
    ax.set(xlabel="layers of two ReLUs", ylabel="affine pieces on [0, 1]", ylim=(0.8, 400))
    ax.legend(loc="upper left")
    return fig


@styled
def square_depth(units: Sequence[int], deep: Any, shallow: Any) -> Figure:
    """Error for x²: the deep construction against the best that one layer can do."""
    fig, ax = canvas(height=3.6)
    ax.semilogy(units, deep, color=UNITS["relu"][0], marker="o", label="deep: $4^{-(\\ell+1)}$")
    ax.semilogy(units, shallow, color=PALETTE["orange"], marker="s",
                label="one layer, best: $1/(2(2n+1)^2)$")  # fmt: skip
    ax.set(xlabel="hidden units (three a layer)", ylabel="largest error for x² on [0, 1]")
    ax.legend(loc="lower left")
    return fig


@styled
def decision_regions(found: Mapping[tuple[str, str], Mapping[str, Any]], seed: int = 0) -> Figure:
    """Decision regions: one row a data set, one column an activation.

    Args:
        found: by (data, activation), what ``train_regions`` returns.
        seed: position of the seed that is drawn; the numbers are medians over all seeds.
    """
    rows = list(dict.fromkeys(data for data, _ in found))
    columns = list(dict.fromkeys(activation for _, activation in found))
    fig, axes = canvas(len(rows), len(columns), width=8.4, height=2.3 * len(rows))
    for (data, activation), result in found.items():
        ax = axes[rows.index(data), columns.index(activation)]
        _region(ax, result["logits"][seed], 1.2)
        _points(ax, result["x"][seed], result["y"][seed])
        if data == rows[0]:
            ax.set_title(NAMES.get(activation, activation))
        ax.set_xlabel(f"median {np.median(result['accuracy']):.0%}")
        if activation == columns[0]:
            ax.set_ylabel(data)
    return fig


def _points(ax: Axes, x: Any, y: Any) -> None:
    x, y = _array(x), _array(y) > 0.5
    for chosen, color, marker in ((y, INSIDE, "o"), (~y, OUTSIDE, "s")):
        ax.plot(*x[chosen].T, marker, color=color, ms=3, mec="white", mew=0.3)


@styled
def one_more_dimension(x: Any, y: Any, height: Any, *, level: float) -> Figure:
    """A set in the plane, and the same set with one coordinate more and a plane between.

    Args:
        x: points, shape ``(N, 2)``.
        y: labels.
        height: third coordinate.
        level: where the separating plane lies.
    """
    fig, (left, right) = canvas(1, 2, width=7.4, height=3.4)
    _points(left, x, y)
    left.set_aspect("equal")
    left.set(xlabel="$x_1$", ylabel="$x_2$", title="in the plane")
    _points(right, np.stack([_array(x)[:, 0], _array(height)], 1), y)
    right.axhline(level, color=TEXT, ls="--", lw=1.5)
    right.set(xlabel="$x_1$", ylabel="$x_1^2+x_2^2$", title="with a third axis")
    return fig


@styled
def success_against_width(rates: Mapping[str, Mapping[int, Any]]) -> Figure:
    """Share of starts from which training makes no mistake, against the width.

    Args:
        rates: by the name of the line and by width, the share for each data set.
    """
    fig, ax = canvas(width=6.8, height=3.8)
    colors = [PALETTE["orange"], UNITS["relu"][0]]
    for (name, by_width), color, marker in zip(rates.items(), colors, "so", strict=False):
        widths = list(by_width)
        values = np.stack([_array(by_width[w]) for w in widths])
        place = np.arange(len(widths))
        ax.fill_between(place, values.min(1), values.max(1), color=color, alpha=0.2, lw=0)
        ax.plot(place, values.mean(1), color=color, marker=marker, label=name)
    ax.axvline(widths.index(3), color=TEXT, ls=":", lw=1.2)
    ax.annotate("a network without a mistake\nexists from here on", (widths.index(3), 0.06),
                xytext=(8, 0), textcoords="offset points", ha="left", va="center")  # fmt: skip
    ax.set_xticks(place, [str(w) for w in widths])
    ax.set(xlabel="hidden units", ylabel="share of starts without a mistake", ylim=(-0.03, 1.03))
    ax.legend(loc="center right")
    return fig


@styled
def found_and_written(logits: Sequence[Any], x: Any, y: Any) -> Figure:
    """The three lines that solve the problem, and what training made of three units.

    Args:
        logits: decision functions of trained networks on [-1.5, 1.5]².
        x: points.
        y: labels.
    """
    plane = experiments.plane(1.5, cells=80)
    written = 40 * experiments.written_triangle(plane.reshape(-1, 2)).reshape(81, 81)
    fig, axes = canvas(1, 1 + len(logits), width=8.4, height=2.7)
    for i, (ax, values) in enumerate(zip(axes, [written, *logits], strict=True)):
        _region(ax, values, 1.5)
        _points(ax, x, y)
        ax.set_title("written down" if i == 0 else f"trained, start {i}")
    return fig


@styled
def xor() -> Figure:
    """XOR by two steps: the network, its two lines in the plane, and what the hidden layer sees."""
    fig, (net, plane, hidden) = canvas(1, 3, width=8.6, height=3.2)
    places = {"$x_1$": (0, 1), "$x_2$": (0, 0), "$h_1$": (1, 1), "$h_2$": (1, 0), "$y$": (2, 0.5)}
    weights = {("$x_1$", "$h_1$"): ("1", 0.5), ("$x_1$", "$h_2$"): ("1", 0.25),
               ("$x_2$", "$h_1$"): ("1", 0.25), ("$x_2$", "$h_2$"): ("1", 0.5),
               ("$h_1$", "$y$"): ("1", 0.5), ("$h_2$", "$y$"): ("−1", 0.5)}  # fmt: skip
    for (start, end), (weight, share) in weights.items():
        a, b = np.array(places[start]), np.array(places[end])
        arrow = {"arrowstyle": "-|>", "color": TEXT, "shrinkA": 13, "shrinkB": 13}
        net.annotate("", b, a, arrowprops=arrow)
        net.text(*(a + share * (b - a) + [0, 0.07]), weight, ha="center", fontsize=11)
    for name, place in places.items():
        net.text(*place, name, ha="center", va="center", fontsize=14)
    for name, text in {"$h_1$": "> ½", "$h_2$": "> 1½", "$y$": "> ½"}.items():
        net.text(places[name][0], places[name][1] - 0.27, text, ha="center", fontsize=10)
    net.set(xlim=(-0.3, 2.3), ylim=(-0.45, 1.3), title="the network")
    net.set_axis_off()
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([0, 1, 1, 0])
    line = np.array([-0.4, 1.6])
    for level, name in ((0.5, "$h_1$"), (1.5, "$h_2$")):
        plane.plot(line, level - line, color=TEXT, ls="--", lw=1.5)
        plane.annotate(f"{name} on", (level / 2 + 0.08, level / 2 + 0.08), rotation=-45,
                       ha="center", va="center", fontsize=10)  # fmt: skip
    plane.set(xlabel="$x_1$", ylabel="$x_2$", title="inputs")
    seen = np.stack([x.sum(1) > 0.5, x.sum(1) > 1.5], 1).astype(float)
    hidden.plot(line, line - 0.5, color=TEXT, ls="--", lw=1.5)
    hidden.set(xlabel="$h_1$", ylabel="$h_2$", title="hidden layer")
    hidden.annotate("two inputs", (1, 0), xytext=(0.55, -0.32), fontsize=10)
    for ax, points in ((plane, x), (hidden, seen)):
        for chosen, color, marker in ((y == 1, INSIDE, "o"), (y == 0, OUTSIDE, "s")):
            ax.plot(*points[chosen].T, marker, color=color, ms=10, mec="white", zorder=3)
        ax.set(xlim=(-0.4, 1.6), ylim=(-0.4, 1.6), xticks=[0, 1], yticks=[0, 1], aspect="equal")
    return fig


@styled
def cross_and_square(crossed: Any, square: Any) -> Figure:
    """Two bumps in the plane, added: a cross; and the square that a second layer cuts out of it.

    Args:
        crossed: sum of the bumps on a grid over the unit square, rows from below.
        square: the same after a step at 3/2.
    """
    fig, axes = canvas(1, 2, width=7.6, height=3.5)
    levels = ListedColormap(["#BBBBBB55", PALETTE["sky"], PALETTE["blue"]])
    for ax, values, title in zip(
        axes, (crossed, square), ("sum of the bumps: a cross", "after a step at 3/2"), strict=True
    ):
        v = _array(values)
        ax.imshow(v, origin="lower", extent=(0, 1, 0, 1), cmap=levels, vmin=-0.5, vmax=2.5)
        places = {(0.5, 0.5), (0.5, 0.15), (0.15, 0.5), (0.15, 0.15)}
        for x1, x2 in sorted(places):
            value = v[int(x2 * len(v)), int(x1 * len(v))]
            white = value == 2 or (v.max() == 1 and value == 1)
            ax.text(x1, x2, f"{value:.0f}", ha="center", va="center",
                    color="white" if white else TEXT, fontsize=14)  # fmt: skip
        ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title, xticks=[0, 0.4, 0.6, 1],
               yticks=[0, 0.4, 0.6, 1])  # fmt: skip
    return fig


@styled
def ridges(sums: Mapping[int, Any], reach: float) -> Figure:
    """Means of ridges in 1, 2, … directions on a square, and their section through the middle.

    Args:
        sums: by the number of directions, values on a grid over [-reach, reach]².
        reach: half the side of the square.
    """
    fig, axes = canvas(1, len(sums) + 1, width=8.8, height=2.7)
    for ax, (count, values) in zip(axes, sums.items(), strict=False):
        ax.imshow(_array(values), origin="lower", extent=(-reach, reach, -reach, reach),
                  cmap=RIDGE, vmin=0, vmax=1)  # fmt: skip
        ax.set(xticks=[], yticks=[], title=f"{count} direction" + "s" * (count > 1))
    looks = zip(sums.items(), ("orange", "sky", "blue"), ("--", "-.", "-"), strict=False)
    for (count, values), color, style in looks:
        v = _array(values)
        diagonal = np.linspace(-reach, reach, len(v))
        axes[-1].plot(diagonal, v[len(v) // 2], color=PALETTE[color], ls=style, label=str(count))
    axes[-1].set(xlabel="$x_1$ at $x_2=0$", ylim=(-0.02, 1.3), title="section")
    axes[-1].legend(ncols=3, loc="upper center", fontsize=9, handlelength=1.2, columnspacing=0.8)
    return fig


@styled
def folding() -> Figure:
    """The tent folds the interval; what the next layer draws appears in both halves, mirrored."""
    fig, (tent, strip, then, both) = canvas(1, 4, width=8.8, height=2.6)
    left, right = np.linspace(0, 0.5, 51), np.linspace(0.5, 1, 51)
    halves = ((left, PALETTE["blue"]), (right, PALETTE["orange"]))
    for x, color in halves:
        tent.plot(x, 1 - abs(2 * x - 1), color=color)
        both.plot(x, folded(1 - abs(2 * x - 1)), color=color)
    for (_, color), height in zip(halves, (0.3, 0.7), strict=True):
        strip.plot([0, 1], [height, height], color=color, lw=5)
    strip.plot([1, 1.06, 1], [0.3, 0.5, 0.7], color=TEXT, lw=2)
    strip.text(0.5, 0.17, "0 … ½", ha="center", va="top", fontsize=10)
    strip.text(0.5, 0.83, "1 … ½", ha="center", va="bottom", fontsize=10)
    strip.set(ylim=(-0.05, 1.1), yticks=[], xlabel="u", title="folded")
    u = np.linspace(0, 1, 101)
    then.plot(u, folded(u), color=UNITS["relu"][0])
    tent.set(xlabel="x", title="u = tent(x)", ylim=(-0.05, 1.1))
    then.set(xlabel="u", title="next layer: g(u)", ylim=(-0.05, 1.1))
    both.set(xlabel="x", title="g(tent(x))", ylim=(-0.05, 1.1))
    for ax in (tent, then, both):
        ax.set(xticks=[0, 0.5, 1], yticks=[0, 1])
    return fig


def folded(u: Any) -> Any:
    """The function of four pieces that :func:`folding` draws; it is not symmetric."""
    kinks, slopes = (0.2, 0.45, 0.8), (-6.4, 3.5429, -1.7143)
    bends = sum(s * (u - k) * (u > k) for k, s in zip(kinks, slopes, strict=True))
    return 0.1 + 4 * u + bends


@styled
def epochs_by_depth(found: Mapping[str, Any], limit: int) -> Figure:
    """Epochs until 95 % of the training points are right: a dot a data set, and the median.

    Args:
        found: by the name of the network, epochs for each data set; ``inf`` where it did not
            arrive.
        limit: epochs after which training stopped.
    """
    fig, ax = canvas(width=6.8, height=3.4)
    for place, (name, epochs) in enumerate(found.items()):
        v = np.minimum(_array(epochs), 1.25 * limit)
        color = UNITS["tanh" if "tanh" in name else "relu"][0]
        ax.plot(np.full(len(v), place) + np.linspace(-0.18, 0.18, len(v)), v, "o", color=color,
                ms=5, alpha=0.5, mew=0)  # fmt: skip
        ax.plot([place - 0.28, place + 0.28], [np.median(v)] * 2, color=color, lw=3)
    ax.axhline(limit, color=TEXT, ls=":", lw=1.2)
    ax.text(len(found) - 0.6, 1.25 * limit, "not in time", va="center", ha="left", fontsize=10)
    ax.set_xticks(range(len(found)), list(found))
    ax.set(yscale="log", ylabel="epochs (log scale)", xlim=(-0.5, len(found) + 0.2))
    return fig
