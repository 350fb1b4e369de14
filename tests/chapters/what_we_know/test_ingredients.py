"""Each ingredient is what it is called, by an independent computation."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from lecturelib.chapters.what_we_know.claims import RATES
from lecturelib.chapters.what_we_know.ingredients import KINDS, IngredientNetworks, losses_at

WIDTHS = [6, 5, 4, 3]


def networks(kind: str, seeds: range = range(2)) -> IngredientNetworks:
    return IngredientNetworks(WIDTHS, seeds, kind=kind)


def inputs(samples: int = 16) -> torch.Tensor:
    g = torch.Generator().manual_seed(0)
    return torch.randn(6, samples, generator=g).expand(2, -1, -1)


def first_layer(net: IngredientNetworks, x: torch.Tensor) -> torch.Tensor:
    """What enters the first ReLU."""
    record: dict[str, list[torch.Tensor]] = {}
    net(x, record=record)
    return record["relu"][0]


def test_batch_norm_is_that_of_torch() -> None:
    net, x = networks("batch norm"), inputs()
    sums = net.weights[0][0] @ x[0]
    expected = nn.BatchNorm1d(5).train()(sums.T).T
    torch.testing.assert_close(first_layer(net, x)[0], expected, rtol=1e-5, atol=1e-5)


def test_detached_has_the_values_of_batch_norm_and_another_gradient() -> None:
    x = inputs().clone().requires_grad_()
    slopes = []
    for kind in ("batch norm", "detached"):
        out = first_layer(networks(kind), x)
        (slope,) = torch.autograd.grad((out**3).sum(), x)
        slopes.append((out.detach(), slope))
    torch.testing.assert_close(slopes[0][0], slopes[1][0], rtol=1e-5, atol=1e-5)
    assert (slopes[0][1] - slopes[1][1]).abs().max() > 0.1
    # Constants in the backward pass: the gradient is a plain chain rule through 1/σ.
    net = networks("detached")
    sums = (net.weights[0] @ x).detach().requires_grad_()
    std = (sums.detach().var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
    (got,) = torch.autograd.grad(net._normalize(sums, 0).sum(), sums)
    torch.testing.assert_close(got, (1 / std).expand_as(got))


def test_the_mean_alone_is_removed() -> None:
    net, x = networks("center"), inputs()
    sums = net.weights[0] @ x
    torch.testing.assert_close(first_layer(net, x), sums - sums.mean(-1, keepdim=True))


def test_the_scale_alone_is_divided_out() -> None:
    net, x = networks("scale"), inputs()
    sums = net.weights[0] @ x
    scaled = first_layer(net, x)
    torch.testing.assert_close(scaled.std(-1, correction=0), torch.ones(2, 5), atol=1e-3, rtol=0)
    expected = sums.mean(-1) / sums.std(-1, correction=0)
    torch.testing.assert_close(scaled.mean(-1), expected, atol=1e-3, rtol=1e-3)


def test_noise_moves_units_and_samples() -> None:
    net = networks("noisy", range(2))
    x = torch.randn(2, 6, 20_000, generator=torch.Generator().manual_seed(1))
    a = first_layer(net, x)
    # Mean and variance of one unit are the drawn μ and about σ², of the scale U(1, 1.25).
    mean, std = a.mean(-1), a.std(-1)
    assert mean.abs().max() <= 0.55
    assert mean.std() > 0.1
    assert std.min() > 0.95
    assert std.max() < 1.35
    again = first_layer(net, x)
    assert (again.mean(-1) - mean).abs().max() > 0.1


@pytest.mark.parametrize("kind", ["start", "weight norm"])
def test_the_start_standardizes_every_hidden_unit(kind: str) -> None:
    net, x = networks(kind), inputs()
    net.standardize_units(x)
    h = x
    for i in range(2):
        sums = net._linear(h, i)
        torch.testing.assert_close(sums.mean(-1), torch.zeros(2, sums.shape[1]), atol=1e-5, rtol=0)
        torch.testing.assert_close(
            sums.var(-1, correction=0), torch.ones(2, sums.shape[1]), atol=1e-3, rtol=0
        )
        h = sums.relu()


def test_weight_norm_ignores_the_length_of_v() -> None:
    net, x = networks("weight norm"), inputs()
    before = net(x)
    with torch.no_grad():
        net.weights[0].mul_(7)
    torch.testing.assert_close(net(x), before)


def test_a_run_that_diverges_counts_as_guessing() -> None:
    losses = losses_at("none", (100.0,), (0, 1), width=8, depth=4, steps=10, batch_size=32)
    assert losses.shape == (1, 2)
    assert losses.max().item() == pytest.approx(math.log(10))


def test_a_seed_is_the_same_in_any_company() -> None:
    settings = {"width": 8, "depth": 3, "steps": 8, "batch_size": 32}
    for kind in KINDS:
        alone = losses_at(kind, (0.1,), (5,), **settings)
        both = losses_at(kind, (0.1,), (4, 5), **settings)
        torch.testing.assert_close(alone[0, 0], both[0, 1], rtol=1e-4, atol=1e-5)


def test_the_rates_are_named_for_each_kind() -> None:
    assert RATES.keys() == KINDS.keys()
    with pytest.raises(ValueError, match="IngredientNetworks: kind must be one of"):
        networks("magic")
