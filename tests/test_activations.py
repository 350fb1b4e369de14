"""Activations against PyTorch's, known values, and gradients at the edges."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lecturelib import activations
from lecturelib.activations import ACTIVATIONS, lecun_tanh, maxout, prelu, relu

ORACLES = {
    "identity": lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "lecun_tanh": lambda x: 1.7159 * torch.tanh(2 / 3 * x),
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
}
CASES = {
    **{name: (ACTIVATIONS[name], oracle) for name, oracle in ORACLES.items()},
    "leaky_relu(.3)": (lambda x: activations.leaky_relu(x, 0.3), lambda x: F.leaky_relu(x, 0.3)),
    "elu(2)": (lambda x: activations.elu(x, 2.0), lambda x: F.elu(x, 2.0)),
    "gelu(tanh)": (
        lambda x: activations.gelu(x, approximate="tanh"),
        lambda x: F.gelu(x, approximate="tanh"),
    ),
    "softplus(3)": (lambda x: activations.softplus(x, 3.0, 5.0), lambda x: F.softplus(x, 3.0, 5.0)),
}
EXTREME = [-1e4, -500.0, -100.0, -20.0, -1.0, -0.0, 0.0, 1.0, 20.0, 100.0, 500.0, 1e4]
INPLACE = ["relu", "leaky_relu", "elu", "selu", "silu", "mish"]


def derivatives(f, x, cotangent):
    """Value and first and second derivative of an elementwise function."""
    x = x.clone().requires_grad_()
    y = f(x)
    first = torch.autograd.grad(y, x, cotangent, create_graph=True)[0]
    second = (
        torch.autograd.grad(first, x, cotangent)[0] if first.requires_grad else torch.zeros_like(x)
    )
    return y.detach(), first.detach(), second


def test_the_table_has_an_oracle_for_each_entry():
    assert set(ACTIVATIONS) == set(ORACLES)


@pytest.mark.parametrize("name", CASES)
def test_value_and_two_derivatives(name, rng):
    x = 4 * torch.randn(50, generator=rng, dtype=torch.float64)
    cotangent = torch.randn(50, generator=rng, dtype=torch.float64)
    ours, theirs = (derivatives(f, x, cotangent) for f in CASES[name])
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", CASES)
def test_extreme_inputs(name, dtype):
    x = torch.tensor(EXTREME, dtype=dtype)
    ones = torch.ones_like(x)
    (y, g, h), (y0, g0, _) = (derivatives(f, x, ones) for f in CASES[name])
    assert y.dtype == g.dtype == dtype
    if name == "lecun_tanh" and dtype in (torch.bfloat16, torch.float16):
        y0, g0 = (t.to(dtype) for t in derivatives(CASES[name][1], x.double(), ones.double())[:2])
    if name == "gelu(tanh)":  # PyTorch's own gradient is a NaN where x**3 overflows
        g0 = torch.where(g0.isfinite(), g0, (x > 0).to(dtype))
    torch.testing.assert_close(y, y0)
    torch.testing.assert_close(g, g0)
    assert h.isfinite().all()


@pytest.mark.parametrize("name", CASES)
def test_nan_propagates(name):
    assert CASES[name][0](torch.tensor([math.nan])).isnan().all()


@pytest.mark.parametrize("name", INPLACE)
def test_in_place(name, rng):
    leaf = torch.randn(20, generator=rng).requires_grad_()
    x = leaf.clone()
    y = ACTIVATIONS[name](x, inplace=True)
    assert y is x
    reference = ORACLES[name](leaf)
    torch.testing.assert_close(y, reference)
    cotangent = torch.randn(20, generator=rng)
    ours, theirs = (torch.autograd.grad(t, leaf, cotangent)[0] for t in (y, reference))
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("name", sorted(set(ORACLES) - {"identity", "relu"}))
def test_only_floating_point(name):
    with pytest.raises(TypeError, match="floating point"):
        ACTIVATIONS[name](torch.tensor([1, 2]))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int64])
def test_relu_in_each_type(dtype):
    x = torch.tensor([-2, 0, 3], dtype=dtype)
    assert torch.equal(relu(x), F.relu(x))
    assert relu(x).dtype == dtype


def test_relu_at_the_special_values():
    inf = float("inf")
    x = torch.tensor([-inf, -1.0, 0.0, inf, float("nan")], requires_grad=True)
    for function in (relu, F.relu):
        y = function(x)
        (grad,) = torch.autograd.grad(y.sum(), x)
        torch.testing.assert_close(
            y, torch.tensor([0.0, 0.0, 0.0, inf, float("nan")]), equal_nan=True
        )
        assert grad[:4].tolist() == [0, 0, 0, 1]


def test_relu_of_strided_and_empty_tensors(rng):
    x = torch.randn(4, 5, generator=rng).T
    assert torch.equal(relu(x), F.relu(x))
    assert relu(torch.zeros(0)).shape == (0,)


def test_published_constants():
    """LeCun's tanh leaves 1 nearly where it is; the minima of GELU, Swish and Mish."""
    assert lecun_tanh(torch.tensor(1.0, dtype=torch.float64)).item() == pytest.approx(1, abs=4e-6)
    x = torch.linspace(-3, 0, 300_001, dtype=torch.float64)
    minima = {
        "gelu": (-0.16997, -0.7518),
        "silu": (-0.27846, -1.2785),
        "mish": (-0.30884, -1.1924),
    }
    for name, (lowest, at) in minima.items():
        y = ACTIVATIONS[name](x)
        assert y.min().item() == pytest.approx(lowest, abs=1e-5)
        assert x[y.argmin()].item() == pytest.approx(at, abs=1e-4)


