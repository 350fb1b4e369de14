"""Errata of the chapter ``noise_and_augmentation``: each test shows one."""

from __future__ import annotations

import numpy as np
import pytest

# Gauss–Hermite: exact means over a standard normal variable, for polynomials of degree below 40.
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@pytest.mark.parametrize("y", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("std", [0.01, 0.03])
def test_the_penalty_needs_the_square_and_a_second_term(y, std):
    """f = w² at w = 1: gradient 2, second derivative 2."""
    f = (1 + std * POINTS) ** 2
    variance = std**2
    plain = WEIGHTS @ (f - y) - (1 - y)
    assert plain == pytest.approx(variance / 2 * 2)
    assert plain < 0.3 * variance * 2**2  # no gradient penalty
    squared = WEIGHTS @ (f - y) ** 2 - (1 - y) ** 2
    second = (1 - y) * 2
    assert squared == pytest.approx(variance * (2**2 + second), rel=0.02, abs=3.1 * variance**2)
    if y == 4:
        assert squared < 0  # which no penalty does
