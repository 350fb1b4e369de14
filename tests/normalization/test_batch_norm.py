"""batch_norm against PyTorch, numerical gradients, closed forms and its invariances."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.normalization import BatchNormFunction, batch_norm

SHAPES = [(2, 1), (7, 3), (5, 4, 6), (1, 3, 2), (4, 3, 5, 2), (2, 3, 1, 1), (2, 2, 3, 2, 2)]
# Half precision: one step of the last place (2^-8 and 2^-11) of values up to about 4.
TOLERANCES = {
    torch.float64: {"rtol": 1e-12, "atol": 1e-12},
    torch.float32: {"rtol": 1e-4, "atol": 1e-5},
    torch.bfloat16: {"rtol": 2**-7, "atol": 2**-7},
    torch.float16: {"rtol": 2**-10, "atol": 2**-9},
}


def draw(*shape, rng, dtype=torch.float64, loc=0.5, scale=2.0):
    return (loc + scale * torch.randn(*shape, generator=rng, dtype=torch.float64)).to(dtype)


def arguments(shape, rng, dtype=torch.float64, affine=True):
    """Fresh leaves: input, weight, bias, running mean and variance, and a random cotangent."""
    c = shape[1]
    x = draw(*shape, rng=rng, dtype=dtype).requires_grad_()
    weight = draw(c, rng=rng, dtype=dtype).requires_grad_() if affine else None
    bias = draw(c, rng=rng, dtype=dtype).requires_grad_() if affine else None
    running = (draw(c, rng=rng, dtype=dtype), draw(c, rng=rng, dtype=dtype).abs())
    return x, weight, bias, running, draw(*shape, rng=rng, dtype=dtype)


def run(function, x, weight, bias, running, cotangent, **options):
    """Output, running statistics and gradients of one call."""
    mean, var = (None, None) if running is None else (t.clone() for t in running)
    y = function(x, mean, var, weight, bias, **options)
    leaves = [t for t in (x, weight, bias) if t is not None]
    return [y.detach(), mean, var, *torch.autograd.grad(y, leaves, cotangent)]


def assert_same(ours, theirs, **tolerance):
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, **tolerance)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_torch(shape, training, affine, rng):
    args = arguments(shape, rng, affine=affine)
    options = {"training": training, "momentum": 0.3, "eps": 1e-3}
    ours, theirs = (run(f, *args, **options) for f in (batch_norm, F.batch_norm))
    assert_same(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(64, 3), (16, 3, 4, 4)])
def test_equals_torch_in_each_precision(shape, training, dtype, rng):
    """Oracle: PyTorch in float64 on the same rounded numbers, rounded at the end."""
    args = arguments(shape, rng, dtype)
    ours = run(batch_norm, *args, training=training)
    assert {t.dtype for t in ours} == {dtype}
    x, weight, bias, running, cotangent = args
    exact = [t.detach().double().requires_grad_() for t in (x, weight, bias)]
    running = tuple(t.double() for t in running)
    theirs = run(F.batch_norm, *exact, running, cotangent.double(), training=training)
    for a, b in zip(ours, theirs, strict=True):
        largest = b.abs().max().clamp_min(1)
        torch.testing.assert_close(a.double() / largest, b / largest, **TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("training", [True, False])
def test_half_precision_input_with_float32_parameters(dtype, training, rng):
    x, _, _, _, cotangent = arguments((32, 3), rng, dtype)
    _, weight, bias, running, _ = arguments((32, 3), rng, torch.float32)
    ours = run(batch_norm, x, weight, bias, running, cotangent, training=training)
    theirs = run(F.batch_norm, x, weight, bias, running, cotangent, training=training)
    assert [t.dtype for t in ours] == [t.dtype for t in theirs]
    assert_same(ours, theirs, rtol=2**-6, atol=2**-6)


LAYOUTS = {
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "transposed": lambda x: x.transpose(0, 3).contiguous().transpose(0, 3),
    "every_second": lambda x: x.repeat_interleave(2, dim=3)[..., ::2],
    "inner_first": lambda x: x.transpose(2, 3).contiguous().transpose(2, 3),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_strides_do_not_matter(layout, training, rng):
    x, weight, bias, running, cotangent = arguments((4, 3, 5, 2), rng)
    expected = run(F.batch_norm, x, weight, bias, running, cotangent, training=training)
    strided = LAYOUTS[layout](x.detach()).requires_grad_()
    assert not strided.is_contiguous()
    grad = LAYOUTS[layout](cotangent)
    ours = run(batch_norm, strided, weight, bias, running, grad, training=training)
    assert_same(ours, expected, rtol=1e-10, atol=1e-10)


def test_expanded_cotangent(rng):
    x, weight, bias, _, _ = arguments((4, 3, 5, 2), rng)
    loss = batch_norm(x, None, None, weight, bias, training=True).sum()
    grad_x, grad_weight, grad_bias = torch.autograd.grad(loss, (x, weight, bias))
    zero = torch.zeros_like
    torch.testing.assert_close(grad_x, zero(x), atol=1e-12, rtol=0)
    torch.testing.assert_close(grad_weight, zero(weight), atol=1e-12, rtol=0)
    torch.testing.assert_close(grad_bias, torch.full_like(bias, 4 * 5 * 2))


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(4, 2), (3, 2, 2, 1)])
def test_numerical_gradients_of_first_and_second_order(shape, training, affine, rng):
    x, weight, bias, (mean, var), _ = arguments(shape, rng, affine=affine)
    leaves = [t for t in (x, weight, bias) if t is not None]

    def function(x, *parameters):
        return batch_norm(x, mean.clone(), var.clone(), *parameters, training=training)

    assert torch.autograd.gradcheck(function, leaves)
    assert torch.autograd.gradgradcheck(function, leaves)


def test_third_derivative(rng):
    """Oracle: autograd through the formula. (F.batch_norm itself is right to the second only.)"""
    x, weight, bias, _, cotangent = arguments((5, 2), rng)

    def formula(x):
        std = torch.sqrt(x.var(0, correction=0) + 1e-5)
        return weight * (x - x.mean(0)) / std + bias

    def third(function):
        y = (function(x) * cotangent).pow(3).sum()
        (first,) = torch.autograd.grad(y, x, create_graph=True)
        (second,) = torch.autograd.grad(first.pow(2).sum(), x, create_graph=True)
        return torch.autograd.grad(second.pow(2).sum(), x)[0]

    ours = third(lambda x: batch_norm(x, None, None, weight, bias, training=True))
    theirs = third(formula)
    scale = theirs.abs().max()
    torch.testing.assert_close(ours / scale, theirs / scale, rtol=0, atol=1e-12)


@pytest.mark.parametrize("needed", ["x", "weight", "bias"])
def test_only_the_gradients_that_are_needed(needed, rng):
    x, weight, bias, _, cotangent = arguments((6, 3), rng)
    tensors = {"x": x.detach(), "weight": weight.detach(), "bias": bias.detach()}
    tensors[needed].requires_grad_()
    for function in (batch_norm, F.batch_norm):
        y = function(tensors["x"], None, None, tensors["weight"], tensors["bias"], training=True)
        y.backward(cotangent)
    ours_plus_theirs = tensors[needed].grad
    y = F.batch_norm(x, None, None, weight, bias, training=True)
    expected = dict(zip(tensors, torch.autograd.grad(y, (x, weight, bias), cotangent), strict=True))
    torch.testing.assert_close(ours_plus_theirs, 2 * expected[needed])


@pytest.mark.parametrize("given", ["weight", "bias"])
def test_weight_or_bias_alone(given, rng):
    x, weight, bias, running, cotangent = arguments((6, 3), rng)
    pair = (weight, None) if given == "weight" else (None, bias)
    for training in (True, False):
        ours = run(batch_norm, x, *pair, running, cotangent, training=training)
        theirs = run(F.batch_norm, x, *pair, running, cotangent, training=training)
        assert_same(ours, theirs)


def test_function_gives_mean_and_biased_variance_without_gradient(rng):
    x, weight, bias, _, _ = arguments((6, 3), rng)
    output, mean, var = BatchNormFunction.apply(x, weight, bias, 1e-5)
    torch.testing.assert_close(mean, x.detach().mean(0))
    torch.testing.assert_close(var, x.detach().var(0, correction=0))
    assert output.requires_grad
    assert not mean.requires_grad
    assert not var.requires_grad


def test_function_without_any_gradient_gives_none():
    class Context:
        saved_tensors = ()

    assert BatchNormFunction.backward(Context(), None, None, None) == (None,) * 4


def test_inference_is_differentiable_for_the_running_statistics(rng):
    x, weight, bias, running, _ = arguments((4, 3), rng)
    mean, var = (t.requires_grad_() for t in running)
    assert torch.autograd.gradcheck(batch_norm, (x, mean, var, weight, bias))


# ---------------------------------------------------------------- running statistics


def test_running_statistics_in_closed_form():
    """Values 1 and 3: mean 2, biased variance 1, unbiased 2; from (0, 1) by a quarter."""
    x = torch.tensor([[1.0], [3.0]])
    for unbiased, expected in ((True, 0.75 + 2 / 4), (False, 0.75 + 1 / 4)):
        mean, var = torch.zeros(1), torch.ones(1)
        batch_norm(x, mean, var, training=True, momentum=0.25, unbiased_running_var=unbiased)
        assert mean.item() == 0.5
        assert var.item() == expected


@pytest.mark.parametrize("momentum", [0.0, 1.0])
def test_momentum_at_its_ends(momentum, rng):
    x, _, _, running, _ = arguments((6, 3), rng)
    mean, var = (t.clone() for t in running)
    batch_norm(x, mean, var, training=True, momentum=momentum)
    torch.testing.assert_close(mean, x.detach().mean(0) if momentum else running[0])
    torch.testing.assert_close(var, x.detach().var(0) if momentum else running[1])


def test_one_running_statistic_alone_is_updated(rng):
    x, _, _, running, _ = arguments((6, 3), rng)
    mean, var = (t.clone() for t in running)
    batch_norm(x, mean, None, training=True, momentum=1.0)
    batch_norm(x, None, var, training=True, momentum=1.0)
    torch.testing.assert_close(mean, x.detach().mean(0))
    torch.testing.assert_close(var, x.detach().var(0))


def test_inference_leaves_the_running_statistics(rng):
    x, _, _, running, _ = arguments((6, 3), rng)
    mean, var = (t.clone() for t in running)
    batch_norm(x, mean, var)
    assert torch.equal(mean, running[0])
    assert torch.equal(var, running[1])


# ---------------------------------------------------------------- exactness


@pytest.mark.parametrize("shape", [(1000, 1), (10, 1, 10, 10)])
def test_a_far_mean_costs_no_digits(shape, rng):
    """Centre, then square: E[x²] − E[x]² in float32 would be off by all its digits here."""
    x = torch.randn(shape, generator=rng) + 1e4
    mean, var = torch.zeros(1), torch.zeros(1)
    y = batch_norm(x, mean, var, training=True, momentum=1.0)
    exact = x.double()
    torch.testing.assert_close(var.double(), exact.var().view(1), rtol=1e-4, atol=0)
    expected = F.batch_norm(exact, None, None, training=True)
    torch.testing.assert_close(y.double(), expected, atol=2e-3, rtol=0)  # ulp of 1e4: 1e-3
    y = batch_norm(x, exact.mean().float().view(1), exact.var(correction=0).float().view(1))
    torch.testing.assert_close(y.double(), expected, atol=2e-3, rtol=0)


def test_nan_stays_in_its_channel_in_training_and_in_its_place_at_inference(rng):
    x, weight, bias, (mean, var), _ = arguments((4, 3), rng)
    x = x.detach()
    x[1, 2] = float("nan")
    for function in (batch_norm, F.batch_norm):
        y = function(x, None, None, weight, bias, training=True)
        assert y.isnan().sum(0).tolist() == [0, 0, 4]
        y = function(x, mean, var, weight, bias)
        assert y.isnan().nonzero().tolist() == [[1, 2]]


def test_infinity_makes_its_channel_nan_as_in_torch(rng):
    x = draw(4, 2, rng=rng)
    x[0, 1] = float("inf")
    for function in (batch_norm, F.batch_norm):
        assert function(x, None, None, training=True).isnan().sum(0).tolist() == [0, 4]


def test_constant_channel_gives_the_bias():
    x = torch.full((5, 2), 3.0)
    y = batch_norm(x, None, None, torch.tensor([2.0, 2.0]), torch.tensor([1.0, -1.0]), True)
    assert torch.equal(y, torch.tensor([[1.0, -1.0]] * 5))


def test_identity_is_within_reach(rng):
    """γ = √(σ² + ε) and β = μ undo the normalization."""
    x = draw(20, 3, rng=rng)
    eps = 1e-3
    gamma, beta = torch.sqrt(x.var(0, correction=0) + eps), x.mean(0)
    torch.testing.assert_close(batch_norm(x, None, None, gamma, beta, True, eps=eps), x)


# ---------------------------------------------------------------- properties

matrices = st.tuples(st.integers(2, 9), st.integers(1, 4), st.integers(0, 10**6))


def matrix(m, c, seed):
    return torch.randn(m, c, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def normalize(x, **options):
    return batch_norm(x, None, None, training=True, **options)


@given(matrices, st.floats(1e-3, 1e3))
def test_scale_invariance(size, c):
    x = matrix(*size)
    torch.testing.assert_close(normalize(c * x, eps=0), normalize(x, eps=0))


@given(matrices)
def test_a_negative_scale_flips_the_sign(size):
    x = matrix(*size)
    torch.testing.assert_close(normalize(-x), -normalize(x))


@given(matrices, st.floats(-100, 100))
def test_shift_invariance(size, c):
    x = matrix(*size)
    torch.testing.assert_close(normalize(x + c), normalize(x), rtol=1e-7, atol=1e-7)


@given(matrices)
def test_permuting_the_batch_permutes_the_output(size):
    x = matrix(*size)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(size[2]))
    torch.testing.assert_close(normalize(x[order]), normalize(x)[order])


@given(matrices)
def test_output_has_mean_0_and_variance_1(size):
    y = normalize(matrix(*size), eps=0)
    torch.testing.assert_close(y.mean(0), torch.zeros(size[1]).double())
    torch.testing.assert_close(y.var(0, correction=0), torch.ones(size[1]).double())


@given(matrices, st.floats(0.1, 10))
def test_weights_before_batch_norm_feel_no_scale(size, c):
    """BN(cWx) = BN(Wx), so ∇W is orthogonal to each row of W and shrinks by 1/c."""
    m, k, seed = size
    x, w = matrix(m + 2, k, seed), matrix(k, k, seed + 1)
    cotangent = matrix(m + 2, k, seed + 2)

    def gradient(w):
        w = w.clone().requires_grad_()
        return torch.autograd.grad(normalize(x @ w.T, eps=0), w, cotangent)[0]

    grad = gradient(w)
    size_of_terms = (w * grad).abs().sum(1) + 1e-30
    assert ((w * grad).sum(1).abs() / size_of_terms).max() < 1e-6 or grad.abs().max() < 1e-9
    torch.testing.assert_close(gradient(c * w), grad / c, rtol=1e-5, atol=1e-8)


@given(matrices)
def test_a_bias_before_batch_norm_has_no_gradient(size):
    m, k, seed = size
    x, cotangent = matrix(m, k, seed), matrix(m, k, seed + 1)
    b = torch.zeros(k, dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(normalize(x + b), b, cotangent)
    scale = normalize(x).abs().max() / x.std(0).min()
    assert grad.abs().max() <= 1e-11 * (1 + scale)


# ---------------------------------------------------------------- errors

X, P = torch.zeros(4, 3), torch.ones(3)
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", (X.long(), P, P)),
    "one dimension": (ValueError, r"\(N, C, ...\), got \(3,\)", (P, P, P)),
    "one sample": (
        ValueError,
        r"more than 1 value per channel.*\(1, 3\)",
        (X[:1], P, P, P, P, True),
    ),
    "one pixel": (ValueError, "more than 1 value", (torch.zeros(1, 3, 1, 1), P, P, P, P, True)),
    "empty batch": (ValueError, r"more than 1 value.*\(0, 3\)", (X[:0], P, P, P, P, True)),
    "no statistics": (ValueError, "needs running_mean and running_var", (X, None, None)),
    "no variance": (ValueError, "needs running_mean and running_var", (X, P, None)),
    "momentum": (ValueError, r"momentum must lie in \[0, 1\], got 1.5", (X, P, P, P, P, True, 1.5)),
    "momentum NaN": (ValueError, "momentum", (X, P, P, P, P, True, float("nan"))),
    "eps": (ValueError, "eps must be at least 0, got -1.0", (X, P, P, P, P, True, 0.1, -1.0)),
    "eps NaN": (ValueError, "eps", (X, P, P, P, P, True, 0.1, float("nan"))),
    "weight": (ValueError, r"weight must have shape \(3,\).*got \(2,\)", (X, P, P, P[:2], P)),
    "bias": (ValueError, r"bias must have shape \(3,\)", (X, P, P, P, P[None])),
    "mean": (ValueError, r"running_mean must have shape \(3,\)", (X, P[:2], P)),
    "dtype": (TypeError, "weight must be torch.float32 like input", (X, P, P, P.double(), P)),
    "narrow": (TypeError, "bias must be torch.float32", (X, P, P, P, P.bfloat16())),
    "device": (ValueError, "weight must be on cpu", (X, P, P, P.to("meta"), P)),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_name_the_call_what_was_given_and_what_is_wanted(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^batch_norm: .*{message}"):
        batch_norm(*args)


def test_a_failing_call_leaves_the_running_statistics():
    mean, var = torch.zeros(3), torch.ones(3)
    with pytest.raises(ValueError, match="weight"):
        batch_norm(X, mean, var, P[:2], None, True)
    assert torch.equal(mean, torch.zeros(3))
    assert torch.equal(var, torch.ones(3))


def test_empty_batch_at_inference():
    assert batch_norm(X[:0], P, P).shape == (0, 3)


def test_one_sample_at_inference():
    torch.testing.assert_close(batch_norm(X[:1] + 3, P, 4 * P, eps=0), torch.ones(1, 3))


def test_an_empty_batch_in_training_is_an_error_unlike_in_pytorch():
    x, mean, var = torch.empty(0, 3), torch.zeros(3), torch.ones(3)
    assert F.batch_norm(x, mean, var, training=True).shape == (0, 3)
    with pytest.raises(ValueError, match=r"more than 1 value per channel .* got shape \(0, 3\)"):
        batch_norm(x, mean, var, training=True)
