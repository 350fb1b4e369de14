"""What the errata of the chapter ``output_units`` say, shown from the definitions with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

Z = np.array([[1.0, 0.2], [-0.5, 0.3], [0.4, 1.1], [0.9, 0.8], [-0.2, -0.6]])
T = np.array([0, 0, 1, 1, 0])


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def gaps(s: np.ndarray) -> np.ndarray:
    """How far the two sums of the slide are from their right-hand sides."""
    return np.array([(s[:, k] * Z[:, k]).sum() - Z[k == T, k].sum() for k in (0, 1)])


def solve() -> tuple[np.ndarray, np.ndarray]:
    """Multipliers with which softmax meets both constraints, by Newton's method on the gaps."""
    multipliers = np.ones(2)
    for _ in range(50):
        s = softmax(multipliers * Z)
        v = s[:, 0] * s[:, 1]
        slope = np.array(
            [
                [(v * Z[:, 0] ** 2).sum(), -(v * Z[:, 0] * Z[:, 1]).sum()],
                [-(v * Z[:, 0] * Z[:, 1]).sum(), (v * Z[:, 1] ** 2).sum()],
            ]
        )
        multipliers = multipliers - np.linalg.solve(slope, gaps(s))
    return multipliers, softmax(multipliers * Z)


def test_the_slide_s_entropy_is_smallest_at_the_softmax() -> None:
    """FFN: along every direction that keeps the constraints, Σ s log s has its minimum there."""
    _, s = solve()
    np.testing.assert_allclose(gaps(s), 0, atol=1e-12)
    # Directions: d for class 0 and -d for class 1 keep each sum; both outputs' sums must stay.
    kernel = np.linalg.svd(Z.T)[2][2:]
    assert len(kernel) == 3
    at_best = (s * np.log(s)).sum()
    for d in [*kernel, *-kernel]:
        size = 0.5 * s.min() / np.abs(d).max()
        moved = s + size * np.stack([d, -d], 1)
        np.testing.assert_allclose(gaps(moved), 0, atol=1e-12)
        assert (moved * np.log(moved)).sum() > at_best + 1e-4


def test_one_multiplier_for_all_samples_does_not_normalize() -> None:
    """FFN: s = exp(λ_k z_k − λ − 1) with one λ has sums 1 only if exp(λ₀z₀) + exp(λ₁z₁) agree."""
    multipliers, s = solve()
    sums = np.exp(multipliers * Z).sum(1)
    assert sums.max() / sums.min() > 1.5
    one = np.exp(multipliers * Z) / sums.mean()
    assert one.sum() == pytest.approx(len(Z))
    assert np.abs(one.sum(1) - 1).max() > 0.2
    np.testing.assert_allclose(s.sum(1), 1)


def test_softmax_without_multipliers_breaks_the_constraints() -> None:
    """FFN: softmax(z) misses the sums, softmax(λz) meets them; the same for one class."""
    multipliers, s = solve()
    np.testing.assert_allclose(gaps(s), 0, atol=1e-12)
    assert np.abs(gaps(softmax(Z))).max() > 0.1
    assert np.abs(multipliers - 1).max() > 0.1
    # One class, z₁ = 0: for z₀ twice as large the multiplier halves and σ(λz₀) stays the same.
    z, goal = Z[:, 0], Z[T == 0, 0].sum()
    grid = np.linspace(0, 20, 200_001)
    for scale in (1.0, 2.0):
        sums = (scale * z / (1 + np.exp(-np.outer(grid, scale * z)))).sum(1)
        found = grid[np.abs(sums - scale * goal).argmin()]
        if scale == 1.0:
            first = found
    assert found == pytest.approx(first / 2, abs=2e-4)


def test_softmax_sums_to_one_and_rounds_to_zero() -> None:
    """FFN: 0 < softmax < 1 for real numbers; in float32 the bounds are reached."""
    s = softmax(Z.astype(np.float32))
    assert s.dtype == np.float32
    np.testing.assert_allclose(s.sum(1), 1, rtol=1e-6)
    assert ((s > 0) & (s < 1)).all()
    far = softmax(np.array([[0, 110]], dtype=np.float32))
    assert far.tolist() == [[0.0, 1.0]]
