"""Noise of batch statistics and noise on units, against PyTorch and closed forms."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch.nn.functional import batch_norm

from lecturelib.chapters.noise_and_generalization import batch_noise, minima
from lecturelib.chapters.noise_and_generalization.batch_noise import (
    GroupedNetworks,
    UnitNoiseNetworks,
    standardize_groups,
)
from lecturelib.experiments.networks import losses_of

SMALL = {"width": 8, "steps": 3, "train_size": 64}


def test_each_group_is_normalized_as_by_pytorch(rng) -> None:
    h = torch.randn(2, 5, 12, generator=rng, dtype=torch.float64)
    found = standardize_groups(h, 4)
    for s in range(2):
        for k in range(3):  # group k has the samples k, k + 3, k + 6, k + 9
            part = h[s, :, k::3].T
            wanted = batch_norm(part, None, None, training=True)
            torch.testing.assert_close(found[s, :, k::3].T, wanted)


def test_one_group_of_all_is_the_whole_set(rng) -> None:
    h = torch.randn(3, 4, 16, generator=rng)
    whole = GroupedNetworks([4, 4, 3], [0, 1, 2], kind="whole")
    groups = GroupedNetworks([4, 4, 3], [0, 1, 2], kind="groups", size=16)
    torch.testing.assert_close(whole._normalize(h, 0), groups._normalize(h, 0))


def test_injected_noise_has_the_moments_of_groups_of_normal_values() -> None:
    """Var[μ_B] = 1/m, and E[σ_B²] = (m − 1)/m with variance 2(m − 1)/m²."""
    m, units, count = 8, 40, 4000
    networks = GroupedNetworks([3, units, 2], [0], kind="injected", size=m, eps=0.0)
    x_hat = torch.zeros(1, units, count * m)
    shift = networks._disturb(x_hat)  # −μ/σ
    groups = torch.randn(units, count, m, generator=torch.Generator().manual_seed(1))
    real = -groups.mean(-1) / groups.std(-1, correction=0)
    assert shift.var().item() == pytest.approx(real.var().item(), rel=0.03)
    constant = shift.unflatten(-1, (m, -1))
    assert torch.equal(constant[:, :, 0], constant[:, :, -1]), "a group shares its draw"


def test_frozen_statistics_are_those_of_the_start(rng) -> None:
    networks, inputs, _ = batch_noise.trained([0], kind="frozen", lr=1e-9, **SMALL)
    networks.train()
    h = networks.weights[0] @ inputs
    x_hat = (networks._normalize(h, 0) - networks.shifts[0]) / networks.gains[0]
    assert x_hat.mean(-1).abs().max().item() < 1e-4
    assert x_hat.var(-1).detach().mean().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("run", [
    partial(batch_noise.with_statistics, kind="groups", size=4, lr=0.1, **SMALL),
    partial(batch_noise.with_statistics, kind="injected", size=4, lr=0.1, **SMALL),
    partial(batch_noise.noise_that_arrives, kind="groups", size=4, lr=0.1, draws=2, **SMALL),
], ids=["groups", "injected", "arrives"])  # fmt: skip
def test_a_seed_gives_the_same_whoever_runs_beside_it(run) -> None:
    together, alone = run([4, 7]), run([7])
    for name, value in alone.items():
        torch.testing.assert_close(together[name][1], value[0], rtol=1e-3, atol=1e-4)


def test_labels_are_wrong_as_often_as_asked_and_the_same_for_every_kind() -> None:
    one = batch_noise.trained([3], kind="whole", lr=0.1, wrong=0.3, **SMALL)[2]
    two = batch_noise.trained([3], kind="none", lr=0.3, wrong=0.3, **SMALL)[2]
    assert torch.equal(one, two)
    right = batch_noise.trained([3], kind="none", lr=0.3, wrong=0.0, **SMALL)[2]
    share = (one != right).double().mean().item()
    assert share == pytest.approx(0.3, abs=5 * (0.3 * 0.7 / 64) ** 0.5)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match=r"^GroupedNetworks: kind must be one of .*, got 'half'"):
        GroupedNetworks([2, 2, 2], [0], kind="half")


def test_the_share_that_passes_is_that_of_the_noise_in_the_logits() -> None:
    """Simulated: the variance that shared noise makes, over that of noises of their own."""
    networks = UnitNoiseNetworks([6, 5, 4], [1], noise="shared", std=1.0)
    h = torch.zeros(1, 6, 20_000)
    spread = []
    for kind in ("shared", "own"):
        networks.noise = kind
        with torch.no_grad():
            logits = networks(h)
        centred = logits - logits.mean(1, keepdim=True)
        spread.append(centred.var(-1).sum())
    found = networks.share_that_passes().item()
    assert found == pytest.approx((spread[0] / spread[1]).sqrt().item(), rel=0.03)


def test_noise_is_there_in_training_only_and_on_the_last_layer() -> None:
    networks = UnitNoiseNetworks([6, 5, 5, 4], [0], noise="own", std=3.0)
    x = torch.ones(1, 6, 7)
    assert not torch.equal(networks(x), networks(x))
    networks.eval()
    assert torch.equal(networks(x), networks(x))


def test_rescaled_layers_compute_the_same_and_come_back() -> None:
    networks, inputs, labels = batch_noise.trained([0], kind="none", lr=0.1, **SMALL)
    before, start = networks(inputs), [p.clone() for p in networks.parameters()]
    with minima.rescaled(networks, 10.0):
        torch.testing.assert_close(networks(inputs), before, rtol=1e-4, atol=1e-4)
        scaled = minima.rise_nearby(networks, inputs, labels, size=0.1)
    torch.testing.assert_close(scaled, minima.rise_nearby(networks, inputs, labels, size=0.1))
    for p, old in zip(networks.parameters(), start, strict=True):
        torch.testing.assert_close(p, old)


def test_the_largest_curvature_is_that_of_the_whole_hessian() -> None:
    networks, inputs, labels = batch_noise.trained(
        [0], kind="none", lr=0.1, width=3, depth=1, steps=5, train_size=32
    )
    found = minima.largest_curvature(networks, inputs, labels, tol=1e-4).item()
    weights = [*networks.weights, *networks.biases]
    names = [f"{kind}.{i}" for kind in ("weights", "biases") for i in range(2)]

    def loss(*values: torch.Tensor) -> torch.Tensor:
        chosen = dict(zip(names, values, strict=True))
        out = torch.func.functional_call(networks, chosen, (inputs,))
        return torch.nn.functional.cross_entropy(out, labels)

    rows = torch.autograd.functional.hessian(loss, tuple(w.detach() for w in weights))
    sizes = [w.numel() for w in weights]
    H = torch.cat([
        torch.cat([rows[i][j].reshape(sizes[i], sizes[j]) for j in range(len(weights))], 1)
        for i in range(len(weights))
    ])  # fmt: skip
    assert found == pytest.approx(torch.linalg.eigvalsh(H)[-1].item(), rel=1e-2)
    assert losses_of(networks, inputs, labels).item() == pytest.approx(
        loss(*[w.detach() for w in weights]).item(), rel=1e-5
    )


def test_ranks_agree_as_scipy_says(rng) -> None:
    from scipy.stats import spearmanr

    a, b = torch.randn(2, 9, 3, generator=rng)
    wanted = [spearmanr(a[:, s].numpy(), b[:, s].numpy()).statistic for s in range(3)]
    torch.testing.assert_close(minima.ranks_agree(a, b), torch.tensor(wanted).double())


def test_every_regularizer_gives_four_finite_numbers_a_seed() -> None:
    small = {"width": 8, "steps": 10, "train_size": 64, "batch_size": 32}
    for name, options in minima.REGULARIZERS.items():
        found = minima.regularized([0, 1], **options, **small)
        assert set(found) == {"test", "train loss", "curvature", "rise"}, name
        assert all(value.shape == (2,) and value.isfinite().all() for value in found.values())
