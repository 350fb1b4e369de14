"""What the errata of the chapter ``preprocessing`` say, shown from the definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lecturelib.preprocessing import Center, Standardize, condition_number

F64 = torch.float64


def least_squares(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(50, 3, generator=g, dtype=F64) + 1
    y = torch.randn(50, generator=g, dtype=F64)
    return x, y, torch.linalg.lstsq(x, y[:, None]).solution[:, 0]


def with_covariance(covariance: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Points with exactly this covariance (over N) and mean: ± the columns of a root, shifted."""
    root = torch.linalg.cholesky(covariance) * len(covariance) ** 0.5
    return torch.cat([root.T, -root.T]) + mean


def test_the_half_is_in_the_expansion_and_not_in_the_gradient() -> None:
    """NT: automatic differentiation is the oracle."""
    x, y, best = least_squares()

    def loss(w: torch.Tensor) -> torch.Tensor:
        return ((y - x @ w) ** 2).mean() / 2

    delta = torch.tensor([0.3, -1.0, 2.0], dtype=F64)
    H = x.T @ x / len(x)
    w = (best + delta).requires_grad_()
    (gradient,) = torch.autograd.grad(loss(w), w)
    torch.testing.assert_close(gradient, H @ delta)
    excess = (loss(w) - loss(best)).item()
    assert excess == pytest.approx((delta @ H @ delta / 2).item(), rel=1e-10)
    assert excess != pytest.approx((delta @ H @ delta).item(), rel=0.1)
    torch.testing.assert_close(torch.autograd.functional.hessian(loss, best), H)


@pytest.mark.parametrize(("factor", "converges"), [(1.0, True), (1.99, True), (2.01, False)])
def test_the_cap_of_the_learning_rate_is_twice_as_large(factor: float, converges: bool) -> None:
    """NT: gradient descent itself, at rates below and above 1/λmax and 2/λmax."""
    x, y, best = least_squares()
    top = np.linalg.eigvalsh((x.T @ x / len(x)).numpy())[-1]
    w = torch.zeros(3, dtype=F64)
    for _ in range(4_000):
        w = w - factor / top * (x.T @ (x @ w - y) / len(x))
    assert bool((w - best).norm() < 1e-6) is converges
    assert bool((w - best).norm() > 1e6) is not converges


def test_centring_without_a_bias_can_make_the_condition_number_worse() -> None:
    """NT: eigenvalues by NumPy; with a bias the same centring helps."""
    covariance = torch.diag(torch.tensor([1.0, 0.01], dtype=F64))
    x = with_covariance(covariance, torch.tensor([0.0, 1.0], dtype=F64))
    centred = Center().fit_transform(x)
    for data, wanted in ((x, 1.01), (centred, 100.0)):
        values = np.linalg.eigvalsh((data.T @ data / len(data)).numpy())
        assert values[-1] / values[0] == pytest.approx(wanted)
        assert condition_number(data) == pytest.approx(wanted)
    ones = torch.ones(len(x), 1, dtype=F64)
    assert condition_number(torch.cat([centred, ones], 1)) < condition_number(
        torch.cat([x, ones], 1)
    )


def test_equal_variances_can_make_the_condition_number_worse() -> None:
    """NT: the matrix of the erratum; for pairs of inputs equal variances are never worse."""
    covariance = torch.tensor([[18.0, 6, -15], [6, 3, -5], [-15, -5, 13]], dtype=F64)
    x = with_covariance(covariance, torch.zeros(3, dtype=F64))
    before, after = condition_number(x), condition_number(Standardize().fit_transform(x))
    assert before == pytest.approx(np.linalg.cond(covariance.numpy()))
    assert (round(before), round(after)) == (114, 144)
    g = torch.Generator().manual_seed(0)
    for _ in range(200):
        pair = torch.randn(10, 2, generator=g, dtype=F64)
        pair = Center().fit_transform(pair @ torch.randn(2, 2, generator=g, dtype=F64))
        scaled = condition_number(Standardize().fit_transform(pair))
        assert scaled <= condition_number(pair) * (1 + 1e-9)
