"""Errata of the chapter ``backprop``: each test shows one."""

from __future__ import annotations

import pytest
import torch

from lecturelib import autodiff as ad


def test_total_and_partial_derivative_differ_at_a_fan_out():
    """y = x · z with z = x²: the partial derivative by x is z, the total one z + x · 2x."""
    x = ad.Tensor(3.0, requires_grad=True)
    z = x * x
    (total,) = ad.grad(x * z, [x], retain_graph=True)
    fixed = ad.Tensor(z.data)
    (partial,) = ad.grad(x * fixed, [x])
    assert float(partial) == pytest.approx(9)
    assert float(total) == pytest.approx(27)


@pytest.mark.parametrize("c", [1.0, -2.5])
def test_the_chain_rule_needs_differentiable_nodes(c):
    x = ad.Tensor(0.0, requires_grad=True)
    y = lambda t: (t.relu() - (-t).relu()) * c  # noqa: E731
    assert float(ad.grad(y(x), [x])[0]) == 0
    h = 1e-6
    assert (float(y(ad.Tensor(h))) - float(y(ad.Tensor(-h)))) / (2 * h) == pytest.approx(c)
    t = torch.zeros((), requires_grad=True)
    y(t).backward()
    assert t.grad.item() == 0  # not a fault of this engine
