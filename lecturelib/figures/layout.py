"""Text that keeps apart and on the canvas, and a second layout of a figure for narrow screens."""

from __future__ import annotations

import pickle
import textwrap
import warnings
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedFormatter, FuncFormatter
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

Array = NDArray[np.float64]

NARROW = (4.4, 5.0, 5.6)
"""Widths for a phone in inches; at the first, letters of 12 points have 13 pixels there."""
_TOUCH = 1.0  # points that two boxes may share: a box is larger than its letters


def _shown(figure: Figure) -> Iterator[Text]:
    """Every text that the figure shows; of tick labels those within the limits."""
    elsewhere: set[Text] = set()  # tick labels, which come below, and what a hidden panel has
    for ax in figure.axes:
        if not ax.get_visible():
            elsewhere.update(ax.findobj(Text))
        for axis in _axes_of(ax):
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                elsewhere.update((tick.label1, tick.label2))
    for text in figure.findobj(Text):
        if text not in elsewhere and text.get_visible() and text.get_text().strip():
            yield text
    for ax in figure.axes:
        if ax.get_visible() and ax.axison:
            for axis in _axes_of(ax):
                yield from _tick_labels(axis)


def _axes_of(ax: Axes) -> list[Axis]:
    return list(ax._axis_map.values())


def _tick_labels(axis: Axis) -> list[Text]:
    """The labels of an axis that are drawn, in the order of their places."""
    if not axis.get_visible():
        return []
    drawn = axis._update_ticks()  # type: ignore[attr-defined]
    labels = [label for tick in drawn for label in (tick.label1, tick.label2)]
    return [label for label in labels if label.get_visible() and label.get_text().strip()]


def _box(text: Text) -> Bbox:
    """The box of the letters, in points."""
    window = Text.get_window_extent(text)  # an annotation's own would hold its arrow
    figure = text.get_figure(root=True)
    assert figure is not None
    points = window.transformed(figure.dpi_scale_trans.inverted()).get_points() * 72
    return Bbox(points)


def _corners(text: Text) -> Array:
    """The four corners of the letters' rectangle, in points, also of a slanted line."""
    box, angle = _box(text), np.deg2rad(text.get_rotation())
    width, height = box.width, box.height
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    if min(cos, sin) > 0.02:  # the box of a slanted rectangle is larger than the rectangle
        height = float(text.get_fontsize()) * len(text.get_text().split("\n"))
        width = (box.width - height * sin) / cos
    else:
        angle = 0.0
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 2, height / 2]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners: Array = half @ turn + [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]
    return corners


def _meet(one: Text, other: Text) -> bool:
    """Whether no line separates the two rectangles: their shadows on each side's normal overlap."""
    a, b = _corners(one), _corners(other)
    for corners in (a, b):
        for side in (corners[1] - corners[0], corners[3] - corners[0]):
            normal = side / max(float(np.hypot(*side)), 1e-9)
            shadows = a @ normal, b @ normal
            overlap = min(s.max() for s in shadows) - max(s.min() for s in shadows)
            if overlap <= _TOUCH:
                return False
    return True


class Illegible(NamedTuple):
    """Texts of a figure that can't be read: pairs that lie over each other, and those cut off."""

    collisions: list[tuple[str, str]]
    cut_off: list[str]


def illegible(figure: Figure) -> Illegible:
    """The texts that lie over each other, and those that reach beyond the canvas.

    >>> figure = Figure(figsize=(3, 2))
    >>> for x, word in ((0.5, "one"), (0.5, "two"), (0.95, "three")):
    ...     _ = figure.text(x, 0.5, word)
    >>> illegible(figure)
    Illegible(collisions=[('one', 'two')], cut_off=['three'])
    """
    figure.draw_without_rendering()
    texts = list(_shown(figure))
    width, height = figure.get_size_inches() * 72
    canvas = Bbox.from_bounds(0, 0, width, height).padded(_TOUCH)
    return Illegible(
        [(a.get_text(), b.get_text()) for a, b in combinations(texts, 2) if _meet(a, b)],
        [
            text.get_text()
            for text in texts
            if _drawn(text) and not all(canvas.contains(*corner) for corner in _corners(text))
        ],
    )


