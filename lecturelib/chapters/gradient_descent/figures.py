"""Figures of the chapter ``gradient_descent``: one function a figure, each a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lecturelib.chapters.gradient_descent import experiments
from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled
from lecturelib.gradient_descent import gradient_descent

FUNCTION = PALETTE["grey"]
TRAIN, TEST = PALETTE["blue"], PALETTE["vermillion"]
DRAWS = {"with": (PALETTE["orange"], "o"), "without": (PALETTE["blue"], "s")}
# A schedule keeps its colour and marker through the chapter.
SCHEDULES = {
    "constant": (PALETTE["grey"], "x"),
    "1/√t": (PALETTE["sky"], "D"),
    "1/t": (PALETTE["blue"], "o"),
    "1/t²": (PALETTE["vermillion"], "^"),
}


def _array(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=float)


def _band(ax: Axes, x: Any, values: Any, color: str, **options: Any) -> Line2D:
    """The median over seeds, ``[len(x), S]``, and the band from the smallest to the largest."""
    x, v = _array(x), _array(values)
    ax.fill_between(x, v.min(1), v.max(1), color=color, alpha=0.25, lw=0)
    (line,) = ax.plot(x, np.median(v, 1), color=color, **options)
    return line


@styled
def learning(course: Mapping[str, Any]) -> Figure:
    """Training and test loss, and test error, against the epochs; bands over the seeds."""
    fig, (left, right) = canvas(1, 2, width=7.6, height=3.4)
    epochs = course["epochs"]
    lines = {
        "training": _band(left, epochs, course["train"], TRAIN),
        "test": _band(left, epochs, course["test"], TEST, ls="--"),
    }
    stop = float(np.median(_array(course["held out"]).argmin(0)))
    for ax in (left, right):
        ax.axvline(stop, color=TEXT, ls=":", lw=1.4)
    left.set(xlabel="epochs", ylabel="loss", xlim=(0, float(epochs[-1]) * 1.3), ylim=(0, 2.7))
    label_ends(left, lines)
    _band(right, epochs, course["mistaken"], TEST, ls="--")
    right.set(xlabel="epochs", ylabel="share of test digits mistaken", ylim=(0, 0.4))
    return fig


@styled
def paths(start: float, rates: Mapping[str, float], *, steps: int = 12) -> Figure:
    """The slide's function and gradient descent on it from one start, one panel a rate."""
    fig, axes = canvas(1, len(rates), width=7.6, height=3.3, sharey=True)
    x = torch.linspace(-3 * math.pi, 3 * math.pi, 1200, dtype=torch.float64)
    first = torch.tensor(start, dtype=torch.float64)
    for ax, (title, lr) in zip(np.atleast_1d(axes), rates.items(), strict=True):
        path = gradient_descent(
            lambda theta, t: experiments.lecture_slope(theta), first, lr=lr, steps=steps
        )
        ax.plot(x, experiments.lecture_function(x), color=FUNCTION, lw=1.6)
        ax.plot(path, experiments.lecture_function(path), color=PALETTE["blue"], marker="o", ms=5,
                lw=1)  # fmt: skip
        ax.plot(path[0], experiments.lecture_function(path[0]), color=PALETTE["orange"],
                marker="s", ms=9, ls="none")  # fmt: skip
        ends = [min(-math.pi, path.min().item() - 0.2), max(math.pi, path.max().item() + 0.2)]
        ax.set(title=title, xlabel="x", xlim=ends, ylim=(-1.1, 1.1))
    np.atleast_1d(axes)[0].set_ylabel("f(x)")
    return fig


@styled
def valley(paths: Mapping[str, Any], curvatures: tuple[float, float]) -> Figure:
    """Paths on a quadratic with two unequal curvatures, one panel a path; equal axes.

    Args:
        paths: by the panel's title, ``[steps + 1, 2]``.
        curvatures: along both axes.
    """
    fig, axes = canvas(len(paths), 1, width=7.2, height=2.1 * len(paths), sharex=True)
    x, y = np.meshgrid(np.linspace(-10.5, 2.5, 200), np.linspace(-2.2, 2.2, 100))
    f = (curvatures[0] * x**2 + curvatures[1] * y**2) / 2
    for ax, (title, path) in zip(np.atleast_1d(axes), paths.items(), strict=True):
        ax.contour(x, y, f, levels=[0.02, 0.15, 0.5, 1.2, 2.2], colors=FUNCTION, linewidths=0.9)
        ax.plot(*_array(path).T, color=PALETTE["blue"], marker="o", ms=4, lw=1.2)
        ax.plot(*_array(path)[0], color=PALETTE["orange"], marker="s", ms=8, ls="none")
        ax.plot(0, 0, color=PALETTE["vermillion"], marker="*", ms=11, ls="none")
        ax.set(title=title, aspect="equal", ylabel="second parameter")
    np.atleast_1d(axes)[-1].set_xlabel("first parameter")
    return fig


