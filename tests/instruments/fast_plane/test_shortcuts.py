"""What a walk leaves out. Oracle: moved copies of the network; a count of products."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from lecturelib.instruments import loss_plane, random_directions
from lecturelib.instruments._fast_plane import Shortcuts
from lecturelib.models import convnet

from ..networks import by_copies, data, network


@pytest.mark.parametrize("inputs", ["the same", "a view", "made anew", "a parameter", "written to"])
def test_products_are_reused_only_where_the_input_stays(rng, inputs):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = nn.Parameter(torch.randn(5, 4, generator=rng, dtype=torch.float64))
            self.layer = nn.Linear(4, 3).double()

        def forward(self):
            if inputs == "written to":
                fixed.copy_(self.x)
            x = {
                "the same": fixed,
                "a view": fixed.view(5, 2, 2).flatten(1),
                "made anew": fixed * self.layer.weight[0, 0],
                "a parameter": self.x,
                "written to": fixed,
            }
            return self.layer(x[inputs]).square().mean() + self.x.sum()

    fixed = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    model = Model()
    d1, d2 = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(
        model, model, directions=[d1, d2], points=3, filter_normalized=False, batch_points=1
    )
    for i, b in enumerate([-1, 0, 1]):
        for j, a in enumerate([-1, 0, 1]):
            wanted = by_copies(model, lambda m: m(), d1, d2, a, b)
            torch.testing.assert_close(plane.loss[i, j], wanted)


class CountLinear(TorchFunctionMode):
    """Counts the matrix products of linear layers."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.count += func is F.linear
        return func(*args, **kwargs or {})


def test_a_first_layer_is_multiplied_four_times_only(rng):
    x, y = data(rng)
    model = network(rng)
    directions = random_directions(model.parameters(), generator=rng)
    with CountLinear() as counted:
        loss_plane(
            model, lambda m: F.cross_entropy(m(x), y), points=5, batch_points=1,
            directions=directions,
        )  # fmt: skip
    # Once before it is known that the input stays, then by W, D1 and D2; the others at 25 points.
    assert counted.count == 4 + 2 * 25


@pytest.mark.parametrize("statistics", ["batch", "evaluation", None])
def test_the_walk_alone_gives_the_same(rng, monkeypatch, statistics):
    x, y = data(rng, inputs=36)
    model = convnet(1, [2, 3], 3, norm="batch", generator=rng).double()
    model(3 * x.view(-1, 1, 6, 6) + 1)  # running statistics that differ from those of x
    options = {
        "directions": random_directions(model.parameters(), generator=rng),
        "points": 3,
        "batch_points": 1,
        "statistics": statistics,
    }

    def loss(m):
        return F.cross_entropy(m(x.view(-1, 1, 6, 6)), y)

    found = loss_plane(model, loss, **options)
    monkeypatch.setattr(Shortcuts, "at", lambda self, x, y: nullcontext())
    torch.testing.assert_close(found.loss, loss_plane(model, loss, **options).loss)
