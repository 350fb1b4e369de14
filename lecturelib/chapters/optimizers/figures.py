"""Figures of the chapter ``optimizers``: one function a figure, each returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lecturelib.chapters.optimizers.experiments import DEFAULTS, tuned_quadratic
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, curve, label_ends, styled

SHADES = (
    PALETTE["sky"],
    PALETTE["blue"],
    PALETTE["green"],
    PALETTE["orange"],
    PALETTE["vermillion"],
)


def _look(name: str) -> dict[str, Any]:
    look = METHODS[name]
    return {"color": look.color, "linestyle": look.linestyle}


@styled
def paths(
    curvature: Sequence[float],
    found: Mapping[str, Any],
    *,
    groups: Sequence[Sequence[str]],
    titles: Sequence[str],
) -> Figure:
    """Paths of optimizers on the bowl ½Σλθ² with its contour lines, a panel for each group.

    Args:
        curvature: the two curvatures.
        found: path ``[steps + 1, 2]`` by the name of its method.
        groups: which methods stand in which panel.
        titles: one a panel.
    """
    fig, axes = canvas(1, len(groups), width=7.6, height=3.5, sharex=True, sharey=True)
    start = np.asarray(found[groups[0][0]])[0]
    reach = 1.15 * np.abs(start)
    x, y = (np.linspace(-r, r, 161) for r in reach)
    loss = (curvature[0] * x[None] ** 2 + curvature[1] * y[:, None] ** 2) / 2
    for ax, names, title in zip(np.atleast_1d(axes), groups, titles, strict=True):
        levels = loss.max() * np.linspace(0.05, 1, 9) ** 2
        ax.contour(x, y, loss, levels=levels, colors=TEXT, linewidths=0.6, alpha=0.6)
        for name in names:
            place = np.asarray(found[name])
            look = METHODS[name]
            ax.plot(place[:, 0], place[:, 1], color=look.color, ls=look.linestyle, lw=1.4)
            ax.plot(place[:, 0], place[:, 1], ".", color=look.color, ms=5, label=name)
        ax.plot(*start, "o", color=TEXT, ms=7)
        ax.plot(0, 0, "*", color=PALETTE["orange"], ms=13)
        ax.set(xlabel="first parameter", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        ax.set_title(title, loc="left")
        ax.legend(loc="lower right", fontsize=10, markerscale=2)
    np.atleast_1d(axes)[0].set_ylabel("second parameter")
    return fig


@styled
def condition(
    kappas: Sequence[float], found: Mapping[str, Any], *, target: float = 1e-10
) -> Figure:
    """Steps to a loss of ``target`` against the condition number, with what the rates promise.

    Args:
        kappas: condition numbers.
        found: steps ``[kappas, S]`` by method.
        target: share of the first loss; the thin lines are ln(target) / (2 ln ρ).
    """
    fig, ax = canvas(height=3.9)
    fine = np.geomspace(min(kappas), max(kappas), 60)
    lines = {}
    for name, steps in found.items():
        label = {"SGD": "gradient descent", "momentum": "heavy ball"}.get(name, name)
        lines[label] = curve(ax, kappas, steps, name, linestyle="none")
        promised = [math.log(target) / (2 * math.log(tuned_quadratic(name, k)[2])) for k in fine]
        ax.plot(fine, promised, color=METHODS[name].color, lw=1)
    ax.set(xscale="log", yscale="log", xlabel="condition number κ", ylabel="steps")
    label_ends(ax, lines)
    return fig


@styled
def step_sizes(found: Mapping[str, Any], *, guide: bool = True) -> Figure:
    """Size of each step under a constant gradient, over the learning rate, logarithmic.

    Args:
        found: sizes ``[steps]`` by method.
        guide: whether to draw 1/√t as a dotted line.
    """
    fig, ax = canvas(height=3.9)
    lines = {}
    for name, sizes in found.items():
        values = np.asarray(sizes)
        (lines[name],) = ax.plot(range(1, len(values) + 1), values, **_look(name))
    if guide:
        t = np.arange(1, len(values) + 1)
        ax.plot(t, 0.6 / np.sqrt(t), ":", color=TEXT, lw=1.2)
    ax.set(xscale="log", yscale="log", xlabel="step", ylabel="step size / learning rate")
    label_ends(ax, lines)
    return fig


@styled
def correction(found: Mapping[str, Any]) -> Figure:
    """Training loss of Adam with and without bias correction, median and range over seeds.

    Args:
        found: result of ``experiments.uncorrected_runs``.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    colors = {"Adam": PALETTE["vermillion"], "uncorrected": PALETTE["grey"]}
    for name, losses in found.items():
        values = np.asarray(losses)
        steps = np.arange(1, len(values) + 1)
        ax.fill_between(steps, values.min(1), values.max(1), color=colors[name], alpha=0.25, lw=0)
        (lines[name],) = ax.plot(steps, np.median(values, 1), color=colors[name])
    ax.set(yscale="log", xlabel="step", ylabel="training loss of the batch")
    label_ends(ax, lines)
    return fig


