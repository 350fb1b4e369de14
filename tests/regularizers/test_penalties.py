"""L1 and L2 penalties against PyTorch's norms and its weight decay."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lecturelib.regularizers import l1_penalty, l2_penalty

PENALTIES = {"l1_penalty": (l1_penalty, 1), "l2_penalty": (l2_penalty, 2)}


def parameters(dtype=torch.float64):
    torch.manual_seed(0)
    return list(nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)).to(dtype).parameters())


@pytest.mark.parametrize("name", PENALTIES)
def test_value_and_gradient(name):
    penalty, order = PENALTIES[name]
    thetas = parameters()
    value = penalty(iter(thetas))
    together = torch.cat([p.flatten() for p in thetas])
    expected = torch.linalg.vector_norm(together, order) ** order
    torch.testing.assert_close(value, expected)
    assert value.shape == ()
    for g, p in zip(torch.autograd.grad(value, thetas), thetas, strict=True):
        torch.testing.assert_close(g, p.sign() if order == 1 else 2 * p)
    torch.testing.assert_close(penalty(thetas[0]), thetas[0].abs().pow(order).sum())


def test_l2_is_weight_decay_of_twice_the_strength():
    steps = []
    for strength, decay in ((0.3, 0.0), (0.0, 0.6)):
        w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        sgd = torch.optim.SGD([w], lr=0.1, weight_decay=decay)
        (w.sin().sum() + strength * l2_penalty(w)).backward()
        sgd.step()
        steps.append(w.detach())
    torch.testing.assert_close(*steps)


@pytest.mark.parametrize("name", PENALTIES)
def test_zero_has_gradient_zero(name):
    w = torch.zeros(3, requires_grad=True)
    PENALTIES[name][0](w).backward()
    assert torch.equal(w.grad, torch.zeros(3))


@pytest.mark.parametrize("name", PENALTIES)
def test_empty_and_scalar_parameters(name):
    penalty, _ = PENALTIES[name]
    assert penalty(torch.zeros(0, 3)).item() == 0
    assert penalty([torch.tensor(-1.0), torch.zeros(0)]).item() == 1


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("autocast", [False, True])
def test_half_precision_adds_up_in_float32(name, dtype, autocast):
    """600 squares of 300 are 5.4e7, beyond float16."""
    penalty, order = PENALTIES[name]
    w = torch.full((600,), 300.0, dtype=dtype, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        value = penalty(w)
    assert value.dtype == torch.float32
    assert value.item() == 600 * 300**order
    value.backward()
    assert w.grad.dtype == dtype


def test_a_tied_weight_counts_once():
    layer = nn.Linear(2, 2, bias=False)
    tied = nn.ModuleList([layer, layer])
    both = [*tied[0].parameters(), *tied[1].parameters()]
    torch.testing.assert_close(l2_penalty(both), layer.weight.square().sum())


@pytest.mark.parametrize("name", PENALTIES)
def test_errors(name):
    penalty, _ = PENALTIES[name]
    model = nn.Linear(2, 1)
    used = model.parameters()
    penalty(used)
    with pytest.raises(ValueError, match=f"^{name}: there are no parameters; a generator"):
        penalty(used)
    with pytest.raises(TypeError, match=f"^{name}: parameters has to be floating point"):
        penalty([torch.ones(2), torch.ones(2).long()])
    with pytest.raises(TypeError, match=f"^{name}: parameters has to be a tensor, not Linear"):
        penalty(nn.Sequential(model))
    with pytest.raises(ValueError, match=rf"^{name}: parameters must lie on one device, got"):
        penalty([torch.ones(2), torch.ones(2, device="meta")])
