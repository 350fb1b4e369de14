"""shifting_noise and NoisyBatchNorm: distributions of algorithm 1, seeds, and batch norm within."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.normalization import NoisyBatchNorm, shifting_noise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [(500, 200), (5, 200, 10, 10)])
def test_shift_within_and_between_units_has_the_moments_of_the_algorithm(shape):
    """Input 0, so that the output is m. Margins: five standard errors."""
    m = shifting_noise(torch.zeros(shape).double(), generator=generator()).movedim(1, 0).flatten(1)
    units, values = m.shape
    centres = m.mean(1)
    assert centres.abs().max() < 0.5 + 5 * 0.1 / math.sqrt(3 * values)
    # uniform on ±1/2: variance 1/12, fourth central moment 1/80
    error = math.sqrt((1 / 80 - 1 / 144) / units)
    assert abs(centres.var(correction=0) - 1 / 12) < 5 * error
    within = (m - centres[:, None]).flatten()
    assert within.abs().max() < 0.1 + 5 * 0.1 / math.sqrt(3 * values)
    assert within.var() == pytest.approx(0.01 / 3, rel=0.03)  # uniform on ±0.1


def test_scale_within_and_between_units_has_the_moments_of_the_algorithm():
    """Input 1 and no shift, so that the output is s."""
    x = torch.ones(1000, 400, dtype=torch.float64)
    s = shifting_noise(x, n_mu=0.0, r_mu=0.0, generator=generator())
    centres = s.mean(0)
    margin = 5 * 0.1 / math.sqrt(1000)
    assert centres.min() > 1 - margin
    assert centres.max() < 1.25 + margin
    assert abs(centres.mean() - 1.125) < 5 * 0.25 / math.sqrt(12 * 400)
    within = s - centres
    assert within.std() == pytest.approx(0.1, rel=0.01)
    kurtosis = (within**4).mean() / within.var() ** 2
    assert kurtosis == pytest.approx(3, abs=0.1)  # normal, where a uniform has 1.8


def test_each_call_draws_anew_and_a_seed_repeats():
    x = torch.randn(8, 3, generator=generator(1))
    source = generator(2)
    first, second = (shifting_noise(x, generator=source) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(shifting_noise(x, generator=generator(2)), first)


def test_gradient_is_the_scale():
    x = torch.randn(6, 3, generator=generator(1), dtype=torch.float64).requires_grad_()
    y = shifting_noise(x, n_mu=0.0, r_mu=0.0, generator=generator())  # s x
    y.sum().backward()
    torch.testing.assert_close(x.grad, (y / x).detach())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_each_precision(dtype):
    x = torch.randn(6, 3, generator=generator(1)).to(dtype)
    y = shifting_noise(x, generator=generator())
    assert y.dtype == dtype
    reference = shifting_noise(x.float(), generator=generator())
    tolerance = {"atol": 0.03, "rtol": 0.03}
    torch.testing.assert_close(y.float(), reference, **tolerance)


@pytest.mark.parametrize("shape", [(8, 3), (8, 3, 5), (4, 3, 2, 5)])
def test_module_is_torchs_batch_norm_then_noise_and_at_inference_without(shape):
    x = 2 + torch.randn(shape, generator=generator(1))
    noisy, plain = NoisyBatchNorm(3, generator=generator(5)), nn.BatchNorm1d(3)
    with torch.no_grad():
        plain.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
        plain.bias.copy_(torch.tensor([0.1, 0.2, 0.3]))
    noisy.load_state_dict(plain.state_dict())
    y = F.batch_norm(x, None, None, plain.weight, plain.bias, training=True)
    torch.testing.assert_close(noisy(x), shifting_noise(y, generator=generator(5)))
    F.batch_norm(x, plain.running_mean, plain.running_var, training=True)
    torch.testing.assert_close(noisy.running_var, plain.running_var)
    expected = F.batch_norm(x, plain.running_mean, plain.running_var, plain.weight, plain.bias)
    torch.testing.assert_close(noisy.eval()(x), expected)
    assert torch.equal(noisy(x), noisy(x))


def test_prints_its_noise():
    assert repr(NoisyBatchNorm(2)).endswith("n_mu=0.5, n_sigma=1.25, r_mu=0.1, r_sigma=0.1)")


X = torch.zeros(2, 3)
ERRORS = {
    "n_mu": ({"n_mu": -1.0}, "n_mu must be at least 0, got -1.0"),
    "n_sigma": ({"n_sigma": 0.5}, "n_sigma must be at least 1, got 0.5"),
    "r_mu": ({"r_mu": float("nan")}, "r_mu must be at least 0, got nan"),
    "r_sigma": ({"r_sigma": -0.1}, "r_sigma must be at least 0, got -0.1"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    options, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"^shifting_noise: {message}"):
        shifting_noise(X, **options)
    with pytest.raises(ValueError, match=f"^NoisyBatchNorm: {message}"):
        NoisyBatchNorm(3, **options)


def test_input_errors():
    with pytest.raises(TypeError, match=r"^shifting_noise: input must be floating point"):
        shifting_noise(X.long())
    with pytest.raises(ValueError, match=r"^shifting_noise: input must have shape"):
        shifting_noise(X[0])
    with pytest.raises(ValueError, match=r"more than 1 value per channel"):
        NoisyBatchNorm(3)(X[:1])
