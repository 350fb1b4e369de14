"""The networks of the experiments against plain PyTorch, one seed at a time, and the samplers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lecturelib.chapters.batch_norm_in_networks import claims as records
from lecturelib.chapters.batch_norm_in_networks import experiments
from lecturelib.chapters.batch_norm_in_networks.experiments import DISTRIBUTIONS
from lecturelib.claims import get
from lecturelib.data import load_digits
from lecturelib.experiments.networks import NORMS, NormalizedNetworks, fit, sgd

WIDTHS = (64, 12, 12, 10)


def torch_norm(name: str, features: int) -> nn.Module:
    if name == "batch":
        return nn.BatchNorm1d(features)
    if name == "layer":
        return nn.LayerNorm(features)
    return Reference(name, features)


class Reference(nn.Module):
    """The other norms over a batch (B, D), written down from their definitions."""

    def __init__(self, name: str, features: int) -> None:
        super().__init__()
        self.name = name
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, x: Tensor) -> Tensor:
        if self.name != "center":
            power = {"l1": 1.0, "l2": 2.0, "linf": math.inf}[self.name]
            size = torch.linalg.vector_norm(x, power, dim=0)
            x = x / (size / (1 if power == math.inf else len(x) ** (1 / power)) + 1e-5)
        return self.weight * (x - x.mean(0)) + self.bias


def plain(networks: NormalizedNetworks, s: int, order: Sequence[str], norm: str) -> nn.Sequential:
    """Network ``s`` as a sequence of PyTorch's own layers."""
    layers: list[nn.Module] = []
    for i, weight in enumerate(networks.weights):
        out, n_in = weight.shape[1:]
        linear = nn.Linear(n_in, out)
        with torch.no_grad():
            linear.weight.copy_(weight[s])
            linear.bias.copy_(networks.biases[i][s, :, 0])
        layers.append(linear)
        if i < len(networks.weights) - 1:
            layers += [nn.ReLU() if name == "relu" else torch_norm(norm, out) for name in order]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("order", [("norm", "relu"), ("relu", "norm"), ("relu",)])
def test_each_network_trains_like_plain_pytorch(norm: str, order: tuple[str, ...]) -> None:
    data = load_digits()
    seeds, steps, size = [3, 8], 5, 16
    networks = NormalizedNetworks(WIDTHS, seeds, order=order, norm=norm)
    others = [plain(networks, s, order, norm) for s in range(len(seeds))]
    orders = []
    for seed in seeds:  # the draws that fit makes after those of the weights
        generator = torch.Generator().manual_seed(seed)
        for n_in, out in pairwise(WIDTHS):
            torch.randn(out, n_in, generator=generator)
        orders.append(torch.randperm(len(data.x_train), generator=generator))

    losses = fit(
        networks, data.x_train, data.y_train, optimizer=sgd(0.1), steps=steps, batch_size=size
    )

    for s, other in enumerate(others):
        update = torch.optim.SGD(other.parameters(), lr=0.1)
        for step in range(steps):
            chosen = orders[s][step * size : (step + 1) * size]
            loss = nn.functional.cross_entropy(other(data.x_train[chosen]), data.y_train[chosen])
            update.zero_grad()
            loss.backward()
            update.step()
            assert losses[step, s].item() == pytest.approx(loss.item(), abs=2e-5)
        if norm in ("batch", "layer") or order == ("relu",):
            right = (other.eval()(data.x_test).argmax(1) == data.y_test).double().mean()
            ours = networks.accuracy(data.x_test, data.y_test)[s]
            assert ours.item() == pytest.approx(right.item(), abs=1 / 360 + 1e-9)


def test_running_statistics_are_those_of_pytorch() -> None:
    networks = NormalizedNetworks(WIDTHS, [1, 2], momentum=0.3)
    other = plain(networks, 1, ("norm", "relu"), "batch")
    x = torch.randn(2, 64, 20)
    other[1].momentum = other[4].momentum = 0.3  # type: ignore[union-attr]
    networks(x)
    other(x[1].T)
    torch.testing.assert_close(networks.running_var[1][1, :, 0], other[4].running_var)
    torch.testing.assert_close(networks.running_mean[0][1, :, 0], other[1].running_mean)


