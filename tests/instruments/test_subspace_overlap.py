"""Overlap of subspaces. Oracles: SciPy's principal angles, the mean over random subspaces."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles

from lecturelib.instruments import subspace_overlap


@pytest.mark.parametrize(("k", "m"), [(3, 3), (2, 5), (5, 2)])
def test_it_is_the_mean_squared_cosine_of_the_principal_angles(rng, k, m):
    A = torch.randn(9, k, generator=rng, dtype=torch.float64)
    B = torch.randn(9, m, generator=rng, dtype=torch.float64)
    cosines = np.cos(subspace_angles(A.numpy(), B.numpy()))
    assert subspace_overlap(A, B).item() == pytest.approx((cosines**2).sum() / k)


def test_random_subspaces_overlap_by_their_share_of_the_dimensions(rng):
    draws = [
        subspace_overlap(*torch.randn(2, 30, 6, generator=rng, dtype=torch.float64))
        for _ in range(200)
    ]
    values = torch.stack(draws)
    assert abs(values.mean() - 6 / 30) < 4 * values.std() / 200**0.5


def test_dependent_columns_count_once():
    axes = torch.eye(4)
    A = axes[:, [0, 0, 1]]
    torch.testing.assert_close(subspace_overlap(A, axes[:, :1]), torch.tensor(0.5))
    torch.testing.assert_close(subspace_overlap(axes[:, :1], A), torch.tensor(1.0))
    torch.testing.assert_close(subspace_overlap(A, axes[:, 2:]), torch.tensor(0.0))


@pytest.mark.parametrize(
    ("A", "B", "message"),
    [
        (torch.ones(3), torch.ones(3, 1), r"matrices .* got shapes \(3,\) and \(3, 1\)"),
        (torch.ones(3, 1), torch.ones(4, 1), r"got shapes \(3, 1\) and \(4, 1\)"),
        (torch.zeros(3, 1), torch.ones(3, 1), "A must be finite and not zero"),
        (torch.ones(3, 1), torch.full((3, 1), torch.nan), "B must be finite and not zero"),
    ],
)
def test_errors_name_what_is_wanted(A, B, message):
    with pytest.raises(ValueError, match=f"subspace_overlap: .*{message}"):
        subspace_overlap(A, B)
