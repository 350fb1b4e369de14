"""The experiments on cost functions: networks against PyTorch, data against their own moments."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from lecturelib.chapters.cost_functions import claims as records
from lecturelib.chapters.cost_functions import experiments
from lecturelib.claims import get


def plain(networks: experiments.Networks, s: int) -> nn.Sequential:
    """Network ``s`` as a sequence of PyTorch's own layers."""
    first = nn.Linear(1, networks.biases[0].shape[1])
    last = nn.Linear(first.out_features, networks.biases[1].shape[1])
    with torch.no_grad():
        first.weight.copy_(networks.weights[0][s])
        first.bias.copy_(networks.biases[0][s, :, 0])
        last.weight.copy_(networks.weights[1][s])
        last.bias.copy_(networks.biases[1][s, :, 0])
    return nn.Sequential(first, nn.Tanh(), last)


def test_each_network_trains_like_plain_pytorch() -> None:
    seeds, samples, steps = [3, 8], 40, 12
    networks = experiments.tanh_networks(seeds, width=6, outputs=2)
    others = [plain(networks, s) for s in range(2)]
    x, y = torch.rand(2, 2, samples, generator=torch.Generator().manual_seed(0))
    orders = []
    for seed in seeds:  # the draws that fit makes after those of the weights
        g = torch.Generator().manual_seed(seed)
        for shape in ((6, 1), (6, 1), (2, 6), (2, 1)):
            torch.rand(shape, generator=g)
        orders.append(torch.cat([torch.randperm(samples, generator=g) for _ in range(steps)]))

    def loss(out: Tensor, target: Tensor) -> Tensor:
        return (out.sum(1) - target).square()

    experiments.fit(networks, x, y, loss, steps=steps, batch_size=10)

    for s, other in enumerate(others):
        optimizer = torch.optim.Adam(other.parameters(), lr=1e-2)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for step in range(steps):
            chosen = orders[s][10 * step : 10 * (step + 1)]
            value = (other(x[s, chosen, None]).sum(1) - y[s, chosen]).square().mean()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
        torch.testing.assert_close(
            networks(x[:, None])[s], other(x[s, :, None]).T, atol=1e-4, rtol=1e-4
        )


def test_skewed_targets_have_the_mean_and_the_median_that_are_claimed() -> None:
    x, y = experiments._skewed([0], 400_000, "cpu")
    for low in (-0.9, 0.0, 0.6):
        near = (x >= low) & (x < low + 0.02)
        middle = torch.tensor(low + 0.01)
        mean, median = experiments.skewed_mean(middle), experiments.skewed_median(middle)
        assert y[near].mean().item() == pytest.approx(mean.item(), abs=0.08)
        assert y[near].median().item() == pytest.approx(median.item(), abs=0.08)


@pytest.mark.parametrize("noise", ["normal", "exponential"])
def test_noise_has_mean_zero_and_the_scale_that_is_claimed(noise: str) -> None:
    x, y = experiments._heteroscedastic([0, 1], 400_000, noise, "cpu")
    e = (y - torch.sin(3 * x)) / experiments.noise_scale(x)
    assert e.mean().item() == pytest.approx(0, abs=0.01)
    assert e.std().item() == pytest.approx(1, abs=0.01)
    skewness = {"normal": 0.0, "exponential": 2.0}[noise]
    assert e.pow(3).mean().item() == pytest.approx(skewness, abs=0.1)


def test_unknown_noise_is_named() -> None:
    with pytest.raises(ValueError, match=r"one of .*exponential.*, got 'pink'"):
        experiments.heteroscedastic([0], noise="pink")


def test_newton_finds_the_minimum_of_the_bernoulli_cost() -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(1, 60, 3, generator=generator, dtype=torch.float64)
    y = (torch.rand(1, 60, generator=generator, dtype=torch.float64) < 0.4).double()
    w = experiments.fit_logistic(x, y).requires_grad_()
    cost = nn.functional.binary_cross_entropy_with_logits((x @ w[:, :, None])[:, :, 0], y)
    (gradient,) = torch.autograd.grad(cost, w)
    assert gradient.abs().max().item() < 1e-12


def test_descent_meets_the_normal_equations() -> None:
    found = experiments.closed_form([5], steps=400)
    assert found["distance"].shape == (401, 1)
    assert found["distance"][-1].item() < 1e-9
    assert math.isfinite(found["condition"].item())


SHORT = {
    "F1": (records.statistics, {"samples": 300, "width": 8, "steps": 20, "batch_size": 50}),
    "F2": (records.linear, {"steps": 20}),
    "F4": (records.scale, {"samples": 300, "width": 8, "steps": 20, "batch_size": 50}),
    "CF1": (records.mean_of_predictions, {}),
}


@pytest.mark.parametrize("claim_id", SHORT)
def test_a_seed_gives_the_same_whoever_runs_beside_it(claim_id: str) -> None:
    experiment, changes = SHORT[claim_id]
    settings = get(claim_id).settings(**changes)  # type: ignore[arg-type]
    together = experiment(settings, [4, 9], "cpu")
    alone = experiment(settings, [9], "cpu")
    assert set(together) == {measure.name for measure in get(claim_id).measures}
    for name, values in together.items():
        assert values[1] == pytest.approx(alone[name][0], rel=1e-3, abs=1e-3), name
