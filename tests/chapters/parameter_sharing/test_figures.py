"""Figures of the chapter parameter_sharing, those that move included."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure

from lecturelib.chapters.parameter_sharing import explore, figures

CALLS = {
    "places": lambda: figures.places(torch.rand(3, 144), ["a", "b", "c"]),
    "moved": lambda: figures.moved([0, 1], dict.fromkeys(figures.NETWORKS, torch.rand(2, 3))),
    "toeplitz": figures.toeplitz,
    "matrix": figures.matrix,
    "plans": figures.plans,
    "shares": lambda: figures.shares(["conv", "linear"], [10, 90], [80, 20]),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CALLS))
def test_figure_is_returned_and_transparent(name):
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0


def test_bars_are_shares_of_the_whole():
    widths = [
        bar.get_width() for bar in figures.shares(["a", "b"], [10, 90], [80, 20]).axes[0].patches
    ]
    assert widths == [10, 90, 80, 20]


@pytest.mark.parametrize("kernel", [2, 3])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("dilation", [1, 2])
def test_the_sentence_counts_what_a_convolution_does(kernel, stride, padding, dilation):
    """Counted afresh from PyTorch: unit images through a convolution of ones."""
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    units = torch.eye(36, dtype=torch.float64).view(36, 1, 6, 6)
    out = F.conv2d(units, torch.ones(1, 1, kernel, kernel, dtype=torch.float64), **options)
    said = explore.describe(kernel, *options.values(), "last")
    side, _, row, entries, filled, total, weights, unseen, _ = map(int, re.findall(r"\d+", said))
    assert (side, row) == (out.shape[2], side**2 - 1)
    assert (filled, total) == (int(out.count_nonzero()), out.numel())
    assert entries == int(out.flatten(1)[:, -1].count_nonzero())
    assert unseen == int((out.flatten(1).sum(1) == 0).sum())
    assert weights <= kernel**2


def test_window_and_row_are_the_same_entries():
    image, matrix = explore.kernel_and_matrix(3, 2, 1, 1, "second")
    assert [type(f) for f in (image, matrix)] == [Figure, Figure]
    coloured = [p for p in image.axes[0].patches if p.get_facecolor()[3] > 0]
    assert len(coloured) == 9  # padding included
    drawn = np.ma.getmaskarray(matrix.axes[0].images[0].get_array())
    assert (~drawn[1]).sum() == 6  # without the padding
