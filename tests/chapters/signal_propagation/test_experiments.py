"""The pieces of the experiments on signals against PyTorch's convolutions and dense algebra."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from lecturelib.chapters.signal_propagation import claims as records
from lecturelib.chapters.signal_propagation.experiments import (
    PooledNetworks,
    collapse,
    leading_eigenvectors,
    moment_gradients,
    overlap,
    per_network,
    random_steps,
)
from lecturelib.experiments.networks import NormalizedNetworks


def test_two_layers_have_the_share_of_variance_of_a_rectified_normal() -> None:
    """E[relu(z)²] = 1/2 and E[relu(z)] = 1/√(2π) for z ~ N(0, 1): the share is 1 − 1/π."""
    found = collapse([0, 1, 2], depth=2, width=1024, samples=400)
    assert found["variance relu"].mean().item() == pytest.approx(1 - 1 / math.pi, abs=0.02)
    assert found["variance linear"].mean().item() == pytest.approx(1, abs=0.02)
    assert found["variance batch"].tolist() == pytest.approx([1, 1, 1], abs=1e-5)


@pytest.mark.parametrize("normalized", [True, False])
def test_pooled_networks_are_convolutions(normalized: bool) -> None:
    networks = PooledNetworks([0, 1], channels=(3, 4, 5), normalized=normalized)
    x = torch.randn(2, 64, 6, generator=torch.Generator().manual_seed(0))
    h = x[1].T.reshape(6, 1, 8, 8)
    for i, (n_in, n_out) in enumerate([(1, 3), (3, 4), (4, 5)]):
        h = F.conv2d(h, networks.weights[i][1].view(n_out, n_in, 3, 3), padding=1)
        bias = networks.biases[i][1, :, 0]
        if normalized:
            gain = networks.gains[i][1, :, 0]
            h = F.batch_norm(h, None, None, gain, bias, training=True)
        else:
            h = h + bias.view(-1, 1, 1)
        h = h.relu()
        if i < 2:
            h = F.max_pool2d(h, 2)
    wanted = F.linear(h.mean((2, 3)), networks.weights[3][1], networks.biases[3][1, :, 0])
    torch.testing.assert_close(networks(x)[1].T, wanted, rtol=1e-4, atol=1e-5)


def test_frozen_statistics_are_constants() -> None:
    networks = PooledNetworks([0], channels=(3, 4, 5), normalized=True)
    x = torch.randn(1, 64, 6, generator=torch.Generator().manual_seed(0))
    live = networks(x)
    networks.frozen = True
    torch.testing.assert_close(networks(x), live)
    torch.testing.assert_close(networks(x[..., :2]), live[..., :2])


def test_eigenvectors_are_those_of_dense_algebra() -> None:
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(2, 30, 30, generator=generator, dtype=torch.float64)
    spectrum = torch.cat([torch.tensor([9.0, 7.0, 5.0]), torch.linspace(-1, 1, 27)]).double()
    q, _ = torch.linalg.qr(a)
    h = q @ torch.diag(spectrum) @ q.transpose(1, 2)
    values, vectors = leading_eigenvectors(
        lambda v: (h.float() @ v[..., None])[..., 0],
        (2, 30),
        k=3,
        steps=20,
        generators=[torch.Generator().manual_seed(s) for s in (1, 2)],
    )
    torch.testing.assert_close(values, spectrum[:3].expand(2, -1), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        overlap(vectors, q[..., :3].transpose(1, 2)), torch.ones(2).double(), rtol=0, atol=1e-4
    )


def test_overlap_of_known_spans() -> None:
    eye = torch.eye(4)[None]
    assert overlap(eye[:, :2], eye[:, 1:3]).item() == pytest.approx(0.5)
    assert overlap(eye[:, :1], eye[:, 1:]).item() == pytest.approx(0)
    assert overlap(eye[:, :2], torch.tensor([[[1.0, 1, 0, 0], [1, -1, 0, 0]]])).item() == (
        pytest.approx(1)
    )


def test_random_steps_have_the_length_asked_for() -> None:
    networks = NormalizedNetworks((64, 12, 10), [0, 1])
    length = per_network(list(networks.parameters())).norm(dim=1)
    steps = per_network(random_steps(networks, 0.01)).norm(dim=1)
    torch.testing.assert_close(steps, 0.01 * length)


def test_gradients_of_moments_against_differences() -> None:
    """The derivative along a random direction, by a small step in float64."""
    networks = PooledNetworks([0], channels=(3, 4, 5)).double()
    x = torch.randn(1, 64, 20, generator=torch.Generator().manual_seed(0)).double()
    generator = torch.Generator().manual_seed(1)
    step = [
        1e-6 * torch.randn(p.shape, generator=generator, dtype=torch.float64)
        for p in networks.parameters()
    ]
    gradients = moment_gradients(networks, x)[0]

    def moments() -> torch.Tensor:
        z = networks(x)[0]
        centred = z - z.mean(-1, keepdim=True)
        sd = centred.square().mean(-1).sqrt()
        return torch.cat([z.mean(-1), sd**2, (centred / sd[:, None]).pow(3).mean(-1)])

    with torch.no_grad():
        before = moments()
        for p, d in zip(networks.parameters(), step, strict=True):
            p += d
        change = moments() - before
    expected = gradients @ torch.cat([d.flatten() for d in step])
    torch.testing.assert_close(change, expected, rtol=1e-3, atol=1e-9)


SHORT = {
    "A7": (records.COLLAPSE, {"width": 32, "depth": 5, "samples": 50}),
    "A8": (
        records.VULNERABLE,
        {
            "width": 12,
            "depth": 3,
            "epochs": 1,
            "channels": [2, 3, 3],
            "epochs_hessian": 1,
            "samples": 32,
            "krylov": 12,
        },
    ),
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
