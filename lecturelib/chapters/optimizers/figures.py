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
    panels: Sequence[Sequence[str]],
) -> Figure:
    """Paths on the bowl ½Σλθ² with its contour lines, one scale for both axes, a row a panel.

    Args:
        curvature: the two curvatures.
        found: path ``[steps + 1, 2]`` by the name of its method.
        panels: which methods stand in which panel.
    """
    places = np.concatenate([np.asarray(found[name]) for names in panels for name in names])
    start = np.asarray(found[panels[0][0]])[0]
    right, up = max(2.0, 1.1 * places[:, 0].max()), 1.15 * np.abs(places[:, 1]).max()
    x, y = np.linspace(1.1 * start[0], right, 161), np.linspace(-up, up, 161)
    height = 0.5 + len(panels) * (0.3 + 6.0 * 2 * up / (x[-1] - x[0]))
    options = {"sharex": True, "squeeze": False}
    fig, axes = canvas(len(panels), 1, width=6.8, height=height, **options)
    loss = (curvature[0] * x[None] ** 2 + curvature[1] * y[:, None] ** 2) / 2
    for ax, names in zip(axes[:, 0], panels, strict=True):
        levels = loss.max() * np.linspace(0.05, 1, 9) ** 2
        ax.contour(x, y, loss, levels=levels, colors=TEXT, linewidths=0.6, alpha=0.6)
        for name in names:
            place, look = np.asarray(found[name]), METHODS[name]
            ax.plot(place[:, 0], place[:, 1], color=look.color, ls=look.linestyle, lw=1.2)
            ax.plot(place[:, 0], place[:, 1], ".", color=look.color, ms=5, label=name)
        ax.plot(*start, "o", color=TEXT, ms=6)
        ax.plot(0, 0, "*", color=PALETTE["orange"], ms=13)
        ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), aspect="equal", ylabel="θ₂")
        ax.set_title(", ".join(names), loc="left", fontsize=11)
        if len(names) > 1:
            ax.legend(loc="lower right", fontsize=10, markerscale=2, ncols=len(names))
    axes[-1, 0].set_xlabel("θ₁")
    return fig


def _arrow(ax: Axes, tail: Any, tip: Any, color: str, label: str, shift: Any) -> None:
    ax.annotate("", tip, tail, arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2})
    x, y = (np.asarray(tail) + np.asarray(tip)) / 2 + np.asarray(shift)
    ax.text(x, y, label, color=color, ha="center", va="center", fontsize=12)


@styled
def look_ahead(
    curvature: Sequence[float], theta: Any, velocity: Any, *, lr: float, alpha: float
) -> Figure:
    """One step of momentum and one of Nesterov's, as vectors on the bowl ½Σλθ².

    Args:
        curvature: the two curvatures.
        theta: where the parameters are.
        velocity: the velocity before the step.
        lr: learning rate.
        alpha: momentum.
    """
    lam, theta, velocity = (np.asarray(v, dtype=float) for v in (curvature, theta, velocity))
    ahead = theta - lr * alpha * velocity
    fig, axes = canvas(1, 2, width=7.4, height=3.3, sharex=True, sharey=True)
    x, y = np.linspace(-5.6, -1.4, 120), np.linspace(-1.9, 1.4, 120)
    loss = (lam[0] * x[None] ** 2 + lam[1] * y[:, None] ** 2) / 2
    old, fresh, sum_ = METHODS["momentum"].color, PALETTE["vermillion"], PALETTE["green"]
    for ax, place, title in zip(axes, (theta, ahead), ("momentum", "Nesterov"), strict=True):
        end = ahead - lr * lam * place
        ax.contour(x, y, loss, levels=8, colors=TEXT, linewidths=0.5, alpha=0.6)
        _arrow(ax, theta, ahead, old, "−ηαv", (-0.35, -0.2))
        _arrow(ax, ahead, end, fresh, "−ηg", (0.35, 0.15) if end[1] < ahead[1] else (0.4, -0.1))
        _arrow(ax, theta, end, sum_, "step", (0.25, 0.3))
        ax.plot(*theta, "o", color=TEXT, ms=7)
        ax.plot(*place, "o", color=fresh, ms=11, mfc="none", mew=2)
        ax.set(xlabel="θ₁", aspect="equal")
        ax.set_title(title, loc="left")
    axes[0].set_ylabel("θ₂")
    return fig


