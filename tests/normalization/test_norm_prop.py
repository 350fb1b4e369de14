"""NormProp: constants against closed forms, SciPy's quadrature and sampling; layers by hand."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from lecturelib import activations
from lecturelib.normalization import (
    NormPropConstants,
    NormPropConv2d,
    NormPropLinear,
    norm_prop,
    normprop_constants,
)


def relu(y):
    return F.relu(y)


def test_constants_of_relu_in_closed_form():
    """Arpit et al. (2016): 1/√(2π), √((1 - 1/π)/2); E[J Jᵀ] has π/(π-1) on its diagonal."""
    c = normprop_constants(relu)
    assert c.mean == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-13)
    assert c.std == pytest.approx(math.sqrt((1 - 1 / math.pi) / 2), rel=1e-13)
    assert c.squared_gain == pytest.approx(math.pi / (math.pi - 1), rel=1e-13)
    assert round(c.gain, 2) == 1.21


def test_constants_in_closed_form_of_others():
    identity = normprop_constants(lambda y: 3 * y + 2)
    assert (identity.mean, identity.std) == pytest.approx((2, 3), rel=1e-13)
    assert identity.gain == pytest.approx(1, rel=1e-13)
    a = 0.01  # leaky ReLU: a mixture of the moments of the two halves
    leaky = normprop_constants(lambda y: F.leaky_relu(y, a))
    mean = (1 - a) / math.sqrt(2 * math.pi)
    assert leaky.mean == pytest.approx(mean, rel=1e-13)
    variance = (1 + a * a) / 2 - mean**2
    assert leaky.std == pytest.approx(math.sqrt(variance), rel=1e-13)
    assert leaky.squared_gain == pytest.approx((1 + a * a) / 2 / variance, rel=1e-13)
    gelu = normprop_constants(F.gelu)  # E[Y Φ(Y)] = 1 / (2 √π)
    assert gelu.mean == pytest.approx(1 / (2 * math.sqrt(math.pi)), rel=1e-13)
    erf = normprop_constants(torch.erf)  # Var = (2/π) asin(2/3)
    assert erf.std == pytest.approx(math.sqrt(2 / math.pi * math.asin(2 / 3)), rel=1e-12)
    assert abs(normprop_constants(torch.tanh).mean) < 1e-15


@pytest.mark.parametrize("name", sorted(set(activations.ACTIVATIONS) - {"identity", "relu"}))
def test_constants_of_each_activation_against_scipy(name):
    f = activations.ACTIVATIONS[name]
    c = normprop_constants(f)

    def expectation(function):
        def integrand(y):
            value = function(torch.tensor(y, dtype=torch.float64)).item()
            return value * math.exp(-y * y / 2) / math.sqrt(2 * math.pi)

        return sum(integrate.quad(integrand, *ends, limit=200)[0] for ends in ((-9, 0), (0, 9)))

    mean = expectation(f)
    square = expectation(lambda y: f(y).square())
    assert c.mean == pytest.approx(mean, abs=1e-9)
    assert c.std == pytest.approx(math.sqrt(square - mean**2), rel=1e-8)


def test_a_kink_off_the_grid_costs_digits_not_the_result():
    a = 0.3  # E max(Y, a) = φ(a) + a Φ(a)
    c = normprop_constants(lambda y: y.clamp(min=a))
    density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    exact = density + a * (1 + math.erf(a / math.sqrt(2))) / 2
    assert c.mean == pytest.approx(exact, abs=1e-4)


def test_normal_pre_activations_give_mean_zero_and_variance_one(rng):
    y = torch.randn(400_000, generator=rng, dtype=torch.float64)
    for f in (relu, torch.sigmoid, F.selu, F.softplus):
        o = norm_prop(y, f)
        # five standard errors; kurtosis of the outputs is below 8
        assert abs(o.mean()) < 5 / 400_000**0.5
        assert abs(o.var() - 1) < 5 * (8 / 400_000) ** 0.5


@pytest.mark.parametrize("activation", [relu, torch.tanh])
def test_linear_layer_equals_the_slide(activation, rng):
    layer = NormPropLinear(4, 3, activation, dtype=torch.float64)
    with torch.no_grad():
        for p in layer.parameters():
            p.normal_(generator=rng)
    x = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    w, gamma, beta = layer.weight, layer.scale, layer.bias
    c = normprop_constants(activation)
    for i in range(3):
        h = activation(gamma[i] * (x @ w[i]) / w[i].norm() + beta[i])
        torch.testing.assert_close(layer(x)[:, i], (h - c.mean) / c.std)
    sequence = x.view(5, 1, 4).expand(5, 2, 4)
    torch.testing.assert_close(layer(sequence)[:, 1], layer(x))


@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_equals_one_that_is_normalized_by_hand(groups, rng):
    options = {"stride": 2, "padding": 1, "groups": groups}
    layer = NormPropConv2d(4, 6, (3, 2), **options, dtype=torch.float64)
    with torch.no_grad():
        for p in layer.parameters():
            p.normal_(generator=rng)
    x = torch.randn(2, 4, 7, 6, generator=rng, dtype=torch.float64)
    norms = torch.stack([w.norm() for w in layer.weight])
    plain = F.conv2d(x, layer.weight, None, 2, 1, 1, groups)
    scale, shift = (layer.scale / norms)[:, None, None], layer.bias[:, None, None]
    c = layer.constants
    torch.testing.assert_close(layer(x), (F.relu(scale * plain + shift) - c.mean) / c.std)


def test_a_convolution_that_sees_the_whole_image_is_a_linear_layer(rng):
    conv, linear = NormPropConv2d(2, 5, 3), NormPropLinear(18, 5)
    state = {k: v.reshape(5, 18) if k == "weight" else v for k, v in conv.state_dict().items()}
    linear.load_state_dict(state)
    x = torch.randn(4, 2, 3, 3, generator=rng)
    torch.testing.assert_close(conv(x).flatten(1), linear(x.flatten(1)))


@given(st.floats(1e-3, 1e3), st.integers(0, 10**6))
def test_scale_of_the_weights_does_not_matter_and_their_gradient_is_orthogonal(c, seed):
    layer = NormPropLinear(5, 3, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    layer.reset_parameters(generator)
    x, r = (torch.randn(4, n, generator=generator, dtype=torch.float64) for n in (5, 3))
    y = layer(x)
    (r * y).sum().backward()
    w = layer.weight.detach().clone()
    torch.testing.assert_close((layer.weight.grad * w).sum(1), torch.zeros(3).double())
    with torch.no_grad():
        layer.weight.mul_(c)
    torch.testing.assert_close(layer(x), y)


def test_numerical_gradients(rng):
    layer = NormPropLinear(3, 2, torch.tanh, dtype=torch.float64)
    x = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    names = ("weight", "scale", "bias")

    def f(*leaves):
        parameters = dict(zip(names, leaves, strict=True))
        return torch.func.functional_call(layer, parameters, (x,))

    leaves = tuple(getattr(layer, name).detach().clone().requires_grad_() for name in names)
    assert torch.autograd.gradcheck(f, leaves)
    assert torch.autograd.gradgradcheck(f, leaves)


def test_no_difference_between_modes_and_a_batch_of_one_will_do(rng):
    layer = NormPropLinear(4, 3)
    x = torch.randn(6, 4, generator=rng)
    assert torch.equal(layer.train()(x), layer.eval()(x))
    torch.testing.assert_close(layer(x)[:1], layer(x[:1]))


def test_draws_are_reproducible_and_names_are_shown():
    a, b = NormPropLinear(4, 3), NormPropLinear(4, 3)
    for layer in (a, b):
        layer.reset_parameters(torch.Generator().manual_seed(3))
    assert torch.equal(a.weight, b.weight)
    assert repr(a) == "NormPropLinear(4, 3, activation=relu)"
    assert "kernel_size=(3, 3), stride=1, padding=0" in repr(NormPropConv2d(2, 4, 3))
    assert a(torch.zeros(2, 4).to(a.weight)).dtype == torch.float32
    assert NormPropLinear(4, 3, dtype=torch.bfloat16)(torch.zeros(2, 4).bfloat16()).dtype == (
        torch.bfloat16
    )


def test_given_constants_are_used():
    y = norm_prop(torch.ones(1), relu, constants=NormPropConstants(0.5, 0.25, 1.0))
    assert y.item() == 2


ERRORS = {
    "shape": (ValueError, "one finite value for each value", lambda y: y[:2]),
    "infinite": (ValueError, "one finite value for each value", lambda y: 1 / y.floor()),
    "constant": (ValueError, "constant on normal inputs", lambda y: 0 * y),
    "derivative": (ValueError, "has no derivative", lambda y: y.detach() > 0),
    "number": (TypeError, "must give a tensor, got int", lambda y: 3),
}


@pytest.mark.parametrize("case", ERRORS)
def test_activations_without_constants(case):
    error, message, f = ERRORS[case]
    with pytest.raises(error, match=f"^normprop_constants: .*{message}"):
        normprop_constants(f)


LAYER_ERRORS = {
    "size": (lambda: NormPropLinear(0, 3), "NormPropLinear: all sizes must be at least 1"),
    "features": (lambda: NormPropLinear(4, 3)(torch.zeros(2, 3)), "NormPropLinear: expected 4"),
    "groups": (lambda: NormPropConv2d(4, 6, 3, groups=3), "NormPropConv2d: groups must divide"),
    "image": (
        lambda: NormPropConv2d(4, 6, 3)(torch.zeros(2, 3, 5, 5)),
        r"NormPropConv2d: expected input \(N, 4, H, W\), got shape \(2, 3, 5, 5\)",
    ),
}


@pytest.mark.parametrize("case", LAYER_ERRORS)
def test_layer_errors(case):
    call, message = LAYER_ERRORS[case]
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def test_integers_are_refused():
    with pytest.raises(TypeError, match=r"^norm_prop: input must be floating point"):
        norm_prop(torch.ones(2, dtype=torch.long), relu)
