"""Figures of the chapter ``cost_functions``: one function a figure, each returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled

# A model of the output keeps its colour through the chapter; so does the cost it gives.
MODELS = {
    "Gaussian": PALETTE["blue"],
    "Laplace": PALETTE["vermillion"],
    "Bernoulli": PALETTE["green"],
    "Huber": PALETTE["purple"],
}
DATA = PALETTE["grey"]


def _array(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=float)


def gaussian(y: Any, mean: float, scale: float) -> np.ndarray:
    """Density of the normal distribution."""
    return np.exp(-(((_array(y) - mean) / scale) ** 2) / 2) / (scale * math.sqrt(2 * math.pi))


def laplace(y: Any, loc: float, scale: float) -> np.ndarray:
    """Density of the Laplace distribution."""
    return np.exp(-np.abs(_array(y) - loc) / scale) / (2 * scale)


@styled
def conditional_densities(
    x: Any, y: Any, curve_x: Any, mean: Any, scale: Any, *, at: Sequence[float] = (-0.7, 0.0, 0.7)
) -> Figure:
    """Data, and what a network says about them: at each x a whole density of y, not one y.

    Args:
        x: inputs, shape ``(N,)``.
        y: targets, shape ``(N,)``.
        curve_x: inputs at which the model is given, increasing.
        mean: mean of the model there.
        scale: standard deviation of the model there.
        at: where to draw a density.
    """
    fig, ax = canvas(height=4.0)
    ax.plot(_array(x), _array(y), ".", color=DATA, ms=4, alpha=0.6)
    grid, mean, scale = _array(curve_x), _array(mean), _array(scale)
    (line,) = ax.plot(grid, mean, color=MODELS["Gaussian"])
    for place in at:
        i = int(np.abs(grid - place).argmin())
        values = np.linspace(mean[i] - 3.2 * scale[i], mean[i] + 3.2 * scale[i], 121)
        width = 0.09 * gaussian(values, mean[i], scale[i])
        ax.fill_betweenx(values, grid[i], grid[i] + width, color=PALETTE["orange"], alpha=0.55)
        ax.plot([grid[i]] * 2, values[[0, -1]], color=PALETTE["orange"], lw=1)
        ax.plot(grid[i], mean[i], "o", color=MODELS["Gaussian"], ms=6)
    i = int(np.abs(grid - at[len(at) // 2]).argmin())
    ax.annotate("$q(y|x)$", (grid[i], mean[i] - 2.6 * scale[i]), xytext=(10, 0),
                textcoords="offset points", color=PALETTE["orange"], va="center")  # fmt: skip
    ax.set(xlabel="input x", ylabel="target y", xlim=(-1.02, 1.02))
    label_ends(ax, {"mean": line})
    return fig


@styled
def expected_costs() -> Figure:
    """Expected squared and absolute error of one prediction f, when y is exponential, mean 1."""
    fig, ax = canvas(height=3.8)
    f = np.linspace(-0.5, 2.5, 301)
    curves = {
        "Gaussian": (1 + (1 - f) ** 2, 1.0, r"$\mathbb{E}\,(y-f)^2$", "mean"),
        # E|y - f| = f - 1 + 2 exp(-f) for f >= 0, and 1 - f below.
        "Laplace": (
            np.where(f >= 0, f - 1 + 2 * np.exp(-np.maximum(f, 0)), 1 - f),
            math.log(2),
            r"$\mathbb{E}\,|y-f|$",
            "median",
        ),
    }
    lines = {}
    for name, (cost, best, label, statistic) in curves.items():
        (lines[label],) = ax.plot(f, cost, color=MODELS[name])
        low = float(np.interp(best, f, cost))
        ax.plot(best, low, "o", color=MODELS[name], ms=8)
        offset = 9 if name == "Gaussian" else -16
        ax.annotate(f"{statistic} {best:.2f}", (best, low), xytext=(0, offset), ha="center",
                    textcoords="offset points", color=MODELS[name])  # fmt: skip
    density = np.where(f >= 0, np.exp(-np.maximum(f, 0)), 0)
    ax.fill_between(f, density, color=DATA, alpha=0.3, lw=0)
    ax.text(0.12, 0.2, "density of y", color=TEXT)
    ax.set(xlabel="prediction f", ylabel="expected cost; density", ylim=(0, 3.4), xlim=(-0.5, 2.5))
    label_ends(ax, lines)
    return fig


@styled
def costs_and_slopes(*, delta: float = 1.0) -> Figure:
    """Cost of a residual under three models, and its slope: the pull of one sample."""
    fig, (left, right) = canvas(1, 2, width=7.4, height=3.5)
    r = np.linspace(-4, 4, 321)
    huber = np.where(np.abs(r) < delta, r**2 / 2, delta * (np.abs(r) - delta / 2))
    curves = {
        "Gaussian": (r**2 / 2, r),
        "Laplace": (np.abs(r), np.where(r == 0, np.nan, np.sign(r))),
        "Huber": (huber, np.clip(r, -delta, delta)),
    }
    for name, (cost, slope) in curves.items():
        style = "--" if name == "Huber" else "-"
        left.plot(r, cost, style, color=MODELS[name])
        right.plot(r, slope, style, color=MODELS[name], label=name)
    left.set(xlabel="residual $f-y$", ylabel="cost of a sample", ylim=(-0.1, 5))
    right.set(xlabel="residual $f-y$", ylabel="slope of the cost", ylim=(-3, 3))
    right.axhline(0, color=TEXT, lw=0.6)
    right.legend(loc="upper left")
    return fig


def _band(ax: Axes, x: Any, curves: Any, color: str, style: str = "-") -> Any:
    """Median over seeds with the band from smallest to largest; curves are ``[S, grid]``."""
    x, curves = _array(x), _array(curves)
    ax.fill_between(x, curves.min(0), curves.max(0), color=color, alpha=0.3, lw=0)
    (line,) = ax.plot(x, np.median(curves, 0), style, color=color)
    return line


@styled
def mean_and_median(found: Mapping[str, Any], truth: Mapping[str, Any]) -> Figure:
    """What two costs learn from skewed data, with mean and median as they are.

    Args:
        found: result of ``experiments.mean_and_median``.
        truth: curves on ``found["grid"]`` by name, ``"mean"`` and ``"median"``.
    """
    fig, ax = canvas(height=4.2)
    ax.plot(_array(found["x"])[:600], _array(found["y"])[:600], ".", color=DATA, ms=4, alpha=0.45)
    lines = {
        f"{name} model": _band(ax, found["grid"], found[name], MODELS[name])
        for name in ("Gaussian", "Laplace")
    }
    for name, style in (("mean", "--"), ("median", ":")):
        ax.plot(_array(found["grid"]), _array(truth[name]), style, color=TEXT, lw=1.5)
    ax.set(xlabel="input x", ylabel="target y", ylim=(-1.2, 4.2), xlim=(-1.02, 1.02))
    ax.set_title("dashed: mean, dotted: median of y given x", loc="left", fontweight="normal")
    label_ends(ax, lines)
    return fig


@styled
def learnt_probability(found: Mapping[str, Any], truth: Any) -> Figure:
    """What three costs learn from labels 0 and 1, with the probability as it is.

    Args:
        found: result of ``experiments.class_probability``.
        truth: P(y = 1 | x) on ``found["grid"]``.
    """
    fig, ax = canvas(height=3.9)
    x, y = _array(found["x"])[:400], _array(found["y"])[:400]
    jitter = 0.03 * np.sin(1e4 * x)  # labels would hide one another
    ax.plot(x, 1.14 * y - 0.07 + jitter, ".", color=DATA, ms=3, alpha=0.6)
    looks = {
        "absolute": (PALETTE["orange"], "-", "absolute error"),
        "squared": (MODELS["Gaussian"], "-", "squared error"),
        "Bernoulli": (MODELS["Bernoulli"], "--", "Bernoulli NLL"),
    }
    lines = {
        label: _band(ax, found["grid"], found[name], color, style)
        for name, (color, style, label) in looks.items()
    }
    ax.plot(_array(found["grid"]), _array(truth), ":", color=TEXT, lw=1.5)
    ax.set(xlabel="input x", ylabel="prediction", ylim=(-0.14, 1.14), xlim=(-1.02, 1.02))
    label_ends(ax, lines)
    return fig


@styled
def descent_to_closed_form(distances: Mapping[str, Any]) -> Figure:
    """Distance of gradient descent to the closed form, step by step, with the band over seeds.

    Args:
        distances: ``[steps + 1, S]`` by a name for the data.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for (name, distance), color in zip(distances.items(), PALETTE.values(), strict=False):
        values = np.maximum(_array(distance), 1e-17).T
        lines[name] = _band(ax, np.arange(values.shape[1]), values, color)
    ax.axhline(1e-6, color=TEXT, lw=0.8, ls=":")
    ax.set(xlabel="step", ylabel="relative distance to the closed form", yscale="log")
    label_ends(ax, lines)
    return fig


