"""mean_only_batch_norm: against batch norm times its standard deviation, and by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.normalization import MeanOnlyBatchNorm, mean_only_batch_norm


@pytest.mark.parametrize("shape", [(7, 3), (4, 3, 5), (2, 3, 2, 4)])
def test_is_what_torchs_batch_norm_gives_times_the_standard_deviation(shape, rng):
    x = 4 + torch.randn(shape, generator=rng, dtype=torch.float64)
    bias = torch.randn(3, generator=rng, dtype=torch.float64)
    dims = [d for d in range(x.ndim) if d != 1]
    std = (x.var(dims, correction=0) + 1e-5).sqrt()
    expected = torch.nn.functional.batch_norm(x, None, None, std, bias, training=True, eps=1e-5)
    torch.testing.assert_close(mean_only_batch_norm(x, None, bias), expected)


def test_gradient_is_centred_as_the_paper_says(rng):
    x = torch.randn(6, 3, generator=rng, dtype=torch.float64).requires_grad_()
    g = torch.randn(6, 3, generator=rng, dtype=torch.float64)
    mean_only_batch_norm(x).backward(g)
    torch.testing.assert_close(x.grad, g - g.mean(0))


def test_numerical_gradients_to_second_order(rng):
    x, bias = (
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_() for s in ((5, 2), (2,))
    )

    def f(x, bias):
        return mean_only_batch_norm(x, None, bias)

    assert torch.autograd.gradcheck(f, (x, bias))
    assert torch.autograd.gradgradcheck(f, (x, bias), check_undefined_grad=False)


@given(st.floats(-50, 50), st.floats(0.1, 10), st.integers(0, 10**6))
def test_invariant_to_a_shift_and_not_to_scale(shift, c, seed):
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(mean_only_batch_norm(x + shift), mean_only_batch_norm(x))
    torch.testing.assert_close(mean_only_batch_norm(c * x), c * mean_only_batch_norm(x))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_float32(dtype, rng):
    x = (10 + torch.randn(64, 4, generator=rng)).to(dtype)
    assert torch.equal(mean_only_batch_norm(x), mean_only_batch_norm(x.float()).to(dtype))


def test_running_mean_and_modes(rng):
    norm = MeanOnlyBatchNorm(3, momentum=0.25, dtype=torch.float64)
    expected = torch.zeros(3, dtype=torch.float64)
    for _ in range(3):
        x = 2 + torch.randn(8, 3, generator=rng, dtype=torch.float64)
        torch.testing.assert_close(norm(x), x - x.mean(0))
        expected = 0.75 * expected + 0.25 * x.mean(0)
    torch.testing.assert_close(norm.running_mean, expected)
    one = torch.randn(1, 3, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(norm.eval()(one), one - expected)
    assert norm.running_mean.requires_grad is False
    norm.reset_parameters()
    assert torch.equal(norm.running_mean, torch.zeros(3, dtype=torch.float64))


def test_module_options(rng):
    x = torch.randn(8, 3, generator=rng)
    bare = MeanOnlyBatchNorm(3, affine=False, track_running_stats=False)
    assert not bare.state_dict()
    assert torch.equal(bare(x), bare.eval()(x))
    assert set(MeanOnlyBatchNorm(3).state_dict()) == {"bias", "running_mean"}
    assert repr(MeanOnlyBatchNorm(3)).startswith("MeanOnlyBatchNorm(3, momentum=0.1, affine=True")


X, ONE = torch.zeros(2, 4), torch.ones(4)
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", (X.long(),)),
    "shape": (ValueError, r"shape \(N, C, ...\), got \(4,\)", (ONE,)),
    "one value": (ValueError, "more than 1 value per channel", (X[:1],)),
    "empty": (ValueError, "more than 1 value per channel", (X[:0],)),
    "mean": (ValueError, "inference needs running_mean", (X, None, None, False)),
    "momentum": (ValueError, "momentum must lie in.*got nan", (X, None, None, True, float("nan"))),
    "bias": (ValueError, r"bias must have shape \(4,\)", (X, None, ONE[:2])),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^mean_only_batch_norm: .*{message}"):
        mean_only_batch_norm(*args)


def test_module_errors():
    with pytest.raises(ValueError, match=r"^MeanOnlyBatchNorm: num_features must be at least 1"):
        MeanOnlyBatchNorm(0)
    with pytest.raises(ValueError, match=r"^MeanOnlyBatchNorm: momentum must lie in"):
        MeanOnlyBatchNorm(2, momentum=-1)
    with pytest.raises(ValueError, match=r"^MeanOnlyBatchNorm: expected 2 channels"):
        MeanOnlyBatchNorm(2)(X)
