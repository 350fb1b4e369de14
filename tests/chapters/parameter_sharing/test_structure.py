"""The matrix of a convolution against PyTorch's convolution."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F

from lecturelib.chapters.parameter_sharing.structure import (
    convolution_matrix,
    output_size,
    which_weight,
)

OPTIONS = [
    {"stride": s, "padding": p, "dilation": d}
    for s, p, d in itertools.product((1, 2, 3), (0, 1, 2), (1, 2))
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kernel", [1, 2, 3])
def test_the_matrix_is_the_convolution(options, kernel):
    g = torch.Generator().manual_seed(0)
    x = torch.randn(4, 1, 6, 6, generator=g, dtype=torch.float64)
    w = torch.randn(kernel, kernel, generator=g, dtype=torch.float64)
    wanted = F.conv2d(x, w[None, None], **options)
    matrix = convolution_matrix(w, 6, **options)
    torch.testing.assert_close(x.flatten(1) @ matrix.T, wanted.flatten(1))
    assert wanted.shape[2] == output_size(6, kernel, **options)


def test_entries_are_zero_or_a_weight():
    """On a ring of windows each weight would stand once a row; the border takes some away."""
    index = which_weight(5, 3, padding=1)
    assert index.shape == (25, 25)
    counts = torch.bincount(index[index >= 0], minlength=9)
    assert counts.tolist() == [16, 20, 16, 20, 25, 20, 16, 20, 16]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((0, 3), "at least 1"), ((2, 3), "does not fit"), ((5, 3, -1), "at least 0")],
)
def test_sizes_that_can_not_be(arguments, words):
    size, kernel, *padding = arguments
    with pytest.raises(ValueError, match=words):
        output_size(size, kernel, padding=padding[0] if padding else 0)
