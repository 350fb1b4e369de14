"""bag and bias_variance against closed forms and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from lecturelib.regularizers import Bag, bag, bias_variance


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def mean_of(*data):
    y = data[-1]
    return lambda x: y.mean(0).expand(len(x), *y.shape[1:])


def tree(x, y):
    model = DecisionTreeRegressor(random_state=0).fit(x.numpy(), y.numpy())
    return lambda x: torch.from_numpy(model.predict(x.numpy()))


def test_members_are_fitted_to_the_rows_of_their_indices():
    x, y = torch.randn(30, 2, generator=generator()).double(), torch.randn(30).double()
    ensemble = bag(tree, (x, y), 5, generator=generator(1))
    assert ensemble.indices.shape == (5, 30)
    expected = torch.stack([tree(x[rows], y[rows])(x) for rows in ensemble.indices])
    assert torch.equal(ensemble.predictions(x), expected)
    torch.testing.assert_close(ensemble(x), expected.mean(0))
    again = bag(tree, [x, y], 5, generator=generator(1))
    assert torch.equal(again.indices, ensemble.indices)
    left = ensemble.left_out()
    for rows, mask in zip(ensemble.indices, left, strict=True):
        assert set(torch.arange(30)[mask].tolist()) == set(range(30)) - set(rows.tolist())


def test_share_of_samples_that_a_member_has_not_seen():
    """(1 - 1/n)ⁿ of them, 1/e in the limit. Margin: five standard errors, rows independent."""
    ensemble = bag(mean_of, torch.zeros(100), 2000, generator=generator())
    share = ensemble.left_out().double().mean(1)
    assert abs(share.mean() - 0.99**100) < 5 * share.std() / 2000**0.5


def test_variance_of_a_bag_of_means():
    """Given the data, a bootstrap mean has variance s²/n, and a bag of k of them s²/(nk)."""
    y = torch.randn(20, generator=generator(), dtype=torch.float64)
    source, k = generator(1), 4
    means = torch.stack([bag(mean_of, y, k, generator=source)(y[:1]) for _ in range(3000)])
    exact = y.var(correction=0) / (20 * k)
    assert means.var().item() == pytest.approx(exact.item(), rel=5 * (2 / 3000) ** 0.5)


def test_error_of_a_mean_of_correlated_errors():
    """v/k + (k − 1)c/k, exact for the errors' own moments."""
    errors = torch.randn(1000, 6, generator=generator(), dtype=torch.float64)
    errors = errors + 0.7 * torch.randn(1000, 1, generator=generator(1), dtype=torch.float64)
    members = [lambda x, i=i: errors[x.long(), i] for i in range(6)]
    ensemble = Bag(members, torch.zeros(6, 0, dtype=torch.int64))
    products = errors.T @ errors / 1000
    v = products.diagonal().mean()
    c = (products.sum() - products.trace()) / 30
    found = ensemble(torch.arange(1000)).square().mean()
    torch.testing.assert_close(found, v / 6 + 5 * c / 6)


def test_one_tensor_one_sample_and_the_global_stream():
    torch.manual_seed(3)
    first = bag(mean_of, torch.arange(9.0), 2).indices
    torch.manual_seed(3)
    assert torch.equal(bag(mean_of, torch.arange(9.0), 2).indices, first)
    assert bag(mean_of, torch.tensor([4.0]), 1)(torch.zeros(2)).tolist() == [4.0, 4.0]


def test_predictions_have_no_graph():
    layer = torch.nn.Linear(2, 1)
    ensemble = bag(lambda x: layer, torch.zeros(3, 2), 2)
    assert not ensemble(torch.zeros(4, 2)).requires_grad


X = torch.zeros(3)
BAG_ERRORS = [
    ((mean_of, X, 0), ValueError, "bag: k must be a whole number of at least 1, got 0"),
    ((mean_of, X[:0], 2), ValueError, r"bag: the data must be .* got shapes \[\(0,\)\]"),
    ((mean_of, (X, X[:2]), 2), ValueError, r"bag: the data must be .* \[\(3,\), \(2,\)\]"),
    ((mean_of, (X, torch.tensor(1.0)), 2), ValueError, "bag: the data must be tensors of as many"),
    ((mean_of, (), 2), ValueError, r"bag: the data must be .* got shapes \[\]"),
    ((mean_of, (X.numpy(),), 2), TypeError, "bag: the data must be tensors, got ndarray"),
]


