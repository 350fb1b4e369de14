"""The maps of correlations against numerical integrals, limits and wide layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lecturelib.chapters.signal_propagation import channels, meanfield

RHOS = [-0.8, -0.2, 0.0, 0.5, 0.95]


@pytest.mark.parametrize("rho", RHOS)
def test_the_map_is_the_gaussian_integral(rho: float) -> None:
    """A sum over a fine grid of two independent normal values."""
    axis = np.linspace(-7, 7, 1401)
    u, w = np.meshgrid(axis, axis)
    v = rho * u + math.sqrt(1 - rho**2) * w
    density = np.exp(-(u**2 + w**2) / 2) / (2 * math.pi)
    wanted = 2 * (np.maximum(u, 0) * np.maximum(v, 0) * density).sum() * 0.01**2
    assert meanfield.relu_correlation(rho) == pytest.approx(wanted, abs=1e-4)


def test_it_lies_above_the_diagonal_and_has_the_slope_of_the_theorem() -> None:
    c = meanfield.relu_correlation
    rho = np.linspace(-1, 0.999, 200)
    assert all(c(r) > r for r in rho)
    for r in RHOS:
        slope = (c(r + 1e-6) - c(r - 1e-6)) / 2e-6
        assert slope == pytest.approx(1 - math.acos(r) / math.pi, abs=1e-6)


def test_the_asymptote_is_approached() -> None:
    ratios = [
        (1 - meanfield.iterate("ReLU", n)[-1]) / meanfield.asymptote(n) for n in (50, 500, 5000)
    ]
    assert ratios == sorted(ratios)
    assert ratios[-1] == pytest.approx(1, abs=0.01)


def test_batch_norm_has_its_stable_fixed_point_at_zero() -> None:
    for start in (-0.5, 0.3, 0.99):
        assert abs(meanfield.iterate("batch norm", 60, start=start)[-1]) < 1e-4
    step = meanfield.MAPS["batch norm"]
    assert (step(1e-6) - step(0)) / 1e-6 == pytest.approx(0.5 / (1 - 1 / math.pi), abs=1e-4)
    assert (1 - step(1 - 1e-8)) / 1e-8 == pytest.approx(math.pi / (math.pi - 1), abs=1e-2)


@pytest.mark.parametrize("kind", channels.KINDS)
def test_wide_layers_follow_the_map(kind: str) -> None:
    g = torch.Generator().manual_seed(77)  # not the weights' seed
    n, start = 1024, 0.6
    x = torch.randn(n, 300, generator=g)
    x[:, 1] = start * x[:, 0] + math.sqrt(1 - start**2) * x[:, 1]
    found = channels.layers(kind, width=n, depth=3, inputs=x)
    rho = torch.cosine_similarity(found[-1][:, 0], found[-1][:, 1], dim=0).item()
    applied = 3 if "skip" in kind else 2
    wanted = meanfield.iterate(kind, applied, start=start)[-1]
    assert rho == pytest.approx(wanted, abs=0.1)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        channels.layers("tanh")


def test_the_share_of_vectors_of_one_length_is_one_minus_the_mean_cosine() -> None:
    z = channels.layers("ReLU", width=32, depth=4, samples=20)[-1].double()
    unit = z / z.norm(dim=0)
    share = channels.variance_share(unit)
    torch.testing.assert_close(share, 1 - (unit.T @ unit).mean())
    shares, gaps = channels.variance_shares("ReLU", [0], width=32, depth=4)
    assert shares.shape == gaps.shape == (4, 1)


def test_a_repaired_start_has_variance_one_and_mean_zero() -> None:
    from lecturelib.experiments.networks import Networks

    x = torch.randn(2, 10, 50, generator=torch.Generator().manual_seed(0))
    for centred in (True, False):
        networks = Networks([10, 12, 12, 3], [0, 1])
        channels.repair(networks, x, centred=centred)
        h = x
        for w, b in zip(networks.weights[:-1], networks.biases[:-1], strict=True):
            z = w @ h + b
            variance = z.var(-1, correction=0)
            torch.testing.assert_close(variance, torch.ones_like(variance), rtol=1e-4, atol=1e-4)
            assert bool((z.mean(-1).abs() < 1e-4).all()) == centred
            h = z.relu()


def test_neighbours_start_where_they_are_told() -> None:
    found = channels.neighbours([0], start=0.9, width=512, depth=2)
    assert found.shape == (2, 1)
    assert found[0].item() == pytest.approx(0.9, abs=0.06)


@pytest.mark.parametrize("start", ["He", "scaled", "centred", "batch norm"])
def test_each_start_trains(start: str) -> None:
    found = channels.repaired(start, 0.1, [0], depth=2, width=16, epochs=10)
    assert found.item() > 0.3


def test_a_modal_share_counts_the_most_frequent_class() -> None:
    z = torch.ones(8, 30)
    assert channels.modal_share(z, "linear") == 1.0
