"""Figures of the chapter ``gradient_descent`` that a reader can move.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.gradient_descent import experiments
from lecturelib.chapters.gradient_descent.figures import FUNCTION
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled
from lecturelib.gradient_descent import Descent, descent_lemma, gradient_descent

K = 17.0  # Lipschitz constant of the slope of sin(x) cos(4x)
F64 = torch.float64


def one_step(c: float, start: float) -> Descent:
    """One step on the slide's function with rate c / 17, and the bound of the descent lemma.

    >>> step = one_step(1.0, -1.2)
    >>> step.after <= step.bound < step.before
    True
    """
    theta = torch.tensor(start, dtype=F64)
    return descent_lemma(experiments.lecture_function, theta, lr=c / K, K=K)


@styled
def step_size(c: float = 1.0, start: float = -1.2) -> Figure:
    """Function, parabola above it, and the steps of gradient descent.

    Args:
        c: rate times K.
        start: where the first step begins.
    """
    fig, ax = canvas(height=3.6)
    x = torch.linspace(-math.pi, math.pi, 241, dtype=F64)
    theta = torch.tensor(start, dtype=F64)
    value, slope = experiments.lecture_function(theta), experiments.lecture_slope(theta)
    parabola = value + slope * (x - theta) + K / 2 * (x - theta) ** 2
    shown = (parabola < 2.2).numpy()
    ax.plot(x, experiments.lecture_function(x), color=FUNCTION, lw=1.8)
    ax.plot(x[shown], parabola[shown], color=PALETTE["orange"], lw=1.4, ls="--")
    path = gradient_descent(lambda t, _: experiments.lecture_slope(t), theta, lr=c / K, steps=25)
    seen = path.clamp(-4, 4)
    ax.plot(seen, experiments.lecture_function(path), color=PALETTE["blue"], lw=0.8, marker="o",
            ms=4)  # fmt: skip
    ax.plot(theta, value, marker="s", ms=9, color=PALETTE["vermillion"], ls="none")
    ax.set(xlim=(-math.pi, math.pi), ylim=(-1.2, 1.6), xlabel="x", ylabel="f(x)")
    return fig


def describe_step_size(c: float, start: float) -> str:
    """The sentence under :func:`step_size`."""
    step = one_step(c, start)
    change, promised = step.after - step.before, step.bound - step.before
    said = f"at most {promised:+.3f}" if c < 2 else "nothing below 0"
    return (
        f"Rate {c:g}/17 = {c / K:.3f}: the first step changes f by {change:+.3f}; the lemma "
        f"promises {said}."
    ).replace("-", "−")


def _cloud(batch_size: int, replacement: bool) -> np.ndarray:
    """200 minibatch gradients of a least-squares problem with 64 samples and two weights."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 2)) * [1.0, 0.6]
    y = x @ [1.0, -1.0] + 0.5 * rng.normal(size=64)
    gradients = x * (x @ [0.2, 0.3] - y)[:, None]
    if replacement:
        chosen = rng.integers(64, size=(200, batch_size))
    else:
        chosen = rng.permuted(np.tile(np.arange(64), (200, 1)), axis=1)[:, :batch_size]
    clouds: np.ndarray = gradients[chosen].mean(1)
    return np.vstack([gradients.mean(0), clouds])


@styled
def minibatch_cloud(batch_size: int = 8, replacement: bool = False) -> Figure:
    """Minibatch gradients of one and the same point, and the gradient of all samples.

    Args:
        batch_size: samples in a minibatch, of 64.
        replacement: whether a sample may come twice.
    """
    fig, ax = canvas(width=5.2, height=4.0)
    points = _cloud(batch_size, replacement)
    ax.axhline(0, color=TEXT, lw=0.6)
    ax.axvline(0, color=TEXT, lw=0.6)
    shown = np.clip(points, [-3.4, -1.7], [1.9, 2.2])
    ax.plot(*shown[1:].T, "o", color=PALETTE["blue"], alpha=0.35, ms=5, mew=0)
    ax.plot([0, points[0, 0]], [0, points[0, 1]], color=PALETTE["vermillion"], lw=3)
    ax.plot(*points[0], "D", color=PALETTE["vermillion"], ms=8)
    ax.set(xlim=(-3.5, 2), ylim=(-1.8, 2.3), xlabel="gradient of the first weight",
           ylabel="gradient of the second")  # fmt: skip
    return fig


def describe_cloud(batch_size: int, replacement: bool) -> str:
    """The sentence under :func:`minibatch_cloud`."""
    points = _cloud(batch_size, replacement)
    full, cloud = points[0], points[1:]
    away = (cloud @ full < 0).mean()
    factor = 1.0 if replacement else (64 - batch_size) / 63
    kind = "with" if replacement else "without"
    return (
        f"Minibatches of {batch_size} {kind} replacement: variance {factor / batch_size:.3f} of "
        f"that of one sample; {away:.0%} of them point away from the full gradient."
    )


def _decay(power: float, scale: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Bias and standard deviation after each step with rate ``scale / (t + 2)^power``."""
    bias, variance = experiments.mean_square_error(lambda t: scale / (t + 2) ** power, 4.0, steps)
    return np.asarray(bias), np.sqrt(variance)


@styled
def schedule(power: float = 1.0, scale: float = 1.0) -> Figure:
    """SGD on θ²/2 from 4: the mean path, two standard deviations round it, and one run.

    Args:
        power: p in the rate ``scale / (t + 2)^p``.
        scale: the rate's numerator.
    """
    fig, ax = canvas(height=3.5)
    steps = 1000
    bias, deviation = _decay(power, scale, steps)
    t = np.arange(steps + 1)
    shown = np.unique(np.geomspace(1, steps + 1, 110).astype(int)) - 1
    noise = np.random.default_rng(1).normal(size=steps)
    theta = [4.0]
    for i in range(steps):
        theta.append(theta[-1] - scale / (i + 2) ** power * (theta[-1] + noise[i]))
    band = [np.clip(bias + s * deviation, -3.2, 5.2) for s in (-2, 2)]
    ax.fill_between(t[shown] + 1, band[0][shown], band[1][shown], color=PALETTE["sky"], alpha=0.35,
                    lw=0)  # fmt: skip
    ax.plot(t[shown] + 1, np.clip(theta, -3.2, 5.2)[shown], color=PALETTE["blue"], lw=1.0)
    ax.axhline(0, color=PALETTE["vermillion"], ls="--", lw=1.4)
    ax.set(xscale="log", xlim=(1, steps + 1), ylim=(-3, 5), xlabel="step", ylabel="θ")
    return fig


def describe_schedule(power: float, scale: float) -> str:
    """The sentence under :func:`schedule`."""
    bias, deviation = _decay(power, scale, 1000)
    first = "∞" if power <= 1 else "finite"
    second = "∞" if power <= 0.5 else "finite"
    return (
        f"Rate {scale:g}/(t + 2)^{power:g}: Σ η is {first}, Σ η² is {second}. After 1,000 steps "
        f"the mean is {bias[-1]:.3f} and the standard deviation {deviation[-1]:.3f}."
    )
