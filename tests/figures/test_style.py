"""The visual identity: one look a method, legible on both backgrounds, labels that keep apart."""

from __future__ import annotations

import re
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from lecturelib.figures import style

NORMALIZERS = list(style.METHODS)[: list(style.METHODS).index("SGD")]
OPTIMIZERS = list(style.METHODS)[list(style.METHODS).index("SGD") :]


def luminance(color: str) -> float:
    """Relative luminance by WCAG 2.2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(a: str, b: str) -> float:
    """Contrast ratio by WCAG 2.2."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", ["#FFFFFF", "#121212"])
def test_text_and_lines_stand_out_on_both_pages(background: str) -> None:
    assert contrast(style.TEXT, background) >= 4
    # Graphics want 3 : 1; orange, sky and purple miss it on white and are never alone: they
    # always come with a marker and a label.
    strong = {"blue", "green", "vermillion", "grey"}
    assert all(contrast(style.PALETTE[name], background) >= 3 for name in strong)
    assert all(contrast(color, background) >= 2 for color in style.PALETTE.values())


@pytest.mark.parametrize("group", [NORMALIZERS, OPTIMIZERS], ids=["normalizers", "optimizers"])
def test_every_method_of_a_group_looks_different(group: list[str]) -> None:
    looks = [style.METHODS[name] for name in group]
    assert len({(look.color, look.linestyle) for look in looks}) == len(looks)
    assert len({look.marker for look in looks}) == len(looks)
    assert all(re.fullmatch("#[0-9A-F]{6}", look.color) for look in looks)


def test_styled_figures_leave_pyplot_and_its_settings_alone() -> None:
    before = dict(plt.rcParams)

    @style.styled
    def draw() -> Figure:
        fig, ax = style.canvas()
        ax.plot([0, 1])
        return fig

    fig = draw()
    assert dict(plt.rcParams) == before
    assert not plt.get_fignums()
    assert fig.get_facecolor()[-1] == 0, "the background must be transparent"
    assert fig.axes[0].get_facecolor()[-1] == 0


def test_curve_draws_median_and_range_and_leaves_diverged_rows_out() -> None:
    _, ax = plt.subplots()
    values = [[1.0, 2.0, 9.0], [np.nan, 1.0, 1.0], [4.0, 5.0, 6.0]]
    line = style.curve(ax, [1, 2, 3], values, "batch norm")
    assert line.get_xydata().tolist() == [[1, 2], [3, 5]]
    assert line.get_color() == style.METHODS["batch norm"].color
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == 1
    assert heights.max() == 9
    plt.close()


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=8), st.floats(0, 20))
def test_spread_keeps_order_distance_and_mean(positions: list[float], gap: float) -> None:
    placed = style.spread(sorted(positions), gap)
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(placed))
    assert np.mean(placed) == pytest.approx(np.mean(positions), abs=1e-6)


def test_spread_moves_nothing_that_is_far_enough_apart() -> None:
    assert style.spread([0.0, 5.0, 10.0], 5.0) == [0.0, 5.0, 10.0]


def test_labels_at_line_ends_do_not_overlap() -> None:
    fig, ax = plt.subplots()
    lines = {f"line {i}": ax.plot([0, 1], [0, i / 1000 + 1])[0] for i in range(4)}
    lines["low"] = ax.plot([0, 1], [0, -5])[0]
    style.label_ends(ax, lines, gap=15)
    fig.draw_without_rendering()
    boxes = sorted((t.get_window_extent() for t in ax.texts), key=lambda box: box.y0)
    assert ax.texts[0].get_text() == "low"
    assert all(not a.overlaps(b) for a, b in pairwise(boxes))
    plt.close(fig)
