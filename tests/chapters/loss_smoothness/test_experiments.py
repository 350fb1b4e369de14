"""The pieces of the experiments on smoothness against plain PyTorch and closed forms."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.chapters.loss_smoothness import claims as records
from lecturelib.chapters.loss_smoothness.experiments import (
    BATCH,
    PLAIN,
    ResidualNetworks,
    curvatures,
    explosion,
    filter_directions,
    gradient_norm_bound,
    ramp,
    shape_of_surface,
    slices,
    surface,
    trained,
    walk,
)
from lecturelib.data import load_digits
from lecturelib.experiments.networks import losses_of


def batch(count: int = 2, size: int = 40) -> tuple[Tensor, Tensor]:
    data = load_digits()
    return data.x_train[:size].T.expand(count, -1, -1), data.y_train[:size].expand(count, -1)


def test_the_theorem_is_an_equality_and_with_eps_an_inequality() -> None:
    exact = gradient_norm_bound([0, 1, 2])
    torch.testing.assert_close(exact["left"], exact["right"], rtol=1e-10, atol=1e-14)
    eps = gradient_norm_bound([0, 1, 2], eps=0.5)
    assert (eps["left"] <= eps["right"] + 1e-15).all()
    assert (eps["left"] < 0.999 * eps["right"]).any()


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("normalized", [True, False])
def test_a_residual_network_is_that_of_plain_pytorch(skip: bool, normalized: bool) -> None:
    networks = ResidualNetworks(2, 8, [3, 4], skip=skip, normalized=normalized)
    with torch.no_grad():
        for p in networks.parameters():
            p += 0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(p.numel()))
    x, _ = batch()
    found = networks(x)[1].T

    def layer(h: Tensor, i: int) -> Tensor:
        weight, bias = networks.weights[i][1], networks.biases[i][1, :, 0]
        if not normalized:
            return F.linear(h, weight, bias)
        gain, shift = networks.gains[i][1, :, 0], networks.shifts[i][1, :, 0]
        return F.batch_norm(F.linear(h, weight), None, None, gain, shift, training=True)

    h = layer(x[1].T, 0).relu()
    for i in (1, 3):
        inner = layer(layer(h, i).relu(), i + 1)
        h = (h + inner if skip else inner).relu()
    wanted = F.linear(h, networks.weights[-1][1], networks.biases[-1][1, :, 0])
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_directions_have_the_length_of_each_unit_s_weights() -> None:
    networks = ResidualNetworks(1, 8, [0, 1])
    directions = filter_directions(networks, 1, torch.Generator().manual_seed(0))
    for d, weight in zip(directions, networks.weights, strict=True):
        torch.testing.assert_close(d.norm(dim=1), weight[1].norm(dim=1))


@pytest.mark.parametrize("training", [True, False])
def test_a_point_of_the_surface_is_the_loss_there(training: bool) -> None:
    """Centre and one other point against a network that was moved by hand."""
    networks = ResidualNetworks(1, 8, [0, 1])
    x, y = batch()
    networks(x)
    generator = torch.Generator().manual_seed(0)
    directions = [filter_directions(networks, 1, generator) for _ in range(2)]
    found = surface(
        networks, 1, x[1], y[1], directions=directions, radius=0.5, points=5, training=training,
        chunk=7,
    )  # fmt: skip
    networks.train(training)
    with torch.no_grad():
        torch.testing.assert_close(found[2, 2], losses_of(networks, x, y)[1])
        for weight, d1, d2 in zip(networks.weights, *directions, strict=True):
            weight[1] += 0.25 * d1 - 0.5 * d2
        torch.testing.assert_close(found[3, 0], losses_of(networks, x, y)[1])


def grid(points: int = 11, radius: float = 1.0) -> tuple[Tensor, Tensor, float]:
    axis = torch.linspace(-radius, radius, points, dtype=torch.float64)
    a, b = torch.meshgrid(axis, axis, indexing="ij")
    return a, b, 2 * radius / (points - 1)


def test_numbers_of_surfaces_that_are_known() -> None:
    a, b, spacing = grid()
    bowl = shape_of_surface(3 * a**2 + 0.5 * b**2 + a * b, spacing)
    assert bowl["curvature"].item() == pytest.approx(7)
    assert bowl["negative"].item() == 0
    assert bowl["minima"].item() == 1
    saddle = shape_of_surface(a**2 - 3 * b**2, spacing)
    assert saddle["negative"].item() == pytest.approx(1)
    assert saddle["minima"].item() == 0
    disc = shape_of_surface(4 * (a**2 + b**2), spacing)
    inside = (4 * (a**2 + b**2) <= 1).double().mean()
    assert disc["area"].item() == pytest.approx(inside.item(), abs=1e-9)
    two = shape_of_surface((a**2 - 0.36) ** 2 + b**2, spacing)  # minima at a = ±0.6
    assert two["minima"].item() == 2
    assert 0 < two["negative"].item() < 1


def test_the_largest_step_is_found_where_the_loss_first_rises() -> None:
    """Finer grids of steps bracket the same place."""
    settings = {"width": 12, "depth": 2, "updates": 2, "lr": 0.1}
    coarse = explosion([0, 1], points=40, **settings)  # type: ignore[arg-type]
    fine = explosion([0, 1], points=400, **settings)  # type: ignore[arg-type]
    ratio = 10 ** (7 / 39)
    assert ((fine >= coarse / 1.001) & (fine <= coarse * ratio * 1.001)).all()
    assert (coarse > 1e-3).all()


def test_the_best_rate_lies_within_the_ramp() -> None:
    found = ramp([0, 1], width=12, depth=2, steps=40, first=1e-3, last=1e3)
    assert ((found > 1e-3) & (found < 30)).all()


def test_a_walk_is_that_of_a_network_moved_by_hand() -> None:
    settings = {"order": PLAIN, "updates": 3, "width": 12, "depth": 2}
    found = walk([0, 1], steps=[0.2, 0.4], **settings)
    networks, x, y = trained([0, 1], **settings)  # type: ignore[arg-type]
    parameters = list(networks.parameters())
    start = losses_of(networks, x, y)
    used = [p for p in parameters if p.requires_grad]
    g = torch.autograd.grad(start.sum(), used, allow_unused=True)
    kept = [(p, d) for p, d in zip(used, g, strict=True) if d is not None]
    length = torch.stack([d.flatten(1).square().sum(1) for _, d in kept]).sum(0).sqrt()
    torch.testing.assert_close(found["length"], length)
    torch.testing.assert_close(found["distance"][1], 0.4 * length)
    with torch.no_grad():
        for p, d in kept:
            p -= 0.4 * d
    there = losses_of(networks, x, y)
    torch.testing.assert_close(found["relative"][1], there.detach() / start.detach())
    moved = torch.autograd.grad(there.sum(), [p for p, _ in kept])
    change = torch.stack(
        [(a - d).flatten(1).square().sum(1) for a, (_, d) in zip(moved, kept, strict=True)]
    )
    torch.testing.assert_close(found["quotient"][1], change.sum(0).sqrt() / (0.4 * length))


@pytest.mark.parametrize(("order", "power"), [(PLAIN, 4), (BATCH, 2)])
def test_the_power_far_out_is_that_of_the_layers_a_step_multiplies(order, power) -> None:
    found = walk([0, 1, 2], order=order, steps=[1e3, 1e4], depth=3, width=32, updates=4)["relative"]
    growth = (found[1] / found[0]).double().log10()
    torch.testing.assert_close(growth, torch.full_like(growth, power), rtol=0, atol=0.05)


def test_frozen_statistics_leave_the_function_and_change_the_curvature() -> None:
    found = curvatures([0], samples=64, updates=5, width=12, depth=2)
    assert set(found) == {"none", "batch", "frozen"}
    assert all(v.shape == (1,) and v > 0 for v in found.values())
    assert found["frozen"] != found["batch"]


def test_slices_of_rescaled_networks_agree_if_directions_are_filter_normalized() -> None:
    settings = {"distances": [-0.5, 0.0, 0.5], "updates": 3}
    fair = slices([1.0, 5.0], normalized=True, **settings)  # type: ignore[arg-type]
    torch.testing.assert_close(fair[:, 0], fair[:, 1], rtol=1e-2, atol=1e-2)
    raw = slices([1.0, 5.0], normalized=False, **settings)  # type: ignore[arg-type]
    torch.testing.assert_close(raw[1, 0], raw[1, 1], rtol=1e-2, atol=1e-2)
    assert (raw[0, 0] - raw[0, 1]).abs() > 0.1


SHORT = {
    "W17": (records.BOUND, {"samples": 16}),
    "A3": (records.ALONG, {"training": 20, "every": 10, "width": 12, "depth": 2, "deep": 3}),
    "A4": (records.RATES, {"epochs": 1, "width": 12, "blocks": 1}),
    "A5": (records.BLOW_UP, {"width": 12, "depth": 2, "updates": 2, "ramp": 20}),
    "A6": (records.LANDSCAPE, {"epochs": 1, "width": 8, "blocks": 1, "samples": 32, "points": 5}),
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
