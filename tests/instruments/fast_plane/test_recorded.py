"""Several points at once by rules of our own. Oracle: the same loss of moved copies, one by one."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.instruments import loss_plane, random_directions
from lecturelib.instruments._fast_plane.recorded import RecordedLoss
from lecturelib.normalization import BatchNorm1d

from .ways import way


class Block(nn.Module):
    """A residual block with a norm."""

    def __init__(self, norm):
        super().__init__()
        self.linear, self.norm = nn.Linear(5, 5, bias=False), norm

    def forward(self, x):
        return x + torch.relu(self.norm(self.linear(x)))


class Kept(nn.Module):
    """Holds values while others are made, as a residual block does, and writes over some."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 5)

    def forward(self, x):
        kept = [torch.relu(x), torch.tanh(x), 2 - x]
        x = self.linear(x)
        x += kept[0]
        x *= kept[2]
        return x.add_(kept[1]).sub_(1) / (x.square() + 1)


def tied(middle):
    """The same layer twice."""
    layer = nn.Linear(5, 5)
    return nn.Sequential(layer, middle, layer)


MIDDLES = {
    "nothing": nn.Identity,
    "relu in place": lambda: nn.ReLU(inplace=True),
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "softplus": nn.Softplus,
    "torch's batch norm": lambda: nn.BatchNorm1d(5),
    "our batch norm": lambda: BatchNorm1d(5),
    "batch norm without γ, β": lambda: BatchNorm1d(5, affine=False),
    "batch norm in evaluation": lambda: nn.BatchNorm1d(5).eval(),
    "ours in evaluation": lambda: BatchNorm1d(5).eval(),
    "residual": lambda: Block(BatchNorm1d(5)),
    "tied": lambda: tied(nn.Tanh()),
    "kept": Kept,
}
LOSSES = {
    "cross-entropy": lambda m, x, y: F.cross_entropy(m(x), y),
    "squares": lambda m, x, y: (m(x) - x[:, :3]).square().mean(),
    "weight decay": lambda m, x, y: (
        F.cross_entropy(m(x), y) + 0.1 * sum(p.square().sum() for p in m.parameters())
    ),
}


@pytest.mark.parametrize("middle", MIDDLES)
@pytest.mark.parametrize("loss", LOSSES)
def test_rules_give_what_moved_copies_give(rng, middle, loss):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), MIDDLES[middle](), nn.Linear(5, 3)).double()
    for module in model.modules():
        if getattr(module, "running_mean", None) is not None:
            module.running_mean.normal_(generator=rng)
    x = torch.randn(9, 4, generator=rng, dtype=torch.float64)
    y = torch.randint(3, (9,), generator=rng)

    def of(m):
        return LOSSES[loss](m, x, y)

    assert way(model, of) is RecordedLoss
    directions = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(
        model, of, directions=directions, points=3, filter_normalized=False, batch_points=4
    )
    for i, b in enumerate([-1, 0, 1]):
        for j, a in enumerate([-1, 0, 1]):
            moved = copy.deepcopy(model)
            for p, d1, d2 in zip(moved.parameters(), *directions, strict=True):
                p.data += a * d1 + b * d2
            torch.testing.assert_close(plane.loss[i, j], of(moved).detach())


def test_a_recorded_loss_runs_for_the_first_points_only(rng):
    model, x = nn.Linear(4, 3), torch.randn(9, 4, generator=rng)
    calls = []

    def loss():
        calls.append(torch.rand(()))
        return (model(x) - calls[-1]).square().mean()

    directions = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(model, loss, directions=directions, points=9)
    assert len(calls) == 2  # to have a value to compare, and to record
    assert calls[0] == calls[1]
    with torch.no_grad():
        torch.testing.assert_close(plane.loss[4, 4], (model(x) - calls[0]).square().mean())


def test_a_constant_that_is_written_to_is_not_recorded(rng):
    model, x = nn.Linear(4, 3).double(), torch.randn(9, 4, generator=rng, dtype=torch.float64)
    factor = torch.ones((), dtype=torch.float64)

    def loss(m):
        total = m(x).mean() * factor.fill_(2.0)
        return total + m(x).square().mean() * factor.fill_(3.0)

    assert way(model, loss) is not RecordedLoss
    directions = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(model, loss, directions=directions, points=3, filter_normalized=False)
    for p, d1, d2 in zip(model.parameters(), *directions, strict=True):
        p.data += d1 - d2
    torch.testing.assert_close(plane.loss[0, 2], loss(model).detach())


def test_what_is_wrong_in_the_loss_is_reported(rng):
    model, x = nn.Linear(4, 3), torch.randn(9, 5, generator=rng)
    directions = random_directions(model.parameters(), generator=rng)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        loss_plane(model, lambda m: m(x).mean(), directions=directions)
