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
