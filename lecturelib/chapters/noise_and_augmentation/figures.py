"""Figures of the chapter ``noise_and_augmentation``: one function a figure, each returns a Figure.

A movable figure has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib import augment
from lecturelib.chapters.noise_and_augmentation.experiments import kernel_mean, scalar_samples
from lecturelib.data import load_digits
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, label_ends, styled
from lecturelib.regularizers import add_noise

__all__ = [
    "COLORS",
    "LEVELS",
    "courses",
    "describe_smoother",
    "per_class",
    "smoother",
    "smoothing_loss",
    "strength",
    "transformations",
    "valley",
]

COLORS = {
    "none": METHODS["none"].color,
    "shifts": PALETTE["blue"],
    "noise": PALETTE["vermillion"],
    "smoothing": PALETTE["green"],
    "flips": PALETTE["orange"],
    "rotations": PALETTE["purple"],
}
"""A way to disturb the training keeps its colour through the chapter."""

LEVELS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 2.0]
"""The standard deviations of the movable figure."""


@styled
def courses(runs: Mapping[str, Mapping[str, Tensor]]) -> Figure:
    """Accuracy on the training labels and on test digits against the epoch, for each disturbance.

    Args:
        runs: by a name of ``COLORS`` the accuracies ``[T, S]`` after each epoch, ``"train"`` and
            ``"test"``.
    """
    fig, axes = canvas(1, 2, width=8.6, height=3.8, sharey=True)
    for ax, part, title in zip(
        axes, ("train", "test"), ("training labels, 40% wrong", "test labels, true"), strict=True
    ):
        lines = {}
        for name, run in runs.items():
            values, color = run[part], COLORS[name]
            epochs = range(1, len(values) + 1)
            ax.fill_between(epochs, values.amin(1), values.amax(1), color=color, alpha=0.15, lw=0)
            (lines[name],) = ax.plot(epochs, values.median(1).values, color=color)
        ax.set(title=title, xlabel="epoch", ylim=(0.2, 1.0))
        label_ends(ax, lines)
    axes[0].axhline(0.6, color=TEXT, lw=1, ls="--")
    axes[0].set_ylabel("accuracy")
    return fig


TRANSFORMATIONS = {
    "as it is": lambda x: x,
    "shift": lambda x: augment.shift(x, 1.0, -1.0),
    "crop": lambda x: augment.crop(x, 6, 0, 1),
    "rotate 15°": lambda x: augment.rotate(x, 15.0),
    "rotate 180°": lambda x: augment.rotate(x, 180.0),
    "scale 0.8": lambda x: augment.scale(x, 0.8),
    "flip": augment.flip,
    "blur": lambda x: augment.blur(x, 0.7),
    "noise": lambda x: add_noise(x, 0.3, generator=torch.Generator().manual_seed(0)),
}


@styled
def transformations(classes: tuple[int, ...] = (3, 5, 6)) -> Figure:
    """One digit of some classes under each transformation."""
    data = load_digits(as_images=True)
    images = torch.stack([data.x_test[data.y_test == k][0] for k in classes])
    fig, axes = canvas(
        len(classes),
        len(TRANSFORMATIONS),
        width=9.0,
        height=1.15 * len(classes),
        squeeze=False,
    )
    for column, (name, transform) in enumerate(TRANSFORMATIONS.items()):
        for row, image in enumerate(transform(images)[:, 0]):
            ax = axes[row, column]
            ax.imshow(image.numpy(), cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            if row == 0:
                ax.set_title(name, fontsize=9)
    return fig


@styled
def smoother(std: float = 0.2) -> Figure:
    """The samples, the truth, and the function that noise of this size at the input asks for.

    Args:
        std: standard deviation of the noise.
    """
    x, y, grid = *scalar_samples(), torch.linspace(-2, 2, 161, dtype=torch.float64)
    fig, ax = canvas(width=6.8, height=3.8)
    ax.plot(grid, torch.sin(2 * grid), color=TEXT, lw=1.2, ls="--")
    ax.plot(x, y, ls="none", marker="o", ms=4, color=PALETTE["orange"])
    ax.plot(grid, kernel_mean(grid, x, y, std), color=PALETTE["vermillion"])
    ax.set(xlim=(-2, 2), ylim=(-2, 2), xlabel="x", ylabel="y")
    return fig


def smoother_errors(std: float) -> tuple[float, float]:
    """Mean squared distance of that function to the samples and to the truth."""
    x, y, grid = *scalar_samples(), torch.linspace(-2, 2, 161, dtype=torch.float64)
    fit = (kernel_mean(x, x, y, std) - y).square().mean().item()
    truth = (kernel_mean(grid, x, y, std) - torch.sin(2 * grid)).square().mean().item()
    return fit, truth


def describe_smoother(std: float) -> str:
    """The sentence under :func:`smoother`."""
    fit, truth = smoother_errors(std)
    return (
        f"Noise of {std:g}: mean squared distance to the samples {fit:.3f}, "
        f"to the truth (dashed) {truth:.3f}."
    )


@styled
def per_class(found: Mapping[str, Mapping[str, Tensor]]) -> Figure:
    """Accuracy on each class of the test digits: median and range over the seeds.

    Args:
        found: by a name of ``COLORS`` the accuracies ``[S]``, ``"class 0"`` to ``"class 9"``.
    """
    fig, ax = canvas(width=7.6, height=3.6)
    for i, (name, run) in enumerate(found.items()):
        for k in range(10):
            values, at = run[f"class {k}"], k + 0.22 * (i - (len(found) - 1) / 2)
            ax.plot([at, at], [values.min(), values.max()], color=COLORS[name], lw=1.2)
            label = name if k == 0 else None
            ax.plot(at, values.median(), color=COLORS[name], marker="o", ms=5, label=label, ls="")
    ax.set(xticks=range(10), xlabel="digit", ylabel="accuracy on its test images", ylim=(0, 1.03))
    ax.legend(loc="lower left", ncols=len(found))
    return fig


@styled
def smoothing_loss(epsilons: tuple[float, ...] = (0.0, 0.1, 0.4), classes: int = 10) -> Figure:
    """Cross-entropy with smoothed labels against the gap of the right logit to the others."""
    fig, ax = canvas(width=6.8, height=3.6)
    gap = torch.linspace(-1, 10, 221, dtype=torch.float64)
    rest = torch.log(gap.exp() + classes - 1)  # minus log-probability of each wrong class
    shades = (METHODS["none"].color, COLORS["smoothing"], PALETTE["blue"])
    for epsilon, color in zip(epsilons, shades, strict=False):
        right = 1 - epsilon + epsilon / classes
        loss = rest - right * gap
        ax.plot(gap.numpy(), loss.numpy(), color=color, label=f"ε = {epsilon:g}")
        if epsilon:
            best = math.log(right / (epsilon / classes))
            value = math.log(math.exp(best) + classes - 1) - right * best
            ax.plot(best, value, color=color, marker="o", ms=7)
    ax.set(xlabel="logit of the right class minus the others", ylabel="loss", ylim=(0, 4))
    ax.legend()
    return fig


@styled
def strength(angles: Sequence[float], upright: Tensor, turned: Tensor) -> Figure:
    """Accuracy against the largest angle of the rotations in training.

    Args:
        angles: the largest angles in degrees, ``[A]``.
        upright: accuracy on test digits as they are, ``[A, S]``.
        turned: the same on digits that are turned.
    """
    fig, ax = canvas(width=6.8, height=3.4)
    lines = {}
    runs = {"as they are": (upright, PALETTE["blue"]), "turned by 30°": (turned, COLORS["flips"])}
    for name, (values, color) in runs.items():
        ax.fill_between(angles, values.amin(1), values.amax(1), color=color, alpha=0.15, lw=0)
        (lines[name],) = ax.plot(angles, values.median(1).values, color=color, marker="o", ms=4)
    ax.set(xlabel="largest angle in training, degrees", ylabel="test accuracy", ylim=(0.4, 1))
    ax.set_xticks(angles)
    label_ends(ax, lines)
    return fig


@styled
def valley(paths: Mapping[float, Tensor], product: float = 2.0) -> Figure:
    """Paths ``[T, 2]`` of two weights over (uv − product)², by the size of the noise on them."""
    fig, ax = canvas(width=6.4, height=4.2)
    u = torch.linspace(0.2, 4.6, 200)
    v = torch.linspace(0.0, 3.0, 160)
    loss = (u * v[:, None] - product).square().numpy()
    ax.contour(u, v, loss, levels=[0.04, 0.25, 1.0], colors=TEXT, linewidths=0.6)
    ax.plot(u, product / u, color=TEXT, lw=2, alpha=0.5)
    ax.plot([0, 3], [0, 3], color=TEXT, lw=0.8, ls=":")
    lines = {}
    for (std, path), color in zip(paths.items(), (COLORS["none"], COLORS["noise"]), strict=False):
        label = f"noise {std:g}" if std else "without noise"
        (lines[label],) = ax.plot(path[::4, 0], path[::4, 1], color=color, lw=1.2, label=label)
        ax.plot(*path[-1].tolist(), color=color, marker="o", ms=7)
    ax.set(xlabel="u", ylabel="v", xlim=(0.2, 4.6), ylim=(0, 3), aspect="equal")
    ax.legend(loc="upper right")
    return fig
