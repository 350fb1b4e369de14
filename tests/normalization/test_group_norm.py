"""group_norm and GroupNorm against PyTorch's, and the norms that are its special cases."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lecturelib.normalization import GroupNorm, group_norm

SHAPES = [((5, 6), 2), ((4, 6, 3), 6), ((2, 6, 3, 4), 3), ((1, 6, 2), 1), ((0, 4, 3), 2)]


def torch_group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    """PyTorch's cannot differentiate with a bias and no weight."""
    if weight is None and bias is not None:
        weight = torch.ones_like(bias)
    return F.group_norm(x, groups, weight, bias, eps)


@pytest.mark.parametrize("affine", ["both", "weight", "bias", "none"])
@pytest.mark.parametrize(("shape", "groups"), SHAPES)
def test_equals_torch_with_gradients(shape, groups, affine, rng):
    x, cotangent = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    weight, bias = torch.randn(2, shape[1], generator=rng, dtype=torch.float64)
    pair = (
        weight if affine in ("both", "weight") else None,
        bias if affine in ("both", "bias") else None,
    )
    results = []
    for function in (group_norm, torch_group_norm):
        leaves = [t.clone().requires_grad_() if t is not None else None for t in (x, *pair)]
        y = function(leaves[0], groups, *leaves[1:], eps=1e-3)
        wanted = [t for t in leaves if t is not None]
        results.append([y.detach(), *torch.autograd.grad(y, wanted, cotangent)])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_each_precision(dtype, rng):
    x = (3 + torch.randn(8, 16, 5, generator=rng)).to(dtype)
    ours, theirs = group_norm(x, 4), F.group_norm(x, 4)
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, theirs)


def test_half_precision_input_with_float32_parameters(rng):
    x = torch.randn(8, 4, generator=rng).bfloat16()
    weight, bias = torch.randn(2, 4, generator=rng)
    expected = group_norm(x.float(), 2, weight, bias).bfloat16()
    assert torch.equal(group_norm(x, 2, weight, bias), expected)


def test_strides_do_not_matter(rng):
    x = torch.randn(2, 3, 4, 6, generator=rng).permute(0, 3, 1, 2)  # channels last
    torch.testing.assert_close(group_norm(x, 2), F.group_norm(x.contiguous(), 2))


def test_numerical_gradients_to_second_order(rng):
    leaves = tuple(
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_()
        for s in ((2, 4, 3), (4,), (4,))
    )

    def f(x, weight, bias):
        return group_norm(x, 2, weight, bias)

    assert torch.autograd.gradcheck(f, leaves)
    assert torch.autograd.gradgradcheck(f, leaves)


@given(st.integers(1, 4), st.sampled_from([1, 2, 3, 6]), st.integers(0, 10**6))
def test_each_group_has_mean_zero_and_variance_one(n, groups, seed):
    x = 5 + torch.randn(n, 6, 4, generator=torch.Generator().manual_seed(seed)).double()
    y = group_norm(x, groups, eps=0).view(n, groups, -1)
    torch.testing.assert_close(y.mean(2), torch.zeros(n, groups).double(), atol=1e-12, rtol=0)
    torch.testing.assert_close(y.var(2, correction=0), torch.ones(n, groups).double())


def test_one_group_is_layer_norm_and_as_many_as_channels_instance_norm(rng):
    x = torch.randn(3, 4, 5, 2, generator=rng)
    torch.testing.assert_close(group_norm(x, 1), F.layer_norm(x, x.shape[1:]))
    torch.testing.assert_close(group_norm(x, 4), F.instance_norm(x))


def test_nan_stays_in_its_group():
    x = torch.tensor([[1.0, 2.0, float("nan"), 4.0]])
    assert group_norm(x, 2).isnan().tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("options", [{}, {"affine": False}, {"bias": False}, {"eps": 0.1}])
def test_module_and_state_dict_both_ways(options, rng):
    ours, theirs = GroupNorm(2, 4, **options), nn.GroupNorm(2, 4, affine=options.get("affine", 1))
    theirs.eps = ours.eps
    with torch.no_grad():
        for p in theirs.parameters():
            p.normal_(generator=rng)
        if not options.get("bias", True):
            theirs.bias = None
    x = torch.randn(3, 4, 5, generator=rng)
    ours.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))
    ours.reset_parameters()
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(theirs(x), F.group_norm(x, 2, eps=ours.eps))


def test_prints_as_torch_does():
    ours, theirs = repr(GroupNorm(2, 4)), repr(nn.GroupNorm(2, 4))
    assert theirs.startswith(ours[:-1])  # newer versions add the bias


X, ONE = torch.zeros(2, 4, 3), torch.ones(4)
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", (X.long(), 2)),
    "one dimension": (ValueError, r"shape \(N, C, ...\), got \(4,\)", (ONE, 2)),
    "groups": (ValueError, "num_groups must divide the 4 channels.*got 3", (X, 3)),
    "no group": (ValueError, "num_groups must divide", (X, 0)),
    "one value": (ValueError, "more than 1 value", (X[..., 0], 4)),
    "eps": (ValueError, "eps must be at least 0", (X, 2, None, None, -1.0)),
    "nan eps": (ValueError, "eps must be at least 0", (X, 2, None, None, float("nan"))),
    "weight": (ValueError, r"weight must have shape \(4,\).*got \(2,\)", (X, 2, ONE[:2])),
    "bias": (TypeError, "bias must be torch.float32", (X, 2, ONE, ONE.double())),
    "device": (ValueError, "weight must be on cpu", (X, 2, ONE.to("meta"))),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^group_norm: .*{message}"):
        group_norm(*args)


def test_module_errors():
    with pytest.raises(ValueError, match=r"^GroupNorm: num_groups must divide.*got 3 groups for 4"):
        GroupNorm(3, 4)
    with pytest.raises(ValueError, match=r"^GroupNorm: eps must be at least 0, got -1"):
        GroupNorm(2, 4, eps=-1)
    with pytest.raises(ValueError, match=r"^GroupNorm: expected 4 channels"):
        GroupNorm(2, 4)(torch.zeros(2, 6, 3))