@styled
def saddle(paths: Mapping[str, Any]) -> Figure:
    """Level lines of (x² − y²)/2 + y⁴/4 with paths, and their distance from the saddle at 0.

    Args:
        paths: by a name, ``[steps + 1, 2]``.
    """
    fig, (left, right) = canvas(1, 2, width=7.6, height=3.5)
    x, y = np.meshgrid(np.linspace(-1.4, 1.4, 150), np.linspace(-1.4, 1.4, 150))
    left.contour(x, y, (x**2 - y**2) / 2 + y**4 / 4, levels=12, colors=FUNCTION, linewidths=0.8)
    lines = {}
    for color, (name, path) in zip(("orange", "blue", "green"), paths.items(), strict=False):
        values = _array(path)
        left.plot(*values.T, color=PALETTE[color], marker="o", ms=3, lw=1)
        (lines[name],) = right.plot(np.hypot(*values.T), color=PALETTE[color])
    left.set(aspect="equal", xlabel="x", ylabel="y")
    right.set(xlabel="steps", ylabel="distance from the saddle", ylim=(0, 1.1))
    right.set_xlim(0, len(values) * 1.35)
    label_ends(right, lines)
    return fig


@styled
def plateaus(courses: Mapping[str, Any], *, chance: float = math.log(10)) -> Figure:
    """Training loss against the steps, one line a start."""
    fig, ax = canvas(height=3.4)
    lines = {}
    for color, (name, losses) in zip(
        ("sky", "blue", "green", "orange", "vermillion"), courses.items(), strict=False
    ):
        (lines[name],) = ax.plot(_array(losses), color=PALETTE[color])
    ax.axhline(chance, color=TEXT, ls=":", lw=1.4)
    # Room below the lines' ends for their names.
    ax.set(xlabel="steps", ylabel="training loss", ylim=(-0.6, 2.6), xlim=(0, len(losses) * 1.2))
    ax.set_yticks([0, 1, 2])
    label_ends(ax, lines)
    return fig


@styled
def quadratic_course(distances: Mapping[str, Any]) -> Figure:
    """Distance to the minimum against the steps, one line a rate; logarithmic.

    Args:
        distances: by the rate's name, ``[steps + 1]``.
    """
    fig, ax = canvas(height=3.5)
    colors = ("sky", "blue", "green", "orange", "vermillion")
    lines = {}
    for color, (name, values) in zip(colors, distances.items(), strict=False):
        y = _array(values)
        (lines[name],) = ax.semilogy(np.arange(len(y)), y, color=PALETTE[color])
    ax.set(xlabel="steps", ylabel="distance to the minimum", ylim=(1e-7, 1e3),
           xlim=(0, len(y) * 1.2))  # fmt: skip
    label_ends(ax, lines)
    return fig


@styled
def rate_sweep(rates: Sequence[float], losses: Any, *, chance: float = math.log(10)) -> Figure:
    """Training loss after a few epochs against the learning rate; band over the seeds."""
    fig, ax = canvas(height=3.5)
    values = np.minimum(np.nan_to_num(_array(losses), nan=np.inf), 20.0)
    _band(ax, rates, values, TRAIN, marker="o", ms=6)
    ax.axhline(chance, color=TEXT, ls=":", lw=1.4)
    ax.annotate("all classes equally likely", (rates[0], chance), xytext=(0, 5),
                textcoords="offset points")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylim=(5e-3, 20),
           ylabel="training loss after 5 epochs")  # fmt: skip
    return fig


@styled
def noise_against_batch_size(
    sizes: Sequence[int], noise: Mapping[str, Any], *, count: int
) -> Figure:
    """Squared error of minibatch gradients over σ² against B; lines are theory, marks measured.

    Args:
        sizes: batch sizes.
        noise: ``"with"`` and ``"without"`` replacement, each ``[len(sizes), S]``.
        count: samples N of the whole set.
    """
    fig, ax = canvas(height=3.7)
    b = np.geomspace(1, count - 1, 200)
    theory = {"with": 1 / b, "without": (count - b) / (count - 1) / b}
    for name, values in noise.items():
        color, marker = DRAWS[name]
        v = _array(values)
        middle = np.median(v, 1)
        spread = np.stack([middle - v.min(1), v.max(1) - middle])
        ax.loglog(b, theory[name], color=color, lw=1.4, ls="-" if name == "with" else "--")
        ax.errorbar(sizes, middle, yerr=spread, color=color, marker=marker, ms=7, ls="none",
                    label=f"{name} replacement")  # fmt: skip
    ax.set(xlabel="batch size B", ylabel="squared error / σ²", ylim=(1e-4, 2))
    ax.legend(loc="lower left")
    return fig