@styled
def plane(*, steps: int = 181) -> Figure:
    """The factor a step along one direction over ηλ and momentum, with the window's two borders.

    Args:
        steps: points along each axis.
    """
    fig, ax = canvas(width=6.0, height=4.2)
    h, alpha = np.linspace(0.004, 4, 2 * steps), np.linspace(0, 0.995, steps)
    trace = 1 + alpha[:, None] - h[None]
    inside = trace**2 - 4 * alpha[:, None]
    real = (np.abs(trace) + np.sqrt(np.maximum(inside, 0))) / 2
    factor = np.where(inside < 0, np.sqrt(alpha)[:, None], real)
    levels = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0]
    shown = ax.contourf(h, alpha, factor, levels=levels, cmap="cividis")
    ax.contour(h, alpha, factor, levels=[1.0], colors=PALETTE["vermillion"], linewidths=2)
    for sign in (-1, 1):
        ax.plot((1 + sign * np.sqrt(alpha)) ** 2, alpha, "--", color="white", lw=1.6)
    ax.text(3.3, 0.2, "diverges", color=PALETTE["vermillion"])
    ax.set(xlabel="ηλ", ylabel="momentum α", xlim=(0, 4), ylim=(0, 0.995))
    bar = fig.colorbar(shown, ax=ax)
    bar.set_label("factor of the error in a step")
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
    fig, ax = canvas(width=7.2, height=3.8)
    lines = {}
    colors = (METHODS["Adam"].color, PALETTE["grey"], PALETTE["sky"])
    for (name, losses), color in zip(found.items(), colors, strict=False):
        values = np.asarray(losses)
        steps = np.arange(1, len(values) + 1)
        ax.fill_between(steps, values.min(1), values.max(1), color=color, alpha=0.25, lw=0)
        (lines[name],) = ax.plot(steps, np.median(values, 1), color=color)
    ax.set(yscale="log", xlabel="step", ylabel="training loss of the minibatch")
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
def ends(grid: Mapping[str, Mapping[str, Any]], rates: Sequence[float]) -> Figure:
    """Loss at the end against the learning rate, a panel for each kind of data, a line a schedule.

    Args:
        grid: ``[rates, S]`` by data, then by schedule.
        rates: learning rates at the top of the schedule.
    """
    fig, axes = canvas(1, len(grid), width=7.4, height=3.6, squeeze=False)
    for ax, (title, found) in zip(axes[0], grid.items(), strict=True):
        for (name, values), color in zip(found.items(), SHADES[1:], strict=False):
            v = np.asarray(values, dtype=float)
            ax.fill_between(rates, v.min(1), v.max(1), color=color, alpha=0.25, lw=0)
            ax.plot(rates, np.median(v, 1), "o-", color=color, ms=4, label=name)
        ax.set(xscale="log", yscale="log", xlabel="largest learning rate")
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.minorticks_off()
        ax.set_title(title, loc="left")
    axes[0, 0].set_ylabel("training loss at the end")
    axes[0, -1].legend(fontsize=10)
    return fig


@styled
def turned(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Steps in valleys along the axes (filled) and in the same valleys turned (open), by solver.

    Args:
        found: result of ``experiments.turned_valleys``.
    """
    fig, ax = canvas(height=3.8)
    for row, (name, steps) in enumerate(found.items()):
        color = METHODS[name].color
        for place, shift, face in (("along", -0.14, color), ("turned", 0.14, "none")):
            v = np.asarray(steps[place])
            ax.plot(v, [row + shift] * len(v), "o", color=color, mfc=face, ms=5, alpha=0.6)
            ax.plot(np.median(v), row + shift, "|", color=color, ms=14, mew=2.5)
    ax.set_yticks(range(len(found)), list(found))
    ax.invert_yaxis()
    ax.set(xscale="log", xlabel="steps (filled: along the axes; open: turned)")
    ax.grid(axis="x")
    return fig


@styled
def losses(found: Mapping[str, Any]) -> Figure:
    """Training loss against the step by solver, median and range over seeds.

    Args:
        found: losses ``[steps, S]`` by solver.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for name, values in found.items():
        steps = range(1, len(values) + 1)
        lines[name] = curve(ax, steps, values, name, marker="")
    ax.set(yscale="log", xlabel="step", ylabel="training loss of the minibatch")
    label_ends(ax, lines)
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
        values = np.maximum(np.asarray(gaps), 0.03)  # 0 has no place on a logarithmic axis
        lines[name] = curve(ax, multiples, values, name)
    ax.axhline(1, color=TEXT, lw=0.8)
    ax.set(xscale="log", yscale="log", ylim=(0.025, 40))
    ax.set_xlabel("strength of the decay, ω′ / ω (the lowest point is 0)")
    ax.set_ylabel("distance / effect of the penalty")
    label_ends(ax, lines)
    return fig
