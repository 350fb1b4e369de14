"""Figures of the chapter ``preprocessing``: one function a figure, each returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.chapters.preprocessing.experiments import joint_second_moment, kappa
from lecturelib.data.ct_phantom import Phantom
from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled
from lecturelib.preprocessing import Decorrelate, Whiten, quantize, window_level

# A stage keeps its colour and line through the chapter.
STAGES = {
    "raw": (PALETTE["grey"], "-"),
    "centred": (PALETTE["sky"], "-"),
    "standardized": (PALETTE["blue"], "-"),
    "decorrelated": (PALETTE["green"], "--"),
    "whitened": (PALETTE["vermillion"], "-"),
}


@styled
def loss_by_stage(curves: Mapping[str, Sequence[Tensor]]) -> Figure:
    """Loss against the step at each stage of preprocessing, median and range over the seeds.

    Args:
        curves: for each stage one course of the loss a seed.
    """
    fig, ax = canvas(height=3.6)
    lines = {}
    for name, runs in curves.items():
        values, (color, style) = np.stack([np.asarray(run) for run in runs]), STAGES[name]
        steps = np.arange(values.shape[1])
        ax.fill_between(steps, values.min(0), values.max(0), color=color, alpha=0.25, lw=0)
        (lines[name],) = ax.plot(steps, np.median(values, 0), style, color=color)
    ax.set(yscale="log", xlabel="step", ylabel="loss")
    ax.legend(lines.values(), lines.keys(), loc="center right")
    return fig


@styled
def clouds(points: Mapping[str, Tensor]) -> Figure:
    """The same points after each step of preprocessing, on equal axes.

    Args:
        points: points ``[N, 2]`` by the name of the stage.
    """
    fig, axes = canvas(1, len(points), width=9.0, height=2.4, sharex=True, sharey=True)
    for ax, (name, x) in zip(np.atleast_1d(axes), points.items(), strict=True):
        ax.axhline(0, color=TEXT, lw=0.6)
        ax.axvline(0, color=TEXT, lw=0.6)
        ax.plot(x[:, 0], x[:, 1], "o", color=STAGES[name][0], ms=2.5, alpha=0.7)
        ax.set(xlim=(-4, 7), ylim=(-4, 7), aspect="equal", xlabel="first column")
        ax.set_title(name, loc="left", fontsize=10)
    np.atleast_1d(axes)[0].set_ylabel("second column")
    return fig


@styled
def zigzag(paths: Mapping[str, Tensor], *, steps: int = 60) -> Figure:
    """Paths of two weights by SGD on positive and on centred inputs, on equal axes.

    Args:
        paths: path ``[steps + 1, 2]`` by a title.
        steps: how many steps to draw.
    """
    fig, axes = canvas(1, len(paths), width=3.8 * len(paths), height=3.6, sharex=True, sharey=True)
    for ax, (name, path) in zip(np.atleast_1d(axes), paths.items(), strict=True):
        p = np.asarray(path)[: steps + 1]
        color = STAGES["centred" if name == "centred" else "raw"][0]
        ax.plot(p[:, 0], p[:, 1], "o-", color=color, ms=3, lw=1.2)
        ax.plot(1, -1, "*", color=PALETTE["orange"], ms=14)
        ax.set(xlim=(-0.5, 1.7), ylim=(-1.7, 0.5), aspect="equal", xlabel="weight $w_1$")
        ax.set_title(f"{name} inputs", loc="left", fontsize=11)
    np.atleast_1d(axes)[0].set_ylabel("weight $w_2$")
    return fig


@styled
def descent(steps: Sequence[int], courses: Mapping[str, Any]) -> Figure:
    """Excess cost of gradient descent against the step, by stage, with the range over seeds.

    Args:
        steps: numbers of steps, from 0 on.
        courses: result of ``experiments.courses``.
    """
    fig, ax = canvas(height=4.0)
    for name, course in courses.items():
        color, style = STAGES[name]
        values = np.maximum(np.asarray(course), 1e-9)
        ax.fill_between(steps, values.min(1), values.max(1), color=color, alpha=0.18, lw=0)
        ax.plot(steps, np.median(values, 1), style, color=color, label=name)
    ax.set_xscale("symlog", linthresh=1)
    ax.set(yscale="log", ylim=(1e-8, 2), xlim=(0, steps[-1]))
    ax.set(xlabel="step", ylabel="excess cost, start = 1")
    ax.legend(loc="upper right")
    return fig


def _range_of(mean_squared: np.ndarray, covariance: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Both eigenvalues of Σ + μμᵀ for a mean along (1, 1)/√2 of that squared length."""
    direction = torch.tensor([1.0, 1.0], dtype=torch.float64) / math.sqrt(2)
    means = torch.from_numpy(mean_squared).sqrt()[:, None] * direction
    values = torch.linalg.eigvalsh(joint_second_moment(covariance, means, bias=False))
    return values[:, 1].numpy(), values[:, 0].numpy()


