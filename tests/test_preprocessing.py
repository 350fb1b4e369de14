"""Preprocessing against scikit-learn, NumPy and closed forms."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from lecturelib.preprocessing import (
    Center,
    Decorrelate,
    Standardize,
    Whiten,
    condition_number,
    quantize,
    window_level,
)

TRANSFORMS = [
    Center,
    Standardize,
    Decorrelate,
    Whiten,
    lambda: Whiten("zca"),
    lambda: Whiten(eps=0.1),
    lambda: Whiten("zca", eps=0.1),
]
transforms = pytest.mark.parametrize("make", TRANSFORMS)


def data(n=60, d=4, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=generator, dtype=torch.float64)
    shift = 3 * torch.randn(d, generator=generator, dtype=torch.float64)
    return (torch.randn(n, d, generator=generator, dtype=torch.float64) @ mix + shift).to(dtype)


def covariance(Z):
    return np.cov(Z.numpy(), rowvar=False, bias=True)


# Values on a grid of 1/8, so that columns are constant or collinear often, and never nearly so.
matrices = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 5)),
    elements=st.integers(-80, 80).map(lambda k: k / 8),
)


def test_standardize_equals_scikit_learn():
    X, new = data(), data(seed=1)
    oracle = StandardScaler().fit(X.numpy())
    ours = Standardize().fit(X)
    np.testing.assert_allclose(ours.transform(new), oracle.transform(new.numpy()), rtol=1e-12)
    np.testing.assert_allclose(ours.mean, oracle.mean_, rtol=1e-12)
    np.testing.assert_allclose(ours.std, oracle.scale_, rtol=1e-12)


@pytest.mark.parametrize("shape", [(60, 4), (4, 4), (3, 5)])
def test_decorrelate_and_whiten_equal_scikit_learn_s_pca(shape):
    X, new = data(*shape), data(7, shape[1], seed=1)
    oracle = PCA().fit(X.numpy())
    rank = min(shape[0] - 1, shape[1])  # PCA keeps min(N, d) axes, the last without variance
    theirs = (new.numpy() - oracle.mean_) @ oracle.components_[:rank].T
    ours = Decorrelate().fit(X)
    np.testing.assert_allclose(ours.transform(new)[:, :rank].abs(), abs(theirs), atol=1e-12)
    np.testing.assert_allclose(
        ours.variances[:rank], oracle.explained_variance_[:rank] * (shape[0] - 1) / shape[0]
    )
    whiten = Whiten().fit(X)
    assert whiten.rank == rank
    np.testing.assert_allclose(
        whiten.transform(new)[:, :rank].abs(),
        abs(theirs) / whiten.variances[:rank].sqrt().numpy(),
        atol=1e-10,
    )
    assert not whiten.transform(new)[:, rank:].any()


def test_zca_is_the_inverse_root_of_the_covariance():
    X, new = data(), data(seed=1)
    values, vectors = np.linalg.eigh(covariance(X))
    root = vectors @ np.diag(values**-0.5) @ vectors.T
    expected = (new.numpy() - X.numpy().mean(0)) @ root
    np.testing.assert_allclose(Whiten("zca").fit(X).transform(new), expected, atol=1e-11)


def test_eps_damps_small_axes():
    X = data()
    whiten = Whiten(eps=0.5).fit(X)
    expected = np.diag((whiten.variances / (whiten.variances + 0.5)).numpy())
    np.testing.assert_allclose(covariance(whiten.transform(X)), expected, atol=1e-12)


@transforms
@given(array=matrices)
@settings(deadline=None, max_examples=25)
def test_training_data_come_back_and_are_left_alone(make, array):
    X = torch.from_numpy(array)
    before = X.clone()
    transform = make().fit(X)
    Z = transform.transform(X)
    assert Z.shape == X.shape
    assert torch.equal(X, before)
    assert Z.isfinite().all()
    torch.testing.assert_close(transform.inverse_transform(Z), X, rtol=0, atol=1e-10)
    torch.testing.assert_close(Z, make().fit_transform(X), rtol=0, atol=0)
    torch.testing.assert_close(Z.mean(0), torch.zeros_like(Z[0]), rtol=0, atol=1e-11)


@given(array=matrices)
@settings(deadline=None, max_examples=50)
def test_what_becomes_of_the_covariance(array):
    X = torch.from_numpy(array)
    assume(len(X) > 1)
    d = X.shape[1]

    def after(transform):
        return np.atleast_2d(covariance(transform.fit_transform(X)))

    constant = (X[0] == X).all(0).numpy()
    np.testing.assert_allclose(np.diag(after(Standardize())), ~constant, atol=1e-11)
    decorrelated = after(Decorrelate())
    np.testing.assert_allclose(decorrelated, np.diag(np.diag(decorrelated)), atol=1e-10)
    assert (np.diff(np.diag(decorrelated)) <= 1e-10).all()
    rank = np.linalg.matrix_rank(array - array.mean(0), tol=1e-9)
    expected = np.diag((np.arange(d) < rank).astype(float))
    np.testing.assert_allclose(after(Whiten()), expected, atol=1e-9)
    zca = after(Whiten("zca"))
    np.testing.assert_allclose(zca @ zca, zca, atol=1e-9)  # a projection,
    assert np.trace(zca) == pytest.approx(rank, abs=1e-9)  # of that rank


@transforms
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.1, 1 / 3, -7e5, 0.0])
def test_constant_columns_become_exactly_zero(make, dtype, value):
    """A mean of equal numbers may be off by rounding, and a scale of rounding would blow it up."""
    X = torch.cat([data(97, 2, dtype=dtype), torch.full((97, 1), value, dtype=dtype)], 1)
    Z = make().fit_transform(X)
    if make in (Center, Standardize):
        assert not Z[:, 2].any()
    assert Z.abs().max() < 20
    assert Z[:, 2].abs().max() < 1e-3 * Z.abs().max()


def test_constant_column_keeps_its_units_elsewhere():
    scaler = Standardize().fit(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
    assert scaler.std[1] == 1
    assert scaler.transform(torch.tensor([[1.0, 7.5]]))[0, 1] == 2.5


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_collinear_columns_are_not_blown_up(dtype):
    X = data(50, 2, dtype=dtype)
    X = torch.cat([X, X[:, :1] + 2 * X[:, 1:], X[:, :1] - X[:, 1:]], 1)
    for method in ("pca", "zca"):
        whiten = Whiten(method).fit(X)
        assert whiten.rank == 2
        assert whiten.transform(X).abs().max() < 10
        assert whiten.transform(X + torch.randn_like(X)).abs().max() < 50
    off = X + torch.tensor([0.0, 0.0, 1.0, 0.0], dtype=dtype)  # off the plane of the data
    back = whiten.inverse_transform(whiten.transform(off))
    plane = Decorrelate().fit(X)
    assert plane.transform(back)[:, 2:].abs().max() < 1e-4  # projected onto it


def test_small_variance_is_not_taken_for_none():
    X = data(50, 2) * torch.tensor([1.0, 1e-9])
    assert Whiten().fit(X).rank == 2


def test_only_the_training_data_count():
    train, test = data(), data(seed=1) + 100
    scaler = Standardize().fit(train)
    before = scaler.mean.clone(), scaler.std.clone()
    assert scaler.transform(test).mean().abs() > 5
    assert torch.equal(scaler.mean, before[0])
    assert torch.equal(scaler.std, before[1])
    torch.testing.assert_close(scaler.transform(test)[:1], scaler.transform(test[:1]))


@transforms
def test_methods_want_a_fit_first(make):
    for method in ("transform", "inverse_transform"):
        with pytest.raises(RuntimeError, match=rf"\.{method}: call fit"):
            getattr(make(), method)(data())


@transforms
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (torch.zeros(5), ValueError, r"shape \(N, d\), got shape \(5,\)"),
        (torch.zeros(5, 2, 2), ValueError, r"got shape \(5, 2, 2\)"),
        (torch.tensor([[math.nan] * 4]), ValueError, "NaN or infinity"),
        (torch.tensor([[math.inf] * 4]), ValueError, "NaN or infinity"),
        (torch.zeros(5, 4, dtype=torch.int64), TypeError, "floating-point tensor, got torch.int64"),
        (np.zeros((5, 4)), TypeError, "floating-point tensor, got ndarray"),
    ],
)
def test_bad_data_are_named(make, bad, error, message):
    with pytest.raises(error, match=message):
        make().fit(bad)
    with pytest.raises(error, match=message):
        make().fit(data()).transform(bad)


@transforms
@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_no_data(make, shape):
    with pytest.raises(ValueError, match="no data"):
        make().fit(torch.zeros(shape))


@transforms
def test_other_data_than_fitted(make):
    fitted = make().fit(data())
    with pytest.raises(ValueError, match=r"fitted on 4 columns on cpu, got shape \(60, 3\)"):
        fitted.transform(data(d=3))
    with pytest.raises(TypeError, match=r"fitted on torch\.float64, got torch\.float32"):
        fitted.inverse_transform(data(dtype=torch.float32))


@pytest.mark.parametrize("arguments", [{"method": "cholesky"}, {"eps": -1.0}, {"eps": math.nan}])
def test_whiten_names_bad_arguments(arguments):
    with pytest.raises(ValueError, match=r"^Whiten: "):
        Whiten(**arguments)


@pytest.mark.parametrize("shape", [(60, 4), (4, 4), (9, 1)])
def test_condition_number_is_numpy_s_of_the_second_moment(shape):
    X = data(*shape)
    assert condition_number(X) == pytest.approx(np.linalg.cond(X.numpy().T @ X.numpy()), rel=1e-6)
    assert condition_number(7 * X) == pytest.approx(condition_number(X))


def test_condition_number_of_deficient_data():
    X = data(3, 5)
    eigenvalues = np.linalg.eigvalsh(X.numpy() @ X.numpy().T)
    assert condition_number(X) == math.inf
    assert condition_number(X, nonzero=True) == pytest.approx(eigenvalues[-1] / eigenvalues[0])


def test_whitening_makes_it_one_and_the_mean_makes_it_large():
    X = data()
    assert condition_number(Whiten().fit_transform(X)) == pytest.approx(1)
    assert condition_number(X + 100) > 100 * condition_number(Center().fit_transform(X))
    # E[xxᵀ] of U[0, 1]^d is I/12 + 11ᵀ/4, so κ = 1 + 3d
    U = torch.rand(200_000, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert condition_number(U) == pytest.approx(1 + 3 * 5, rel=0.03)


def test_centring_may_worsen_it():
    """A mean along the narrow axis fills it; taking it away leaves the narrow axis bare."""
    generator = torch.Generator().manual_seed(0)
    X = Whiten().fit_transform(torch.randn(500, 2, generator=generator, dtype=torch.float64))
    X = X * torch.tensor([1.0, 0.1], dtype=X.dtype) + torch.tensor([0.0, 1.0])
    assert condition_number(X) == pytest.approx(1.01, rel=1e-9)
    assert condition_number(Center().fit_transform(X)) == pytest.approx(100, rel=1e-9)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (torch.zeros(3, 2), ValueError),
        (torch.zeros(0, 2), ValueError),
        (torch.zeros(3), ValueError),
        (torch.tensor([[math.nan]]), ValueError),
        (torch.ones(3, 2, dtype=torch.int32), TypeError),
    ],
)
def test_condition_number_names_bad_data(bad, error):
    with pytest.raises(error, match=r"^condition_number: "):
        condition_number(bad)


@given(
    x=st.floats(-5e3, 5e3),
    level=st.floats(-1e3, 1e3),
    width=st.floats(1, 4e3),
)
@settings(deadline=None)
def test_window_is_numpy_s_interpolation(x, level, width):
    image = torch.tensor([[x]], dtype=torch.float64)
    expected = np.interp(x, [level - width / 2, level + width / 2], [0, 1])
    assert window_level(image, level=level, width=width).item() == pytest.approx(expected, abs=1e-9)


@given(x=st.floats(-100, 100), bits=st.integers(1, 16), low=st.floats(-50, 0))
@settings(deadline=None)
def test_quantization_error_is_half_a_step_at_most(x, bits, low):
    high = low + 60
    image = torch.tensor([x], dtype=torch.float64)
    y = quantize(image, bits=bits, low=low, high=high).item()
    step = 60 / (2**bits - 1)
    assert abs(y - min(max(x, low), high)) <= step / 2 + 1e-9
    assert (y - low) / step == pytest.approx(round((y - low) / step), abs=1e-6)


def test_quantization_has_that_many_levels():
    y = quantize(torch.linspace(-1, 2, 10_001), bits=3, low=0.0, high=1.0)
    torch.testing.assert_close(y.unique(), torch.linspace(0, 1, 8))


def test_nan_stays_nan_in_images():
    image = torch.tensor([math.nan, 1.0])
    assert window_level(image, level=0, width=4).isnan().tolist() == [True, False]
    assert quantize(image, bits=2, low=0, high=3).isnan().tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: window_level(x, level=0, width=0), ValueError),
        (lambda x: window_level(x, level=math.nan, width=1), ValueError),
        (lambda x: window_level(x.to(torch.int16), level=0, width=1), TypeError),
        (lambda x: quantize(x, bits=0, low=0, high=1), ValueError),
        (lambda x: quantize(x, bits=2.0, low=0, high=1), ValueError),
        (lambda x: quantize(x, bits=2, low=1, high=1), ValueError),
        (lambda x: quantize(x, bits=2, low=0, high=math.inf), ValueError),
        (lambda x: quantize(x.to(torch.uint8), bits=2, low=0, high=1), TypeError),
    ],
)
def test_bad_arguments_of_image_functions_are_named(call, error):
    with pytest.raises(error, match=r"^(window_level|quantize): "):
        call(torch.zeros(3))


@transforms
@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-24, 1e-10, 1.0, 1e10, 1e20, 1e30, 1e37])
def test_all_sizes_of_data(make, scale):
    """The oracle is float64, whose squares have room."""
    X = data(dtype=torch.float32) * scale
    Z, exact = make().fit_transform(X), make().fit_transform(X.double())
    error = (Z.double() - exact).abs().max() / exact.abs().max()
    assert error <= 1e-5
    fitted = make().fit(X)
    back = fitted.inverse_transform(fitted.transform(X)).double()
    if getattr(fitted, "eps", 0.0) == 0 or scale >= 1:
        assert (back - X.double()).abs().max() <= 1e-4 * X.abs().max()


@pytest.mark.parametrize("scale", [1e-30, 1e-24, 1.0, 1e20, 1e30])
def test_standardize_equals_scikit_learn_at_all_sizes(scale):
    X = data(dtype=torch.float32) * scale * torch.tensor([1.0, 1e3, 1e-3, 1.0])
    exact = StandardScaler().fit_transform(X.double().numpy())
    torch.testing.assert_close(
        Standardize().fit_transform(X).double(), torch.from_numpy(exact), rtol=1e-5, atol=1e-5
    )


@transforms
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(make, dtype):
    X = 30 * data(dtype=torch.float32).to(dtype)
    fitted, wide = make().fit(X), make().fit(X.float())
    Z = fitted.transform(X)
    assert Z.dtype == dtype
    assert fitted.mean.dtype == torch.float32
    assert torch.equal(Z, wide.transform(X.float()).to(dtype))
    back = fitted.inverse_transform(Z)
    assert torch.equal(back, wide.inverse_transform(Z.float()).to(dtype))
    assert condition_number(X) == condition_number(X.float())


def test_float16_s_squares():
    X = torch.tensor([[0.0], [600.0]], dtype=torch.float16)
    assert Standardize().fit_transform(X).flatten().tolist() == [-1, 1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mean", [0.0, 1.0, 100.0, -3e3])
@pytest.mark.parametrize("shape", [(2, 7), (3, 5), (5, 3), (10, 20)])
def test_rank_leaves_the_rounding_of_the_mean_out(shape, mean, dtype):
    """N points, however far from 0, lie in N - 1 dimensions and no more."""
    n, d = shape
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        X = torch.randn(n, d, generator=generator, dtype=dtype) + mean
        fitted = Whiten().fit(X)
        assert fitted.rank == min(n - 1, d)
        assert fitted.transform(X).abs().max() <= 1.01 * math.sqrt(n)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_collinear_columns_far_from_zero(dtype):
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(50, generator=generator, dtype=dtype) + 100
    assert Whiten().fit(torch.stack([a, 3 * a, a + 7], 1)).rank == 1


@transforms
def test_data_that_want_a_gradient(make):
    """What is learnt is constant; the transformed data pass the gradient on."""
    X = data().requires_grad_()
    fitted = make().fit(X)
    assert not fitted.mean.requires_grad
    Z = fitted.transform(X)
    (g,) = torch.autograd.grad(Z.sum(), X)
    plain = make().fit(X.detach())
    step = torch.zeros_like(X)
    step[3, 1] = 1.0
    change = plain.transform(X.detach() + step).sum() - plain.transform(X.detach()).sum()
    torch.testing.assert_close(g[3, 1], change)  # an affine function: exact for any step


@pytest.mark.parametrize("scale", [1e-38, 1e-25, 1.0, 1e25, 1e37])
def test_condition_number_at_all_sizes(scale):
    X = data(dtype=torch.float32) * scale
    assert condition_number(X) == pytest.approx(condition_number(X.double()), rel=1e-4)


@given(
    low=st.floats(-2e3, 2e3),
    width=st.floats(1e-3, 4e3),
    bits=st.integers(1, 16),
    dtype=st.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64]),
)
@settings(deadline=None)
def test_quantized_values_are_in_the_range_as_numbers(low, width, bits, dtype):
    high = low + width
    assume(abs(torch.tensor(high).to(dtype) - torch.tensor(low).to(dtype)) > width / 2)
    image = torch.linspace(low - width, high + width, 997, dtype=torch.float64).to(dtype)
    if not ((image.double() >= low) & (image.double() <= high)).any():
        with pytest.raises(ValueError, match="has no number from"):
            quantize(image, bits=bits, low=low, high=high)
        return
    y = quantize(image, bits=bits, low=low, high=high)
    assert y.dtype == dtype
    assert low <= y.min().item()
    assert y.max().item() <= high


def test_quantize_names_an_end_that_the_image_can_t_hold():
    with pytest.raises(ValueError, match=r"1000000\.0 is beyond torch\.float16"):
        quantize(torch.zeros(2).half(), bits=8, low=0.0, high=1e6)


@pytest.mark.parametrize("bits", [np.int64(2), np.uint8(2), torch.tensor(2)], ids=repr)
def test_bits_may_be_any_whole_number(bits):
    image = torch.tensor([-5.0, 0.4, 1.6, 9.0])
    assert quantize(image, bits=bits, low=0.0, high=3.0).tolist() == [0, 0, 2, 3]