@pytest.mark.parametrize(("args", "kind", "message"), BAG_ERRORS)
def test_errors_of_bag(args, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        bag(*args)


def test_errors_of_predictions():
    for predictor, kind, message in [
        (3, TypeError, "Bag: fit must return a function from inputs to predictions, got int"),
        (lambda x: x.numpy(), TypeError, "Bag: predictions must be a tensor, got ndarray; wrap"),
        (lambda x: x[:1], ValueError, r"Bag: need a prediction for each of the 3 inputs, got .*1,"),
        (lambda x: x.sum(), ValueError, r"Bag: need a prediction for each .* got shape \(\)"),
    ]:
        with pytest.raises(kind, match=f"^{message}"):
            bag(lambda x, p=predictor: p, X, 1)(X)


# Targets N(mu, 1), n of them; the prediction is c times their mean: bias (1 − c)mu, variance c²/n.


@pytest.mark.parametrize("c", [1.0, 0.6])
def test_shrunken_mean_has_the_bias_and_variance_of_the_closed_form(c):
    """Margins: five standard errors of the mean of R fits, and of their variance."""
    mu, n, repeats = 2.0, 10, 4000

    def sample(g):
        return torch.zeros(n), mu + torch.randn(n, generator=g)

    result = bias_variance(
        lambda x, y: lambda x: c * y.mean().expand(len(x)),
        sample,
        lambda x: torch.full_like(x, mu),
        repeats=repeats,
        test=sample(generator(1)),
        generator=generator(),
    )
    bias, variance = (1 - c) * mu, c**2 / n
    error = math.sqrt(variance / repeats)
    assert abs(result.bias_squared - bias**2) < 5 * (2 * abs(bias) * error + 2**0.5 * error**2)
    assert result.variance == pytest.approx(variance, rel=5 * (2 / repeats) ** 0.5)
    assert result.predictions.shape == (repeats, n)


def test_linear_regression_has_the_variance_of_its_hat_matrix():
    """On a fixed design the variance of the fit at the design's points is σ²p/N on average."""
    x = torch.linspace(-1, 1, 12, dtype=torch.float64)[:, None] ** torch.arange(1, 4)

    def sample(g):
        return x, x.sum(1) + 0.5 * torch.randn(12, generator=g, dtype=torch.float64)

    def fit(x, y):
        model = LinearRegression().fit(x.numpy(), y.numpy())
        return lambda x: torch.from_numpy(model.predict(x.numpy()))

    result = bias_variance(fit, sample, lambda x: x.sum(1), repeats=2000, generator=generator())
    assert result.variance == pytest.approx(0.25 * 4 / 12, rel=0.1)
    assert abs(result.bias_squared) < 0.002
    assert result.noise == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_the_three_parts_add_up_to_the_measured_risk(seed):
    """Trees of depth 3 on a noisy sine: within three standard errors of the test samples."""

    def fit(x, y):
        model = DecisionTreeRegressor(max_depth=3).fit(x.numpy(), y.numpy())
        return lambda x: torch.from_numpy(model.predict(x.numpy()))

    def sample(g):
        x = 3 * torch.rand(40, 1, generator=g, dtype=torch.float64)
        return x, x[:, 0].sin() + 0.3 * torch.randn(40, generator=g, dtype=torch.float64)

    result = bias_variance(
        fit, sample, lambda x: x[:, 0].sin(), repeats=50, generator=generator(seed)
    )
    total = result.bias_squared + result.variance + result.noise
    assert result.gap == pytest.approx(result.risk - total, abs=1e-12)
    assert abs(result.gap) < 3 * result.gap_error
    assert result.gap_error < 0.1 * result.risk
    # The part against the truth holds exactly: mean of (ŷ − f)² = bias² + variance.
    f = result.x[:, 0].sin()
    exact = (result.predictions - f).square().mean().item()
    assert result.bias_squared + result.variance == pytest.approx(exact, rel=1e-9)


def test_estimates_are_not_biased_for_few_repeats():
    """The plug-in bias² of 2 fits of variance v would be v/2 too large. Margin: 5 errors."""

    def sample(g):
        return torch.zeros(5), torch.randn(5, generator=g)

    source = generator()
    found = np.array(
        [
            (r.bias_squared, r.variance)
            for r in (
                bias_variance(mean_of, sample, torch.zeros_like, repeats=2, generator=source)
                for _ in range(1000)
            )
        ]
    )
    errors = found.std(axis=0) / 1000**0.5
    assert (abs(found.mean(axis=0) - [0, 0.2]) < 5 * errors).all()


def test_vectors_count_by_their_squared_length_and_the_seed_is_the_global_one():
    def sample(g):
        return torch.zeros(6), torch.randn(6, 3, generator=g)

    def run():
        torch.manual_seed(4)
        return bias_variance(mean_of, sample, lambda x: torch.zeros(len(x), 3), repeats=200)

    result = run()
    assert result.noise == pytest.approx(3, rel=0.1)
    assert result.variance == pytest.approx(3 / 6, rel=0.2)
    assert run().risk == result.risk


def good_sample(g):
    return X, torch.randn(3, generator=g)


BIAS_ERRORS = [
    (
        (mean_of, good_sample, torch.zeros_like, 1),
        ValueError,
        "repeats must be a whole number of at",
    ),
    ((mean_of, lambda g: X, torch.zeros_like), ValueError, "sample must give inputs and targets"),
    (
        (mean_of, lambda g: (X, X.int()), torch.zeros_like),
        TypeError,
        "sample: targets has to be fl",
    ),
    ((mean_of, lambda g: (X, X[:2]), torch.zeros_like), ValueError, "sample: the data must be ten"),
    ((mean_of, good_sample, lambda x: x[:, None]), ValueError, r"truth must give .* \(6,\), got"),
    ((mean_of, good_sample, lambda x: 0.0), TypeError, "predictions must be a tensor, got float"),
    ((lambda x, y: 3, good_sample, torch.zeros_like), TypeError, "fit must return a function"),
    (
        (lambda x, y: lambda x: x[:, None], good_sample, torch.zeros_like),
        ValueError,
        r"fit must give predictions of the targets' shape \(6,\), got \(6, 1\)",
    ),
]


@pytest.mark.parametrize(("args", "kind", "message"), BIAS_ERRORS)
def test_errors_of_bias_variance(args, kind, message):
    repeats = args[3] if len(args) > 3 else 2
    with pytest.raises(kind, match=f"^bias_variance: {message}"):
        bias_variance(*args[:3], repeats=repeats)
    if "sample" in message:
        with pytest.raises(kind, match=r"^bias_variance: test"):
            bias_variance(*args[:1], good_sample, args[2], test=args[1](None), repeats=2)
