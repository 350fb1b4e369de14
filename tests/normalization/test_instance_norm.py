"""instance_norm and its modules against PyTorch's: outputs, gradients, buffers, state_dict."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lecturelib.normalization import (
    InstanceNorm1d,
    InstanceNorm2d,
    fold_batch_norm,
    instance_norm,
    recalibrate_batch_norm,
)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("use_input_stats", [True, False])
@pytest.mark.parametrize("shape", [(4, 3, 5), (2, 3, 4, 2), (1, 3, 2), (2, 3, 2, 2, 2)])
def test_equals_torch_with_gradients_and_running_statistics(shape, use_input_stats, affine, rng):
    x, cotangent = 2 + torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    weight, bias, mean = torch.randn(3, 3, generator=rng, dtype=torch.float64)
    var = 1 + torch.rand(3, generator=rng, dtype=torch.float64)
    results = []
    for function in (instance_norm, F.instance_norm):
        leaves = [t.clone().requires_grad_() for t in (x, weight, bias)]
        pair = leaves[1:] if affine else (None, None)
        running = [mean.clone(), var.clone()]
        y = function(leaves[0], *running, *pair, use_input_stats, 0.3, 1e-3)
        wanted = leaves if affine else leaves[:1]
        results.append([y.detach(), *torch.autograd.grad(y, wanted, cotangent), *running])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_each_precision(dtype, rng):
    x = torch.randn(3, 4, 64, generator=rng).to(dtype)
    ours = instance_norm(x)
    assert ours.dtype == dtype
    expected = F.instance_norm(x.float()).to(dtype)
    torch.testing.assert_close(ours, expected)


def test_numerical_gradients_to_second_order(rng):
    leaves = tuple(
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_()
        for s in ((2, 2, 4), (2,), (2,))
    )

    def f(x, weight, bias):
        return instance_norm(x, None, None, weight, bias)

    assert torch.autograd.gradcheck(f, leaves)
    assert torch.autograd.gradgradcheck(f, leaves)


@given(st.floats(1e-2, 1e2), st.floats(-10, 10), st.integers(0, 10**6))
def test_contrast_and_brightness_of_one_image_do_not_matter(contrast, brightness, seed):
    x = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    changed = x.clone()
    changed[0] = contrast * x[0] + brightness
    torch.testing.assert_close(instance_norm(changed, eps=0), instance_norm(x, eps=0))


def test_empty_batch_as_in_torch():
    x = torch.zeros(0, 3, 4)
    assert instance_norm(x).shape == F.instance_norm(x).shape


PAIRS = {
    "1d": (InstanceNorm1d, nn.InstanceNorm1d, (4, 3, 5)),
    "2d": (InstanceNorm2d, nn.InstanceNorm2d, (4, 3, 2, 5)),
}
OPTIONS = {
    "default": {},
    "affine": {"affine": True, "eps": 0.1},
    "tracking": {"track_running_stats": True, "momentum": 0.5},
    "no momentum": {"track_running_stats": True, "momentum": None},
    "both": {"affine": True, "track_running_stats": True},
}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("pair", PAIRS)
def test_trains_and_predicts_as_torch_does_and_shares_its_state(pair, options, rng):
    ours, theirs, shape = PAIRS[pair]
    ours, theirs = (module(3, **OPTIONS[options]) for module in (ours, theirs))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.normal_(generator=rng)
    ours.load_state_dict(theirs.state_dict())
    for _ in range(3):
        x = 1 + torch.randn(shape, generator=rng)
        for mode in (True, False):
            torch.testing.assert_close(ours.train(mode)(x), theirs.train(mode)(x))
            torch.testing.assert_close(ours(x[0]), theirs(x[0]))  # one sample, no batch
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)
    theirs.load_state_dict(ours.state_dict())


def test_prints_its_options():
    options = "eps=1e-05, momentum=0.1, affine=False, track_running_stats=False"
    assert repr(InstanceNorm2d(3)) == f"InstanceNorm2d(3, {options})"


X, ONE = torch.zeros(2, 4, 3), torch.ones(4)
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", (X.long(),)),
    "two dimensions": (ValueError, r"shape \(N, C, ...\), got \(2, 4\)", (X[..., 0],)),
    "one place": (ValueError, "more than 1 value", (X[..., :1],)),
    "no place": (ValueError, "more than 1 value", (X[..., :0],)),
    "statistics": (
        ValueError,
        "running_mean and running_var are needed",
        (X, ONE, None, None, None, False),
    ),
    "momentum": (
        ValueError,
        r"momentum must lie in \[0, 1\], got 2",
        (X, *[None] * 4, True, 2.0),
    ),
    "eps": (ValueError, "eps must be at least 0", (X, *[None] * 4, True, 0.1, -1.0)),
    "weight": (ValueError, r"weight must have shape \(4,\)", (X, None, None, ONE[:2])),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^instance_norm: .*{message}"):
        instance_norm(*args)


def test_module_errors():
    with pytest.raises(ValueError, match=r"^InstanceNorm1d: num_features must be at least 1"):
        InstanceNorm1d(0)
    with pytest.raises(ValueError, match=r"^InstanceNorm1d: expected 4 channels in dimension 1"):
        InstanceNorm1d(4)(torch.zeros(2, 3, 5))
    with pytest.raises(ValueError, match=r"^InstanceNorm2d: expected 4D input, got shape \(3, 4\)"):
        InstanceNorm2d(3)(torch.zeros(3, 4))


def test_batch_norm_s_tools_leave_it_alone(rng):
    """Its statistics are not those of a batch: it is no batch norm, as in PyTorch."""
    norm = InstanceNorm1d(3, track_running_stats=True)
    norm(torch.randn(4, 3, 5, generator=rng))
    before = norm.running_var.clone()
    recalibrate_batch_norm(norm, [torch.randn(4, 3, 5, generator=rng)])
    assert torch.equal(norm.running_var, before)
    with pytest.raises(TypeError, match="bn must be batch norm, got InstanceNorm1d"):
        fold_batch_norm(nn.Conv1d(2, 3, 1), norm.eval())
