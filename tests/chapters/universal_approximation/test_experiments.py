"""The constructions of the chapter universal_approximation do what the theorems say."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import nn

from lecturelib.chapters.universal_approximation import experiments

F64 = torch.float64
X = torch.linspace(0, 1, 4_001, dtype=F64)


@pytest.mark.parametrize("units", [1, 4, 17])
@pytest.mark.parametrize("seed", [0, 5])
def test_errors_stay_below_the_proved_bounds(units: int, seed: int) -> None:
    f = experiments.random_lipschitz(seed)
    steps = (experiments.staircase(f, units, X) - f(X)).abs().max().item()
    assert steps <= 1 / (2 * (units + 1)) + 1e-12
    for c in (2.0, 10.0):
        soft = experiments.staircase(f, units, X, steepness=c) - f(X)
        assert soft.abs().max().item() <= (1 + 1 / math.sinh(c / 2)) / (units + 1)
    assert (experiments.interpolant(f, units, X) - f(X)).abs().max() <= 1 / (2 * units) + 1e-12


def test_random_targets_have_lipschitz_constant_one() -> None:
    for seed in range(5):
        slopes = experiments.random_lipschitz(seed)(X).diff() * 4_000
        assert slopes.abs().max() == pytest.approx(1)
        assert slopes.min() < 0 < slopes.max()


def test_interpolant_meets_its_knots() -> None:
    knots = torch.arange(8, dtype=F64) / 7
    assert torch.allclose(experiments.interpolant(torch.exp, 7, knots), knots.exp())


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 3.0)])
def test_maxout_reaches_its_bound(k: int, low: float, high: float) -> None:
    x = torch.linspace(low, high, 20_001, dtype=F64)
    error = (experiments.maxout_square(k, x, low=low, high=high) - x**2).abs().max().item()
    assert error == pytest.approx((high - low) ** 2 / (8 * k**2), rel=1e-6)


def test_search_finds_the_best_line_of_a_parabola() -> None:
    found = experiments.best_affine_pieces(torch.square, 3, cells=30)
    assert found == pytest.approx(1 / 18, rel=1e-9)


@pytest.mark.parametrize("layers", [1, 2, 3, 6])
def test_sawtooth_alternates_and_has_its_pieces(layers: int) -> None:
    points = torch.arange(2**layers + 1, dtype=F64) / 2**layers
    wanted = torch.arange(2**layers + 1) % 2
    assert torch.equal(experiments.sawtooth(layers, points), wanted.to(F64))
    assert experiments.pieces(lambda x: experiments.sawtooth(layers, x)) == 2**layers
    assert experiments.one_shallow_network(3, 2 * layers) == 2 * layers + 1


def test_two_layers_of_two_have_seven_pieces_and_random_ones_no_more() -> None:
    assert experiments.pieces(experiments.seven_pieces) == 7
    found = [experiments.breakpoints_of_random_network(seed, 2, 2) for seed in range(200)]
    assert max(found) <= 7


@pytest.mark.parametrize("units", [1, 3, 8])
def test_one_layer_reaches_the_best_error_for_the_square(units: int) -> None:
    error = (experiments.one_layer_square(units, X) - X**2).abs().max().item()
    assert error == pytest.approx(1 / (2 * (2 * units + 1) ** 2), rel=1e-3)


def test_deep_square_interpolates() -> None:
    for layers in (1, 3):
        points = torch.arange(2**layers + 1, dtype=F64) / 2**layers
        assert torch.allclose(experiments.deep_square(layers, points), points**2)
        error = (experiments.deep_square(layers, X) - X**2).abs().max().item()
        assert error == pytest.approx(4.0 ** -(layers + 1), rel=1e-2)


def test_all_boolean_functions_of_three_bits() -> None:
    for table in itertools.product((0, 1), repeat=8):
        rows = torch.tensor(table)
        _, hidden, out = experiments.boolean_network(rows)
        assert torch.equal(out, rows.float())
        assert hidden.shape[1] == sum(table)


def test_polygons_agree_with_known_points() -> None:
    square = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    points = torch.tensor([[0.5, 0.5], [1.5, 0.5], [2.5, 0.5], [-0.1, 0.5]])
    inside = experiments.polygon_network(points, [square, square + torch.tensor([2.0, 0.0])])
    assert inside.tolist() == [1, 0, 1, 0]


def test_triangle_data_keeps_its_margin_and_two_units_are_not_enough() -> None:
    x, y = experiments.triangle_data([0, 1], 60, margin=0.05)
    distances = experiments.triangle_distances(x)
    assert distances.abs().min() > 0.05
    assert torch.equal((distances > 0).all(-1), y > 0.5)
    assert y.mean() == 0.5
    found = experiments.success([0], 2, samples=60, steps=30, starts=3)
    assert found["rate"].item() == 0
    assert found["constructed"].item() == 0


def test_a_gap_between_the_outside_points_is_a_free_direction() -> None:
    turn = torch.arange(0, 360, 10) * math.pi / 180
    ring = 2 * torch.stack([turn.cos(), turn.sin()], 1)
    inside = 0.2 * ring[::4]  # a disc of radius about 0.4, wider than the gaps of the ring
    y = torch.cat([torch.ones(len(inside)), torch.zeros(len(ring))])
    assert experiments.free_directions(torch.cat([inside, ring]), y) == 0
    open_ring = ring[turn > 1.5]  # nothing between 0 and 80 degrees
    y = torch.cat([torch.ones(len(inside)), torch.zeros(len(open_ring))])
    assert 40 < experiments.free_directions(torch.cat([inside, open_ring]), y) < 90


def test_regular_polygons_have_their_sides_and_margin() -> None:
    x, y = experiments.triangle_data([3], 80, sides=6)
    distances = experiments.triangle_distances(x, 6)
    assert distances.shape == (1, 80, 6)
    assert distances.abs().min() > 0.05
    assert torch.equal((distances > 0).all(-1), y > 0.5)
    assert x[y > 0.5].norm(dim=1).max() < 1


def test_prelu_with_slope_zero_is_a_relu() -> None:
    relu = experiments.plane_networks([1, 2], width=4, depth=2)
    prelu = experiments.plane_networks([1, 2], width=4, depth=2, activation="prelu")
    x = torch.randn(2, 10, 2, generator=torch.Generator().manual_seed(0))
    assert not torch.allclose(relu(x), prelu(x))
    with torch.no_grad():
        prelu.slopes.zero_()
    assert torch.allclose(relu(x), prelu(x))


def test_epochs_do_not_depend_on_which_networks_run_beside() -> None:
    options = {"width": 8, "depth": 1, "lr": 0.3, "samples": 40, "limit": 30}
    both = experiments.epochs_to_learn("moons", [4, 9], **options)
    alone = experiments.epochs_to_learn("moons", [9], **options)
    assert both[1] == alone[0]
    assert (both >= 1).all()


def test_a_mean_of_ridges_helpers() -> None:
    assert torch.allclose(experiments.circle(3.0).norm(dim=1), torch.tensor(3.0))
    grid = experiments.plane(1.0, cells=2)
    assert grid[0, 2].tolist() == [1.0, -1.0]


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
def test_a_network_is_that_of_plain_pytorch(activation: str) -> None:
    networks = experiments.plane_networks([4, 9], width=5, depth=2, activation=activation)
    x, y = experiments.dataset("moons", [4, 9], 30)
    own = [
        nn.Sequential(nn.Linear(2, 5), f(), nn.Linear(5, 5), f(), nn.Linear(5, 1))
        for f in [{"relu": nn.ReLU, "tanh": nn.Tanh, "identity": nn.Identity}[activation]] * 2
    ]
    with torch.no_grad():
        for s, model in enumerate(own):
            linears = [m for m in model if isinstance(m, nn.Linear)]
            for i, linear in enumerate(linears):
                linear.weight.copy_(networks.weights[i][s])
                linear.bias.copy_(networks.biases[i][s, :, 0])
    experiments.fit(networks, x, y, steps=10)
    for s, model in enumerate(own):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
        for _ in range(10):
            loss = nn.functional.binary_cross_entropy_with_logits(model(x[s])[:, 0], y[s])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        assert torch.allclose(networks(x)[s], model(x[s])[:, 0], atol=1e-4)
