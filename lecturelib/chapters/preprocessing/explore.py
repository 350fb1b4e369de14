"""Figures of the chapter ``preprocessing`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.chapters.preprocessing.figures import STAGES
from lecturelib.data.ct_phantom import Phantom, ct_phantom
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled
from lecturelib.interactive.numbers import number
from lecturelib.preprocessing import (
    Center,
    Decorrelate,
    Standardize,
    Transform,
    Whiten,
    quantize,
    window_level,
)

# --- window and level ----------------------------------------------------------------------------


@cache
def slice_of_a_body() -> Phantom:
    """The phantom that the figure shows: 96 × 96 pixels, noise of 3 Hounsfield units."""
    return ct_phantom(96, noise=3.0, seed=4)


@styled
def _picture(level: float, width: float) -> Figure:
    fig, ax = canvas(width=3.3, height=3.3)
    # 32 greys: the eye sees no difference, and the page is lighter.
    shown = quantize(
        window_level(slice_of_a_body().image, level=level, width=width), bits=5, low=0.0, high=1.0
    )
    ax.imshow(shown.numpy(), cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    return fig


@styled
def _ramp(level: float, width: float) -> Figure:
    fig, ax = canvas(width=3.5, height=3.3)
    x = np.array([-1150, max(level - width / 2, -1150), level + width / 2, 1400])
    grey = np.clip((x - level) / width + 0.5, 0, 1)
    ax.plot(x, grey, color=PALETTE["orange"], lw=3)
    tissues = {"air": -1000, "fat": -100, "liver": 60, "bone": 300, "cortex": 1200}
    for i, (name, place) in enumerate(tissues.items()):
        ax.axvline(place, color=PALETTE["grey"], lw=1, ls=":")
        ax.text(place, 1.04 + 0.08 * (i % 2), name, ha="center", va="bottom", fontsize=10)
    ax.set(xlim=(-1150, 1400), ylim=(-0.04, 1.2), xlabel="Hounsfield units", ylabel="brightness")
    ax.set_yticks([0, 0.5, 1], ["black", "grey", "white"])
    return fig


def window_and_level(level: float = 50.0, width: float = 2400.0) -> list[Figure]:
    """A CT-like slice through a window, and the window as a function of the grey value.

    Args:
        level: middle of the window in Hounsfield units.
        width: width of the window.
    """
    return [_picture(level, width), _ramp(level, width)]


def describe_window(level: float, width: float) -> str:
    """The sentence under :func:`window_and_level`."""
    image, liver, lesions = slice_of_a_body()
    shown = window_level(image, level=level, width=width)
    gap = 100 * (shown[liver].mean() - shown[lesions].mean()).item()
    inside = ((image > level - width / 2) & (image < level + width / 2)).double().mean().item()
    return (
        f"Level {level:g}, width {width:g}: lesions differ from the liver by {abs(gap):.0f}% of "
        f"the way from black to white; {inside:.0%} of the pixels are neither black nor white."
    ).replace("Level -", "Level −")


# --- a cloud and its descent ---------------------------------------------------------------------

TRANSFORMS: dict[str, Callable[[], Transform] | None] = {
    "raw": None,
    "centred": Center,
    "standardized": Standardize,
    "decorrelated": Decorrelate,
    "whitened": Whiten,
}


class Descent(NamedTuple):
    """Points, second moment, optimum, path of gradient descent from 0, and steps to 1%."""

    points: Tensor
    M: Tensor
    optimum: Tensor
    path: Tensor
    steps: int

    @property
    def kappa(self) -> float:
        """Condition number of the second moment."""
        values = torch.linalg.eigvalsh(self.M)
        return (values[1] / values[0]).item()


@cache
def descent(stage: str, correlation: float, mean: float) -> Descent:
    """Least squares with two weights and no bias on 90 points, at the best learning rate.

    The points have exactly the standard deviations 1.2 and 0.4, that correlation, and the mean
    ``mean`` · (1, 0.6). Decorrelation and whitening come after standardization.

    >>> round(descent("whitened", 0.8, 2.0).kappa, 6), descent("whitened", 0.8, 2.0).steps
    (1.0, 1)
    """
    g = torch.Generator().manual_seed(2)
    drawn = torch.randn(90, 2, generator=g, dtype=torch.float64, device=g.device)
    white = Whiten().fit_transform(drawn)
    root = torch.tensor([[1.0, 0.0], [correlation, math.sqrt(1 - correlation**2)]])
    units = torch.tensor([1.2, 0.4], dtype=torch.float64)
    raw = white @ root.double().T * units + mean * torch.tensor([1.0, 0.6])
    y = raw @ torch.tensor([0.7, 1.6], dtype=torch.float64)
    make = TRANSFORMS[stage]
    x = make().fit_transform(raw) if make else raw
    if stage in ("decorrelated", "whitened"):
        x = make().fit_transform(Standardize().fit_transform(raw)) if make else x
    if stage != "raw":
        y = y - y.mean()
    M, b = x.T @ x / len(x), x.T @ y / len(x)
    optimum = torch.linalg.solve(M, b)
    values = torch.linalg.eigvalsh(M)
    rate = 2 / (values[0] + values[1])
    path, steps = [torch.zeros(2, dtype=torch.float64)], 0
    start = (optimum @ M @ optimum).item()
    while True:
        error = path[-1] - optimum
        if (error @ M @ error).item() <= 1e-4 * start or steps == 10_000:
            return Descent(x, M, optimum, torch.stack(path), steps)
        path.append(path[-1] - rate * (M @ path[-1] - b))
        steps += 1


def _ellipse(matrix: Tensor) -> np.ndarray:
    """Points v with vᵀ matrix⁻¹ v = 1."""
    angle = torch.linspace(0, 2 * math.pi, 81, dtype=torch.float64)
    circle = torch.stack([angle.cos(), angle.sin()])
    return (torch.linalg.cholesky(matrix) @ circle).numpy()


@styled
def _cloud(stage: str, correlation: float, mean: float) -> Figure:
    fig, ax = canvas(width=3.4, height=3.3)
    found = descent(stage, correlation, mean)
    x = found.points
    ax.axhline(0, color=TEXT, lw=0.6)
    ax.axvline(0, color=TEXT, lw=0.6)
    ax.plot(x[:, 0], x[:, 1], "o", color=STAGES[stage][0], ms=3.5, alpha=0.7)
    centre = x.mean(0).numpy()
    spread = (x - x.mean(0)).T @ (x - x.mean(0)) / len(x)
    ring = 2 * _ellipse(spread) + centre[:, None]
    ax.plot(*ring, color=PALETTE["orange"], lw=2)
    ax.set(xlim=(-4, 7), ylim=(-4, 7), aspect="equal", xlabel="input $x_1$", ylabel="input $x_2$")
    return fig


@styled
def _path(stage: str, correlation: float, mean: float) -> Figure:
    fig, ax = canvas(width=3.4, height=3.3)
    found = descent(stage, correlation, mean)
    w = found.optimum.numpy()
    # The cost is the same at the start, whatever the stage: rings at shares of it.
    start = found.optimum @ found.M @ found.optimum
    shape = _ellipse(torch.linalg.inv(found.M) * start)
    for share in (0.25, 0.5, 1.0):
        ax.plot(*(share * shape + w[:, None]), color=PALETTE["grey"], lw=1)
    path = found.path[:80].numpy()
    ax.plot(path[:, 0], path[:, 1], "o-", color=STAGES[stage][0], ms=4, lw=1.2)
    ax.plot(*w, "*", color=PALETTE["orange"], ms=15)
    ax.set(xlim=(-2, 4), ylim=(-2, 4), aspect="equal", xlabel="weight $w_1$", ylabel="weight $w_2$")
    return fig


def cloud_and_descent(
    stage: str = "raw", correlation: float = 0.8, mean: float = 3.0
) -> list[Figure]:
    """Inputs at a stage of preprocessing, and gradient descent on the two weights they feed.

    Args:
        stage: key of :data:`TRANSFORMS`.
        correlation: of the two inputs.
        mean: size of the raw inputs' mean.
    """
    return [_cloud(stage, correlation, mean), _path(stage, correlation, mean)]


def describe_descent(stage: str, correlation: float, mean: float) -> str:
    """The sentence under :func:`cloud_and_descent`."""
    found = descent(stage, correlation, mean)
    steps = "one step" if found.steps == 1 else f"{found.steps} steps"
    return (
        f"{stage.capitalize()}, correlation {correlation:g}, mean {mean:g}: "
        f"κ = {number(found.kappa)}. "
        f"At the best rate gradient descent needs {steps} to come within 1% of the goal "
        "(square root of the excess cost)."
    )
