"""Which way is chosen, and that each falls back. Oracle: one point at a time."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.instruments import loss_plane, random_directions
from lecturelib.instruments._fast_plane import points
from lecturelib.instruments._fast_plane.pointwise_rules import Pointwise, pointwise
from lecturelib.instruments._fast_plane.vectorized import VectorizedLoss

from ..networks import Quadratic
from .ways import way


@pytest.mark.parametrize(
    "middle", [nn.LayerNorm(5), nn.Dropout(0.5), nn.Unflatten(1, (5, 1)), nn.Softmax(1)]
)
def test_what_has_no_rule_is_left_to_vmap(rng, middle):
    model = nn.Sequential(nn.Linear(4, 5), middle, nn.Flatten(), nn.Linear(5, 3))
    x = torch.randn(9, 4, generator=rng)
    assert way(model, lambda m: m(x).square().mean()) is VectorizedLoss


def test_options_of_cross_entropy_are_left_to_vmap(rng):
    model = nn.Linear(4, 3)
    x, y = torch.randn(9, 4, generator=rng), torch.randint(3, (9,), generator=rng)
    for options in ({"label_smoothing": 0.1}, {"ignore_index": 1}, {"reduction": "sum"}):
        found = way(model, lambda m, o=options: F.cross_entropy(m(x), y, **o))
        assert found is VectorizedLoss


UNCOVERED = {
    "looks at a value": lambda z: z * float(z.detach().abs().mean()),
    "NumPy": lambda z: z + float(z.detach().numpy().sum()),
    "an autograd function": lambda z: Twice.apply(z),
    "an option that is a tensor": lambda z: torch.clamp(z, min=torch.zeros(3)),
    "an option by its place": lambda z: F.celu(z, 1.0, False),
    "a mask": lambda z: z + z[z > 0].sum(),
}


class Twice(torch.autograd.Function):
    """2 x, in a form that ``torch.func`` can't follow."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, g):
        return 2 * g


@pytest.mark.parametrize("batch_points", [None, 4])
@pytest.mark.parametrize("f", UNCOVERED.values(), ids=UNCOVERED)
def test_what_can_t_be_done_at_several_points_is_done_at_each(rng, f, batch_points):
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)

    def loss(m):
        return f(m(x)).square().mean()

    directions = random_directions(model.parameters(), generator=rng)
    options = {"directions": directions, "points": 3}
    found = loss_plane(model, loss, batch_points=batch_points, **options)
    torch.testing.assert_close(found.loss, loss_plane(model, loss, batch_points=1, **options).loss)


@pytest.mark.parametrize("error", [RuntimeError, TypeError, ValueError, AttributeError])
def test_an_error_in_a_rule_is_not_hidden(rng, monkeypatch, error):
    """A broken rule would else be slow, and nobody would know."""

    def broken(tape, input):
        raise error("the rule is broken")

    monkeypatch.setitem(points.RULES, torch.tanh, broken)
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)
    directions = random_directions(model.parameters(), generator=rng)
    with pytest.raises(error, match="the rule is broken"):
        loss_plane(model, lambda m: torch.tanh(m(x)).sum(), directions=directions, points=3)


def test_a_model_that_looks_at_values_goes_one_by_one(rng):
    class Looks(Quadratic):
        def forward(self):
            return super().forward() if self.weight.sum() > 0 else -super().forward()

    model = Looks(rng)
    directions = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(model, model, directions=directions, points=3, filter_normalized=False)
    torch.testing.assert_close(plane.loss[1, 1], model().detach())


def test_a_wrong_entry_of_the_table_is_not_hidden(rng, monkeypatch):
    """A function that can't write into memory, where the table says that it can."""
    rule = partial(pointwise, Pointwise(torch.selu))
    monkeypatch.setitem(points.RULES, torch.selu, rule)
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)
    directions = random_directions(model.parameters(), generator=rng)
    with pytest.raises(TypeError, match="out"):
        loss_plane(model, lambda m: torch.selu(m(x)).sum(), directions=directions, points=3)