@styled
def spike() -> Figure:
    """Eigenvalues of E[xxᵀ] as the mean grows; and the condition number of uniform inputs."""
    fig, (left, right) = canvas(1, 2, width=7.8, height=3.6)
    squared = np.linspace(0, 20, 201)
    high, low = _range_of(squared, torch.diag(torch.tensor([2.0, 0.5], dtype=torch.float64)))
    left.fill_between(
        squared, squared + 1.25, squared + 2, color=PALETTE["orange"], alpha=0.4, lw=0
    )
    left.plot(squared, high, color=PALETTE["vermillion"], label="largest")
    left.plot(squared, low, color=PALETTE["blue"], label="smallest")
    left.set(xlabel="squared length of the mean", ylabel="eigenvalue", ylim=(0, 23))
    left.legend(loc="upper left", title="eigenvalue of E[xxᵀ]")
    sizes = torch.tensor([2, 4, 8, 16, 32, 64, 128, 256])
    for bias, color, name in ((True, "grey", "with bias"), (False, "sky", "without bias")):
        values = [
            kappa(
                joint_second_moment(
                    torch.eye(d, dtype=torch.float64) / 12,
                    torch.full((d,), 0.5, dtype=torch.float64),
                    bias=bias,
                )
            ).item()
            for d in sizes.tolist()
        ]
        right.plot(sizes, values, "o", color=PALETTE[color], label=name)
    d = sizes.double()
    top = (13 / 12 + d / 4 + ((13 / 12 + d / 4) ** 2 - 1 / 3).sqrt()) / 2
    right.plot(d, 12 * top**2, "-", color=PALETTE["grey"], lw=1)
    right.plot(d, 1 + 3 * d, "-", color=PALETTE["sky"], lw=1)
    right.axhline(12, color=TEXT, ls=":", lw=1.2)
    right.text(250, 7, "centred, with bias", ha="right", va="top", color=TEXT, fontsize=10)
    right.set(xscale="log", yscale="log", xlabel="inputs D, uniform on [0, 1]", ylim=(1, 2e5))
    right.set(ylabel="condition number κ")
    right.legend(loc="upper left")
    return fig


@styled
def centring(sizes: Sequence[float], without: Any, with_bias: Any) -> Figure:
    """Share of random cases in which centring makes the condition number worse.

    Args:
        sizes: standard deviation of the mean's coordinates.
        without: shares without a bias, ``[len(sizes), S]``.
        with_bias: the same with one.
    """
    fig, ax = canvas(height=3.4)
    lines = {}
    for name, values, color in (
        ("without a bias", without, PALETTE["vermillion"]),
        ("with a bias", with_bias, PALETTE["blue"]),
    ):
        v = 100 * np.asarray(values)
        ax.fill_between(sizes, v.min(1), v.max(1), color=color, alpha=0.25, lw=0)
        (lines[name],) = ax.plot(sizes, np.median(v, 1), "o-", color=color)
    ax.set(xscale="log", xlabel="size of the means (spread about 1)", ylim=(-4, 100))
    ax.set_xticks(list(sizes), [f"{s:g}" for s in sizes])
    ax.minorticks_off()
    ax.set_ylabel("cases made worse (%)")
    label_ends(ax, lines)
    return fig


@styled
def whitened_digits(images: Tensor, *, count: int = 6) -> Figure:
    """Digits as they are, on their principal axes, and after PCA and ZCA whitening.

    Args:
        images: data of shape (N, 64); the transforms are fitted on all of them.
        count: how many are shown.
    """
    rows = {
        "pixels": images,
        "principal axes": Decorrelate().fit_transform(images),
        "PCA-whitened": Whiten("pca", eps=0.01).fit_transform(images),
        "ZCA-whitened": Whiten("zca", eps=0.01).fit_transform(images),
    }
    fig, axes = canvas(len(rows), count, width=6.4, height=4.4)
    for line, (name, values) in zip(axes, rows.items(), strict=True):
        limit = values[:count].abs().max().item()
        for ax, image in zip(line, values[:count], strict=True):
            low = 0 if name == "pixels" else -limit
            ax.imshow(image.reshape(8, 8).numpy(), cmap="cividis", vmin=low, vmax=limit)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return fig


