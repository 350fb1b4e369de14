"""Losses against PyTorch's, scipy's densities, closed forms and their known minimizers."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from lecturelib import losses
from lecturelib.losses import (
    bernoulli_nll,
    cross_entropy,
    gaussian_nll,
    huber_loss,
    l1_loss,
    laplace_nll,
    least_squares,
    mse_loss,
)

DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]
REDUCTIONS = ["mean", "sum", "none"]
CASES = {
    "mse_loss": (mse_loss, F.mse_loss),
    "l1_loss": (l1_loss, F.l1_loss),
    "huber_loss": (huber_loss, F.huber_loss),
    "huber_loss, .3": (
        lambda x, y, reduction: huber_loss(x, y, reduction, 0.3),
        lambda x, y, reduction: F.huber_loss(x, y, reduction, 0.3),
    ),
    "gaussian_nll": (
        lambda x, y, reduction: gaussian_nll(x, y, scale=0.7, reduction=reduction),
        lambda x, y, reduction: F.gaussian_nll_loss(x, y, 0.49, full=True, reduction=reduction),
    ),
    "laplace_nll": (
        lambda x, y, reduction: laplace_nll(x, y, scale=0.7, reduction=reduction),
        lambda x, y, reduction: reduce(-torch.distributions.Laplace(x, 0.7).log_prob(y), reduction),
    ),
    "bernoulli_nll": (
        lambda x, y, reduction: bernoulli_nll(x, torch.sigmoid(y), reduction=reduction),
        lambda x, y, reduction: F.binary_cross_entropy_with_logits(
            x, torch.sigmoid(y), reduction=reduction
        ),
    ),
}


def reduce(loss, reduction):
    return {"mean": loss.mean(), "sum": loss.sum(), "none": loss}[reduction]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", CASES)
def test_value_and_two_derivatives(name, reduction, rng):
    x0, y0 = 2 * torch.randn(2, 4, 3, generator=rng, dtype=torch.float64)
    x0[0, 0] = y0[0, 0]
    results = []
    for f in CASES[name]:
        x, y = x0.clone().requires_grad_(), y0.clone().requires_grad_()
        loss = f(x, y, reduction=reduction)
        rng.manual_seed(1)
        weights = torch.randn(loss.shape, generator=rng, dtype=torch.float64)
        first = torch.autograd.grad(loss, (x, y), weights, create_graph=True)
        direction = torch.randn(x.shape, generator=rng, dtype=torch.float64)
        second = torch.zeros_like(x)
        if first[0].requires_grad:
            (g,) = torch.autograd.grad(first[0], x, direction, allow_unused=True)
            second = second if g is None else g
        results.append((loss, *first, second))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_extreme_inputs(name, dtype):
    """The oracle is computed in float64 from the same inputs, and rounded once."""
    results = []
    for f, wide in zip(CASES[name], (dtype, torch.float64), strict=True):
        x = torch.tensor([-1e4, -100.0, 0.0, 100.0, 1e4], dtype=dtype).to(wide).requires_grad_()
        y = torch.tensor([0.0, 1.0, 0.0, 1.0, -1.0], dtype=dtype).to(wide)
        y = y.sign() * 1e3 if name == "bernoulli_nll" else y  # probabilities 0, .5 and 1
        loss = f(x, y, reduction="none")
        results.append((loss, *torch.autograd.grad(loss.sum(), x)))
    for ours, theirs in zip(*results, strict=True):
        assert ours.dtype == dtype
        torch.testing.assert_close(ours, theirs.to(dtype))


@given(st.floats(-1e4, 1e4), st.floats(-30, 30), st.floats(1e-3, 1e3))
def test_densities_of_scipy(location, z, scale):
    y = location + z * scale
    m, t = (torch.tensor([v], dtype=torch.float64) for v in (location, y))
    for ours, theirs in [
        (gaussian_nll(m, t, scale=scale), scipy.stats.norm(location, scale)),
        (laplace_nll(m, t, scale=scale), scipy.stats.laplace(location, scale)),
    ]:
        np.testing.assert_allclose(ours.item(), -theirs.logpdf(y), rtol=1e-10, atol=1e-10)


def test_the_scale_may_be_learned(rng):
    """The best common scale is the standard deviation, or the mean absolute deviation."""
    y = torch.randn(50, generator=rng, dtype=torch.float64)
    m = torch.zeros_like(y)
    for nll, best in [(gaussian_nll, y.square().mean().sqrt()), (laplace_nll, y.abs().mean())]:
        scale = best.clone().requires_grad_()
        nll(m, y, scale=scale.expand(50)).backward()
        assert scale.grad.item() == pytest.approx(0, abs=1e-12)
    columns = torch.tensor([[0.5], [2.0]], dtype=torch.float64)
    pairs = y[:6].reshape(2, 3)
    whole = gaussian_nll(m[:6].reshape(2, 3), pairs, scale=columns, reduction="none")
    for row, s in enumerate((0.5, 2.0)):
        torch.testing.assert_close(
            whole[row], gaussian_nll(m[:3], pairs[row], scale=s, reduction="none")
        )


@pytest.mark.parametrize(
    ("loss", "minimizer"),
    [(gaussian_nll, np.mean), (laplace_nll, np.median), (mse_loss, np.mean), (l1_loss, np.median)],
)
def test_minimizers_are_mean_and_median(loss, minimizer):
    y = np.random.default_rng(0).exponential(size=1001)
    grid = torch.linspace(0, 3, 30_001, dtype=torch.float64)
    target = torch.tensor(y)
    best = min(grid[::100], key=lambda c: loss(c.expand(1001), target).item())
    near = grid[(grid - best).abs() < 0.011]
    best = min(near, key=lambda c: loss(c.expand(1001), target).item())
    assert best.item() == pytest.approx(minimizer(y), abs=2e-3)


def test_bernoulli_minimizer_is_the_mean():
    y = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.25], dtype=torch.float64)
    z = torch.logit(y.mean()).requires_grad_()
    bernoulli_nll(z.expand(5), y).backward()
    assert z.grad.item() == pytest.approx(0, abs=1e-15)


def test_bernoulli_with_certain_predictions():
    inf = math.inf
    z = torch.tensor([inf, -inf, inf, -inf], requires_grad=True)
    y = torch.tensor([1.0, 0.0, 0.0, 1.0])
    loss = bernoulli_nll(z, y, reduction="none")
    assert loss.tolist() == [0, 0, inf, inf]
    (grad,) = torch.autograd.grad(loss.sum(), z)
    assert grad.tolist() == [0, 0, 1, -1]
    # far out the loss keeps its relative precision: exp(-40), not 40 - 40
    far = bernoulli_nll(torch.tensor([40.0]), torch.tensor([1.0])).item()
    assert far == pytest.approx(math.exp(-40), rel=1e-5)


SHAPES = [((5, 4), ()), ((5, 4, 3), (3,)), ((2, 4, 3, 2), (3, 2))]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("shape", "rest"), SHAPES)
@pytest.mark.parametrize("kind", ["classes", "ignored", "probabilities"])
def test_cross_entropy(kind, shape, rest, weighted, smoothing, reduction, rng):
    z0 = 2 * torch.randn(shape, generator=rng, dtype=torch.float64)
    weight = torch.rand(4, generator=rng, dtype=torch.float64) if weighted else None
    if kind == "probabilities":
        target = torch.softmax(torch.randn(shape, generator=rng, dtype=torch.float64), 1)
    else:
        target = torch.randint(4, (shape[0], *rest), generator=rng)
    options = {"weight": weight, "reduction": reduction, "label_smoothing": smoothing}
    if kind == "ignored":
        target[::2] = 2
        options["ignore_index"] = 2
    results = []
    for f in (cross_entropy, F.cross_entropy):
        z = z0.clone().requires_grad_()
        loss = f(z, target, **options)
        weights = torch.linspace(1, 2, loss.numel(), dtype=torch.float64).reshape(loss.shape)
        (first,) = torch.autograd.grad(loss, z, weights, create_graph=True)
        direction = torch.linspace(-1, 1, z.numel(), dtype=torch.float64).reshape(shape)
        results.append((loss, first, *torch.autograd.grad(first, z, direction)))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_of_extreme_logits(dtype):
    z = torch.tensor([[1e4, -1e4, 0.0], [1e4, -1e4, 0.0]], dtype=dtype, requires_grad=True)
    loss = cross_entropy(z, torch.tensor([0, 1]), reduction="none")
    assert loss.dtype == dtype
    torch.testing.assert_close(loss, torch.tensor([0, 2e4], dtype=dtype))
    (grad,) = torch.autograd.grad(loss.sum(), z)
    assert grad.tolist() == [[0, 0, 0], [1, -1, 0]]


def test_cross_entropy_at_the_edges():
    inf = math.inf
    z = torch.tensor([[0.0, -inf]], requires_grad=True)
    for target in (torch.tensor([0]), torch.tensor([[1.0, 0.0]])):
        loss = cross_entropy(z, target)
        assert loss.item() == 0
        assert torch.autograd.grad(loss, z)[0].isfinite().all()
    assert cross_entropy(z, torch.tensor([1])).item() == inf
    ignored = torch.tensor([-100, -100])
    z = torch.randn(2, 3, requires_grad=True)
    for f in (cross_entropy, F.cross_entropy):
        assert f(z, ignored).isnan()
        assert f(z, ignored, reduction="sum").item() == 0
        assert f(z, ignored, reduction="none").tolist() == [0, 0]
    (grad,) = torch.autograd.grad(cross_entropy(z, ignored, reduction="sum"), z)
    assert not grad.any()
    single = torch.randn(3)
    torch.testing.assert_close(
        cross_entropy(single, torch.tensor(1)), F.cross_entropy(single, torch.tensor(1))
    )
    huge = torch.tensor([[0.0, 1.0]])
    assert cross_entropy(huge, torch.tensor([1], dtype=torch.int8)).item() == pytest.approx(
        0.3133, abs=1e-4
    )


Z, Y = torch.ones(2, 3), torch.tensor([0, 1])


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (ValueError, lambda: mse_loss(Z, Z[0])),
        (ValueError, lambda: mse_loss(Z, Z, "average")),
        (ValueError, lambda: l1_loss(Z[:0], Z[:0])),
        (TypeError, lambda: l1_loss(Z, Z.long())),
        (TypeError, lambda: mse_loss(Z, 1.0)),
        (ValueError, lambda: huber_loss(Z, Z, delta=0.0)),
        (ValueError, lambda: gaussian_nll(Z, Z, scale=0.0)),
        (ValueError, lambda: gaussian_nll(Z, Z, scale=math.nan)),
        (ValueError, lambda: laplace_nll(Z, Z, scale=torch.ones(2))),
        (ValueError, lambda: laplace_nll(Z, Z, scale=torch.ones(1, 2, 3))),
        (ValueError, lambda: bernoulli_nll(Z, 1.1 * Z)),
        (ValueError, lambda: bernoulli_nll(Z, -0.1 * Z)),
        (ValueError, lambda: cross_entropy(Z, torch.tensor([0, 3]))),
        (ValueError, lambda: cross_entropy(Z, torch.tensor([-1, 0]))),
        (ValueError, lambda: cross_entropy(Z, torch.tensor([0, 1, 2]))),
        (ValueError, lambda: cross_entropy(Z, 2 * Z)),
        (ValueError, lambda: cross_entropy(Z, Z[:, :2])),
        (ValueError, lambda: cross_entropy(Z, Y, label_smoothing=1.1)),
        (ValueError, lambda: cross_entropy(Z, Y, weight=torch.ones(2))),
        (ValueError, lambda: cross_entropy(Z, Y, reduction="average")),
        (ValueError, lambda: cross_entropy(torch.tensor(1.0), Y)),
        (ValueError, lambda: cross_entropy(torch.ones(2, 0), Y)),
        (TypeError, lambda: cross_entropy(Z, Y.bool())),
        (TypeError, lambda: cross_entropy(Y, Y)),
        (TypeError, lambda: least_squares(Z, Y)),
        (TypeError, lambda: least_squares(Z, torch.ones(2, dtype=torch.float64))),
        (ValueError, lambda: least_squares(Z, torch.ones(3))),
        (ValueError, lambda: least_squares(Z[:0], torch.ones(0))),
        (ValueError, lambda: least_squares(Z, torch.ones(2), ridge=-1.0)),
    ],
)
def test_errors(error, call):
    with pytest.raises(error, match=r"has to be|have to|wants|not|no value"):
        call()


@pytest.mark.parametrize("outputs", [None, 2])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_least_squares_against_scikit_learn(fit_intercept, ridge, outputs, rng):
    X = torch.randn(20, 3, generator=rng, dtype=torch.float64) + 1
    y = torch.randn((20, outputs) if outputs else (20,), generator=rng, dtype=torch.float64)
    weight, bias = least_squares(X, y, ridge=ridge, fit_intercept=fit_intercept)
    oracle = Ridge(alpha=ridge, fit_intercept=fit_intercept).fit(X.numpy(), y.numpy())
    np.testing.assert_allclose(weight.numpy(), oracle.coef_, rtol=1e-9)
    np.testing.assert_allclose(
        bias.numpy(), np.broadcast_to(oracle.intercept_, bias.shape), atol=1e-9
    )
    if outputs:
        assert F.linear(X, weight, bias).shape == y.shape


def test_least_squares_of_smallest_norm(rng):
    X = torch.randn(3, 5, generator=rng, dtype=torch.float64)
    X[:, 4] = X[:, 3]
    y = torch.randn(3, generator=rng, dtype=torch.float64)
    weight, _ = least_squares(X, y, fit_intercept=False)
    np.testing.assert_allclose(weight.numpy(), np.linalg.pinv(X.numpy()) @ y.numpy(), rtol=1e-9)
    weight, bias = least_squares(torch.ones(4, 2), torch.tensor([1.0, 2.0, 3.0, 6.0]))
    assert weight.tolist() == [0, 0]
    assert bias.item() == 3
    half = least_squares(
        torch.tensor([[0.0], [1.0]]).bfloat16(), torch.tensor([1.0, 3.0]).bfloat16()
    )
    assert [t.dtype for t in half] == [torch.bfloat16] * 2
    assert half[0].item() == pytest.approx(2, abs=0.02)


def test_gradient_descent_reaches_the_closed_form(rng):
    X = torch.randn(40, 2, generator=rng, dtype=torch.float64)
    y = torch.randn(40, generator=rng, dtype=torch.float64)
    w, b = (torch.zeros(s, dtype=torch.float64, requires_grad=True) for s in ((2,), ()))
    for _ in range(300):
        loss = losses.mse_loss(X @ w + b, y)
        for p, g in zip((w, b), torch.autograd.grad(loss, (w, b)), strict=True):
            p.data -= 0.3 * g
    weight, bias = least_squares(X, y)
    torch.testing.assert_close(w.detach(), weight, atol=1e-6, rtol=0)
    torch.testing.assert_close(b.detach(), bias, atol=1e-6, rtol=0)


INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
INTEGERS += [torch.uint16, torch.uint32, torch.uint64]


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize("classes", [3, 200])
@pytest.mark.parametrize("ignore_index", [-100, 1, -1])
def test_classes_of_any_integer_type(dtype, classes, ignore_index, rng):
    """Class 156 is no -100 read as a byte; the oracle is PyTorch on int64."""
    if dtype == torch.int8 and classes > 127:
        classes = 127
    z = torch.randn(40, classes, generator=rng, dtype=torch.float64)
    y = torch.arange(40) % classes
    if classes == 200:
        y[:4] = torch.tensor([156, 155, 157, 199])
    expected = F.cross_entropy(z, y, ignore_index=ignore_index, reduction="none")
    ours = cross_entropy(z, y.to(dtype), ignore_index=ignore_index, reduction="none")
    torch.testing.assert_close(ours, expected)


def test_a_byte_is_class_156():
    z = torch.zeros(1, 200)
    y = torch.tensor([156], dtype=torch.uint8)
    assert cross_entropy(z, y).item() == pytest.approx(math.log(200))


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(torch.uint64, 2**64 - 1), (torch.uint64, 2**64 - 100), (torch.uint8, 250)],
)
def test_a_large_unsigned_class_is_no_negative_one(dtype, value):
    y = torch.from_numpy(np.array([value], dtype=str(dtype).removeprefix("torch.")))
    for ignore_index in (-1, -100, -6):
        with pytest.raises(ValueError, match="a class is not in"):
            cross_entropy(torch.zeros(1, 4), y, ignore_index=ignore_index)


def test_ignoring_a_class_has_no_meaning_for_probabilities():
    z, p = torch.zeros(2, 3), torch.full((2, 3), 1 / 3)
    with pytest.raises(ValueError, match=r"^cross_entropy: ignore_index=1 has no meaning"):
        cross_entropy(z, p, ignore_index=1)
    with pytest.raises(RuntimeError):  # as in PyTorch
        F.cross_entropy(z, p, ignore_index=1)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_float32_class_weights_beside_half_precision(dtype, rng):
    z, y = torch.randn(5, 3, generator=rng).to(dtype), torch.tensor([0, 2, 1, 1, 0])
    w = torch.rand(3, generator=rng)
    exact = F.cross_entropy(z.double(), y, w.double())
    torch.testing.assert_close(cross_entropy(z, y, w).double(), exact, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1.0, 1e15, 1e25])
@pytest.mark.parametrize("share", [0.0, 0.1])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_least_squares_at_all_sizes(scale, share, fit_intercept, rng):
    X, y = torch.randn(9, 3, generator=rng) * scale, torch.randn(9, generator=rng)
    ridge = share * scale**2
    options = {"ridge": ridge, "fit_intercept": fit_intercept}
    for ours, exact in zip(
        least_squares(X, y, **options), least_squares(X.double(), y.double(), **options),
        strict=True,
    ):  # fmt: skip
        size = exact.abs().max()
        assert (ours.double() - exact).abs().max() <= 1e-5 * size


def test_least_squares_leaves_the_rounding_of_a_far_mean_out(rng):
    """Three points have two directions; the third is rounding, and gets no weight."""
    X, y = torch.randn(3, 5, generator=rng) + 100, torch.randn(3, generator=rng)
    weight, bias = least_squares(X, y)
    exact, _ = least_squares(X.double(), y.double())
    torch.testing.assert_close(weight.double(), exact, rtol=1e-2, atol=1e-3)
    torch.testing.assert_close(X @ weight + bias, y, rtol=0, atol=1e-3)
