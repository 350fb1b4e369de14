"""Norms of numbers from 1e-38 to 1e37, against the same in float64, whose squares have room."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.normalization import (
    BatchNorm1d,
    LpNorm,
    MeanOnlyBatchNorm,
    batch_norm,
    detached_layer_norm,
    group_norm,
    instance_norm,
    layer_norm,
    lp_norm,
    mean_only_batch_norm,
    norm_prop,
    normprop_constants,
    parametric_noise,
    rms_norm,
    weight_norm,
    weight_norm_gradients,
)

NORMS = {
    "batch": lambda x, eps: batch_norm(x, None, None, training=True, eps=eps),
    "layer": lambda x, eps: layer_norm(x, [4, 5], eps=eps),
    "detached": lambda x, eps: detached_layer_norm(x, [5], eps=eps, detach_mean=False),
    "group": lambda x, eps: group_norm(x, 2, eps=eps),
    "instance": lambda x, eps: instance_norm(x, eps=eps),
    "rms": lambda x, eps: rms_norm(x, [5], eps=eps),
    "l1": lambda x, eps: lp_norm(x, 1.0, eps=eps),
    "l2": lambda x, eps: lp_norm(x, 2.0, eps=eps),
    "l9": lambda x, eps: lp_norm(x, 9.0, eps=eps),
}
norms = pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)
SCALES = [1e-36, 1e-30, 1e-24, 1e-18, 1e-12, 1e-6, 1e6, 1e12, 1e20, 1e30, 1e37]


def with_gradient(f, *tensors):
    """The result, and the gradients of its product with fixed numbers."""
    tensors = [t.detach().clone().requires_grad_() for t in tensors]
    y = f(*tensors)
    cotangent = torch.linspace(-1, 2, y.numel()).view(y.shape).to(y)
    return y.detach(), *torch.autograd.grad(y, tensors, cotangent)


def assert_near(ours, exact, rtol=2e-5):
    for p, q in zip(ours, exact, strict=True):
        if q.abs().max() > 3e38 or q.abs().max() < 1e-36:
            continue  # no number of float32
        assert (p.double() - q).abs().max() <= rtol * q.abs().max()


@norms
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("eps", [0.0, 1e-30, 1e-12, 1e-5])
def test_value_and_gradient_at_all_sizes(norm, scale, eps, rng):
    x = (torch.randn(6, 4, 5, generator=rng) + 0.3) * scale

    def f(x):
        return norm(x, eps)

    assert_near(with_gradient(f, x), with_gradient(f, x.double()))


@norms
@given(exponent=st.integers(-120, 120))
def test_a_power_of_two_changes_no_digit_without_eps(norm, exponent):
    x = torch.randn(6, 4, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(norm(x * 2.0**exponent, 0.0), norm(x, 0.0), rtol=1e-6, atol=1e-6)


@norms
def test_one_channel_of_another_size_leaves_the_others_alone(norm, rng):
    x = torch.randn(6, 4, 5, generator=rng)
    if norm is not NORMS["layer"] and norm is not NORMS["group"]:
        x[:, 2] *= 1e-25
    x[3] *= 1.0 if norm in (NORMS["batch"], *(NORMS[k] for k in ("l1", "l2", "l9"))) else 1e25

    def f(x):
        return norm(x, 0.0)

    assert_near(with_gradient(f, x)[:1], with_gradient(f, x.double())[:1])


@pytest.mark.parametrize("scale", [1e-24, 1e-12, 1e-3, 1.0, 1e3, 1e12])
@pytest.mark.parametrize("shape", [(8, 3), (8, 3, 4, 4)])
def test_batch_norm_s_eps_is_pytorch_s_at_all_sizes(scale, shape, rng):
    x = torch.randn(shape, generator=rng) * scale
    expected = F.batch_norm(x, None, None, training=True)
    torch.testing.assert_close(
        batch_norm(x, None, None, training=True), expected, rtol=1e-4, atol=1e-6 * expected.max()
    )


@pytest.mark.parametrize("scale", [1e-24, 1e-12, 1e12, 1e18])
def test_running_statistics_at_all_sizes(scale, rng):
    x = torch.randn(50, 3, generator=rng) * scale
    mean, var = torch.zeros(3), torch.ones(3)
    batch_norm(x, mean, var, training=True, momentum=1.0, eps=0.0)
    torch.testing.assert_close(mean.double(), x.double().mean(0), rtol=1e-4, atol=1e-6 * scale)
    exact = x.double().var(0)
    torch.testing.assert_close(var.double(), exact, rtol=1e-4, atol=1e-44)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_second_derivative_of_batch_norm_at_all_sizes(scale, rng):
    """The Hessian of a sum of squares at three points, in units of the data's size."""

    def hessian(x):
        def f(x):
            return batch_norm(x, None, None, training=True, eps=0.0).pow(3).sum()

        return torch.autograd.functional.hessian(f, x)

    x = torch.randn(3, 1, generator=rng)
    unit = hessian(x.double())
    if scale < 1:
        scale = 1e-15  # so that the second derivative is a number of float32
    elif scale > 1:
        scale = 1e15
    ours = hessian(x * scale) * scale * scale
    torch.testing.assert_close(ours.double(), unit, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-38, 1e-20, 1.0, 1e20, 1e37])