@styled
def grey_values(image: Tensor, *, level: float, width: float, bits: int = 8) -> Figure:
    """How often each grey value of the image occurs, with a window and the steps of few bits.

    Args:
        image: grey values in Hounsfield units, from −1024 to 3071.
        level: middle of the window.
        width: width of the window.
        bits: bits for the whole range; their steps are drawn on the right.
    """
    fig, (whole, near) = canvas(1, 2, width=7.8, height=3.3)
    values = image.flatten().numpy()
    whole.hist(values, bins=np.arange(-1024, 1400, 16), color=PALETTE["grey"], log=True)
    near.hist(values, bins=np.arange(-60.5, 161.5), color=PALETTE["grey"], log=True)
    for ax in (whole, near):
        ax.axvspan(level - width / 2, level + width / 2, color=PALETTE["orange"], alpha=0.3, lw=0)
        ax.set(xlabel="Hounsfield units")
    step = 4095 / (2**bits - 1)
    first = math.ceil((-60 + 1024) / step - 0.5)
    edges = -1024 + step * (np.arange(first, first + round(220 / step) + 1) - 0.5)
    near.vlines(edges[edges < 160], 0, 1, transform=near.get_xaxis_transform(), lw=1, ls=":",
                color=PALETTE["vermillion"])  # fmt: skip
    near.set_xlim(-60, 160)
    whole.set_ylabel("pixels")
    whole.set_title("whole range", loc="left")
    near.set_title("round the window", loc="left")
    return fig


@styled
def liver(phantom: Phantom, *, level: float = 50.0, width: float = 120.0) -> Figure:
    """The liver in 12 bits, in 8 bits over the whole range, and in 8 bits over the window.

    Args:
        phantom: from ``ct_phantom``.
        level: middle of the window through which all three are shown.
        width: its width.
    """
    shown = window_level(phantom.image, level=level, width=width)
    squeezed = quantize(phantom.image, bits=8, low=-1024.0, high=3071.0)
    pictures = {
        "12 bits": shown,
        "8 bits, whole range": window_level(squeezed, level=level, width=width),
        "8 bits, window": quantize(shown, bits=8, low=0.0, high=1.0),
    }
    fig, axes = canvas(1, 3, width=7.8, height=2.9)
    rows, columns = torch.where(phantom.liver | phantom.lesions)
    crop = slice(int(rows.min()), int(rows.max())), slice(int(columns.min()), int(columns.max()))
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture[crop].numpy(), cmap="gray", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, loc="left", fontsize=11)
    return fig


@styled
def dither(sizes: Sequence[float], measured: Sequence[float]) -> Figure:
    """Largest error of the mean of rounded values against the noise, both in steps.

    Args:
        sizes: standard deviations of the noise, in steps.
        measured: largest error over where the value lies in its step.
    """
    fig, ax = canvas(height=3.3)
    s = np.linspace(0, max(sizes), 201)
    theory = np.exp(-2 * (math.pi * s) ** 2) / math.pi
    ax.plot(s, theory, color=PALETTE["blue"], label="first harmonic")
    ax.plot(sizes, measured, "o", color=PALETTE["vermillion"], label="measured")
    ax.set(xlabel="standard deviation of the noise, in steps", ylim=(0, 0.55))
    ax.set_ylabel("error of the mean, in steps")
    ax.legend()
    return fig


@styled
def whose_statistics(found: Mapping[str, Any]) -> Figure:
    """Test accuracy by the statistics with which test images are standardized, a dot a seed.

    Args:
        found: result of ``experiments.inference``.
    """
    names = {
        "training": "training set",
        "mixed 360": "all 360 test images",
        "mixed 36": "36 at random",
        "sorted 36": "36 of one class",
        "mixed 1": "the image alone",
        "changed training": "changed images: training set",
        "changed own": "changed images: 36 at random",
    }
    fig, ax = canvas(width=6.8, height=3.6)
    for row, name in enumerate(reversed(names)):
        values = 100 * np.asarray(found[name])
        color = PALETTE["blue"] if "training" in name else PALETTE["vermillion"]
        ax.plot(values, [row] * len(values), "o", color=color, ms=5, alpha=0.5)
        ax.plot(np.median(values), row, "|", color=color, ms=18, mew=2.5)
    ax.set_yticks(range(len(names)), list(reversed(names.values())))
    ax.axvline(10, color=TEXT, ls=":", lw=1.2)
    ax.set(xlabel="test accuracy (%)", xlim=(0, 100))
    ax.grid(axis="x")
    return fig


@styled
def image_accuracy(found: Mapping[str, Any]) -> Figure:
    """Test accuracy on digits by preprocessing, a dot a seed.

    Args:
        found: result of ``experiments.on_images``.
    """
    fig, ax = canvas(height=2.7)
    names = [name for name in STAGES if name in found]
    for row, name in enumerate(reversed(names)):
        values, color = 100 * np.asarray(found[name]), STAGES[name][0]
        ax.plot(values, [row] * len(values), "o", color=color, ms=5, alpha=0.5)
        ax.plot(np.median(values), row, "|", color=color, ms=18, mew=2.5)
    ax.set_yticks(range(len(names)), list(reversed(names)))
    ax.set(xlabel="test accuracy (%)")
    ax.grid(axis="x")
    return fig
