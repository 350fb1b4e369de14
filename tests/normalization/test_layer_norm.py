"""layer_norm and LayerNorm against PyTorch's, and its independence of the batch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lecturelib.normalization import LayerNorm, RMSNorm, layer_norm

SHAPES = [((5, 3), (3,)), ((2, 4, 3), (3,)), ((2, 4, 3), (4, 3)), ((4, 3), (4, 3)), ((1, 1), (1,))]


@pytest.mark.parametrize("affine", ["both", "weight", "bias", "none"])
@pytest.mark.parametrize(("shape", "normalized"), SHAPES)
def test_equals_torch_with_gradients(shape, normalized, affine, rng):
    x, cotangent = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    weight, bias = torch.randn(2, *normalized, generator=rng, dtype=torch.float64)
    pair = (
        weight if affine in ("both", "weight") else None,
        bias if affine in ("both", "bias") else None,
    )
    results = []
    for function in (layer_norm, F.layer_norm):
        leaves = [t.clone().requires_grad_() if t is not None else None for t in (x, *pair)]
        y = function(leaves[0], normalized, *leaves[1:], eps=1e-3)
        wanted = [t for t in leaves if t is not None]
        results.append([y.detach(), *torch.autograd.grad(y, wanted, cotangent)])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_each_precision(dtype, rng):
    x = torch.randn(8, 64, generator=rng).to(dtype)
    ours, theirs = layer_norm(x, [64]), F.layer_norm(x, [64])
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, theirs)


def test_half_precision_input_with_float32_parameters(rng):
    x = torch.randn(8, 4, generator=rng).bfloat16()
    weight, bias = torch.randn(2, 4, generator=rng)
    expected = layer_norm(x.float(), [4], weight, bias).bfloat16()
    assert torch.equal(layer_norm(x, [4], weight, bias), expected)


def test_strides_do_not_matter(rng):
    x = torch.randn(6, 5, generator=rng)
    torch.testing.assert_close(layer_norm(x.T, [6]), layer_norm(x.T.contiguous(), [6]))


def test_numerical_gradients(rng):
    x, weight, bias = (
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_()
        for s in ((3, 4), (4,), (4,))
    )
    assert torch.autograd.gradcheck(lambda *t: layer_norm(t[0], [4], *t[1:]), (x, weight, bias))


@given(st.integers(1, 6), st.integers(2, 6), st.integers(0, 10**6))
def test_a_sample_does_not_depend_on_the_others(n, c, seed):
    x = torch.randn(n, c, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(layer_norm(x, [c])[:1], layer_norm(x[:1], [c]))


@given(st.floats(1e-3, 1e3), st.floats(-10, 10), st.integers(0, 10**6))
def test_invariant_to_scale_and_shift_of_a_sample(c, shift, seed):
    x = torch.randn(3, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(
        layer_norm(c * x + shift, [5], eps=0), layer_norm(x, [5], eps=0), rtol=1e-6, atol=1e-6
    )


def test_two_features_are_always_plus_and_minus_one():
    y = layer_norm(torch.tensor([[3.0, 7.0], [0.1, -5.0]]), [2], eps=0)
    torch.testing.assert_close(y, torch.tensor([[-1.0, 1.0], [1.0, -1.0]]))


def test_nan_stays_in_its_sample():
    y = layer_norm(torch.tensor([[float("nan"), 1.0], [1.0, 2.0]]), [2])
    assert y.isnan().tolist() == [[True, True], [False, False]]


def test_empty_batch_as_in_torch():
    assert layer_norm(torch.zeros(0, 3), [3]).shape == F.layer_norm(torch.zeros(0, 3), [3]).shape


@pytest.mark.parametrize("options", [{}, {"bias": False}, {"elementwise_affine": False}])
@pytest.mark.parametrize("shape", [4, (4,), (2, 4)])
def test_module_and_state_dict_both_ways(shape, options, rng):
    ours, theirs = LayerNorm(shape, **options), nn.LayerNorm(shape, **options)
    with torch.no_grad():
        for p in theirs.parameters():
            p.normal_(generator=rng)
    x = torch.randn(3, 2, 4, generator=rng)
    ours.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))
    ours.reset_parameters()
    theirs.load_state_dict(ours.state_dict())
    theirs_fresh = nn.LayerNorm(shape, **options)
    torch.testing.assert_close(theirs(x), theirs_fresh(x))


def test_prints_its_options():
    assert repr(LayerNorm(4)) == "LayerNorm((4,), eps=1e-05, elementwise_affine=True)"


X, ONE = torch.zeros(2, 3), torch.ones(3)
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", (X.long(), [3])),
    "shape": (ValueError, r"must end in normalized_shape \(2,\).*got shape \(2, 3\)", (X, [2])),
    "too long": (ValueError, "must end in", (X, [1, 2, 3])),
    "no dimension": (ValueError, "at least one dimension", (X, [])),
    "eps": (ValueError, "eps must be at least 0", (X, [3], None, None, -1.0)),
    "weight": (ValueError, r"weight must have shape \(3,\).*got \(2,\)", (X, [3], ONE[:2])),
    "bias": (TypeError, "bias must be torch.float32", (X, [3], ONE, ONE.double())),
    "device": (ValueError, "weight must be on cpu", (X, [3], ONE.to("meta"))),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^layer_norm: .*{message}"):
        layer_norm(*args)


def test_module_error():
    with pytest.raises(ValueError, match=r"^LayerNorm: eps must be at least 0, got -1"):
        LayerNorm(3, eps=-1)


@pytest.mark.parametrize("make", [LayerNorm, RMSNorm])
def test_a_size_may_be_numpy_s(make):
    assert make(np.int64(3)).normalized_shape == (3,)
    assert str(make((np.int64(2), np.int32(3)))) == str(make((2, 3)))
