"""What the errata of the chapter ``universal_approximation`` say, shown with NumPy alone."""

from __future__ import annotations

import math

import numpy as np
import pytest


@pytest.mark.parametrize("epsilon", [0.1, 0.01, 0.001])
def test_a_finite_number_of_units_reaches_every_error(epsilon: float) -> None:
    x = np.linspace(0, 1, 20_001)
    f = np.abs(np.sin(7 * x)) / 7  # Lipschitz constant 1
    treads = math.ceil(1 / (2 * epsilon))
    tread = np.minimum((x * treads).astype(int), treads - 1)
    values = np.abs(np.sin(7 * (np.arange(treads) + 0.5) / treads)) / 7
    # the sum of steps telescopes to the value of the tread
    steps = values[0] + np.concatenate([[0], np.diff(values).cumsum()])[tread]
    assert np.abs(steps - f).max() <= epsilon + 1e-12


@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_the_error_for_the_square_is_bounded_from_both_sides(n: int) -> None:
    x = np.linspace(0, 1, 20_001)
    ends = 2 * n + 1
    kinks = (2 * np.arange(n) + 1) / ends
    best = 1 / (2 * ends**2) + 4 / ends * np.maximum(x[:, None] - kinks, 0).sum(1)
    assert np.abs(best - x**2).max() == pytest.approx(1 / (2 * ends**2), rel=1e-4)
    # pieces: half a length for the flat one, a length for the others, by the error of each
    h = 2 / ends
    z = np.linspace(-h / 2, h / 2, 401)
    line = min(np.ptp(z**2 - slope * z) / 2 for slope in np.linspace(-2, 2, 401))
    flat = np.ptp(np.linspace(0, h / 2, 401) ** 2) / 2
    assert line == pytest.approx(flat, rel=1e-9) == pytest.approx(1 / (2 * ends**2), rel=1e-9)


def test_no_single_unit_does_better_for_the_square() -> None:
    x = np.linspace(0, 1, 361)
    least = min(
        np.ptp(x**2 - a * np.maximum(side * (x - kink), 0)) / 2
        for side in (1, -1)
        for kink in np.linspace(-0.5, 1.5, 121)
        for a in np.linspace(-3, 3, 145)
    )
    assert least == pytest.approx(1 / 18, abs=1e-6)
