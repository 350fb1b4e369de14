"""The page's networks and NormProp's broken assumptions against plain PyTorch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from lecturelib.chapters.normalization_family import assumptions, networks
from lecturelib.chapters.normalization_family.networks import KINDS, FamilyNetworks
from lecturelib.data import load_digits
from lecturelib.normalization import normprop_constants

RELU = normprop_constants(torch.relu)
NORMS = {
    "none": lambda a: a,
    "batch norm": lambda a: F.batch_norm(a, None, None, training=True),
    "mean-only batch norm": lambda a: a - a.mean(0),
    "layer norm": lambda a: F.layer_norm(a, a.shape[1:]),
    "weight norm": lambda a: a,
    "NormProp": lambda a: a,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_forward_pass_is_that_of_plain_pytorch(kind: str) -> None:
    nets = FamilyNetworks([5, 7, 6, 3], [3, 4], kind=kind)
    for parameter in [*nets.biases, *nets.gains, *nets.shifts]:
        generator = torch.Generator().manual_seed(parameter.numel())
        parameter.data.uniform_(0.5, 1.5, generator=generator)
    x = torch.randn(9, 5, generator=torch.Generator().manual_seed(0))
    ours = nets(x.T.expand(2, -1, -1))
    scaled = kind in ("weight norm", "NormProp")
    with_bias = kind not in ("batch norm", "mean-only batch norm")
    for s in range(2):
        h = x
        for i in range(2):
            w, b = nets.weights[i][s], nets.biases[i][s, :, 0]
            g, shift = nets.gains[i][s], nets.shifts[i][s, :, 0]
            w = g * F.normalize(w, dim=1) if scaled else w
            a = NORMS[kind](h @ w.T + (b if with_bias else 0))
            a = a * g[:, 0] + shift if kind not in ("none", "weight norm", "NormProp") else a
            h = torch.relu(a)
            h = (h - RELU.mean) / RELU.std if kind == "NormProp" else h
        wanted = h @ nets.weights[2][s].T + nets.biases[2][s, :, 0]
        torch.testing.assert_close(ours[s].T, wanted, atol=1e-4, rtol=1e-4)


def test_the_start_gives_each_unit_mean_0_and_variance_1() -> None:
    nets = FamilyNetworks([5, 7, 6, 3], [3, 4], kind="weight norm")
    x = 2 + 3 * torch.randn(2, 5, 50, generator=torch.Generator().manual_seed(0))
    nets.start(x)
    seen: dict[str, list[torch.Tensor]] = {}
    nets(x, seen)
    for sums in seen["relu"]:
        assert sums.mean(-1).abs().max() < 1e-5
        assert (sums.std(-1, correction=0) - 1).abs().max() < 1e-5


def test_only_statistics_of_the_batch_let_the_others_matter() -> None:
    for kind in KINDS:
        change = networks.company(kind, seeds=range(2))
        assert (change > 0.1).all() == ("batch" in kind)
        assert (change < 1e-4).all() == ("batch" not in kind)


def test_unknown_kind() -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        FamilyNetworks([2, 2], [0], kind="layer")


def test_runs_that_diverge_are_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    found = networks.loss_by_rate("none", (0.1, 1e6), seeds=[0, 1], width=8, depth=2, steps=11)
    assert found["mean"].shape == (2, 2)
    assert found["mean"][0].isfinite().all()
    assert found["mean"][1].isnan().all()
    x = load_digits(standardize=True).x_train
    assert x.shape[1] == 64


@pytest.mark.parametrize("name", assumptions.BREAKS)
def test_breaks_are_what_they_say(name: str) -> None:
    inputs, weights = assumptions.BREAKS[name]
    generator = torch.Generator().manual_seed(0)
    n, count = 60, 40_000

    def normal(k: int) -> torch.Tensor:
        return torch.randn(count, k, generator=generator)

    def uniform(k: int) -> torch.Tensor:
        return torch.rand(count, k, generator=generator)

    x = inputs(normal, uniform, n)
    assert x.mean(0).abs().max() < 0.05
    assert (x.var(0) - 1).abs().max() < 0.3  # a sparse input has a kurtosis near 100
    assert x.T.corrcoef().fill_diagonal_(0).mean().item() * n / (n - 1) == pytest.approx(
        0.5 if name == "correlated inputs" else 0, abs=0.02
    )
    rows = F.normalize(weights(lambda k: torch.randn(k, k, generator=generator), 400), dim=1)
    cosine = (rows @ rows.T).fill_diagonal_(0).sum().item() / (400 * 399)
    assert cosine == pytest.approx(0.5 if name == "coherent rows" else 0, abs=0.05)
    assert ((rows != 0).sum(1) == 1).all() == (name == "sparse inputs, one a unit")


def test_as_assumed_mean_and_deviation_stay() -> None:
    found = assumptions.broken_assumptions("as assumed", seeds=range(3), width=128, depth=4)
    assert found["mean"].abs().max() < 0.1
    assert (found["std"] - 1).abs().max() < 0.1
