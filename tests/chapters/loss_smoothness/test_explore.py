"""The movable figures of the chapter loss_smoothness, against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.loss_smoothness import explore as figures


@pytest.mark.parametrize("network", figures.ORDERS)
def test_the_parabola_bounds_the_loss_up_to_the_marked_distance(network: str) -> None:
    found = figures.gradient_slice(network, 16)
    start, length = found["start"].item(), found["length"].item()
    for distance in (0.1, 1.0):
        beta, allowed, _ = figures.bound(network, 16, distance)
        d = np.array([x for x in figures.GRID if x <= distance])
        parabola = start - length * d + beta * d**2 / 2
        loss = found["relative"].numpy()[: len(d)] * start
        assert (loss <= parabola + 1e-3).all()
        assert allowed == pytest.approx(length / beta)


def test_the_constant_never_falls_with_the_distance() -> None:
    constants = [figures.bound("no batch norm", 16, d)[0] for d in (0.03, 0.3, 3.0)]
    assert constants == sorted(constants)


def test_filter_normalization_makes_the_slice_independent_of_the_scale() -> None:
    one, ten = (figures.scaled_slice("filter-normalized", c)[1] for c in (1.0, 10.0))
    torch.testing.assert_close(one, ten, rtol=1e-2, atol=1e-2)
    raw_one, raw_ten = (figures.scaled_slice("raw", c)[1] for c in (1.0, 10.0))
    middle = len(raw_one) // 2
    assert raw_one[middle] == pytest.approx(raw_ten[middle].item(), abs=1e-3)
    assert raw_ten[-1] - raw_ten[middle] < 0.3 * (raw_one[-1] - raw_one[middle])


def test_the_figures_and_their_sentences_agree() -> None:
    assert isinstance(figures.step_and_smoothness(), Figure)
    assert isinstance(figures.slice_of_scaled_network(), Figure)
    beta, allowed, at = figures.bound("batch norm", 16, 0.3)
    said = figures.describe_step("batch norm", 16, 0.3)
    assert all(number in said for number in (f"{beta:.1f}", f"{allowed:.3f}", f"{at:.2f}"))
    assert "±0.2" in figures.describe_scaled("raw", 1.0)