@styled
def cost_against_batch_size(seconds: Mapping[int, float]) -> Figure:
    """CPU time of a gradient against the batch size, over that of one sample."""
    fig, ax = canvas(height=3.3)
    sizes, times = _array(list(seconds)), _array(list(seconds.values()))
    ax.loglog(sizes, sizes, color=TEXT, ls=":", lw=1.4)
    ax.annotate("proportional to B", (sizes[-2], sizes[-2]), xytext=(-8, 4), ha="right",
                textcoords="offset points")  # fmt: skip
    ax.loglog(sizes, times / times[0], color=PALETTE["green"], marker="v", ms=7)
    ax.set(xlabel="batch size B", ylabel="time of a gradient\n/ time for B = 1")
    return fig


@styled
def robbins_monro(measured: Mapping[str, Any], *, start: float = 4.0) -> Figure:
    """Mean squared distance to the minimum against the steps; lines are theory, marks measured.

    Args:
        measured: by the schedule's name, squared distances ``[steps + 1, S]``.
        start: where the runs start.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for name, values in measured.items():
        v = _array(values)
        bias, variance = experiments.mean_square_error(
            experiments.SCHEDULES[name], start, len(v) - 1
        )
        theory = _array(bias) ** 2 + _array(variance)
        color, marker = SCHEDULES[name]
        shown = np.unique(np.geomspace(1, len(v) - 1, 120).astype(int))
        (lines[name],) = ax.loglog(shown, theory[shown], color=color)
        marks = np.unique(np.geomspace(1, len(v) - 1, 9).astype(int))
        middle = np.median(v[marks], 1)
        spread = np.stack([middle - v[marks].min(1), v[marks].max(1) - middle])
        ax.errorbar(marks, middle, yerr=spread, color=color, marker=marker, ms=6, ls="none")
    ax.set(xlabel="steps", ylabel="mean squared distance", ylim=(5e-5, 40))
    ax.set_xlim(0.8, len(v) * 4)
    label_ends(ax, lines)
    return fig


@styled
def barriers(found: Mapping[str, Any]) -> Figure:
    """Training loss on the straight line from one solution to two others; bands over seeds."""
    fig, ax = canvas(height=3.5)
    share = found["share"]
    _band(ax, share, found["other start"], PALETTE["blue"], label="to the other start's")
    _band(ax, share, found["permuted"], PALETTE["orange"], ls="--", label="to its permuted copy")
    ax.set(yscale="log", xlabel="share of the way from one solution to another",
           ylabel="training loss", xlim=(0, 1))  # fmt: skip
    ax.legend(loc="lower center")
    return fig


@styled
def sharpness(courses: Mapping[float, Mapping[str, Any]]) -> Figure:
    """Curvature along gradient descent, one colour a rate, with the level 2/η of each.

    Args:
        courses: by the rate, what ``sharpness_course`` gives.
    """
    fig, (left, right) = canvas(1, 2, width=7.8, height=3.6)
    colors = ("blue", "orange", "green")
    for color, (lr, course) in zip(colors, courses.items(), strict=False):
        _band(left, course["steps"], course["curvature"], PALETTE[color], label=f"rate {lr:g}")
        left.axhline(2 / lr, color=PALETTE[color], ls=":", lw=1.6)
        _band(right, course["steps"], course["loss"], PALETTE[color], label=f"rate {lr:g}")
    left.set(yscale="log", xlabel="steps", ylabel="curvature K", ylim=(4, 80))
    left.set_yticks([5, 10, 20, 40, 80], ["5", "10", "20", "40", "80"])
    left.minorticks_off()
    right.set(yscale="log", xlabel="steps", ylabel="training loss")
    right.legend()
    return fig


@styled
def race(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Test accuracy of each seed under several budgets, a row each, median marked.

    Args:
        found: by the row's name, what ``batch_size_race`` gives.
    """
    fig, ax = canvas(height=0.55 * len(found) + 1.0)
    for row, result in enumerate(found.values()):
        values = _array(result["test"])
        ax.plot(values, np.full(len(values), -row), "o", color=PALETTE["blue"], alpha=0.5, ms=7)
        ax.plot([np.median(values)], [-row], "|", color=PALETTE["vermillion"], ms=22, mew=3)
    ax.set_yticks([-row for row in range(len(found))], list(found))
    ax.set(xlabel="test accuracy", ylim=(-len(found) + 0.5, 0.5))
    return fig
