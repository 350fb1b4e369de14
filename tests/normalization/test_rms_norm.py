"""rms_norm and RMSNorm against PyTorch's."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lecturelib.normalization import RMSNorm, layer_norm, rms_norm

SHAPES = [((5, 3), (3,)), ((2, 4, 3), (4, 3)), ((4, 3), (4, 3)), ((1, 1), (1,)), ((0, 3), (3,))]


@pytest.mark.parametrize("eps", [None, 0.1])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(("shape", "normalized"), SHAPES)
def test_equals_torch_with_gradients(shape, normalized, affine, eps, rng):
    x, cotangent = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    weight = torch.randn(normalized, generator=rng, dtype=torch.float64)
    results = []
    for function in (rms_norm, F.rms_norm):
        leaves = [t.clone().requires_grad_() for t in ((x, weight) if affine else (x,))]
        y = function(leaves[0], normalized, *leaves[1:], eps=eps)
        results.append([y.detach(), *torch.autograd.grad(y, leaves, cotangent)])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("size", [1.0, 1e-3])  # at the smaller one eps shows
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_each_precision_with_its_epsilon(dtype, size, rng):
    x = (size * torch.randn(8, 64, generator=rng)).to(dtype)
    ours, theirs = rms_norm(x, [64]), F.rms_norm(x, [64])
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, theirs)


def test_half_precision_input_with_float32_weight(rng):
    x, weight = torch.randn(8, 4, generator=rng).bfloat16(), torch.randn(4, generator=rng)
    assert torch.equal(rms_norm(x, [4], weight), rms_norm(x.float(), [4], weight).bfloat16())


def test_numerical_gradients_to_second_order(rng):
    leaves = tuple(
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_() for s in ((3, 4), (4,))
    )
    assert torch.autograd.gradcheck(lambda x, w: rms_norm(x, [4], w), leaves)
    assert torch.autograd.gradgradcheck(lambda x, w: rms_norm(x, [4], w), leaves)


@given(st.floats(1e-3, 1e3), st.integers(0, 10**6))
def test_invariant_to_the_scale_of_a_sample_but_not_to_a_shift(c, seed):
    x = torch.randn(3, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(rms_norm(c * x, [5], eps=0), rms_norm(x, [5], eps=0))
    assert not torch.allclose(rms_norm(x + 1, [5], eps=0), rms_norm(x, [5], eps=0))


def test_is_layer_norm_of_centred_samples(rng):
    x = torch.randn(3, 5, generator=rng, dtype=torch.float64)
    centred = x - x.mean(1, keepdim=True)
    torch.testing.assert_close(rms_norm(centred, [5], eps=1e-5), layer_norm(x, [5]))


@pytest.mark.parametrize("options", [{}, {"eps": 0.1}, {"elementwise_affine": False}])
@pytest.mark.parametrize("shape", [4, (4,), (2, 4)])
def test_module_and_state_dict_both_ways(shape, options, rng):
    ours, theirs = RMSNorm(shape, **options), nn.RMSNorm(shape, **options)
    with torch.no_grad():
        for p in theirs.parameters():
            p.normal_(generator=rng)
    x = torch.randn(3, 2, 4, generator=rng)
    ours.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))
    ours.reset_parameters()
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(theirs(x), nn.RMSNorm(shape, **options)(x))


def test_prints_as_torch_does():
    assert repr(RMSNorm(4)) == repr(nn.RMSNorm(4))


X, ONE = torch.zeros(2, 3), torch.ones(3)
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", (X.long(), [3])),
    "shape": (ValueError, r"must end in normalized_shape \(2,\).*got shape \(2, 3\)", (X, [2])),
    "no dimension": (ValueError, "at least one dimension", (X, [])),
    "eps": (ValueError, "eps must be at least 0", (X, [3], None, -1.0)),
    "weight": (ValueError, r"weight must have shape \(3,\).*got \(2,\)", (X, [3], ONE[:2])),
    "dtype": (TypeError, "weight must be torch.float32", (X, [3], ONE.double())),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^rms_norm: .*{message}"):
        rms_norm(*args)


def test_module_error():
    with pytest.raises(ValueError, match=r"^RMSNorm: eps must be None or at least 0, got -1"):
        RMSNorm(3, eps=-1)
