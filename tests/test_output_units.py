"""Output units against PyTorch, SciPy and the limits; maximum entropy against an optimizer."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.output_units import (
    log_softmax,
    logsumexp,
    max_entropy_probabilities,
    sigmoid,
    softmax,
    softplus,
)

DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]
EXTREME = torch.tensor([[-1e4, 0.0, 1e4], [1e4, 1e4, -1e4], [-30.0, 0.0, 30.0]])
CASES = {
    "sigmoid": (sigmoid, torch.sigmoid),
    "softplus": (softplus, torch.nn.functional.softplus),
    "logsumexp": (logsumexp, lambda z: torch.logsumexp(z, -1)),
    "logsumexp, kept": (
        lambda z: logsumexp(z, (0, 1), keepdim=True),
        lambda z: torch.logsumexp(z, (0, 1), keepdim=True),
    ),
    "softmax": (softmax, lambda z: torch.softmax(z, -1)),
    "softmax, T = .5": (
        lambda z: softmax(z, 0, temperature=0.5),
        lambda z: torch.softmax(z / 0.5, 0),
    ),
    "log_softmax": (log_softmax, lambda z: torch.log_softmax(z, -1)),
    "log_softmax, T = 3": (
        lambda z: log_softmax(z, temperature=3.0),
        lambda z: torch.log_softmax(z / 3, -1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_two_derivatives(name, rng):
    z0 = 3 * torch.randn(4, 3, generator=rng, dtype=torch.float64)
    z0[0, 0] = 0
    results = []
    for f in CASES[name]:
        z = z0.clone().requires_grad_()
        y = f(z)
        weights = torch.randn(y.shape, generator=rng.manual_seed(1), dtype=torch.float64)
        (first,) = torch.autograd.grad(y, z, weights, create_graph=True)
        direction = torch.randn(z.shape, generator=rng, dtype=torch.float64)
        results.append((y, first, *torch.autograd.grad(first, z, direction)))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_extreme_inputs(name, dtype):
    """The oracle is computed in float64 from the same inputs, and rounded once."""
    results = []
    for f, wide in zip(CASES[name], (dtype, torch.float64), strict=True):
        z = EXTREME.to(dtype).to(wide).requires_grad_()
        y = f(z)
        results.append((y, *torch.autograd.grad(y.sum(), z)))
    for ours, theirs in zip(*results, strict=True):
        assert ours.dtype == dtype
        torch.testing.assert_close(ours, theirs.to(dtype))


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=6))
def test_against_scipy(values):
    z = torch.tensor(values, dtype=torch.float64)
    for ours, oracle in [
        (sigmoid, scipy.special.expit),
        (softmax, scipy.special.softmax),
        (log_softmax, scipy.special.log_softmax),
        (logsumexp, scipy.special.logsumexp),
        (softplus, lambda x: np.logaddexp(0, x)),
    ]:
        np.testing.assert_allclose(ours(z).numpy(), oracle(z.numpy()), rtol=1e-12, atol=1e-300)


def test_second_derivative_of_the_sigmoid_far_out():
    z = torch.tensor([-1e4, -500.0, 500.0, 1e4], dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(sigmoid(z).sum(), z, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), z)
    assert torch.equal(first, torch.zeros(4, dtype=torch.float64)) or first.max() < 1e-200
    assert second.isfinite().all()


def test_infinite_logits():
    inf = math.inf
    assert softmax(torch.tensor([-inf, 0.0, 0.0])).tolist() == [0, 0.5, 0.5]
    assert sigmoid(torch.tensor([-inf, inf])).tolist() == [0, 1]
    assert softplus(torch.tensor([-inf, inf])).tolist() == [0, inf]
    assert logsumexp(torch.tensor([inf, 0.0])).item() == inf
    z = torch.full((2, 3), -inf, requires_grad=True)
    y = logsumexp(z)
    y.sum().backward()
    assert y.tolist() == [-inf, -inf]
    assert z.grad.tolist() == [[0] * 3] * 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_temperature_limits(dtype):
    z = torch.tensor([[1.0, 3.0, 2.0], [5.0, 5.0, -1.0]], dtype=dtype)
    hard = torch.tensor([[0, 1, 0], [0.5, 0.5, 0]], dtype=dtype)
    for temperature in (0.0, 1e-300, 1e-45, 1e-4):
        assert torch.equal(softmax(z, temperature=temperature), hard)
        expected = hard.log() if dtype in (torch.float64, torch.float32) else hard.float().log()
        found = log_softmax(z, temperature=temperature)
        if temperature == 0:
            torch.testing.assert_close(found, expected.to(dtype))
    uniform = torch.full_like(z, 1 / 3)
    torch.testing.assert_close(softmax(z, temperature=math.inf), uniform)
    torch.testing.assert_close(softmax(z, temperature=1e30), uniform)
    z.requires_grad_()
    (grad,) = torch.autograd.grad(softmax(z, temperature=0.0)[0, 1], z)
    assert torch.equal(grad, torch.zeros_like(z))
    assert softmax(torch.tensor([math.nan, 1.0]), temperature=0.0).isnan().any()


@given(st.floats(0.05, 20), st.integers(2, 6))
def test_entropy_grows_with_the_temperature(temperature, k):
    z = torch.randn(k, generator=torch.Generator().manual_seed(k), dtype=torch.float64)
    cool, warm = (softmax(z, temperature=t) for t in (temperature, 1.1 * temperature))
    entropies = [torch.special.entr(p).sum().item() for p in (cool, warm)]
    assert 0 <= entropies[0] <= entropies[1] + 1e-12 <= math.log(k) + 1e-11


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: softmax(torch.ones(2), temperature=-1.0), ValueError),
        (lambda: log_softmax(torch.ones(2), temperature=math.nan), ValueError),
        (lambda: softmax(torch.ones(2, 0)), ValueError),
        (lambda: logsumexp(torch.ones(0)), ValueError),
        (lambda: softplus(torch.ones(2), beta=-1.0), ValueError),
        (lambda: sigmoid(torch.tensor([1])), TypeError),
        (lambda: sigmoid([1.0]), TypeError),
        (lambda: softmax(z=None), TypeError),
    ],
)
def test_errors(call, error):
    with pytest.raises(error):
        call()


def test_scalars_and_keyword_arguments():
    z = torch.tensor(0.3)
    assert softmax(z, 0).item() == 1
    assert logsumexp(z, 0).item() == pytest.approx(0.3)
    torch.testing.assert_close(sigmoid(z=z), torch.sigmoid(z))


@pytest.mark.parametrize("seed", range(5))
def test_maximum_entropy_against_a_constrained_optimizer(seed):
    rng = np.random.default_rng(seed)
    rows, k = 1 + seed % 3, 6
    s = rng.normal(size=(rows, k))
    means = s @ rng.dirichlet(np.ones(k))
    constraints = [
        {"type": "eq", "fun": lambda p: p.sum() - 1},
        {"type": "eq", "fun": lambda p: s @ p - means},
    ]
    found = scipy.optimize.minimize(
        lambda p: (p * np.log(p)).sum(), np.full(k, 1 / k), jac=lambda p: np.log(p) + 1,
        bounds=[(1e-12, 1)] * k, constraints=constraints, options={"ftol": 1e-15, "maxiter": 500},
    )  # fmt: skip
    p, multipliers = max_entropy_probabilities(torch.tensor(s), torch.tensor(means))
    np.testing.assert_allclose(p.numpy(), found.x, atol=1e-6)
    np.testing.assert_allclose(s @ p.numpy(), means, atol=1e-10)
    torch.testing.assert_close(p, softmax(multipliers @ torch.tensor(s)))


def test_two_classes_give_the_sigmoid():
    for m in (1e-6, 0.2, 0.5, 0.999):
        p, multiplier = max_entropy_probabilities(torch.tensor([0.0, 1.0], dtype=torch.float64), m)
        assert p[1].item() == pytest.approx(m, abs=1e-10)
        assert sigmoid(multiplier).item() == pytest.approx(m, abs=1e-10)


def test_redundant_and_empty_constraints():
    s = torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    p, multipliers = max_entropy_probabilities(s, torch.tensor([2.2, 4.4]))
    torch.testing.assert_close(s @ p, torch.tensor([2.2, 4.4]))
    assert multipliers.shape == (2,)
    p, multiplier = max_entropy_probabilities(torch.ones(4), 1.0)
    assert p.tolist() == [0.25] * 4
    assert multiplier.item() == 0


@pytest.mark.parametrize(
    ("scores", "means", "error"),
    [
        (torch.tensor([1.0, 2.0]), 3.0, "no distribution"),
        (torch.tensor([1.0, 2.0]), 2.0, "no distribution"),
        (torch.ones(3), 2.0, "no distribution"),
        (torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), torch.tensor([0.7, 0.7]), "no distr"),
        (torch.ones(2, 3), torch.ones(3), "wants scores"),
        (torch.ones(0), 1.0, "wants scores"),
        (torch.tensor([1.0, math.inf]), 1.0, "finite"),
    ],
)
def test_impossible_means(scores, means, error):
    with pytest.raises(ValueError, match=error):
        max_entropy_probabilities(scores, means)


@pytest.mark.parametrize(
    "row", [[0.1] * 6, [0.1 + 0.2, 0.3, 0.3, 0.3, 0.1 + 0.2, 0.3], [0.1 * 3, 0.3, 0.3] * 2]
)
def test_a_row_of_equal_scores_asks_for_nothing(row):
    """Also where they are equal but for rounding; another mean than theirs can't be had."""
    faces, row = torch.arange(1.0, 7.0).double(), torch.tensor(row, dtype=torch.float64)
    alone, multiplier = max_entropy_probabilities(faces, 4.5)
    scores = torch.stack([faces, row])
    p, multipliers = max_entropy_probabilities(scores, torch.tensor([4.5, row[1]]).double())
    torch.testing.assert_close(p, alone)
    torch.testing.assert_close(multipliers, torch.stack([multiplier, torch.zeros(()).double()]))
    with pytest.raises(ValueError, match="no distribution"):
        max_entropy_probabilities(scores, torch.tensor([4.5, 2 * row[1]]).double())


@pytest.mark.parametrize("dim", [np.int64(0), np.int8(-2)], ids=repr)
def test_a_dimension_may_be_any_whole_number(dim):
    z = torch.arange(6.0).view(2, 3)
    assert torch.equal(logsumexp(z, dim), logsumexp(z, 0))
    assert torch.equal(softmax(z, dim), softmax(z, 0))
