"""Functions that go value by value. Oracle: PyTorch's own function, of the same values."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.instruments import loss_plane, random_directions
from lecturelib.instruments._fast_plane.points import RULES, Points
from lecturelib.instruments._fast_plane.pointwise_rules import (
    ACTIVATIONS,
    FUNCTIONS,
    IN_PLACE,
    OPERATORS,
)
from lecturelib.instruments._fast_plane.recorded import RecordedLoss
from lecturelib.instruments._fast_plane.rules import called
from lecturelib.instruments._fast_plane.tape import Tape

from .ways import way

OTHERS = {"other": "values", "exponent": 3, "mask": "mask", "value": 0.5}
OPTIONS = {
    "add": {"alpha": 3},
    "celu": {"alpha": 0.5},
    "clamp": {"min": 0.3, "max": 0.6},
    "clamp_min": {"min": 0.3},
    "div": {"rounding_mode": "floor"},
    "elu": {"alpha": 0.5},
    "gelu": {"approximate": "tanh"},
    "hardtanh": {"min_val": 0.3, "max_val": 0.6},
    "leaky_relu": {"negative_slope": 0.2},
    "rsub": {"alpha": 3},
    "softplus": {"beta": 2.0, "threshold": 1.0},
    "sub": {"alpha": 3},
}
TABLES = FUNCTIONS | ACTIVATIONS | OPERATORS | IN_PLACE
PLAIN = [(name, {}) for name in TABLES if name not in ("clamp", "clamp_min")]
CASES = [
    (name, place, options)
    for name, options in [*PLAIN, *OPTIONS.items()]
    for place in range(len(called(name)))
]


def positive(rng):
    """Values of which a logarithm and a root can be taken."""
    return 0.1 + torch.rand(6, 5, generator=rng, dtype=torch.float64)


def operands(name, x, rng):
    """What the function takes beside the first argument; a clamp takes options only."""
    kinds = {"values": x.flip(0) * 2, "mask": torch.rand(5, generator=rng) > 0.5}
    needed = [OTHERS[n] for n in TABLES[name].takes if n in OTHERS]
    return [kinds.get(kind, kind) if isinstance(kind, str) else kind for kind in needed]


def replayed(function, x, others, rng):
    """What the recorded function gives for x, if it was recorded with other values."""
    tape, memory = Tape(), positive(rng)
    # Those with a value at each point are points, too; the mask is the same at all.
    others = [
        Points(tape, o, o) if isinstance(o, Tensor) and o.shape == x.shape else o for o in others
    ]
    result = function(Points(tape, memory, memory), *others)
    tape.settle()
    memory.copy_(x)
    tape.replay()
    return result.stack


@pytest.mark.parametrize(("name", "place", "options"), CASES)
def test_each_name_gives_what_pytorch_gives(rng, name, place, options):
    func, x = called(name)[place], positive(rng)
    others = operands(name, x, rng)
    wanted = func(x.clone(), *others, **options)
    found = replayed(lambda *a: func(*a, **options), x, others, rng)
    torch.testing.assert_close(found, wanted, rtol=0, atol=0)


def test_every_name_is_found_somewhere():
    assert all(called(name) for name in TABLES)
    assert all(func in RULES for name in TABLES for func in called(name))


CHOICES = {
    "torch.where": lambda z: torch.where(z > 0, z, -2 * z),
    "torch.where of a number": lambda z: torch.where(z > 0, z, 0.5),
    "torch.where by name": lambda z: torch.where(z > 0, input=z, other=-2 * z),
    "where as a method": lambda z: z.where(z > 0, -2 * z),
    "where as a method, of a number": lambda z: z.where(z > 0, 0.5),
    "a number over values": lambda z: 1 / (z.square() + 1),
    "a constant over values": lambda z: torch.ones(3) / (z.square() + 1),
    "a number minus values": lambda z: 1 - z,
    "a number first": lambda z: torch.add(2, torch.mul(3, torch.sub(1, z, alpha=2))),
    "a number over values, a function": lambda z: torch.div(2, z.square() + 1),
    "a number to the power of values": lambda z: torch.pow(2, z),
    "a number between tensors": lambda z: torch.where(z > 0, 2.0, z),
    "numbers only": lambda z: z * torch.where(z > 0, 2.0, 1.0),
    "tensors as bounds": lambda z: torch.clamp(z, torch.zeros(3), torch.ones(3)),
    "a tensor as a bound": lambda z: z.clamp_min(torch.zeros(3)),
    "a tensor to fill in": lambda z: z.masked_fill(z > 0, torch.tensor(0.5)),
    "a mask as a factor": lambda z: (z > 0) * z,
}


@pytest.mark.parametrize("f", CHOICES.values(), ids=CHOICES)
def test_the_order_of_operands(rng, f):
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)

    def loss(m):
        return f(m(x)).square().mean()

    assert way(model, loss) is RecordedLoss
    directions = random_directions(model.parameters(), generator=rng)
    found, wanted = (
        loss_plane(model, loss, directions=directions, points=5, batch_points=n).loss
        for n in (4, 1)
    )
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("func", [F.silu, F.selu, F.relu6, F.mish, F.relu])
def test_in_place_by_its_place(rng, func):
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)

    def loss(m):
        z = m(x)
        func(z, True)
        return z.mean()

    directions = random_directions(model.parameters(), generator=rng)
    found, wanted = (
        loss_plane(model, loss, directions=directions, points=5, batch_points=n).loss
        for n in (4, 1)
    )
    torch.testing.assert_close(found, wanted)


def test_places_where_a_condition_holds_are_found_at_each_point(rng):
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)

    def loss(m):
        z = m(x)
        return z[torch.where(z > 0)].sum()

    directions = random_directions(model.parameters(), generator=rng)
    found, wanted = (
        loss_plane(model, loss, directions=directions, points=3, batch_points=n).loss
        for n in (4, 1)
    )
    torch.testing.assert_close(found, wanted)
