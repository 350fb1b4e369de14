"""Units and small networks of the page, against plain PyTorch and the claims' experiments."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from lecturelib.chapters.length_direction import experiments, units


def test_weights_alone_shut_a_unit_as_the_claim_measures_it() -> None:
    mine = units.shut([3, 4], positive=False, steps=20)[-1]
    claims = experiments.shut_down([3, 4], kind="weights", steps=20)
    torch.testing.assert_close(mine, claims)


def test_inputs_of_one_sign_let_the_weights_shut_a_unit() -> None:
    seeds = range(500, 510)
    assert units.shut(seeds, positive=True)[-1].max() < 0.02
    assert units.shut(seeds, positive=False)[-1].min() > 0.4


def test_skewed_coordinates_have_mean_0_and_variance_1() -> None:
    e, chance = units._corners(3)
    torch.testing.assert_close(chance.sum().item(), 1.0)
    torch.testing.assert_close((chance @ e).abs().max().item(), 0.0, rtol=0, atol=1e-12)
    moments = torch.einsum("n,ni,nj->ij", chance, e, e)
    torch.testing.assert_close(moments, torch.eye(3, dtype=e.dtype))
    assert (chance @ e**3).min() > 1  # not Gaussian


def test_the_best_direction_is_independent_for_one_unit_and_gaussian_inputs_alone() -> None:
    found = units.angles_between_best(range(500, 504))
    assert found["gaussian"].max() < 1e-3
    assert found["skewed"].min() > 0.5
    assert found["two units"].min() > 0.5


@pytest.mark.parametrize("kind", units.KINDS)
def test_a_network_is_that_of_plain_pytorch(kind: str) -> None:
    networks = units.StackedBlocks(kind, 2, 8, 4, [0, 1])
    with torch.no_grad():
        for p in networks.parameters():
            p += 0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(p.numel()))
    x = torch.randn(2, 4, 16, generator=torch.Generator().manual_seed(5))

    def layer(h: torch.Tensor, i: int) -> torch.Tensor:
        weight, bias = networks.weights[i][1], networks.biases[i][1, :, 0]
        if "weight norm" in kind:
            weight = networks.gains[i][1] * weight / weight.norm(dim=1, keepdim=True)
        if "batch norm" in kind:
            gain = networks.gains[i][1, :, 0]
            return F.batch_norm(h @ weight.T, None, None, gain, bias, training=True)
        return F.linear(h, weight, bias)

    h = layer(x[1].T, 0)
    for i in (1, 3):
        branch = layer(layer(h.relu(), i).relu(), i + 1)
        h = h + branch / math.sqrt(2) if "residual" in kind else branch
    wanted = F.linear(h.relu(), networks.weights[-1][1], networks.biases[-1][1, :, 0])
    torch.testing.assert_close(networks(x)[1].T, wanted, rtol=1e-3, atol=1e-4)


def test_weight_norm_starts_as_the_plain_network() -> None:
    x = torch.randn(1, 4, 8)
    plain = units.StackedBlocks("plain", 2, 8, 4, [3])
    normed = units.StackedBlocks("weight norm", 2, 8, 4, [3])
    torch.testing.assert_close(plain(x), normed(x), rtol=1e-4, atol=1e-5)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        units.StackedBlocks("layer norm", 1, 8, 4, [0])


def test_a_seed_gives_the_same_error_whoever_runs_beside_it() -> None:
    options = {"kinds": ["batch norm"], "blocks": 1, "rates": (0.1, 0.3), "steps": 5}
    both = units.identity([1, 2], **options)["batch norm"]  # type: ignore[arg-type]
    alone = units.identity([2], **options)["batch norm"]  # type: ignore[arg-type]
    torch.testing.assert_close(both[:, 1:], alone, rtol=1e-3, atol=1e-4)