@styled
def heteroscedastic(found: Mapping[str, Any], truth: Any) -> Figure:
    """Data whose noise depends on x, the learnt mean, and two learnt standard deviations about it.

    Args:
        found: result of ``experiments.heteroscedastic``.
        truth: mean and standard deviation on ``found["grid"]``, a pair.
    """
    fig, ax = canvas(height=4.0)
    ax.plot(_array(found["x"])[:1500], _array(found["y"])[:1500], ".", color=DATA, ms=3, alpha=0.5)
    grid = _array(found["grid"])
    mean, scale = _array(found["mean"])[0], _array(found["scale"])[0]
    color = MODELS["Gaussian"]
    ax.fill_between(grid, mean - 2 * scale, mean + 2 * scale, color=color, alpha=0.25, lw=0)
    (line,) = ax.plot(grid, mean, color=color)
    true_mean, true_scale = (_array(t) for t in truth)
    for sign in (-2, 2):
        ax.plot(grid, true_mean + sign * true_scale, ":", color=TEXT, lw=1.5)
    ax.set(xlabel="input x", ylabel="target y", xlim=(-1.02, 1.02))
    label_ends(ax, {"mean": line})
    return fig


@styled
def learnt_scales(found: Mapping[str, Mapping[str, Any]], truth: Any) -> Figure:
    """Learnt standard deviation against x, one line a seed, for training sets of several sizes.

    Args:
        found: results of ``experiments.heteroscedastic`` by a name for the training set.
        truth: the standard deviation of the noise on the grid.
    """
    fig, axes = canvas(1, len(found), width=7.4, height=3.4, sharey=True)
    for ax, (name, result) in zip(np.atleast_1d(axes), found.items(), strict=True):
        grid = _array(result["grid"])
        for scale in _array(result["scale"]):
            ax.plot(grid, scale, color=MODELS["Gaussian"], lw=1, alpha=0.6)
        ax.plot(grid, _array(truth), ":", color=TEXT, lw=2.2)
        ax.set(xlabel="input x", ylim=(0, 1.0))
        ax.set_title(name, loc="left")
    np.atleast_1d(axes)[0].set_ylabel("standard deviation")
    return fig