def _drawn(text: Text) -> bool:
    """Whether a text is drawn at all: an annotation of a place out of view is not."""
    return not isinstance(text, Annotation) or bool(text._check_xy())  # type: ignore[attr-defined]


def ease(figure: Figure) -> None:
    """Set tick labels apart where they collide: words in lines, then aslant; of numbers, fewer."""
    for _ in range(3):
        figure.draw_without_rendering()
        crowded = [
            axis
            for ax in figure.axes
            if ax.get_visible() and ax.axison
            for axis in _axes_of(ax)
            if any(_meet(a, b) for a, b in pairwise(_tick_labels(axis)))
        ]
        if not crowded:
            return
        for axis in crowded:
            _ease(axis)


def _ease(axis: Axis) -> None:
    words = isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter) and any(
        any(c.isalpha() for c in label.get_text()) for label in _tick_labels(axis)
    )
    if not words:
        _thin(axis)
        return
    places, labels = axis.get_majorticklocs(), [t.get_text() for t in axis.get_ticklabels()]
    wrapped = [textwrap.fill(label, 10, break_long_words=False) for label in labels]
    if isinstance(axis, XAxis) and wrapped == labels:
        axis.set_tick_params(rotation=35)
        for label in axis.get_ticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axis.set_ticks(places, wrapped)


def _thin(axis: Axis) -> None:
    """Every second label stays, the first included."""
    minor = [t for t in axis.get_minor_ticks() if t.label1.get_text().strip()]
    if minor:
        axis.set_minor_formatter("")
        return
    low, high = sorted(axis.get_view_interval())
    places = [v for v in axis.get_majorticklocs() if low <= v <= high]
    texts = axis.get_major_formatter().format_ticks(places)
    axis.set_ticks(places, [text if i % 2 == 0 else "" for i, text in enumerate(texts)])


def narrowed(figure: Figure) -> Figure | None:
    """A copy of the figure for a phone: panels that stood in a row stand below each other.

    Each panel keeps its height, as labels may have been placed by it. The copy has the smallest
    width of :data:`NARROW` at which all texts are seen and none lies over another. None where there
    is no such width, where the figure is narrow already or can't be copied.
    """
    for width in NARROW:
        if figure.get_size_inches()[0] <= 1.1 * width:
            return None
        try:
            copy: Figure = pickle.loads(pickle.dumps(figure))
        except (pickle.PicklingError, AttributeError, TypeError):
            return None
        if _fits(copy, width):
            return copy
    return None


def _fits(figure: Figure, width: float) -> bool:
    """Lay the figure out for a width; whether everything in it has its place."""
    row = _row(figure)
    if row:
        _stack(row)
    figure.set_size_inches(width, figure.get_size_inches()[1] * max(1, len(row)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ease(figure)
        legible = not any(illegible(figure))
    return legible and not any("constrained_layout" in str(w.message) for w in caught)


def _row(figure: Figure) -> list[Axes]:
    """The panels of a figure that is one row of them, from left to right; else none."""
    panels = [ax for ax in figure.axes if ax.get_subplotspec() is not None]
    grids = {id(ax.get_gridspec()) for ax in panels}
    if len(grids) != 1:
        return []
    grid: Any = panels[0].get_gridspec()
    alone = grid.nrows == 1 and grid.ncols == len(panels) > 1
    wide = figure.get_size_inches()[0] / max(1, len(panels)) > 1.9  # small ones stay side by side
    return sorted(panels, key=lambda ax: _column(ax)) if alone and wide else []


def _column(ax: Axes) -> int:
    spec: Any = ax.get_subplotspec()
    return int(spec.colspan.start)


def _stack(panels: list[Axes]) -> None:
    figure = panels[0].get_figure(root=True)
    grid = GridSpec(len(panels), 1, figure=figure)
    first = panels[0]
    for i, ax in enumerate(panels):
        ax.set_subplotspec(grid[i])
        if i and ax.get_shared_y_axes().joined(ax, first):
            ax.tick_params(axis="y", labelleft=True)
            if not ax.get_ylabel():
                ax.set_ylabel(first.get_ylabel())
