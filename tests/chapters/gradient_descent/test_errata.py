"""What the errata of ``gradient_descent`` say, shown with NumPy from the definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest


def f(x: Any) -> Any:
    return np.sin(x) * np.cos(4 * x)


def slope(x: Any) -> Any:
    return np.cos(x) * np.cos(4 * x) - 4 * np.sin(x) * np.sin(4 * x)


X = np.linspace(-math.pi, math.pi, 400_001)


def test_the_rate_follows_from_the_constant_of_the_gradient() -> None:
    """FFN: below 2/4 steps go uphill from most points; below 2/17 from none."""
    second = np.abs(np.diff(slope(X)) / np.diff(X))
    assert second.max() == pytest.approx(17, rel=1e-3)  # difference quotients of the slope
    uphill = {rate: (f(X - rate * slope(X)) > f(X) + 1e-12).mean() for rate in (0.45, 1.99 / 17)}
    assert uphill[0.45] > 0.5
    assert uphill[1.99 / 17] == 0
    x = -math.pi / 2 + 1e-3  # beside the lowest minimum, where the second derivative is 17
    for _ in range(2000):
        x -= 2.05 / 17 * slope(x)
    assert abs(x + math.pi / 2) > 0.05


def test_the_slope_of_the_lecture_s_function_stays_below_four() -> None:
    """FFN: 3.7611, where the slide has 4; and the largest size is that of a negative slope, too."""
    assert np.abs(slope(X)).max() == pytest.approx(3.7611, abs=5e-5)
    assert np.allclose(slope(X), (5 * np.cos(5 * X) - 3 * np.cos(3 * X)) / 2, atol=1e-12)
    peaks = 2 * math.pi / 5 * np.arange(5)  # cos 5x = 1 here, and cos 3x = -1 nowhere among them
    assert np.cos(3 * peaks).min() > -0.9


def test_the_sum_over_a_minibatch_is_too_small() -> None:
    """FFN: means agree on the average, sums differ by the factor of the sizes."""
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(1024, 3)) + 1
    sums = np.array([gradients[rng.permutation(1024)[:32]].sum(0) for _ in range(4000)])
    assert sums.mean(0) == pytest.approx(gradients.sum(0) / 32, rel=0.02)


def test_the_full_gradient_can_be_added_up_in_chunks() -> None:
    """FFN: never more than 100 of 10,000 samples at a time, and the gradient is exact."""
    rng = np.random.default_rng(0)
    x, theta = rng.normal(size=(10_000, 5)), rng.normal(size=5)
    y = x @ np.ones(5)
    whole = x.T @ (x @ theta - y) / 10_000
    total = np.zeros(5)
    for start in range(0, 10_000, 100):
        part = x[start : start + 100]
        total += part.T @ (part @ theta - y[start : start + 100])
    assert total / 10_000 == pytest.approx(whole, rel=1e-12)
