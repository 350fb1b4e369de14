"""Figures of the chapter ``output_units`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math

import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.figures.style import PALETTE, TEXT, canvas, styled
from lecturelib.output_units import max_entropy_probabilities, softmax

OTHERS = (1.0, 0.0, -1.0)  # logits of the classes B, C and D


def cooled(temperature: float, logit: float) -> tuple[Tensor, float]:
    """Softmax of four logits, the first of which is ``logit``, and its entropy in nats.

    >>> cooled(0.0, 2.0)[0].tolist(), cooled(0.0, 2.0)[1]
    ([1.0, 0.0, 0.0, 0.0], 0.0)
    """
    z = torch.tensor([logit, *OTHERS], dtype=torch.float64)
    p = softmax(z, temperature=temperature)
    return p, abs(-torch.special.xlogy(p, p).sum().item())


@styled
def softmax_temperature(temperature: float = 1.0, logit: float = 2.0) -> Figure:
    """Bars of the four probabilities.

    Args:
        temperature: T.
        logit: the logit of class A; those of B, C and D are 1, 0 and −1.
    """
    fig, ax = canvas(width=5.0, height=3.4)
    p, _ = cooled(temperature, logit)
    colors = [PALETTE[name] for name in ("blue", "orange", "green", "vermillion")]
    ax.bar(range(4), p.tolist(), color=colors, width=0.7)
    for k, value in enumerate(p.tolist()):
        ax.text(k, value + 0.02, f"{value:.2f}", ha="center", va="bottom")
    ax.axhline(0.25, color=TEXT, lw=0.8, ls=":")
    names = [f"{n}\nz = {v:g}" for n, v in zip("ABCD", (logit, *OTHERS), strict=True)]
    ax.set_xticks(range(4), [name.replace("-", "−") for name in names])
    ax.set(ylim=(0, 1.12), ylabel="probability")
    return fig


def describe_temperature(temperature: float, logit: float) -> str:
    """The sentence under :func:`softmax_temperature`."""
    p, h = cooled(temperature, logit)
    return (
        f"At temperature {temperature:g} class A gets {p[0]:.2f} and B {p[1]:.2f}; the entropy is "
        f"{h:.2f} nats, {h / math.log(4):.0%} of the largest possible, log 4 = {math.log(4):.2f}."
    )


@styled
def loaded_die(mean: float = 4.5) -> Figure:
    """The distribution of largest entropy of a die whose throws have this mean."""
    fig, ax = canvas(width=5.0, height=3.4)
    faces = torch.arange(1.0, 7.0, dtype=torch.float64)
    p, _ = max_entropy_probabilities(faces, mean)
    ax.bar(faces.tolist(), p.tolist(), color=PALETTE["blue"], width=0.7)
    ax.axhline(1 / 6, color=TEXT, lw=0.8, ls=":")
    ax.plot(mean, 0.86, "v", color=PALETTE["vermillion"], ms=10)
    ax.text(mean, 0.9, f"mean {mean:g}", color=PALETTE["vermillion"], ha="center", va="bottom")
    ax.set(ylim=(0, 1), xlim=(0.4, 6.6), xlabel="face", ylabel="probability")
    return fig


def describe_die(mean: float) -> str:
    """The sentence under :func:`loaded_die`."""
    faces = torch.arange(1.0, 7.0, dtype=torch.float64)
    p, multiplier = max_entropy_probabilities(faces, mean)
    ratio = math.exp(multiplier.item())
    h = -(p * p.log()).sum().item()
    return (
        f"For a mean of {mean:g} the multiplier is {multiplier.item():z.2f}: each face is "
        f"{ratio:.2f} times as probable as the one before it. The entropy is {h:.2f} nats; a fair "
        f"die has log 6 = {math.log(6):.2f}."
    )
