"""detached_layer_norm: values of PyTorch's layer norm, gradients by the formulas of the parts."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.normalization import DetachedLayerNorm, detached_layer_norm

CASES = [(False, False), (True, False), (False, True), (True, True)]


def gradient(x, g, eps, detach_mean, detach_std):
    """By hand: what is left of layer norm's gradient (g - mean g - x̂ mean(g x̂)) / σ."""
    rstd = torch.rsqrt(x.var(1, correction=0, keepdim=True) + eps)
    x_hat = (x - x.mean(1, keepdim=True)) * rstd
    mean = 0 if detach_mean else g.mean(1, keepdim=True)
    std = 0 if detach_std else x_hat * (g * x_hat).mean(1, keepdim=True)
    return (g - mean - std) * rstd


@pytest.mark.parametrize(("detach_mean", "detach_std"), CASES)
def test_values_are_those_of_layer_norm_and_gradients_those_of_its_parts(
    detach_mean, detach_std, rng
):
    x, cotangent = 2 + torch.randn(2, 4, 5, generator=rng, dtype=torch.float64)
    weight, bias = torch.randn(2, 5, generator=rng, dtype=torch.float64)
    leaves = [t.clone().requires_grad_() for t in (x, weight, bias)]
    y = detached_layer_norm(
        leaves[0], [5], *leaves[1:], eps=0.1, detach_mean=detach_mean, detach_std=detach_std
    )
    torch.testing.assert_close(y, F.layer_norm(x, [5], weight, bias, eps=0.1))
    grads = torch.autograd.grad(y, leaves, cotangent)
    expected = gradient(x, cotangent * weight, 0.1, detach_mean, detach_std)
    torch.testing.assert_close(grads[0], expected)
    theirs = [t.clone().requires_grad_() for t in (weight, bias)]
    full = torch.autograd.grad(F.layer_norm(x, [5], *theirs, eps=0.1), theirs, cotangent)
    for a, b in zip(grads[1:], full, strict=True):  # scale and shift: as ever
        torch.testing.assert_close(a, b)


def test_without_detaching_it_is_torchs_layer_norm_with_its_gradient(rng):
    x, cotangent = torch.randn(2, 2, 3, 4, generator=rng, dtype=torch.float64)
    results = []
    for function in (
        lambda t: detached_layer_norm(t, [3, 4], detach_mean=False, detach_std=False),
        lambda t: F.layer_norm(t, [3, 4]),
    ):
        leaf = x.clone().requires_grad_()
        results.append(torch.autograd.grad(function(leaf), leaf, cotangent)[0])
    torch.testing.assert_close(*results)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_each_precision(dtype, rng):
    x = torch.randn(8, 64, generator=rng).to(dtype)
    ours = detached_layer_norm(x, [64])
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, F.layer_norm(x, [64]))


@pytest.mark.parametrize(("detach_mean", "detach_std"), CASES)
def test_module(detach_mean, detach_std, rng):
    options = {"detach_mean": detach_mean, "detach_std": detach_std}
    ours, theirs = DetachedLayerNorm((2, 4), **options), nn.LayerNorm((2, 4))
    with torch.no_grad():
        for p in theirs.parameters():
            p.normal_(generator=rng)
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(3, 2, 4, generator=rng)
    torch.testing.assert_close(ours(x), theirs(x))
    leaf = x.clone().requires_grad_()
    by_function = detached_layer_norm(leaf, (2, 4), *ours.parameters(), **options)
    (expected,) = torch.autograd.grad(by_function.square().sum(), leaf)
    again = x.clone().requires_grad_()
    ours(again).square().sum().backward()
    torch.testing.assert_close(again.grad, expected)
    assert ("detach_mean" in repr(ours)) == detach_mean
    assert ("detach_std" in repr(ours)) == detach_std


X = torch.zeros(2, 3)
ERRORS = {
    "integers": (TypeError, "floating point", (X.long(), [3])),
    "shape": (ValueError, r"must end in normalized_shape \(2,\)", (X, [2])),
    "eps": (ValueError, "eps must be at least 0", (X, [3], None, None, -1.0)),
    "weight": (ValueError, r"weight must have shape \(3,\)", (X, [3], torch.ones(2))),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^detached_layer_norm: .*{message}"):
        detached_layer_norm(*args)
