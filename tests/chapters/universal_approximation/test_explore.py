"""The movable figures of ``universal_approximation``: their numbers are those of the theorems."""

from __future__ import annotations

import math

import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.universal_approximation import explore as figures


@pytest.mark.parametrize("units", [1, 4, 16])
def test_errors_stay_below_the_bounds_of_the_chapter(units: int) -> None:
    slope, bend = 0.8 * math.pi, 1.6 * math.pi**2  # of the wave
    assert figures.largest_error("wave", "step", units) <= slope / (2 * (units + 1))
    assert figures.largest_error("wave", "relu", units) <= bend / (8 * units**2)
    assert figures.largest_error("parabola", "step", units) <= 2 / (2 * (units + 1))


def test_one_relu_gives_the_wave_a_constant() -> None:
    assert figures.largest_error("wave", "relu", 1) == pytest.approx(0.4, rel=1e-4)


@pytest.mark.parametrize("target", figures.TARGETS)
@pytest.mark.parametrize("kind", ["step", "sigmoid", "relu"])
def test_frames_draw_and_describe_themselves(target: str, kind: str) -> None:
    assert isinstance(figures.approximation(target, kind, 2), Figure)
    said = figures.describe_approximation(target, kind, 2)
    assert f"{figures.largest_error(target, kind, 2):.2g}" in said


@pytest.mark.parametrize(("layers", "verdict"), [(1, "enough"), (2, "enough"), (3, "too few")])
def test_the_sawtooth_leads_from_three_layers(layers: int, verdict: str) -> None:
    assert isinstance(figures.teeth(layers), Figure)
    assert verdict in figures.describe_teeth(layers)
