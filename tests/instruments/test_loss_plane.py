"""Loss over lines and planes. Oracles: quadratics, a loop over copies of the network."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune

from lecturelib.instruments import filter_normalize, loss_line, loss_plane, random_directions
from lecturelib.models import convnet
from lecturelib.normalization import BatchNorm2d as OurBatchNorm2d

from .networks import Quadratic, by_copies, data, network, unchanged


@pytest.mark.parametrize("batch_points", [None, 1, 7])
def test_a_quadratic_over_a_plane_is_its_formula(rng, batch_points):
    model = Quadratic(rng)
    (d1,), (d2,) = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(
        model, model, directions=[[d1], [d2]], filter_normalized=False, points=5, radius=2.0,
        batch_points=batch_points,
    )  # fmt: skip
    for i, y in enumerate([-2.0, -1.0, 0.0, 1.0, 2.0]):
        for j, x in enumerate([-2.0, -1.0, 0.0, 1.0, 2.0]):
            w = model.weight.detach() + x * d1 + y * d2 - model.c
            torch.testing.assert_close(plane.loss[i, j], w @ model.A @ w / 2)
    assert plane.x.tolist() == plane.y.tolist() == [-2, -1, 0, 1, 2]


@pytest.mark.parametrize("norm", [None, "batch", "layer"])
@pytest.mark.parametrize("statistics", ["batch", "evaluation", None])
@pytest.mark.parametrize("batch_points", [1, None, 4])
def test_each_point_is_the_loss_of_a_moved_copy(rng, norm, statistics, batch_points):
    x, y = data(rng)
    model = network(rng, norm)
    model(3 * x + 1)  # running statistics that differ from those of x
    directions = random_directions(model.parameters(), generator=rng)
    normalized = [filter_normalize(d, model.parameters()) for d in directions]

    def loss(m):
        return F.cross_entropy(m(x), y)

    with unchanged(model):
        plane = loss_plane(
            model, loss, directions=directions, points=3, statistics=statistics,
            batch_points=batch_points,
        )  # fmt: skip
    oracle = copy.deepcopy(model).train(statistics != "evaluation")
    for i, b in enumerate([-1, 0, 1]):
        for j, a in enumerate([-1, 0, 1]):
            torch.testing.assert_close(plane.loss[i, j], by_copies(oracle, loss, *normalized, a, b))


@pytest.mark.parametrize("norm", [None, "batch"])
@pytest.mark.parametrize("batch_points", [1, 4])
def test_vectorized_and_one_by_one_agree_for_torchs_own_batch_norm(rng, norm, batch_points):
    x, y = data(rng, n=20)
    layers = [nn.Linear(4, 5), nn.BatchNorm1d(5) if norm else nn.Identity(), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(5, 3)).double()
    directions = random_directions(model.parameters(), generator=rng)
    normalized = [filter_normalize(d, model.parameters()) for d in directions]

    def loss(m):
        return F.cross_entropy(m(x), y)

    with unchanged(model):
        plane = loss_plane(model, loss, directions=directions, points=4, batch_points=batch_points)
    for i, j in [(0, 0), (0, 3), (2, 1), (3, 3)]:
        wanted = by_copies(model, loss, *normalized, plane.x[j], plane.y[i])
        torch.testing.assert_close(plane.loss[i, j], wanted)


def test_the_centre_is_the_loss_in_float32_for_a_convolutional_network(rng):
    x, y = data(rng, inputs=36, dtype=torch.float32)
    images = x.view(-1, 1, 6, 6)
    model = convnet(1, [4, 8], 3, norm="batch", generator=rng)
    directions = random_directions(model.parameters(), generator=rng)
    with unchanged(model):
        plane = loss_plane(
            model, lambda m: F.cross_entropy(m(images), y), directions=directions, points=3
        )
    assert plane.loss[1, 1].item() == pytest.approx(
        F.cross_entropy(model(images), y).item(), rel=1e-6
    )


def test_random_layers_draw_the_same_at_each_point(rng):
    x, y = data(rng, n=40)
    model = network(rng, dropout=0.5)
    still = [torch.zeros_like(p) for p in model.parameters()]
    for batch_points in (1, 3):
        with unchanged(model):
            plane = loss_plane(
                model, lambda m: F.cross_entropy(m(x), y), directions=[still, still], points=3,
                batch_points=batch_points,
            )  # fmt: skip
        assert plane.loss.unique().numel() == 1
    evaluated = loss_line(
        model, lambda m: F.cross_entropy(m(x), y), direction=still, steps=[0], statistics="batch"
    )
    torch.testing.assert_close(evaluated[0], F.cross_entropy(model.eval()(x), y).detach())


def test_several_losses_at_once_give_a_last_axis(rng):
    model = Quadratic(rng)
    directions = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(
        model, lambda: torch.stack([model(), 2 * model()]), directions=directions, points=3,
        filter_normalized=False,
    )  # fmt: skip
    assert plane.loss.shape == (3, 3, 2)
    torch.testing.assert_close(2 * plane.loss[..., 0], plane.loss[..., 1])


def test_a_line_takes_a_vector_and_gives_the_slope(rng):
    x, y = data(rng)
    model = network(rng)
    loss = F.cross_entropy(model(x), y)
    gradient = torch.cat([g.flatten() for g in torch.autograd.grad(loss, model.parameters())])
    h = 1e-5
    with unchanged(model):
        low, high = loss_line(
            model, lambda: F.cross_entropy(model(x), y), direction=gradient, steps=[-h, h]
        )
    torch.testing.assert_close((high - low) / (2 * h), gradient @ gradient, rtol=1e-6, atol=0)


def test_the_model_is_restored_after_an_error(rng):
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)).double()
    still = [torch.zeros_like(p) for p in model.parameters()]
    moved = [torch.ones_like(p) for p in model.parameters()]

    def fails(m):
        m(torch.ones(2, 4, dtype=torch.float64))
        raise ArithmeticError

    for batch_points in (1, 2):
        with unchanged(model), pytest.raises(ArithmeticError):
            loss_plane(model, fails, directions=[moved, still], batch_points=batch_points)


def test_filters_have_the_norms_of_the_weights(rng):
    model = convnet(1, [2, 3], 4, norm="batch", generator=rng)
    (direction,) = random_directions(model.parameters(), 1, generator=rng)
    for (name, p), d in zip(
        model.named_parameters(), filter_normalize(direction, model.parameters()), strict=True
    ):
        if p.ndim == 1:
            assert not d.any(), name
        for filter_p, filter_d in zip(p, d, strict=True):
            if p.ndim > 1:
                torch.testing.assert_close(filter_d.norm(), filter_p.norm())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"directions": [[torch.zeros(3).double()]]}, "2 directions, got 1"),
        ({"directions": [[torch.zeros(2).double()]] * 2}, r"shapes.*\(3,\).*got.*\(2,\)"),
        ({"directions": [[torch.zeros(3)]] * 2}, "float64.*got.*float32"),
        ({"directions": [torch.zeros(4).double()] * 2}, r"vector of shape \(3,\).*\(4,\)"),
        ({"radius": 0.0}, "radius must be finite and greater than 0, got 0.0"),
        ({"points": 0}, "points must be a whole number of at least 1, got 0"),
        ({"batch_points": 0}, "batch_points must be"),
        ({"statistics": "running"}, "statistics must be one of .* got 'running'"),
    ],
)
def test_errors_name_what_is_wanted(rng, change, message):
    model = Quadratic(rng)
    options = {"directions": [[torch.zeros(3).double()]] * 2} | change
    with pytest.raises(ValueError, match=f"loss_plane: .*{message}"):
        loss_plane(model, model, **options)


@pytest.mark.parametrize("norm", [OurBatchNorm2d, nn.BatchNorm2d])
@pytest.mark.parametrize("statistics", ["batch", "evaluation", None])
@pytest.mark.parametrize("batch_points", [None, 4])
def test_a_convolution_with_batch_norm(rng, norm, statistics, batch_points):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), norm(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))
    x, y = torch.randn(6, 1, 4, 4, generator=rng), torch.randint(3, (6,), generator=rng)

    def loss(m):
        return F.cross_entropy(m(x), y)

    directions = random_directions(model.parameters(), generator=rng)
    options = {"directions": directions, "points": 3, "statistics": statistics}
    with unchanged(model):
        found = loss_plane(model, loss, batch_points=batch_points, **options)
    singly = loss_plane(model, loss, batch_points=1, **options)
    torch.testing.assert_close(found.loss, singly.loss, rtol=1e-4, atol=1e-5)


def test_classes_as_bytes(rng):
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)
    y = torch.tensor([0, 1, 2, 2, 1, 0], dtype=torch.uint8)
    directions = random_directions(model.parameters(), generator=rng)
    found = [
        loss_plane(model, lambda m, t=t: F.cross_entropy(m(x), t), directions=directions, points=3)
        for t in (y, y.long())
    ]
    torch.testing.assert_close(found[0].loss, found[1].loss)


def test_a_pruned_network_is_left_as_found(rng):
    model = nn.Sequential(prune.l1_unstructured(nn.Linear(4, 3), "weight", amount=4), nn.Tanh())
    x = torch.randn(6, 4, generator=rng)
    model(x)
    weight = model[0].weight
    directions = random_directions(model.parameters(), generator=rng)
    for batch_points in (None, 1, 4):
        loss_plane(
            model, lambda m: m(x).sum(), directions=directions, points=3, batch_points=batch_points
        )
        assert model[0].weight is weight
