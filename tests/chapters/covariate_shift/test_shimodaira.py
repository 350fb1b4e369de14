"""Shimodaira's example against NumPy's least squares and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lecturelib.chapters.covariate_shift import shimodaira
from lecturelib.chapters.covariate_shift.experiments import importance_weights


@pytest.mark.parametrize(("mean", "sd"), [(0.5, 0.5), (0.0, 0.3), (-0.7, 0.4)])
def test_best_line_is_that_of_least_squares_by_quadrature(mean: float, sd: float) -> None:
    z, weight = np.polynomial.hermite_e.hermegauss(10)
    x = mean + sd * z
    slope, intercept = np.polyfit(x, x**3 - x, 1, w=np.sqrt(weight))
    assert shimodaira.best_line(mean, sd) == pytest.approx((intercept, slope), abs=1e-9)


def test_no_line_is_better_than_six_times_the_sixth_power() -> None:
    intercept, slope = shimodaira.best_line(*shimodaira.TEST)
    z, weight = np.polynomial.hermite_e.hermegauss(10)
    x = 0.3 * z
    wrong = x**3 - x - slope * x - intercept
    assert (weight @ wrong**2) / weight.sum() == pytest.approx(6 * 0.3**6, rel=1e-9)
    many = shimodaira.fits(1, 1.0, samples=20_000, count=3)
    assert many.excess.numpy() == pytest.approx(6 * 0.3**6, rel=0.03)


@pytest.mark.parametrize("degree", [1, 3])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_fits_are_numpys(degree: int, power: float) -> None:
    x, y = (v.numpy() for v in shimodaira.draw(30, count=4, seed=3))
    ratio = np.exp(-(x**2) / 0.18 + (x - 0.5) ** 2 / 0.5)
    found = shimodaira.fits(degree, power, samples=30, count=4, seed=3)
    for i in range(4):
        wanted = np.polyfit(x[i], y[i], degree, w=ratio[i] ** (power / 2))[::-1]
        assert found.coefficients[i].numpy() == pytest.approx(wanted, rel=1e-6, abs=1e-8)
        w = ratio[i] ** power
        assert found.size[i].item() == pytest.approx(w.sum() ** 2 / (w**2).sum())


def test_the_claims_experiment_agrees_over_samples() -> None:
    """The same medians by the program of the record W1, which draws its own samples."""
    theirs = importance_weights(range(60), samples=100)
    for power, kind in ((0.0, "plain"), (1.0, "weighted")):
        ours = shimodaira.fits(1, power, count=400).excess.median().item()
        other = theirs[f"excess line {kind}"].median().item()
        assert ours == pytest.approx(other, rel=0.25)


def test_size_counts_equal_weights() -> None:
    assert shimodaira.effective_size(torch.full((7,), 3.0)).item() == pytest.approx(7)
    assert shimodaira.effective_size(torch.tensor([5.0, 0.0])).item() == 1
