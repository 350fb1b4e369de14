"""Small networks and losses that the tests of the instruments share, and what must not change."""

from __future__ import annotations

import copy
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.models import mlp


def data(rng, n=12, inputs=4, classes=3, dtype=torch.float64):
    """Random inputs and classes."""
    x = torch.randn(n, inputs, generator=rng, dtype=dtype)
    return x, torch.randint(classes, (n,), generator=rng)


def network(rng, norm=None, dtype=torch.float64, dropout=0.0):
    """A smooth network of some 40 parameters: dense Hessians are cheap, and exist."""
    model = mlp(4, [4, 3], 3, norm=norm, activation="tanh", dropout=dropout, generator=rng)
    return model.to(dtype)


def cross_entropy(model, x, y):
    """The loss of a model on these data, as a function of nothing."""
    return lambda: F.cross_entropy(model(x), y)


class Quadratic(nn.Module):
    """½ (w - c)ᵀ A (w - c)."""

    def __init__(self, rng):
        super().__init__()
        root = torch.randn(3, 3, generator=rng, dtype=torch.float64)
        self.A, self.c = root @ root.T, torch.randn(3, generator=rng, dtype=torch.float64)
        self.weight = nn.Parameter(torch.randn(3, generator=rng, dtype=torch.float64))

    def forward(self):
        return (self.weight - self.c) @ self.A @ (self.weight - self.c) / 2


def by_copies(model, loss, d1, d2, x, y):
    """The loss of a copy of the model that was moved."""
    moved = copy.deepcopy(model)
    with torch.no_grad():
        for p, a, b in zip(moved.parameters(), d1, d2, strict=True):
            p += x * a + y * b
        return loss(moved)


@contextmanager
def unchanged(model: nn.Module):
    """Raise unless parameters, gradients, buffers, modes and random state are found again."""
    before = copy.deepcopy(model.state_dict())
    buffers = dict(model.named_buffers())
    gradients = [p.grad for p in model.parameters()]
    wanting = [p.requires_grad for p in model.parameters()]
    modes = [m.training for m in model.modules()]
    random = torch.get_rng_state()
    yield
    for name, value in model.state_dict().items():
        assert torch.equal(before[name], value), name
    assert all(buffers[name] is b for name, b in model.named_buffers())
    assert [p.requires_grad for p in model.parameters()] == wanting
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))
    assert [m.training for m in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random)
