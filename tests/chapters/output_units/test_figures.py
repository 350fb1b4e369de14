"""Figures of the chapter output_units: they draw what the equations say."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.output_units import explore, figures

Z = torch.tensor([2.0, 1.0, 0.0, -1.0])
RNG = np.random.default_rng(0)
CALLS = {
    "output_units": lambda: figures.output_units(),
    "rounding_of_softplus": lambda: figures.rounding_of_softplus(),
    "temperatures": lambda: figures.temperatures(Z),
    "entropy_against_temperature": lambda: figures.entropy_against_temperature(
        {"a": Z, "b": 2 * Z}
    ),
    "maximum_on_the_simplex": lambda: figures.maximum_on_the_simplex(
        torch.tensor([0.0, 1.0, 3.0]), 1.0
    ),
    "reliability": lambda: figures.reliability(
        {"a": RNG.uniform(0.3, 1, 400), "b": RNG.uniform(0.3, 1, 400)}, RNG.random(400) < 0.7
    ),
    "softmax_temperature": lambda: explore.softmax_temperature(),
    "loaded_die": lambda: explore.loaded_die(),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_transparent_and_labelled(name: str) -> None:
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    if name != "maximum_on_the_simplex":
        assert all(ax.get_ylabel() for ax in figure.axes)


def test_bars_of_a_temperature_add_up_to_one() -> None:
    heights = [bar.get_height() for bar in figures.temperatures(Z).axes[0].patches]
    assert len(heights) == 12
    assert np.reshape(heights, (3, 4)).sum(1) == pytest.approx(1)
    assert heights[0] > heights[4] > heights[8] > 0.25


def test_entropy_curves_end_at_log_k() -> None:
    figure = figures.entropy_against_temperature({"one": Z, "tie": torch.tensor([2.0, 2, 0, 0])})
    one, tie = (line.get_ydata() for line in figure.axes[0].lines[:2])
    assert (one[0], tie[0]) == (pytest.approx(0, abs=1e-6), pytest.approx(math.log(2), abs=1e-6))
    assert [one[-1], tie[-1]] == pytest.approx([math.log(4)] * 2, abs=1e-3)
    assert (np.diff(one) >= -1e-12).all()


@pytest.mark.parametrize("mean", [0.3, 1.0, 2.5])
def test_the_dot_lies_on_the_line_and_on_the_family(mean: float) -> None:
    figure = figures.maximum_on_the_simplex(torch.tensor([0.0, 1.0, 3.0]), mean)
    line, dot, family = figure.axes[0].lines
    (x0, x1), (y0, y1) = line.get_data()
    assert math.hypot(x1 - x0, y1 - y0) > 0.1
    (x,), (y,) = dot.get_data()
    area = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
    assert area == pytest.approx(0, abs=1e-6)
    assert np.hypot(family.get_xdata() - x, family.get_ydata() - y).min() < 0.02


def test_naive_softplus_overflows_and_the_library_does_not() -> None:
    naive, stable = (np.asarray(line.get_ydata()) for line in
                     figures.rounding_of_softplus().axes[0].lines[:2])  # fmt: skip
    z = np.linspace(-120, 120, 481)
    assert (naive[z > 89] == 1e3).all()
    assert (naive[z < -17] > 0.99).all()
    assert stable[z > -85].max() < 2e-7


@pytest.mark.parametrize("temperature", [0.0, 0.25, 1.0, 16.0])
def test_described_temperature_is_the_drawn_one(temperature: float) -> None:
    p, entropy = explore.cooled(temperature, 2.0)
    heights = [bar.get_height() for bar in explore.softmax_temperature(temperature).axes[0].patches]
    assert heights == pytest.approx(p.tolist())
    assert 0 <= entropy <= math.log(4)
    assert f"{p[0]:.2f}" in explore.describe_temperature(temperature, 2.0)


@pytest.mark.parametrize("mean", [1.25, 3.5, 5.5])
def test_the_die_has_the_mean(mean: float) -> None:
    heights = [bar.get_height() for bar in explore.loaded_die(mean).axes[0].patches]
    assert sum(heights) == pytest.approx(1)
    assert np.dot(heights, range(1, 7)) == pytest.approx(mean, abs=1e-6)
    ratios = np.divide(heights[1:], heights[:-1])
    assert ratios == pytest.approx(ratios[0])
    assert f"{ratios[0]:.2f} times" in explore.describe_die(mean)
