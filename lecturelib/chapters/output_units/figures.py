"""Figures of the chapter ``output_units``: one function a figure, each returns a Figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled
from lecturelib.output_units import max_entropy_probabilities, sigmoid, softmax, softplus

CLASSES = ("blue", "orange", "green", "vermillion", "purple", "sky")


@styled
def output_units() -> Figure:
    """The three output units of one number: linear, sigmoid and softplus."""
    fig, ax = canvas(height=3.8)
    z = torch.linspace(-4, 4, 401)
    lines = {}
    for name, values, color in (
        ("linear", z, "grey"),
        ("softplus", softplus(z), "green"),
        ("sigmoid", sigmoid(z), "blue"),
    ):
        (lines[name],) = ax.plot(z.numpy(), values.numpy(), color=PALETTE[color])
    ax.axhline(0, color=TEXT, lw=0.8, ls=":")
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(xlim=(-4, 4), ylim=(-2, 4.2), xlabel="number z of the last layer", ylabel="output")
    label_ends(ax, lines)
    return fig


@styled
def rounding_of_softplus() -> Figure:
    """Relative error of log(1 + eᶻ) in float32, as it stands and rearranged."""
    fig, ax = canvas(height=3.8)
    z = torch.linspace(-120, 120, 481)
    exact = softplus(z.double())
    forms = {
        "log(1 + exp(z))": (torch.log(1 + torch.exp(z)), "vermillion", "o"),
        "softplus": (softplus(z), "blue", "s"),
    }
    for name, (values, color, marker) in forms.items():
        error = ((values.double() - exact) / exact).abs().clamp(1e-9, 1e3)
        error = torch.where(values.isfinite(), error, 1e3)
        ax.plot(z.numpy(), error.numpy(), marker, ms=3, color=PALETTE[color], label=name)
    ax.axhline(2**-24, color=TEXT, lw=0.8, ls=":")
    ax.text(118, 2**-24 * 1.6, "half a unit in the last place", ha="right", va="bottom")
    ax.text(88, 2.5e2, "overflow", color=PALETTE["vermillion"], ha="right", va="center")
    ax.text(-118, 2.5, "all digits lost", color=PALETTE["vermillion"], va="bottom")
    ax.set(yscale="log", ylim=(3e-10, 4e3), xlabel="z", ylabel="relative error (log scale)")
    ax.legend(loc="center right", markerscale=2)
    return fig


@styled
def temperatures(z: Tensor, values: Sequence[float] = (0.25, 1.0, 4.0)) -> Figure:
    """Softmax probabilities of the same logits at several temperatures.

    Args:
        z: logits, shape ``(K,)``.
        values: temperatures, one group of bars each.
    """
    fig, ax = canvas(height=3.6)
    k = len(z)
    for group, temperature in enumerate(values):
        p = softmax(z.double(), temperature=temperature).tolist()
        for j in range(k):
            place = group + (j - (k - 1) / 2) * 0.8 / k
            ax.bar(place, p[j], width=0.72 / k, color=PALETTE[CLASSES[j]])
            ax.text(place, p[j] + 0.015, f"{p[j]:.2f}", ha="center", va="bottom", fontsize=10)
    ax.set_xticks(range(len(values)), [f"T = {t:g}" for t in values])
    ax.set(ylim=(0, 1.12), ylabel="probability")
    return fig


@styled
def entropy_against_temperature(logits: Mapping[str, Tensor]) -> Figure:
    """Entropy of the softmax against its temperature, for several sets of logits of one size K.

    Args:
        logits: label -> logits, shape ``(K,)``.
    """
    fig, ax = canvas(width=6.8, height=3.8)
    values = np.geomspace(0.05, 50, 300)
    lines, k = {}, 1
    for (name, z), color in zip(logits.items(), CLASSES, strict=False):
        k = len(z)
        p = torch.stack([softmax(z.double(), temperature=float(t)) for t in values])
        (lines[name],) = ax.plot(
            values, -torch.special.xlogy(p, p).sum(1).numpy(), color=PALETTE[color]
        )
    ax.axhline(math.log(k), color=TEXT, lw=0.8, ls=":")
    ax.text(0.05, math.log(k) + 0.03, f"log {k}", va="bottom")
    ax.set(xscale="log", ylim=(-0.05, math.log(k) * 1.15), ylabel="entropy (nats)")
    ax.set_xlabel("temperature T (log scale)")
    ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.legend(lines.values(), lines, loc="center right")
    return fig


@styled
def maximum_on_the_simplex(scores: Tensor, mean: float) -> Figure:
    """Entropy over the distributions on three outcomes, those of a given mean, and the largest.

    Args:
        scores: a number for each of the three outcomes.
        mean: what they should be on average.
    """
    s = scores.double()
    corners = np.array([[0, 0], [1, 0], [0.5, math.sqrt(3) / 2]])
    fig, ax = canvas(width=5.4, height=4.6)
    x, y = np.meshgrid(np.linspace(-0.02, 1.02, 300), np.linspace(-0.02, 0.9, 300))
    top = y / corners[2, 1]
    right = x - top / 2
    p = np.stack([1 - right - top, right, top])
    inside = p.min(0) >= 0
    kept = np.where(p > 0, p, 1.0)
    entropy = np.where(inside, -(kept * np.log(kept)).sum(0), np.nan)
    shades = ax.imshow(
        entropy, extent=(-0.02, 1.02, -0.02, 0.9), origin="lower", cmap="Blues", aspect="auto"
    )
    bar = fig.colorbar(shades, ax=ax, label="entropy (nats)")
    bar.outline.set_visible(False)
    ends = _ends(s, mean)
    ax.plot(*(ends @ corners).T, color=PALETTE["vermillion"], lw=2)
    best = max_entropy_probabilities(s, mean)[0].numpy() @ corners
    ax.plot(*best, "o", color=PALETTE["vermillion"], ms=10)
    family = torch.stack([softmax(a * s) for a in torch.linspace(-8, 8, 200)]).numpy() @ corners
    ax.plot(*family.T, "--", color=PALETTE["orange"], lw=1.6)
    names = [f"outcome {j + 1}\n(score {s[j]:g})" for j in range(3)]
    ax.text(0, -0.04, names[0], ha="center", va="top")
    ax.text(1, -0.04, names[1], ha="center", va="top")
    ax.text(0.5, 0.9, names[2], ha="center", va="bottom")
    ax.set(xlim=(-0.15, 1.15), ylim=(-0.2, 1.05), aspect="equal")
    ax.axis("off")
    return fig


def _ends(s: Tensor, mean: float) -> np.ndarray:
    """The two ends of the line of distributions with the given mean, ``[2, 3]``."""
    found = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        if s[i] != s[j] and 0 <= (share := float((mean - s[j]) / (s[i] - s[j]))) <= 1:
            p = np.zeros(3)
            p[i], p[j] = share, 1 - share
            found.append(p)
    # A line through a corner meets two edges there.
    far = max(range(len(found)), key=lambda i: float(np.abs(found[i] - found[0]).sum()))
    return np.stack([found[0], found[far]])


@styled
def reliability(confidence: Mapping[str, Any], correct: Any, *, bins: int = 6) -> Figure:
    """Accuracy against confidence, before and after a temperature is fitted.

    Args:
        confidence: label -> largest probability of each sample, any shape.
        correct: whether the guess was right, the same shape.
        bins: groups of equal width between 0.3 and 1; one with fewer than 20 samples is left out.
    """
    fig, ax = canvas(width=4.8, height=4.6)
    right = np.asarray(correct, dtype=float).ravel()
    ax.plot([0, 1], [0, 1], color=TEXT, lw=1, ls=":")
    looks = zip(("vermillion", "blue"), ("o", "s"), strict=True)
    for (name, values), (color, marker) in zip(confidence.items(), looks, strict=True):
        v = np.asarray(values, dtype=float).ravel()
        edges = np.linspace(0.3, 1, bins + 1)
        group = np.digitize(v, edges[1:-1])
        keep = [g for g in range(bins) if (group == g).sum() >= 20]
        ax.plot(
            [v[group == g].mean() for g in keep],
            [right[group == g].mean() for g in keep],
            color=PALETTE[color],
            marker=marker,
            label=name,
        )
    ax.text(0.64, 0.62, "confidence = accuracy", rotation=45, rotation_mode="anchor", va="top")
    ax.set(xlim=(0.25, 1.02), ylim=(0.25, 1.02), xlabel="confidence", ylabel="accuracy")
    ax.set_aspect("equal")
    ax.legend(loc="lower right")
    return fig
