"""The book's visual identity: a palette for colour-blind readers too, and one look a method.

A method keeps its colour, marker and name through the whole book. Figures have a transparent
background and mid-grey text, so that one picture in a notebook reads on a light and on a dark page.
The site draws them anew for each, see :mod:`lecturelib.figures.palette`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from statistics import fmean
from typing import Any, NamedTuple, ParamSpec

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lecturelib._device import cpu_by_default
from lecturelib.figures.palette import PALETTE, TEXT

P = ParamSpec("P")


class Identity(NamedTuple):
    """How a method looks: colour, marker and line style."""

    color: str
    marker: str
    linestyle: str


def _identity(color: str, marker: str, linestyle: str = "-") -> Identity:
    return Identity(PALETTE[color], marker, linestyle)


METHODS: dict[str, Identity] = {
    # normalization
    "none": _identity("grey", "o"),
    "batch norm": _identity("blue", "s"),
    "batch norm after": _identity("sky", "D", "--"),
    "layer norm": _identity("vermillion", "^"),
    "weight norm": _identity("green", "v"),
    "NormProp": _identity("purple", "P"),
    "mean-only batch norm": _identity("sky", "p", ":"),
    "noisy batch norm": _identity("orange", "X"),
    "group norm": _identity("vermillion", "<", "--"),
    "instance norm": _identity("purple", ">", "--"),
    "RMS norm": _identity("vermillion", "d", ":"),
    "Lp norm": _identity("green", "h", "--"),
    "detached layer norm": _identity("orange", "*", "--"),
    # regularization
    "dropout": _identity("purple", "8", ":"),
    # optimizers
    "SGD": _identity("grey", "x"),
    "momentum": _identity("blue", "+"),
    "Nesterov": _identity("sky", "1", "--"),
    "AdaGrad": _identity("green", "2"),
    "AdaDelta": _identity("green", "3", "--"),
    "RMSProp": _identity("purple", "4"),
    "Adam": _identity("vermillion", "|"),
    "AdamW": _identity("orange", "_", "--"),
}

RC: dict[Any, Any] = {
    "figure.dpi": 100,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": TEXT,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.color": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "grid.color": TEXT,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "font.size": 12,
    "font.family": "DejaVu Sans",
    "lines.linewidth": 2.0,
    "svg.hashsalt": "lecturelib",
}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the book's style, and hand the figure to the caller alone.

    The figure is taken out of pyplot, so a cell whose last expression is the call shows it once.
    """

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(RC), cpu_by_default():
            figure = draw(*args, **kwargs)
        plt.close(figure)
        return figure

    return wrapper


def canvas(
    rows: int = 1, columns: int = 1, *, width: float = 6.4, height: float = 4.0, **options: Any
) -> tuple[Figure, Any]:
    """A figure of ``width`` × ``height`` inches and its axes, as ``plt.subplots`` gives them."""
    return plt.subplots(rows, columns, figsize=(width, height), **options)


def curve(ax: Axes, x: Sequence[float], values: Any, method: str, **options: Any) -> Line2D:
    """Draw the median over seeds with the band from smallest to largest seed.

    Args:
        ax: where to draw.
        x: positions, one a row of ``values``.
        values: ``[len(x), seeds]``; rows with nan are left out.
        method: name in :data:`METHODS`.
        options: passed to ``plot``, for instance ``label``.
    """
    v = np.asarray(values, dtype=float)
    look = METHODS[method]
    kept = np.isfinite(v).all(axis=1)
    xs, v = np.asarray(x, dtype=float)[kept], v[kept]
    ax.fill_between(xs, v.min(1), v.max(1), color=look.color, alpha=0.25, linewidth=0)
    settings = {**look._asdict(), "label": method, **options}
    (line,) = ax.plot(xs, np.median(v, 1), **settings)
    return line


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Move sorted positions as little as possible so that neighbours are ``gap`` apart at least.

    Subtracting ``i * gap`` turns this into isotonic regression, solved by pooling neighbours that
    are out of order.

    >>> spread([0.0, 1.0, 10.0], gap=3.0)
    [-1.0, 2.0, 10.0]
    """
    blocks: list[list[float]] = []
    for i, position in enumerate(positions):
        blocks.append([position - i * gap])
        while len(blocks) > 1 and fmean(blocks[-2]) > fmean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    pooled = [fmean(block) for block in blocks for _ in block]
    return [value + i * gap for i, value in enumerate(pooled)]


def label_ends(ax: Axes, lines: Mapping[str, Line2D], *, gap: float = 15.0) -> None:
    """Write each name at the right end of its line, in its colour, ``gap`` points apart at least.

    Call it when the limits of the axes are final.
    """
    ax.autoscale_view()  # matplotlib fits the limits lazily
    ends = {name: np.asarray(line.get_xydata(), dtype=float)[-1] for name, line in lines.items()}
    pixels_a_point = ax.figure.dpi / 72
    heights = {n: float(ax.transData.transform(e)[1]) / pixels_a_point for n, e in ends.items()}
    names = sorted(heights, key=heights.__getitem__)
    for name, height in zip(names, spread([heights[n] for n in names], gap), strict=True):
        ax.annotate(
            name,
            (float(ends[name][0]), float(ends[name][1])),
            xytext=(8, height - heights[name]),
            textcoords="offset points",
            color=lines[name].get_color(),
            va="center",
            annotation_clip=False,
        )
