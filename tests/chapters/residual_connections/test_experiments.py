"""The experiments of the chapter residual_connections against plain PyTorch and closed forms."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from lecturelib import models
from lecturelib.chapters.residual_connections import experiments as ex

F64 = torch.float64


@pytest.mark.parametrize("kind", list(ex.KINDS))
def test_networks_are_the_package_s_with_the_same_weights(kind):
    networks = ex.DeepNetworks(kind, 3, 8, [4, 5])
    start = {"plain": "he", "He": "he"}.get(kind, kind)
    model = models.residual_mlp(64, 8, 3, 10, skip=kind != "plain", start=start)
    x = torch.randn(6, 64, generator=torch.Generator().manual_seed(0))
    for s in range(2):
        pairs = zip(networks.weights, networks.biases, strict=True)
        flat = [p[s].reshape(p.shape[1:]) for pair in pairs for p in pair]
        for mine, theirs in zip(flat, model.parameters(), strict=True):
            theirs.data = mine.detach().reshape(theirs.shape)
        out = networks(x.T.expand(2, -1, -1))[s].T
        torch.testing.assert_close(out, model(x))


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind must be one of"):
        ex.DeepNetworks("dense", 2, 4, [0])


@pytest.mark.parametrize("kind", list(ex.KINDS))
def test_jacobian_is_that_of_automatic_differentiation(kind):
    networks = ex.DeepNetworks(kind, 3, 5, [1], inputs=5).double()
    x = torch.randn(1, 5, 2, generator=torch.Generator().manual_seed(1), dtype=F64)
    stream = [h.detach() for h in networks.stream(x)]

    def last(first: torch.Tensor) -> torch.Tensor:
        h = first[None, :, None]
        for i in (1, 3, 5):
            u = networks.biases[i] + networks.weights[i] @ h.relu()
            f = networks.biases[i + 1] + networks.weights[i + 1] @ u.relu()
            h = f if kind == "plain" else h + networks.branch * f
        return h[0, :, 0]

    wanted = torch.autograd.functional.jacobian(last, stream[0][0, :, 0])
    torch.testing.assert_close(ex.jacobian(networks, stream)[0], wanted)


def test_singular_values_obey_the_theorem():
    """Branches whose Jacobians have norms of at most ρ/M, by any norm of V and W."""
    networks = ex.DeepNetworks("He", 4, 6, [2], inputs=6).double()
    rho = 1.5
    for w in networks.weights[1:-1]:
        w.data /= torch.linalg.matrix_norm(w, 2)[:, None, None] * math.sqrt(4 / rho)
    stream = networks.stream(torch.randn(1, 6, 1, dtype=F64))
    values = torch.linalg.svdvals(ex.jacobian(networks, [h.detach() for h in stream]))
    assert values.max() <= (1 + rho / 4) ** 4
    assert values.min() >= (1 - rho / 4) ** 4


def test_mean_squares_grow_as_the_equation_says():
    """Up and down, in the mean over 400 wide networks of three blocks."""
    for kind, factor in (("He", 2.0**3), ("scaled", (1 + 1 / 3) ** 3)):
        found = ex.at_the_start(range(400), kind, blocks=3, width=64, samples=4)
        for name, ends in (("forward", (-1, 0)), ("backward", (0, -1))):
            squares = found[name].square().mean(1)
            assert (squares[ends[0]] / squares[ends[1]]).item() == pytest.approx(factor, rel=0.1)


def test_rates_side_by_side_are_runs_on_their_own():
    x, y = (part[:96] for part in ex.digits())
    make = partial(ex.DeepNetworks, "scaled", 2, 6)
    options = {"steps": 4, "batch_size": 16}
    _, together = ex.train_at_rates(make, (0.1, 0.3), [7, 8], x, y, **options)
    _, alone = ex.train_at_rates(make, (0.3,), [8], x, y, **options)
    torch.testing.assert_close(together[:, 1, 1], alone[:, 0, 0])


def test_a_network_that_diverged_has_an_infinite_loss():
    found = ex.depth_and_rate([0], "He", blocks=30, width=8, rates=(10.0,), steps=22)
    assert found.isinf().all()
    assert ex.at_best_rate(torch.tensor([[math.inf, 1.0], [2.0, 2.0]]))[0] == 1


def test_the_answer_zero_to_the_identity_costs_one():
    found = ex.identity([0], blocks=1, rates=(1e-9,), steps=1, runs=("zero",))
    untrained = ex.DeepNetworks("zero", 1, 16, [0], inputs=4, outputs=4)
    g = torch.Generator().manual_seed(77)
    torch.randn(4_000, 4, generator=g)
    x = torch.randn(1_000, 4, generator=g)
    wanted = (untrained(x.T[None])[0].T - x).square().mean()
    torch.testing.assert_close(found["zero"][0, 0], wanted.detach(), rtol=1e-3, atol=1e-5)
    assert ex.squared_error(torch.zeros(1, 4, 1000), x[None]).item() == pytest.approx(1, abs=0.05)


def test_the_first_step_grows_with_depth_unless_w_is_divided():
    whole = [ex.first_step([3], blocks=m, shrink=False).item() for m in (4, 16)]
    divided = [ex.first_step([3], blocks=m, shrink=True).item() for m in (4, 16)]
    assert whole[0] / divided[0] == pytest.approx(4, rel=0.02)
    assert whole[1] / divided[1] == pytest.approx(16, rel=0.02)


def test_the_plane_is_the_loss_at_its_points():
    x, y = (part[:20] for part in ex.digits())
    networks = ex.DeepNetworks("scaled", 2, 6, [1, 2])
    directions = [
        ex.filter_directions(networks, 1, torch.Generator().manual_seed(i)) for i in (0, 1)
    ]
    z = ex.plane(networks, 1, x, y, directions=directions, radius=0.4, points=3)
    for d, w in zip(directions[0], networks.weights, strict=True):
        torch.testing.assert_close(d.norm(dim=1), w[1].norm(dim=1))
    for w, d1, d2 in zip(networks.weights, *directions, strict=True):
        w.data[1] += 0.4 * d1 - 0.4 * d2
    out = networks(x.T.expand(2, -1, -1))[1].T
    torch.testing.assert_close(z[2, 0], torch.nn.functional.cross_entropy(out, y))


def test_surfaces_have_all_their_numbers():
    found = ex.surfaces([0, 1], blocks=1, width=6, steps=3, batch_size=16, samples=10, points=5)
    for name in ("plain", "scaled", "same rate"):
        assert found[f"surface {name}"].shape == (2, 5, 5)
        assert found[f"area {name}"].shape == (2,)


def test_the_share_of_directions_is_one_for_the_identity_and_one_nth_for_rank_one():
    h = torch.randn(3, 4, dtype=F64)
    assert ex.directions(torch.nn.Identity(), h).item() == pytest.approx(1)
    linear = torch.nn.Linear(4, 4, dtype=F64)
    linear.weight.data = torch.outer(torch.arange(4.0), torch.ones(4)).double()
    assert ex.directions(linear, h).item() == pytest.approx(1 / 4)