def test_recalibration_makes_the_training_set_standard_at_each_norm() -> None:
    networks = NormalizedNetworks(WIDTHS, [0, 1])
    x = load_digits(standardize=True).x_train.T.expand(2, -1, -1)
    networks.recalibrate(x)
    seen: dict[str, list[Tensor]] = {}
    networks(x, seen)
    for i, h in enumerate(seen["norm"]):
        torch.testing.assert_close(networks.running_mean[i], h.mean(-1, keepdim=True))
        torch.testing.assert_close(networks.running_var[i], h.var(-1, keepdim=True))


def test_dropout_keeps_the_mean_and_the_right_share() -> None:
    networks = NormalizedNetworks(WIDTHS, [0, 1], order=("norm", "relu", "dropout"), dropout=0.3)
    ones = torch.ones(2, 50, 2000)
    dropped = networks._drop(ones)
    assert (dropped == 0).double().mean().item() == pytest.approx(0.3, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    networks.eval()
    assert networks._drop(ones) is ones


def test_only_the_last_block_drops_when_asked() -> None:
    order = ("norm", "relu", "dropout")
    networks = NormalizedNetworks(WIDTHS, [0], order=order, dropout=0.9, dropout_everywhere=False)
    seen: dict[str, list[Tensor]] = {}
    x = torch.randn(1, 64, 30)
    networks(x, seen)
    again: dict[str, list[Tensor]] = {}
    networks(x, again)
    torch.testing.assert_close(seen["dropout"][1], again["dropout"][1])  # nothing random before it


def test_an_unknown_norm_is_named() -> None:
    with pytest.raises(ValueError, match=r"norm must be one of .*got 'l7'"):
        NormalizedNetworks(WIDTHS, [0], norm="l7")


SHORT: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "N2": (records.dropout_shift, {"epochs": 1, "width": 16}),
    "N12": (records.placement, {"epochs": 1, "width": 16}),
    "W11": (records.tiny_batches, {"epochs": 1, "width": 8, "sizes": [2, 4, 8, 128]}),
    "A10": (records.norms_alike, {"steps": 10, "width": 16, "depth": 4}),
    "W10": (records.noise, {"batches": 200, "chains": 50}),
    "N10": (records.whitening, {"samples": 500}),
}


@pytest.mark.parametrize("claim_id", SHORT)
def test_a_seed_gives_the_same_whoever_runs_beside_it(claim_id: str) -> None:
    experiment, changes = SHORT[claim_id]
    settings = get(claim_id).settings(**changes)
    together = experiment(settings, [4, 9], "cpu")
    alone = experiment(settings, [9], "cpu")
    assert set(together) == {measure.name for measure in get(claim_id).measures}
    for name, values in together.items():
        assert len(values) == 2
        assert values[1] == pytest.approx(alone[name][0], abs=0.02), name


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_moments_of_each_distribution_are_right(name: str) -> None:
    sample, var, mu4 = DISTRIBUTIONS[name]
    x = sample(2_000_000, 1, generator=torch.Generator().manual_seed(0))
    centred = x - x.mean()
    assert centred.square().mean().item() == pytest.approx(var, rel=0.01)
    assert centred.pow(4).mean().item() == pytest.approx(mu4, rel=0.05)


def test_weights_grow_under_plain_sgd_and_start_at_their_scale() -> None:
    found = experiments.scale_growth([0, 1], scale=3.0, width=16, epochs=1)
    small = experiments.scale_growth([0, 1], scale=1.0, width=16, epochs=1)
    assert torch.all(found["norm"].diff(dim=0) > -1e-4)
    assert torch.all(found["norm"][0] > found["start"] - 1e-4)
    assert found["start"].numpy() == pytest.approx(3.0 * small["start"].numpy(), rel=1e-5)
    ratio = found["norm"][0] / small["norm"][0]
    assert torch.allclose(ratio, torch.full((2,), 3.0), atol=0.1)


def test_in_batches_of_two_a_few_gradients_are_nearly_all() -> None:
    """A pair of near-equal values has a gradient up to γ/√ε; of 32 values hardly one is near."""
    small = experiments.gradients_in_small_batches(2, [0, 1], width=16, epochs=1)
    large = experiments.gradients_in_small_batches(32, [0, 1], width=16, epochs=1)
    assert torch.all(small["top"] > 2 * large["top"])
    assert torch.all(small["moved"] > large["moved"])
    assert torch.all((small["top"] > 0) & (small["top"] <= 1))
