"""Max pooling without indices. Oracle: PyTorch's own."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from lecturelib.instruments import loss_plane, random_directions
from lecturelib.instruments._fast_plane.max_pooling import max_pool2d
from lecturelib.models import convnet


@pytest.mark.parametrize("window", [1, 2, 3, (2, 3), (4, 1), [2]])
@pytest.mark.parametrize("size", [(2, 3, 8, 8), (1, 2, 7, 5), (3, 5, 6)])
def test_windows_side_by_side(rng, window, size):
    x = torch.randn(size, generator=rng)
    x[0, 0, 0] = torch.nan
    found = max_pool2d(x, window)
    torch.testing.assert_close(found, F.max_pool2d(x, window), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "stride": 2},
        {"kernel_size": 2, "padding": 1},
        {"kernel_size": 2, "dilation": 2},
        {"kernel_size": 2, "ceil_mode": True},
        {"kernel_size": 2, "return_indices": True},
        {"kernel_size": 5},
        {"kernel_size": (2, 9)},
    ],
)
def test_the_rest_is_left_to_pytorch(options):
    assert max_pool2d(torch.zeros(1, 1, 8, 8), **options) is None


def test_gradients_are_left_to_pytorch():
    x = torch.zeros(1, 1, 4, 4, requires_grad=True)
    assert max_pool2d(x, 2) is None
    with torch.no_grad():
        assert max_pool2d(x, 2) is not None


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_a_plane_has_the_losses_of_moved_weights(rng, ceil_mode):
    x, y = torch.randn(10, 1, 5, 5, generator=rng), torch.randint(3, (10,), generator=rng)
    model = convnet(1, [4, 5], 3, generator=rng)
    model.pool1.ceil_mode = ceil_mode
    directions = random_directions(model.parameters(), generator=rng)

    def loss(m):
        return F.cross_entropy(m(x), y)

    plane = loss_plane(model, loss, directions=directions, points=3, filter_normalized=False)
    with torch.no_grad():
        torch.testing.assert_close(plane.loss[1, 1], loss(model))
        for p, d1, d2 in zip(model.parameters(), *directions, strict=True):
            p += d2 - d1
        torch.testing.assert_close(plane.loss[2, 0], loss(model))
