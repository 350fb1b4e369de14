"""Loss over lines and planes. Oracles: quadratics, a loop over copies of the network."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune
from torch.overrides import TorchFunctionMode

from lecturelib.instruments import filter_normalize, loss_line, loss_plane, random_directions
from lecturelib.instruments._fast_plane import points
from lecturelib.models import convnet
from lecturelib.normalization import BatchNorm2d as OurBatchNorm2d

from .networks import data, network, unchanged


class Quadratic(nn.Module):
    """½ (w - c)ᵀ A (w - c)."""

    def __init__(self, rng):
        super().__init__()
        root = torch.randn(3, 3, generator=rng, dtype=torch.float64)
        self.A, self.c = root @ root.T, torch.randn(3, generator=rng, dtype=torch.float64)
        self.weight = nn.Parameter(torch.randn(3, generator=rng, dtype=torch.float64))

    def forward(self):
        return (self.weight - self.c) @ self.A @ (self.weight - self.c) / 2


def by_copies(model, loss, d1, d2, x, y):
    """The loss of a copy of the model that was moved."""
    moved = copy.deepcopy(model)
    with torch.no_grad():
        for p, a, b in zip(moved.parameters(), d1, d2, strict=True):
            p += x * a + y * b
        return loss(moved)


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


@pytest.mark.parametrize("inputs", ["the same", "a view", "made anew", "a parameter", "written to"])
def test_products_are_reused_only_where_the_input_stays(rng, inputs):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = nn.Parameter(torch.randn(5, 4, generator=rng, dtype=torch.float64))
            self.layer = nn.Linear(4, 3).double()

        def forward(self):
            if inputs == "written to":
                fixed.copy_(self.x)
            x = {
                "the same": fixed,
                "a view": fixed.view(5, 2, 2).flatten(1),
                "made anew": fixed * self.layer.weight[0, 0],
                "a parameter": self.x,
                "written to": fixed,
            }
            return self.layer(x[inputs]).square().mean() + self.x.sum()

    fixed = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    model = Model()
    d1, d2 = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(
        model, model, directions=[d1, d2], points=3, filter_normalized=False, batch_points=1
    )
    for i, b in enumerate([-1, 0, 1]):
        for j, a in enumerate([-1, 0, 1]):
            wanted = by_copies(model, lambda m: m(), d1, d2, a, b)
            torch.testing.assert_close(plane.loss[i, j], wanted)


class CountLinear(TorchFunctionMode):
    """Counts the matrix products of linear layers."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.count += func is F.linear
        return func(*args, **kwargs or {})


def test_a_first_layer_is_multiplied_four_times_only(rng):
    x, y = data(rng)
    model = network(rng)
    directions = random_directions(model.parameters(), generator=rng)
    with CountLinear() as counted:
        loss_plane(
            model, lambda m: F.cross_entropy(m(x), y), points=5, batch_points=1,
            directions=directions,
        )  # fmt: skip
    # Once before it is known that the input stays, then by W, D1 and D2; the others at 25 points.
    assert counted.count == 4 + 2 * 25


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


def test_a_model_that_looks_at_values_goes_one_by_one(rng):
    class Looks(Quadratic):
        def forward(self):
            return super().forward() if self.weight.sum() > 0 else -super().forward()

    model = Looks(rng)
    directions = random_directions(model.parameters(), generator=rng)
    plane = loss_plane(model, model, directions=directions, points=3, filter_normalized=False)
    torch.testing.assert_close(plane.loss[1, 1], model().detach())


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


UNCOVERED = {
    "looks at a value": lambda z: z * float(z.detach().abs().mean()),
    "NumPy": lambda z: z + float(z.detach().numpy().sum()),
    "an autograd function": lambda z: Twice.apply(z),
    "an option that is a tensor": lambda z: torch.clamp(z, min=torch.zeros(3)),
    "an option by its place": lambda z: F.celu(z, 1.0, False),
    "a mask": lambda z: z + z[z > 0].sum(),
}


class Twice(torch.autograd.Function):
    """2 x, in a form that ``torch.func`` can't follow."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, g):
        return 2 * g


@pytest.mark.parametrize("batch_points", [None, 4])
@pytest.mark.parametrize("f", UNCOVERED.values(), ids=UNCOVERED)
def test_what_can_t_be_done_at_several_points_is_done_at_each(rng, f, batch_points):
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)

    def loss(m):
        return f(m(x)).square().mean()

    directions = random_directions(model.parameters(), generator=rng)
    options = {"directions": directions, "points": 3}
    found = loss_plane(model, loss, batch_points=batch_points, **options)
    torch.testing.assert_close(found.loss, loss_plane(model, loss, batch_points=1, **options).loss)


@pytest.mark.parametrize("error", [RuntimeError, TypeError, ValueError, AttributeError])
def test_an_error_in_a_rule_is_not_hidden(rng, monkeypatch, error):
    """A broken rule would else be slow, and nobody would know."""

    def broken(tape, input):
        raise error("the rule is broken")

    monkeypatch.setitem(points.RULES, torch.tanh, broken)
    model, x = nn.Linear(4, 3), torch.randn(6, 4, generator=rng)
    directions = random_directions(model.parameters(), generator=rng)
    with pytest.raises(error, match="the rule is broken"):
        loss_plane(model, lambda m: torch.tanh(m(x)).sum(), directions=directions, points=3)


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