def test_means_at_all_sizes(scale, rng):
    x = torch.randn(200, 3, generator=rng).abs() * scale
    ours = mean_only_batch_norm(x)
    exact = x.double() - x.double().mean(0)
    assert (ours.double() - exact).abs().max() <= 1e-6 * exact.abs().max() + 1e-44


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("scale", [1e-37, 1e-30, 1e-20, 1.0, 1e20, 1e37])
@pytest.mark.parametrize("length", [1e-20, 1.0, 1e20])
def test_weight_norm_at_all_sizes(scale, length, dim, rng):
    v = torch.randn(3, 4, generator=rng) * scale
    shape = {0: (3, 1), 1: (1, 4), None: ()}[dim]
    g = (torch.rand(shape, generator=rng) + 0.5) * length

    def f(v, g):
        return weight_norm(v, g, dim)

    assert_near(with_gradient(f, v, g), with_gradient(f, v.double(), g.double()))
    grad = torch.randn(3, 4, generator=rng)
    ours = weight_norm_gradients(grad, v, g, dim)
    assert_near(ours, weight_norm_gradients(grad.double(), v.double(), g.double(), dim))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weight_norm_gradients_in_half_precision(dtype, rng):
    v, grad = (torch.randn(3, 400, generator=rng).mul(50).to(dtype) for _ in range(2))
    g = torch.ones(3, 1, dtype=dtype)
    ours = weight_norm_gradients(grad, v, g)
    exact = weight_norm_gradients(grad.double(), v.double(), g.double())
    for p, q in zip(ours, exact, strict=True):
        assert p.dtype == dtype
        torch.testing.assert_close(p.double(), q, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_noise_at_all_sizes(scale):
    w, alpha = torch.linspace(-1, 1, 40) * scale, torch.tensor(0.5)
    draws = [torch.Generator().manual_seed(0) for _ in range(2)]
    ours = parametric_noise(w, alpha, generator=draws[0])
    normal = torch.randn(40, generator=draws[1])
    exact = w.double() + 0.5 * w.double().std(correction=0) * normal
    torch.testing.assert_close(ours.double(), exact, rtol=1e-5, atol=0)


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1.0, 1e12])
def test_constants_of_activations_of_any_size(scale):
    one, scaled = (normprop_constants(lambda y, s=s: s * torch.relu(y)) for s in (1.0, scale))
    assert scaled.std == pytest.approx(scale * one.std, rel=1e-9)
    assert scaled.squared_gain == pytest.approx(one.squared_gain, rel=1e-9)
    with pytest.raises(ValueError, match="constant"):
        normprop_constants(lambda y: scale + 0 * y)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_norm_prop_rounds_half_precision_once(dtype, rng):
    x = torch.randn(50, generator=rng).to(dtype)
    assert torch.equal(norm_prop(x, torch.tanh), norm_prop(x.float(), torch.tanh).to(dtype))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@norms
def test_half_precision_s_squares(norm, dtype, rng):
    """Squares of 600 leave float16, and those of 1e-5 become 0; both fit in float32."""
    for scale in (600.0, 1e-5):
        x = (torch.randn(6, 4, 5, generator=rng) * scale).to(dtype)
        wide = norm(x.float(), 0.0).to(dtype)
        assert torch.equal(norm(x, 0.0), wide)


def test_constant_values_without_eps_give_nan_as_in_pytorch():
    x = torch.full((2, 4), 3.0)
    assert layer_norm(x, [4], eps=0.0).isnan().all()
    assert F.layer_norm(x, [4], eps=0.0).isnan().all()


@pytest.mark.parametrize(
    "module",
    [
        BatchNorm1d(3, track_running_stats=False),
        LpNorm(3, track_running_stats=False),
        MeanOnlyBatchNorm(3, track_running_stats=False),
    ],
    ids=lambda m: type(m).__name__,
)
def test_one_sample_in_eval_mode_is_told_why(module):
    """It can't be told to use the mode in which it is."""
    name = type(module).__name__
    message = rf"^{name}: without running statistics .* in eval mode too.* got shape \(1, 3\)"
    with pytest.raises(ValueError, match=message):
        module.eval()(torch.zeros(1, 3))
    with pytest.raises(ValueError, match="use a larger batch, or running statistics"):
        module.train()(torch.zeros(1, 3))