@styled
def noise(found: Mapping[str, Any], floors: Mapping[str, float]) -> Figure:
    """Mean square distance to the minimum under noisy gradients, with the predicted floors.

    Args:
        found: ``[steps + 1, S]`` by label.
        floors: where theory says a run ends, by the same labels; labels may be missing.
    """
    fig, ax = canvas(height=4.0)
    lines = {}
    for (label, values), color in zip(found.items(), SHADES, strict=False):
        v = np.asarray(values)
        steps = np.arange(len(v))
        ax.fill_between(steps, v.min(1), v.max(1), color=color, alpha=0.25, lw=0)
        (lines[label],) = ax.plot(steps, np.median(v, 1), color=color, lw=1.4)
        if label in floors:
            ax.plot([0, len(v) - 1], [floors[label]] * 2, ":", color=color, lw=1.6)
    ax.set(yscale="log", xlabel="step", ylabel="mean square distance")
    label_ends(ax, lines)
    return fig


def _dots(ax: Axes, row: int, values: Any, color: str, *, filled: bool = True) -> None:
    v = 100 * np.asarray(values, dtype=float)
    face = color if filled else "none"
    ax.plot(v, [row] * len(v), "o", color=color, mfc=face, ms=5, alpha=0.5)
    ax.plot(np.median(v), row, "|", color=color, ms=18, mew=2.5)


@styled
def rates(grid: Mapping[str, Any], lrs: Sequence[float]) -> Figure:
    """Test accuracy against the learning rate by solver, median and range; rings mark defaults.

    Args:
        grid: result of ``experiments.solver_grid``.
        lrs: its learning rates.
    """
    fig, axes = canvas(2, 4, width=8.2, height=4.8, sharex=True, sharey=True)
    for ax, (name, found) in zip(axes.flat, grid.items(), strict=False):
        values = 100 * np.asarray(found["test"])
        curve(ax, lrs, values, name, marker=".", label=None)
        row = list(lrs).index(DEFAULTS[name])
        ring = {"ms": 11, "mfc": "none", "mew": 1.8, "color": TEXT}
        ax.plot(lrs[row], np.median(values[row]), "o", **ring)
        ax.set(xscale="log", ylim=(0, 102))
        ax.set_title(name, loc="left")
        ax.set_xticks([1e-4, 1e-2, 1])
        ax.grid(axis="y")
    axes.flat[-1].set_visible(False)
    for ax in axes[1]:
        ax.set_xlabel("learning rate")
    axes[0, 3].set_xlabel("learning rate")
    axes[0, 3].tick_params(labelbottom=True)
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy (%)")
    return fig


@styled
def choice(tuned: Mapping[str, Any], best_default: Any) -> Figure:
    """Test accuracy of each solver with its rate tuned, and of the best default: a dot a seed.

    Args:
        tuned: accuracies ``[S]`` by solver.
        best_default: ``[S]``.
    """
    fig, ax = canvas(height=3.6)
    _dots(ax, 0, best_default, TEXT)
    for row, (name, values) in enumerate(tuned.items(), start=1):
        _dots(ax, row, values, METHODS[name].color)
    ax.set_yticks(range(len(tuned) + 1), ["best of 7 defaults", *(f"{n}, tuned" for n in tuned)])
    ax.set(xlabel="test accuracy (%)")
    ax.grid(axis="x")
    return fig


@styled
def schedules(plans: Mapping[str, Callable[[int], float]], total: int) -> Figure:
    """Factors of the learning rate over a run, a small panel each.

    Args:
        plans: functions of the step by name.
        total: number of steps.
    """
    columns = (len(plans) + 1) // 2
    options = {"sharex": True, "sharey": True, "squeeze": False}
    fig, axes = canvas(2, columns, width=7.6, height=3.8, **options)
    for ax, (name, plan), color in zip(axes.flat, plans.items(), SHADES * 2, strict=False):
        ax.plot(range(total), [plan(step) for step in range(total)], color=color)
        ax.set(ylim=(-0.05, 1.1), xlabel="step")
        ax.set_title(name, loc="left")
    for ax in axes.flat[len(plans) :]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set_ylabel("factor")
    return fig


@styled
def schedule_effect(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Training loss at the end under each schedule, a dot a seed, sorted by the median.

    Args:
        found: result of ``experiments.scheduled``.
    """
    fig, ax = canvas(height=3.6)
    order = sorted(found, key=lambda name: -float(np.median(np.asarray(found[name]["loss"]))))
    for row, name in enumerate(order):
        v = np.asarray(found[name]["loss"])
        color = TEXT if name == "constant" else PALETTE["blue"]
        ax.plot(v, [row] * len(v), "o", color=color, ms=5, alpha=0.5)
        ax.plot(np.median(v), row, "|", color=color, ms=18, mew=2.5)
    ax.set_yticks(range(len(order)), order)
    ax.set(xscale="log", xlabel="training loss after the last step")
    ax.grid(axis="x")
    return fig


@styled
def decay(found: Mapping[str, Any], multiples: Sequence[float]) -> Figure:
    """Distance of weight decay to the L2 penalty against the strength of the decay.

    Args:
        found: result of ``experiments.decay_distances``.
        multiples: λ'/λ of its rows.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for name, gaps in found.items():
        values = np.maximum(np.asarray(gaps), 1e-16)  # 0 has no place on a logarithmic axis
        lines[name] = curve(ax, multiples, values, name)
    ax.axhline(1, color=TEXT, lw=0.8)
    ax.set(xscale="log", yscale="log", xlabel="strength of the decay, λ′ / λ")
    ax.set_ylabel("distance / effect of the penalty")
    label_ends(ax, lines)
    return fig
