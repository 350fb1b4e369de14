"""The experiments of the chapter gradient_descent against plain PyTorch and closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from lecturelib.chapters.gradient_descent import experiments
from lecturelib.experiments.perceptrons import Perceptrons, digits

F64 = torch.float64


def plain(networks: Perceptrons, s: int, activation: type[nn.Module]) -> nn.Sequential:
    """Network s as plain modules."""
    w, b = networks.weights, networks.biases
    linears = [nn.Linear(w[i].shape[2], w[i].shape[1]) for i in (0, 1)]
    with torch.no_grad():
        for i, linear in enumerate(linears):
            linear.weight.copy_(w[i][s])
            linear.bias.copy_(b[i][s, :, 0])
    return nn.Sequential(linears[0], activation(), linears[1])


def test_slope_of_the_lecture_s_function() -> None:
    x = torch.linspace(-4, 4, 101, dtype=F64, requires_grad=True)
    (g,) = torch.autograd.grad(experiments.lecture_function(x).sum(), x)
    torch.testing.assert_close(experiments.lecture_slope(x), g)


def test_the_bounds_of_the_rate() -> None:
    found = experiments.largest_rate()
    assert found["slide"] == 0.5
    assert found["function"] == pytest.approx(2 / 3.7611, rel=1e-4)
    assert found["gradient"] == pytest.approx(2 / 17, rel=1e-9)


@pytest.mark.parametrize("name", ["constant", "1/t", "1/√t", "1/t²"])
def test_theory_of_robbins_and_monro(name: str) -> None:
    """The recursion against closed forms, and the runs against the recursion."""
    schedule, steps = experiments.SCHEDULES[name], 400
    bias, variance = experiments.mean_square_error(schedule, 4.0, steps)
    closed = {
        "constant": (4 * 0.9**steps, 0.1 / 1.9),
        "1/t": (4 / (steps + 1), steps / (steps + 1) ** 2),
        "1/t²": (4 * (steps + 2) / (2 * (steps + 1)), None),
    }
    if name in closed:
        assert bias[-1] == pytest.approx(closed[name][0], rel=1e-9)
        if closed[name][1] is not None:
            assert variance[-1] == pytest.approx(closed[name][1], rel=1e-9)
    found = experiments.robbins_monro(range(5), schedule, steps=steps, runs=400)
    assert found["bias"].mean() == pytest.approx(bias[-1], abs=4 * math.sqrt(variance[-1] / 2000))
    assert found["variance"].mean() == pytest.approx(variance[-1], rel=0.15)
    assert found["path"].shape == (401, 5, 10)


def test_sgd_is_that_of_plain_pytorch() -> None:
    """Two networks side by side against torch.optim.SGD, on the same minibatches."""
    seeds = [3, 8]
    x, y, *_ = digits(tuple(seeds), True)
    x, y = x[:, :, :100].contiguous(), y[:, :100]
    networks = Perceptrons(seeds, (64, 5, 10))
    own = [plain(networks, s, nn.ReLU) for s in (0, 1)]
    orders = []
    for g in networks.generators:
        copy = torch.Generator()
        copy.set_state(g.get_state())
        orders.append([torch.randperm(100, generator=copy) for _ in range(2)])
    experiments.train(networks, x, y, lr=0.1, batch_size=25, steps=8)
    for s, model in enumerate(own):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for step in range(8):
            chosen = orders[s][step // 4][step % 4 * 25 :][:25]
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[s].T[chosen]), y[s][chosen]).backward()
            optimizer.step()
        expected = model(x[s].T).T
        torch.testing.assert_close(networks(x)[s], expected, rtol=1e-4, atol=1e-4)


def test_per_sample_gradients_are_those_of_autograd() -> None:
    seeds = [1, 2]
    found = experiments.per_sample_gradients(seeds, samples=6)
    x, y, *_ = digits(tuple(seeds), True)
    networks = Perceptrons(seeds, (64, 8, 10), "tanh")
    for s in (0, 1):
        model = plain(networks, s, nn.Tanh)
        for i in (0, 5):
            model.zero_grad()
            nn.functional.cross_entropy(model(x[s, :, i : i + 1].T), y[s, i : i + 1]).backward()
            parts = [p.grad for p in model.parameters()]
            wanted = torch.cat([g.flatten() for g in parts if g is not None])
            torch.testing.assert_close(found[s, i].float(), wanted, rtol=1e-4, atol=1e-6)


def test_minibatch_noise_of_the_whole_set() -> None:
    """Without replacement nothing is left at B = N; B = N − 1 is off by one sample over N − 1."""
    g = torch.randn(2, 40, 3, generator=torch.Generator().manual_seed(0), dtype=F64)
    found = experiments.minibatch_noise(g, [40, 39], replacement=False, seeds=[0, 1], draws=4000)
    assert found[0].max() < 1e-25
    assert found[1] == pytest.approx([1 / 39**2] * 2, rel=0.1)
    found = experiments.minibatch_noise(g, [40], replacement=True, seeds=[0, 1], draws=4000)
    assert found[0] == pytest.approx([1 / 40] * 2, rel=0.1)


def test_curvature_is_the_spectral_norm_of_the_hessian() -> None:
    seeds = [0, 4]
    x, y, *_ = digits(tuple(seeds), True)
    x, y = x[:, :, :30], y[:, :30]
    networks = Perceptrons(seeds, (64, 3, 10), "tanh")
    vectors = [torch.ones_like(p) for p in [*networks.weights, *networks.biases]]
    found = experiments.top_curvature(networks, x, y, vectors, iterations=400)
    for s in (0, 1):
        model = plain(networks, s, nn.Tanh)
        names = [name for name, _ in model.named_parameters()]
        shapes = [p.shape for p in model.parameters()]
        theta = torch.cat([p.detach().flatten() for p in model.parameters()])

        def loss(
            theta: torch.Tensor, s: int = s, model: nn.Module = model,
            names: list[str] = names, shapes: list[torch.Size] = shapes,
        ) -> torch.Tensor:  # fmt: skip
            parts = theta.split([shape.numel() for shape in shapes])
            values = {n: p.view(z) for n, p, z in zip(names, parts, shapes, strict=True)}
            out = torch.func.functional_call(model, values, (x[s].T,))
            target = nn.functional.one_hot(y[s], 10)
            return (out - target).square().sum(1).mean() / 2

        hessian = torch.autograd.functional.hessian(loss, theta)
        wanted = torch.linalg.eigvalsh(hessian).abs().max().item()
        assert found[s].item() == pytest.approx(wanted, rel=1e-3)


def test_the_losses_of_every_step_are_those_of_the_course() -> None:
    course = experiments.sharpness_course([0, 3], 0.2, samples=30, width=4, steps=6, every=2)
    losses = experiments.full_batch_losses([0, 3], 0.2, samples=30, width=4, steps=6)
    assert losses.shape == (7, 2)
    torch.testing.assert_close(losses[::2], course["loss"])


def test_interpolators_are_least_squares_solutions() -> None:
    found = experiments.interpolators([0, 1], samples=8, features=20)
    assert found["loss"].max() < 1e-20
    assert found["off minimum norm"].max() < 1e-10
    assert (found["risk from random"] > 0).all()


def test_a_start_of_length_one_doubles_the_risk_of_least_squares() -> None:
    """Both errors are lengths in the directions that no sample has seen: 1 and 1 + ‖start‖²."""
    found = experiments.interpolators(range(200))
    zero, random, start = (
        found[name].mean().item() for name in ("risk from zero", "risk from random", "start")
    )
    assert zero == pytest.approx(40 / 60, rel=0.03)
    assert random == pytest.approx((1 + start) * 40 / 60, rel=0.03)


def test_the_stop_is_the_smallest_held_out_loss() -> None:
    course = experiments.overfitting([0, 1], samples=100, width=8, epochs=6)
    stop = course["held out"].argmin(0)
    for s in (0, 1):
        assert experiments.at_stop(course, "test")[s] == course["test"][stop[s], s]
    clean = experiments.overfitting([0], samples=100, flip=0.0, width=8, epochs=2)
    assert torch.equal(clean["error"], clean["mistaken"])


def test_the_race_takes_the_rate_that_is_best_on_held_out_samples() -> None:
    rates = (0.001, 0.3)
    both = experiments.batch_size_race([0, 1], 32, steps=40, rates=rates, starts=1)
    alone = experiments.batch_size_race([0, 1], 32, steps=40, rates=rates[1:], starts=1)
    assert both["held out"].shape == (2,)
    assert both["rate"] == 0.3
    torch.testing.assert_close(both["test"], alone["test"])


def test_random_labels_are_unlearnt_in_training_only() -> None:
    found = experiments.detour([0], samples=100, width=32, epochs=40, wrong_epochs=100)
    assert found["usual"]["train"].item() == 1.0
    assert found["detour"]["train"].item() == 1.0
    assert found["detour"]["test"] < found["usual"]["test"]


def test_permuted_units_give_the_same_loss() -> None:
    found = experiments.many_minima([0], samples=100, width=6, epochs=5, points=3)
    assert found["permuted"][2] == pytest.approx(found["permuted"][0].numpy(), rel=1e-5)
    assert found["other start"].shape == (3, 1)


def test_flipped_labels_are_other_classes() -> None:
    y = torch.arange(2000).reshape(1, -1) % 10
    flipped = experiments._flip(y, 0.3, [torch.Generator().manual_seed(0)])
    assert (flipped != y).double().mean().item() == pytest.approx(0.3, abs=0.03)
    assert flipped.min() == 0
    assert flipped.max() == 9
    assert torch.equal(experiments._flip(y, 0.0, [torch.Generator().manual_seed(0)]), y)
