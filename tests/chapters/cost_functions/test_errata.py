"""What the errata of the chapter ``cost_functions`` say, shown from the definitions with NumPy."""

from __future__ import annotations

import numpy as np
import pytest


def test_bernoulli_cost_needs_its_minus() -> None:
    """FFN: E[y log f + (1 − y) log(1 − f)] is largest, not smallest, at f = P(y = 1)."""
    p = 0.3
    f = np.linspace(1e-6, 1 - 1e-6, 100_001)
    slide = p * np.log(f) + (1 - p) * np.log1p(-f)
    assert f[slide.argmax()] == pytest.approx(p, abs=1e-4)
    assert f[slide.argmin()] in (f[0], f[-1])
    assert f[(-slide).argmin()] == pytest.approx(p, abs=1e-4)


def test_a_median_need_not_balance_the_two_sides() -> None:
    """FFN: no m has P(y ≤ m) = P(y ≥ m), and yet the expected |y − m| has its minimum at 1."""
    values, shares = np.array([0.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3])
    m = np.linspace(-1, 3, 4_001).round(3)
    below = (shares * (values <= m[:, None])).sum(1)
    above = (shares * (values >= m[:, None])).sum(1)
    assert np.abs(below - above).min() > 0.05
    medians = m[(below >= 0.5 - 1e-12) & (above >= 0.5 - 1e-12)]
    assert medians.tolist() == [1.0]
    cost = (shares * np.abs(values - m[:, None])).sum(1)
    assert m[cost.argmin()] == 1.0


def test_a_stationary_line_is_not_the_conditional_median() -> None:
    """FFN: the best line under absolute error balances signs on average, and misses the median."""
    x = np.linspace(-1, 1, 2_001)
    median = x**2  # symmetric noise around it: the conditional median
    noise = np.linspace(-0.5, 0.5, 101)
    y = median[:, None] + noise
    levels = np.linspace(0, 0.8, 801)
    cost = [np.abs(y - level).mean() for level in levels]  # the slope is 0 by symmetry
    level = levels[int(np.argmin(cost))]
    signs = np.sign(y - level).mean(1)
    assert abs(signs.mean()) < 0.01  # ∂L/∂b
    assert abs((signs * x).mean()) < 1e-12  # ∂L/∂w
    assert np.abs(median - level).max() > 0.5


def test_least_squares_is_not_unique_for_dependent_columns() -> None:
    """FFN: with a column that others make up, XᵀX is singular and many weights fit equally."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 2))
    x = np.column_stack([x, x[:, 0] - x[:, 1]])
    y = rng.normal(size=20)
    gram = x.T @ x
    assert np.linalg.matrix_rank(gram) == 2
    shortest = np.linalg.pinv(x) @ y
    other = shortest + np.array([1.0, -1.0, -1.0])
    np.testing.assert_allclose(x @ other, x @ shortest, atol=1e-12)
    np.testing.assert_allclose(gram @ shortest, x.T @ y, atol=1e-12)
    assert np.linalg.norm(shortest) < np.linalg.norm(other)
