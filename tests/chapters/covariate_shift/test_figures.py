"""Figures of the chapter covariate_shift: they draw what the numbers say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.covariate_shift import explore, figures

RNG = np.random.default_rng(0)
GRIDS = {"none": (0.01, 0.1), "batch": (0.1, 1.0, 3.0)}
VALUES = {kind: RNG.uniform(0.1, 1, (len(grid), 3)) for kind, grid in GRIDS.items()}
TRACE = RNG.normal(size=8), np.ones(8)
CALLS = {
    "losses_by_rate": lambda: figures.losses_by_rate(GRIDS, VALUES),
    "unit_over_time": lambda: figures.unit_over_time({"none": TRACE, "noisy": TRACE}),
    "shift_by_rate": lambda: figures.shift_by_rate(GRIDS, {8: VALUES, 16: VALUES}),
    "two_domains": lambda: explore.two_domains("line", 1.0, 0.0),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_transparent_and_labelled(name: str) -> None:
    fig = CALLS[name]()
    assert isinstance(fig, Figure)
    assert fig.get_facecolor()[-1] == 0
    assert not plt.get_fignums(), "pyplot would show the figure a second time"
    text = " ".join(t.get_text() for t in fig.findobj(plt.Text))
    assert len(text.split()) >= 3, "axes have words"
    fig.draw_without_rendering()


def test_all_figures_are_covered() -> None:
    drawn = {
        name
        for module in (figures, explore)
        for name, thing in vars(module).items()
        if getattr(thing, "__wrapped__", None)
        and getattr(thing, "__module__", "") == module.__name__
        and not hasattr(thing, "cache_info")
    }
    assert drawn == set(CALLS)


def test_curves_are_medians_over_seeds() -> None:
    ax = CALLS["losses_by_rate"]().axes[0]
    lines = {tuple(line.get_xdata()): line.get_ydata() for line in ax.lines}
    for kind, grid in GRIDS.items():
        assert lines[grid] == pytest.approx(np.median(VALUES[kind], 1))


def test_the_line_turns_with_the_weights() -> None:
    def slope(power: float) -> float:
        ax = explore.two_domains("line", power, 0.0).axes[0]
        fitted = next(line for line in ax.lines if line.get_label() == "fitted line")
        x, y = fitted.get_xydata().T
        return (y[70] - y[50]) / (x[70] - x[50])

    assert slope(0.0) > 0.2
    assert slope(1.0) < -0.5


def test_the_sentence_says_what_the_fits_give() -> None:
    plain = explore.describe_two_domains("line", 0.0, 0.0)
    assert plain == (
        "No weights: excess error in the test domain 0.1741 (median of 200 training sets)."
    )
    weighted = explore.describe_two_domains("cubic", 1.0, 0.0)
    found = explore.fitted("cubic", 1.0, 0.0)
    assert f"{found.excess.median():.4f}" in weighted
    assert "worse in 78% of the sets" in weighted