@pytest.mark.parametrize(("shape", "n"), [((3, 4, 5), 4), ((3, 4), 4), ((6,), 1), ((2, 3), 1)])
def test_prelu(shape, n, rng):
    x = torch.randn(shape, generator=rng, dtype=torch.float64)
    x.view(-1)[:2] = torch.tensor([0.0, math.inf])
    a = torch.rand(n, generator=rng, dtype=torch.float64)
    cotangent = torch.randn(shape, generator=rng, dtype=torch.float64)
    results = []
    for f in (prelu, F.prelu):
        inputs = [t.clone().requires_grad_() for t in (x, a)]
        y = f(*inputs)
        results.append((y.detach(), *torch.autograd.grad(y, inputs, cotangent)))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(
    ("error", "x", "a"),
    [
        (ValueError, torch.ones(2, 3), torch.ones(2)),
        (ValueError, torch.ones(3), torch.ones(3)),
        (ValueError, torch.ones(2, 3), torch.ones(3, 1)),
        (TypeError, torch.ones(2, 3), torch.ones(3, dtype=torch.float64)),
        (TypeError, torch.ones(2, 3), 0.1),
    ],
)
def test_prelu_errors(error, x, a):
    with pytest.raises(error, match="prelu"):
        prelu(x, a)


@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, 1, -1, -2]))
def test_maxout_takes_the_largest_of_each_group(groups, pieces, dim):
    rng = torch.Generator().manual_seed(groups * 10 + pieces)
    x = torch.randn(groups * pieces, groups * pieces, generator=rng)
    expected = torch.stack([c.amax(dim) for c in x.split(pieces, dim)], dim)
    assert torch.equal(maxout(x, pieces, dim), expected)


def test_maxout_gradient_goes_to_the_winner():
    x = torch.tensor([1.0, 3.0, 2.0, 2.0], requires_grad=True)
    maxout(x).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 0]


def test_errors_name_what_is_wanted():
    with pytest.raises(ValueError, match="groups of 2"):
        maxout(torch.ones(3))
    with pytest.raises(ValueError, match="approximate"):
        activations.gelu(torch.ones(1), approximate="erf")
    with pytest.raises(ValueError, match="beta"):
        activations.softplus(torch.ones(1), beta=0.0)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-10, 1e10, 1e19, 1e25, 1e38])
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_at_all_sizes(name, scale):
    """No cube and no exponential leaves the format where the value does not; oracle: float64."""
    f, _ = CASES[name]
    results = []
    for dtype in (torch.float32, torch.float64):
        x = (torch.tensor([-3.0, -0.5, 0.25, 1.0, 2.5]) * scale).to(dtype).requires_grad_()
        y = f(x)
        results.append((y.detach(), torch.autograd.grad(y.sum(), x)[0]))
    for ours, exact in zip(*results, strict=True):
        torch.testing.assert_close(ours.double(), exact, rtol=1e-5, atol=1e-6 * min(scale, 1.0))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", CASES)
def test_half_precision_has_finite_gradients(name, dtype):
    x = torch.linspace(-6e4, 6e4, 401).to(dtype).requires_grad_()
    y = CASES[name][0](x)
    (g,) = torch.autograd.grad(y.sum(), x)
    assert y.isfinite().all()
    assert g.isfinite().all()
    assert y.dtype == g.dtype == dtype
