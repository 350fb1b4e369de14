"""The pieces of the experiments on covariate shift against NumPy, SciPy and the definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from lecturelib.chapters.covariate_shift import claims as records
from lecturelib.chapters.covariate_shift.experiments import (
    NoisyNetworks,
    layers_of,
    normal_density,
    unit_statistics,
    weighted_fit,
)
from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, batch_of, losses_of
from lecturelib.normalization import NoisyBatchNorm

WIDTHS = (64, 12, 12, 10)


def test_density_is_that_of_scipy_up_to_its_constant() -> None:
    x = np.linspace(-2, 2, 9)
    wanted = stats.norm.pdf(x, 0.3, 0.7) * np.sqrt(2 * np.pi)
    assert normal_density(torch.tensor(x), 0.3, 0.7).numpy() == pytest.approx(wanted, rel=1e-12)


def test_weights_count_points() -> None:
    """A weight of n is the point n times; equal weights are NumPy's polyfit."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30))
    counts = rng.integers(1, 5, 30)
    found = weighted_fit(torch.tensor(x), torch.tensor(y), torch.tensor(counts * 1.0), degree=2)
    wanted = np.polyfit(np.repeat(x, counts), np.repeat(y, counts), 2)[::-1]
    assert found.numpy() == pytest.approx(wanted, rel=1e-9)


def test_noise_has_the_moments_of_the_module_for_one_network() -> None:
    """Over units: mean of the shifts, their spread, and the second moment, by both programs."""
    units, samples = 400, 300
    networks = NoisyNetworks((4, units, 2), [0, 1], order=("norm", "noise", "relu"))
    ours = networks.perturb(torch.ones(2, units, samples))
    module = NoisyBatchNorm(units, affine=False, generator=torch.Generator().manual_seed(5))
    x = torch.randn(samples, units, generator=torch.Generator().manual_seed(6))
    theirs = (module(x) - module.eval()(x)).T  # what noise adds to a standardized unit
    for h in ours:
        means = h.mean(1) - 1
        # E[s] = (1 + 1.25)/2, E[m] = 0; spread of μ ~ U(−.5, .5) and σ ~ U(1, 1.25) over units.
        assert means.mean().item() == pytest.approx(0.125, abs=0.06)
        assert means.var().item() == pytest.approx(1 / 12 + 0.25**2 / 12, rel=0.2)
        assert h.var(1).mean().item() == pytest.approx(0.1**2 + 0.2**2 / 12, rel=0.1)
    assert theirs.mean(1).var().item() == pytest.approx(1 / 12, rel=0.3)


def test_evaluation_has_no_noise_and_training_new_noise_each_time() -> None:
    networks = NoisyNetworks(WIDTHS, [0], order=("norm", "noise", "relu"))
    x = torch.randn(1, 64, 20, generator=torch.Generator().manual_seed(0))
    assert not torch.equal(networks(x), networks(x))
    networks.eval()
    assert torch.equal(networks(x), networks(x))


def test_layers_hold_every_parameter_once_and_the_weight_first() -> None:
    networks = NormalizedNetworks(WIDTHS, [0, 1])
    layers = layers_of(networks)
    assert [layer[0] is w for layer, w in zip(layers, networks.weights, strict=True)] == [True] * 3
    listed = [id(p) for layer in layers for p in layer]
    assert sorted(listed) == sorted(map(id, networks.parameters()))


def test_unit_statistics_are_those_of_what_enters_the_relu() -> None:
    networks = NormalizedNetworks(WIDTHS, [0, 1], order=("relu",))
    x = torch.randn(2, 64, 30, generator=torch.Generator().manual_seed(0))
    means, sds = unit_statistics(networks, x)
    z = networks.weights[0] @ x
    torch.testing.assert_close(means[0], z.mean(-1))
    torch.testing.assert_close(sds[0], z.std(-1))
    assert len(means) == 2


def test_each_network_gets_a_batch_and_a_loss_of_its_own() -> None:
    data = load_digits()
    networks = NormalizedNetworks(WIDTHS, [3, 4])
    x, y = batch_of(networks, data.x_train, data.y_train, 16)
    assert x.shape == (2, 64, 16)
    assert not torch.equal(x[0], x[1])
    row = (data.x_train == x[1, :, 5]).all(1).nonzero()[0, 0]
    assert data.y_train[row] == y[1, 5]
    logits = networks(x)[1].T
    wanted = torch.nn.functional.cross_entropy(logits, y[1])
    torch.testing.assert_close(losses_of(networks, x, y)[1], wanted)


SHORT = {
    "A1": (records.NOISY, {"steps": 20, "width": 12, "depth": 3}),
    "A2": (records.INTERNAL, {"steps": 20, "width": 12, "depth": 4, "other_depth": 3}),
    "W1": (records.IMPORTANCE, {"samples": 100}),
}


@pytest.mark.parametrize("claim_id", SHORT)
def test_a_seed_gives_the_same_whoever_runs_beside_it(claim_id: str) -> None:
    claim, changes = SHORT[claim_id]
    settings = claim.settings(**changes)
    together = claim.experiment(settings, [4, 9], "cpu")
    alone = claim.experiment(settings, [9], "cpu")
    assert set(together) == {measure.name for measure in claim.measures}
    for name, values in together.items():
        assert values[1] == pytest.approx(alone[name][0], rel=0.05, abs=0.02), name


def test_networks_can_be_converted_as_any_module() -> None:
    networks = NoisyNetworks(WIDTHS, [0], order=("noise", "relu")).double()
    assert {p.dtype for p in networks.parameters()} == {torch.float64}
    assert networks(torch.zeros(1, 64, 3, dtype=torch.float64)).shape == (1, 10, 3)
