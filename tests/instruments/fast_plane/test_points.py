"""Tensors of many points. Oracle: the shape of one of them."""

from __future__ import annotations

import pytest
import torch

from lecturelib.instruments._fast_plane.not_covered import NotCovered
from lecturelib.instruments._fast_plane.points import Points
from lecturelib.instruments._fast_plane.tape import Tape


def test_a_tensor_of_points_looks_like_one_of_them():
    tape, zeros = Tape(), torch.zeros(7, 3, 2)
    weight, activation = Points(tape, zeros, zeros), Points(tape, zeros, zeros, transposed=True)
    assert (weight.shape, activation.shape) == ((3, 2), (2, 3))
    assert (weight + 1).stack.shape == (7, 3, 2)
    assert weight.numel() == 6
    with pytest.raises(NotCovered, match="shapes"):
        activation + torch.zeros(4)
    with pytest.raises(NotCovered, match="cumsum"):
        weight.cumsum(0)
