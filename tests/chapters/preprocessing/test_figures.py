"""Figures of the chapter preprocessing: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.preprocessing import experiments, figures
from lecturelib.data import ct_phantom

PHANTOM = ct_phantom(64)
SHARES = torch.rand(3, 2, generator=torch.Generator().manual_seed(0))
STATISTICS = ("training", "mixed 360", "mixed 36", "sorted 36", "mixed 1", "changed training")
CALLS = {
    "descent": lambda: figures.descent([0, 1, 10], experiments.courses([0, 1], [0, 1, 10])),
    "spike": figures.spike,
    "centring": lambda: figures.centring([1.0, 2.0, 4.0], SHARES, 0 * SHARES),
    "grey_values": lambda: figures.grey_values(PHANTOM.image, level=50, width=120),
    "loss_by_stage": lambda: figures.loss_by_stage({"raw": [torch.linspace(1, 0.5, 9)] * 2}),
    "clouds": lambda: figures.clouds({"raw": torch.ones(3, 2), "centred": torch.zeros(3, 2)}),
    "zigzag": lambda: figures.zigzag({"positive": torch.zeros(5, 2), "centred": torch.ones(5, 2)}),
    "dither": lambda: figures.dither([0.0, 0.5], [0.5, 0.0]),
    "whose_statistics": lambda: figures.whose_statistics(
        {key: [0.9, 0.8] for key in [*STATISTICS, "changed own"]}
    ),
    "image_accuracy": lambda: figures.image_accuracy({"raw": [0.9, 0.8], "centred": [0.9, 0.95]}),
}
PICTURES = {
    "whitened_digits": lambda: figures.whitened_digits(
        torch.rand(80, 64, generator=torch.Generator().manual_seed(0)), count=2
    ),
    "liver": lambda: figures.liver(PHANTOM),
}


@pytest.mark.parametrize("name", [*CALLS, *PICTURES])
def test_figure_is_returned_and_transparent(name: str) -> None:
    figure = {**CALLS, **PICTURES}[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    if name in CALLS:
        assert all(ax.get_xlabel() for ax in figure.axes)


def test_drawn_lines_of_the_uniform_inputs_go_through_the_computed_points() -> None:
    """The points are eigenvalues by LAPACK, the lines are the formulas of the chapter."""
    lines = [np.asarray(line.get_ydata(), dtype=float) for line in figures.spike().axes[1].lines]
    np.testing.assert_allclose(lines[0], lines[2], rtol=1e-9)  # with a bias
    np.testing.assert_allclose(lines[1], lines[3], rtol=1e-9)  # without


def test_the_largest_eigenvalue_stays_between_its_bounds() -> None:
    left = figures.spike().axes[0]
    squared, largest = (np.asarray(v, dtype=float) for v in left.lines[0].get_data())
    assert (largest >= squared + 1.25 - 1e-12).all()
    assert (largest <= squared + 2 + 1e-12).all()


def test_eight_bits_over_the_whole_range_show_few_greys_of_the_liver() -> None:
    shown = [np.asarray(ax.images[0].get_array()) for ax in figures.liver(PHANTOM).axes]
    counts = [len(np.unique(picture)) for picture in shown]
    assert counts[1] < counts[0] / 3
    assert counts[2] == counts[0]
