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
    knots = np.arange(n + 1) / n
    x = np.linspace(0, 1, 10_001)
    interpolation = np.abs(np.interp(x, knots, knots**2) - x**2).max()
    assert interpolation == pytest.approx(1 / (4 * n**2), rel=1e-4)
    # n ReLUs have n + 1 pieces, the longest of at least 1 / (n + 1): best line there by search
    h = 1 / (n + 1)
    z = np.linspace(-h / 2, h / 2, 401)
    best = min(np.ptp(z**2 - slope * z) / 2 for slope in np.linspace(-2, 2, 401))
    assert best == pytest.approx(h**2 / 8, rel=1e-9)
    assert interpolation >= best
