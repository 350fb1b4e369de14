"""parametric_noise and ParametricNoise: distribution, gradients by hand, state and switches."""

import copy

import pytest
import torch
from torch import nn

from lecturelib.normalization import ParametricNoise, parametric_noise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_noise_has_the_standard_deviation_of_the_weight_times_the_scale():
    """Margins: five standard errors of 200,000 draws."""
    weight = 1 + 3 * torch.randn(400, 500, generator=generator(1), dtype=torch.float64)
    scale = torch.tensor(0.25, dtype=torch.float64)
    noise = parametric_noise(weight, scale, generator=generator()) - weight
    std = 0.25 * weight.std(correction=0)
    n = weight.numel()
    assert abs(noise.mean()) < 5 * std / n**0.5
    assert abs(noise.std() / std - 1) < 5 / (2 * n) ** 0.5
    assert abs(torch.corrcoef(torch.stack([noise.flatten(), weight.flatten()]))[0, 1]) < 5 / n**0.5


@pytest.mark.parametrize("shape", [(), (4, 1), (4, 3), (3,)])
def test_gradients_are_those_of_a_constant_noise(shape):
    """By hand: w passes as it is, α gets η times the gradient; σ_w is no function of w."""
    weight = torch.randn(4, 3, generator=generator(1), dtype=torch.float64).requires_grad_()
    scale = torch.rand(shape, generator=generator(2), dtype=torch.float64).requires_grad_()
    cotangent = torch.randn(4, 3, generator=generator(3), dtype=torch.float64)
    noisy = parametric_noise(weight, scale, generator=generator())
    torch.testing.assert_close(noisy, weight + scale * eta(weight))
    noisy.backward(cotangent)
    torch.testing.assert_close(weight.grad, cotangent)
    torch.testing.assert_close(scale.grad, (cotangent * eta(weight)).sum_to_size(shape))


def eta(weight):
    noise = torch.randn(weight.shape, generator=generator(), dtype=weight.dtype)
    return weight.detach().std(correction=0) * noise


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision(dtype):
    weight = torch.randn(4, 3, generator=generator(1)).to(dtype)
    scale = torch.tensor(0.5, dtype=dtype)
    noisy = parametric_noise(weight, scale, generator=generator())
    assert noisy.dtype == dtype
    full = parametric_noise(weight.float(), scale.float(), generator=generator())
    torch.testing.assert_close(noisy.float(), full, atol=0.02, rtol=0.02)


LAYERS = {
    "linear": (
        lambda: nn.Linear(4, 3),
        (6, 4),
        {"layer": (), "channel": (3, 1), "element": (3, 4)},
    ),
    "convolution": (
        lambda: nn.Conv2d(2, 3, 3),
        (4, 2, 5, 5),
        {"layer": (), "channel": (3, 1, 1, 1), "element": (3, 2, 3, 3)},
    ),
}


@pytest.mark.parametrize("granularity", ["layer", "channel", "element"])
@pytest.mark.parametrize("case", LAYERS)
def test_layer_uses_a_noisy_weight_in_both_modes(case, granularity):
    make, shape, scales = LAYERS[case]
    plain = make()
    layer = ParametricNoise(copy.deepcopy(plain), granularity, generator=generator())
    assert layer.scale.shape == scales[granularity]
    assert (layer.scale == 0.25).all()
    x = torch.randn(shape, generator=generator(1))
    other = copy.deepcopy(plain)
    source = generator()
    for mode in (True, False):
        with torch.no_grad():
            noisy = parametric_noise(plain.weight, layer.scale, generator=source)
            other.weight.copy_(noisy)
        torch.testing.assert_close(layer.train(mode)(x), other(x))  # and one draw a call
    layer.noisy = False
    torch.testing.assert_close(layer(x), plain(x))
    assert "noisy=False" in repr(layer)


def test_scale_is_trained():
    """Regression on the noiseless layer's outputs drives the noise out."""
    torch.manual_seed(0)
    plain = nn.Linear(8, 4)
    layer = ParametricNoise(copy.deepcopy(plain), "layer", initial=1.0, generator=generator())
    x = torch.randn(64, 8, generator=generator(1))
    target = plain(x).detach()
    optimizer = torch.optim.SGD([layer.scale], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (layer(x) - target).square().mean().backward()
        optimizer.step()
    assert layer.scale.abs() < 0.05


def test_making_one_draws_nothing_and_keeps_the_weight():
    torch.manual_seed(0)
    plain = nn.Linear(4, 3)
    before = torch.get_rng_state()
    layer = ParametricNoise(copy.deepcopy(plain))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(layer.weight, plain.weight)


def test_state_has_the_names_of_the_parametrized_layer():
    net = nn.Sequential(ParametricNoise(nn.Linear(4, 3)), nn.ReLU())
    names = {"bias", "parametrizations.weight.original", "parametrizations.weight.0.scale"}
    assert set(net.state_dict()) == {f"0.{name}" for name in names}
    other = nn.Sequential(ParametricNoise(nn.Linear(4, 3)), nn.ReLU())
    other.load_state_dict(net.state_dict())
    for module in (net, other):
        module[0].noisy = False
    x = torch.randn(2, 4, generator=generator())
    torch.testing.assert_close(net(x), other(x))


W, A = torch.ones(2, 3), torch.tensor(0.5)
ERRORS = {
    "integers": (TypeError, "weight must be floating point", (W.long(), A)),
    "dtype": (TypeError, "scale must be torch.float32 like weight", (W, A.double())),
    "empty": (ValueError, r"weight is empty, shape \(0, 3\)", (W[:0], A)),
    "shape": (ValueError, r"scale must broadcast.*\(2, 3\), got \(2,\)", (W, torch.ones(2))),
    "dimensions": (ValueError, "scale must broadcast", (W, torch.ones(1, 2, 3))),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^parametric_noise: .*{message}"):
        parametric_noise(*args)


def test_module_errors():
    with pytest.raises(ValueError, match=r"^ParametricNoise: granularity must be one of.*'row'"):
        ParametricNoise(nn.Linear(2, 2), "row")
    with pytest.raises(ValueError, match=r"^ParametricNoise: Linear has no parameter 'w'"):
        ParametricNoise(nn.Linear(2, 2), name="w")
    layer = nn.Linear(2, 2)
    ParametricNoise(layer)
    with pytest.raises(ValueError, match=r"is parametrized already"):
        ParametricNoise(layer)
