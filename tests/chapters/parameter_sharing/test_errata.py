"""Errata of the chapter parameter_sharing."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def test_a_softmax_behind_a_relu_can_be_stuck():
    """With an activation on the last layer there are samples that it can't learn from."""
    z = torch.tensor([[-1.0, -2.0, -0.5]], requires_grad=True)
    target = torch.tensor([1])
    stuck = F.cross_entropy(z.relu(), target)
    (gradient,) = torch.autograd.grad(stuck, z)
    assert torch.equal(gradient, torch.zeros(1, 3))
    torch.testing.assert_close(z.relu().softmax(1), torch.full((1, 3), 1 / 3))
    (gradient,) = torch.autograd.grad(F.cross_entropy(z, target), z)
    assert gradient[0, 1] < -0.5
