"""Activations against PyTorch's, and the table."""

import pytest
import torch
import torch.nn.functional as F

from lecturelib.activations import ACTIVATIONS, relu

ORACLES = {
    "identity": lambda x: x,
    "relu": F.relu,
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
    "tanh": lambda x: 1 - 2 / (torch.exp(2 * x) + 1),
}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_table_against_oracles(name, rng):
    x = torch.randn(50, generator=rng, dtype=torch.float64).requires_grad_()
    cotangent = torch.randn(50, generator=rng, dtype=torch.float64)
    ours, theirs = ACTIVATIONS[name](x), ORACLES[name](x)
    torch.testing.assert_close(ours, theirs)
    grads = [torch.autograd.grad(y, x, cotangent)[0] for y in (ours, theirs)]
    torch.testing.assert_close(*grads)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int64])
def test_relu_in_each_type(dtype):
    x = torch.tensor([-2, 0, 3], dtype=dtype)
    assert torch.equal(relu(x), F.relu(x))
    assert relu(x).dtype == dtype


def test_relu_at_the_special_values():
    inf = float("inf")
    x = torch.tensor([-inf, -1.0, 0.0, inf, float("nan")], requires_grad=True)
    for function in (relu, F.relu):
        y = function(x)
        (grad,) = torch.autograd.grad(y.sum(), x)
        torch.testing.assert_close(
            y, torch.tensor([0.0, 0.0, 0.0, inf, float("nan")]), equal_nan=True
        )
        assert grad[:4].tolist() == [0, 0, 0, 1]


def test_relu_in_place(rng):
    leaf = torch.randn(6, generator=rng).requires_grad_()
    x = leaf.clone()
    y = relu(x, inplace=True)
    assert y is x
    torch.testing.assert_close(y, F.relu(leaf))
    (grad,) = torch.autograd.grad(y.sum(), leaf)
    torch.testing.assert_close(grad, (leaf > 0).float())


def test_relu_of_strided_and_empty_tensors(rng):
    x = torch.randn(4, 5, generator=rng).T
    assert torch.equal(relu(x), F.relu(x))
    assert relu(torch.zeros(0)).shape == (0,)
