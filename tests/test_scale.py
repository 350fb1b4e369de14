"""Sizes from 1e-38 to 1e38 against exact rational arithmetic and float64, which has room."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from lecturelib import _scale
from lecturelib._columns import column_mean, column_std
from lecturelib._once import once
from lecturelib._precision import whole_number

numbers = st.lists(st.floats(-4, 4, width=16), min_size=1, max_size=12)
exponents = st.integers(-148, 120)
SIZES = {
    "norm": (_scale.norm, lambda x: torch.linalg.vector_norm(x)),
    "norm 1": (lambda x: _scale.norm(x, 1.0), lambda x: x.abs().sum()),
    "norm 7": (lambda x: _scale.norm(x, 7.0), lambda x: x.abs().pow(7).sum().pow(1 / 7)),
    "norm inf": (lambda x: _scale.norm(x, math.inf), lambda x: x.abs().max()),
    "root mean square": (_scale.root_mean_square, lambda x: x.square().mean().sqrt()),
    "standard deviation": (_scale.standard_deviation, lambda x: x.std(correction=0)),
    "mean": (_scale.mean, lambda x: x.mean()),
}


@pytest.mark.parametrize("name", SIZES)
@given(values=numbers, exponent=exponents)
def test_sizes_at_all_scales(name, values, exponent):
    """2^k x has the size 2^k |x|; the oracle takes it in float64, before the factor."""
    ours, oracle = SIZES[name]
    exact = torch.tensor(values, dtype=torch.float64)
    x = (exact * 2.0**exponent).float()
    kept = x.double() / 2.0**exponent  # what is left where x is no longer a normal number
    wanted = oracle(kept) * 2.0**exponent
    error = 1e-6 * kept.abs().max() * 2.0**exponent + 2.0**-149
    assert abs(ours(x).double() - wanted) <= error


@given(values=numbers, exponent=st.integers(-20, 20))
def test_ordinary_sizes_have_the_ordinary_digits(values, exponent):
    x = torch.tensor(values) * 2.0**exponent
    assert _scale.norm(x).item() == torch.linalg.vector_norm(x).item()
    assert _scale.mean(x).item() == x.mean().item()
    assert _scale.root_mean_square(x).item() == x.square().mean().sqrt().item()


@given(size=st.floats(2.0**-149, 1.5 * 2.0**127, width=32))
def test_a_unit_is_a_power_of_two_of_the_number_s_size(size):
    u = _scale.unit(torch.tensor([size, 0.0]))
    mantissa, exponent = math.frexp(u.item())
    assert mantissa == 0.5
    assert (1 / u).isfinite()
    assert u.shape == (1,)
    if 1 / _scale.room(torch.float32) <= size <= _scale.room(torch.float32):
        assert u.item() == 1
    elif exponent not in (-125, 127):  # the ends, beyond which 1/u is no normal number
        assert 1 <= Fraction(size) / Fraction(u.item()) < 2


@pytest.mark.parametrize("value", [0.0, math.inf, math.nan])
def test_zero_infinity_and_nan_stay(value):
    x = torch.tensor([value, 0.0])
    assert _scale.unit(x).item() == 1
    torch.testing.assert_close(_scale.norm(x).item(), abs(value), equal_nan=True)


@given(values=numbers, exponent=exponents)
def test_directions_have_length_one(values, exponent):
    x = (torch.tensor(values, dtype=torch.float64) * 2.0**exponent).float()
    d = _scale.direction(x).double()
    if x.any():
        exact = x.double() / torch.linalg.vector_norm(x.double())
        torch.testing.assert_close(d, exact, rtol=0, atol=1e-6)
    else:
        assert d.isnan().all()


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_same_under_vmap_and_with_gradients(scale, rng):
    x = torch.randn(3, 5, generator=rng) * scale
    torch.testing.assert_close(torch.vmap(_scale.norm)(x), _scale.norm(x, dim=1))
    x.requires_grad_()
    (g,) = torch.autograd.grad(_scale.norm(x), x)
    exact = x.detach().double() / torch.linalg.vector_norm(x.detach().double())
    torch.testing.assert_close(g.double(), exact, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(dtype):
    x = torch.full((100,), 3e4, dtype=dtype)
    assert _scale.norm(x).dtype == torch.float32
    assert _scale.norm(x).item() == pytest.approx(10 * x[0].item(), rel=1e-6)


def test_tensors_without_values_pass():
    assert _scale.norm(torch.empty(3, device="meta")).shape == ()
    assert _scale.norm(torch.empty(0)).item() == 0


# Constant but for rounding: the values of each column are neighbours in their format.
ROUNDED = {
    "sum": [0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2],
    "product": [0.1 * 3, 0.3, 0.3],
    "quotient": [1 / 49 * 49, 1.0],
    "constant": [0.1] * 10,
    "long": [0.1] * 100_003,
    "large": [1e100 / 3] * 7,
    "small": [1e-100 / 3] * 7,
}


@pytest.mark.parametrize("factor", [1.0, -1.0, 1e-8, 1e8])
@pytest.mark.parametrize("name", ROUNDED)
def test_columns_that_are_constant_but_for_rounding(name, factor):
    X = torch.tensor(ROUNDED[name], dtype=torch.float64)[:, None] * factor
    assert column_std(X, column_mean(X)).item() == 0
    assert StandardScaler().fit(X.numpy()).scale_.item() == 1  # scikit-learn agrees


@given(
    value=st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 1e-6),
    spread=st.sampled_from([1e-2, 1e-4, 1e-9]),
    n=st.integers(2, 50),
)
def test_columns_that_are_not_constant(value, spread, n):
    X = torch.linspace(1, 1 + spread, n, dtype=torch.float64)[:, None] * value
    exact = np.std(np.linspace(0, spread, n)) * abs(value)
    assert column_std(X, column_mean(X)).item() == pytest.approx(exact, rel=1e-5)


def test_columns_may_lie_along_another_dimension(rng):
    X = torch.randn(5, 7, generator=rng)
    X[2] = 0.1
    mean = column_mean(X, 1)
    torch.testing.assert_close(mean, column_mean(X.T))
    torch.testing.assert_close(column_std(X, mean, 1), column_std(X.T, mean))
    assert mean[2] == X[2, 0]
    assert column_std(X, mean, 1)[2] == 0


def test_once_keeps_the_first_of_each_object():
    a, b = torch.ones(2), torch.ones(2)
    assert [id(t) for t in once(iter([b, a, b, a]))] == [id(b), id(a)]
    assert once([("x", a), ("y", a)], lambda pair: pair[1]) == [("x", a)]


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), torch.tensor(3)], ids=repr)
def test_whole_numbers(value):
    number = whole_number("call", "count", value)
    assert number == 3
    assert type(number) is int


@pytest.mark.parametrize("value", [3.0, np.float32(3), True, "3", None, 0, 5, torch.tensor(3.0)])
def test_other_numbers(value):
    with pytest.raises(ValueError, match=r"^call: count must be a whole number from 1 to 4, got"):
        whole_number("call", "count", value, upto=4)
