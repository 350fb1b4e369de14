"""FGSM and PGD against closed forms: linear networks, quadratics, and noise with a known mean."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.attacks import fgsm, pgd
from lecturelib.models import convnet

DTYPE = torch.float64


def linear(seed, inputs=5, outputs=2):
    model = nn.Linear(inputs, outputs, dtype=DTYPE)
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        nn.init.normal_(parameter, generator=generator)
    return model


def batch(seed, n=7, inputs=5, outputs=2):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, inputs, generator=generator, dtype=DTYPE)
    return x, torch.randint(outputs, (n,), generator=generator)


def worst_corner(model, x, y, epsilon):
    """For two classes the loss falls with (w_y - w_other)·x: go against its sign in each place."""
    weight = model.weight.detach()
    margin = weight[y] - weight[1 - y]
    return x - epsilon * margin.sign()


ATTACKS = {
    "fgsm": lambda model, x, y, epsilon, **more: fgsm(model, x, y, epsilon=epsilon, **more),
    "pgd": lambda model, x, y, epsilon, **more: pgd(
        model, x, y, epsilon=epsilon, step_size=epsilon / 4 + 1e-3, steps=9, **more
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("seed", range(3))
def test_two_classes_and_a_linear_network_have_a_closed_form(attack, seed):
    model, (x, y) = linear(seed), batch(seed)
    found = ATTACKS[attack](model, x, y, 0.1)
    torch.testing.assert_close(found, worst_corner(model, x, y, 0.1), atol=1e-12, rtol=0)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_corner_of_the_box_has_a_larger_loss(attack):
    """All 2^5 corners are tried; the loss is convex, so that its maximum is at one of them."""
    model, (x, y) = linear(4), batch(4)
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=5)), dtype=DTYPE)
    found = ATTACKS[attack](model, x, y, 0.3)
    corners = (x + 0.3 * signs[:, None]).flatten(0, 1)
    losses = F.cross_entropy(model(corners), y.repeat(len(signs)), reduction="none")
    best = losses.view(len(signs), -1).amax(0)
    reached = F.cross_entropy(model(found), y, reduction="none")
    torch.testing.assert_close(reached, best, atol=1e-12, rtol=0)


def test_a_random_start_reaches_the_same_corner():
    model, (x, y) = linear(5), batch(5)
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        found = pgd(
            model, x, y, epsilon=0.1, step_size=0.05, steps=4, random_start=True,
            generator=generator,
        )  # fmt: skip
        torch.testing.assert_close(found, worst_corner(model, x, y, 0.1), atol=1e-12, rtol=0)


def test_one_step_from_x_of_size_epsilon_is_fgsm():
    model, (x, y) = linear(6, outputs=4), batch(6, outputs=4)
    torch.testing.assert_close(
        pgd(model, x, y, epsilon=0.2, step_size=0.2, steps=1), fgsm(model, x, y, epsilon=0.2)
    )


def test_pgd_finds_a_maximum_inside_the_box_that_fgsm_overshoots():
    """-(x - c)² has its maximum at c, a distance of 0.03 away; one step of 0.1 passes it."""
    x, c = torch.zeros(1, 1, dtype=DTYPE), torch.tensor([[0.03]], dtype=DTYPE)

    def loss(output, target):
        return -(output - target).square().sum()

    one = fgsm(lambda t: t, x, c, epsilon=0.1, loss=loss)
    many = pgd(lambda t: t, x, c, epsilon=0.1, step_size=0.001, steps=50, loss=loss)
    assert one.item() == pytest.approx(0.1)
    assert many.item() == pytest.approx(0.03, abs=1.1e-3)


def test_random_starts_are_uniform_in_the_box_and_the_generator_decides():
    """Margins: 5 standard errors of the mean and of the mean square of n = 20,000 values."""
    x, y, n = torch.full((1, 20_000), 0.5, dtype=DTYPE), torch.zeros(1), 20_000

    def start(seed):
        generator = torch.Generator().manual_seed(seed)
        return pgd(
            lambda t: t, x, y, epsilon=0.2, step_size=0.1, steps=0, random_start=True,
            generator=generator,
        ) - x  # fmt: skip

    noise = start(0)
    assert noise.abs().max() <= 0.2 + 1e-12
    assert abs(noise.mean()) < 5 * 0.2 / (3 * n) ** 0.5
    square = (
        noise.square().mean() / 0.04
    )  # of a uniform variable in [-1, 1]: mean 1/3, variance 4/45
    assert abs(square - 1 / 3) < 5 * (4 / 45 / n) ** 0.5
    assert torch.equal(noise, start(0))
    assert not torch.equal(noise, start(1))


class NoisySlope(nn.Module):
    """Output (a + s n)·x with a new n ~ N(0, 1) at each call: the mean gradient is a's."""

    def __init__(self, a, scale, seed):
        super().__init__()
        self.a, self.scale = a, scale
        self.generator = torch.Generator().manual_seed(seed)

    def forward(self, x):
        noise = torch.randn(x.shape, generator=self.generator, dtype=x.dtype)
        return (self.a + self.scale * noise) * x


def test_expectation_over_noise_finds_the_sign_of_the_mean_gradient():
    """One draw errs with probability Φ(-a/s); the mean of k draws with Φ(-√k a/s)."""
    x = torch.zeros(1, 4_000, dtype=DTYPE)
    y = torch.zeros(1)

    def share_wrong(eot):
        model = NoisySlope(1.0, 2.0, seed=eot)
        moved = fgsm(model, x, y, epsilon=1.0, eot=eot, loss=lambda output, _: output.sum())
        return (moved < 0).double().mean().item()

    normal = torch.distributions.Normal(0.0, 1.0)
    for eot in (1, 4, 16):
        expected = normal.cdf(torch.tensor(-(eot**0.5) / 2)).item()
        margin = 5 * (expected * (1 - expected) / 4_000) ** 0.5
        assert share_wrong(eot) == pytest.approx(expected, abs=margin)


@pytest.mark.parametrize("attack", ATTACKS)
def test_results_stay_within_epsilon_and_within_the_range(attack):
    model, (x, y) = linear(7), batch(7)
    free = ATTACKS[attack](model, x, y, 0.4)
    found = ATTACKS[attack](model, x, y, 0.4, clamp=(0.0, 1.0))
    assert (free < 0).any()
    assert found.min() >= 0
    assert found.max() <= 1
    assert (found - x).abs().max() <= 0.4 + 1e-12
    torch.testing.assert_close(found, free.clamp(0, 1))  # a corner of the smaller box


def state_of(model):
    return {
        "modes": [m.training for m in model.modules()],
        "values": {name: t.clone() for name, t in model.state_dict().items()},
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "requires": [p.requires_grad for p in model.parameters()],
    }


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_left_as_it_was_found(attack, training, rng):
    model = convnet(1, [3, 4], 2, norm="batch", generator=rng).double()
    x = torch.rand(4, 1, 6, 6, generator=rng, dtype=DTYPE)
    y = torch.tensor([0, 1, 1, 0])
    model(x).sum().backward()
    model.train(training)
    model.norm2.eval()  # a frozen layer stays frozen
    buffers = dict(model.named_buffers())
    before, x_before = state_of(model), x.clone()
    with torch.no_grad():
        found = ATTACKS[attack](model, x, y, 0.1)
    torch.testing.assert_close(state_of(model), before, rtol=0, atol=0)
    assert all(buffer is buffers[name] for name, buffer in model.named_buffers())
    assert torch.equal(x, x_before)
    assert not found.requires_grad
    assert not x.requires_grad


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_mode_that_is_found_is_the_mode_that_is_attacked(attack, rng):
    """In training mode a batch's own statistics are part of the function, and so of the attack."""
    model = convnet(1, [3], 2, norm="batch", activation="tanh", generator=rng).double()
    x = torch.rand(6, 1, 6, 6, generator=rng, dtype=DTYPE)
    y = torch.tensor([0, 1, 1, 0, 0, 1])
    for training in (True, False):
        model.train(training)
        leaf = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(F.cross_entropy(model(leaf), y), leaf)
        found = fgsm(model, x, y, epsilon=0.1)
        torch.testing.assert_close(found, x + 0.1 * gradient.sign())


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_where_no_gradients_are_recorded_attacks_are_the_same(attack, training, mode):
    model = convnet(1, [4], 2, norm="batch", generator=torch.Generator().manual_seed(0))
    model.train(training)
    x = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    y = torch.tensor([0, 1, 0, 1])
    expected, before = ATTACKS[attack](model, x, y, 0.1), state_of(model)
    with mode():
        found = ATTACKS[attack](model, x.clone(), y.clone(), 0.1)
        assert torch.equal(found, expected)
    assert not found.requires_grad
    assert str(state_of(model)) == str(before)
    model(x).sum().backward()  # nothing of the network has become an inference tensor


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_in_half_precision_a_change_exceeds_epsilon_by_a_rounding_error(dtype):
    model, (x, y) = linear(0).to(dtype), batch(0, n=200)
    x = x.to(dtype)
    change = (pgd(model, x, y, epsilon=0.03, step_size=0.01, steps=9) - x).double().abs()
    spacing = torch.finfo(dtype).eps  # at the end of [0, 1 + ε]
    assert change.max() <= 0.03 + spacing
    assert change.max() != 0.03


def test_buffers_come_back_even_if_the_attack_fails():
    model = nn.Sequential(nn.BatchNorm1d(5, dtype=DTYPE), linear(8))
    x, y = batch(8)
    model[1].weight.data[0, 0] = float("nan")
    before = model[0].running_mean.clone()
    with pytest.raises(ValueError, match=r"^pgd: the gradient of the loss is not finite"):
        pgd(model, x, y, epsilon=0.1, step_size=0.1, steps=2)
    assert torch.equal(model[0].running_mean, before)


def test_no_steps_and_no_radius_leave_the_inputs_alone():
    model, (x, y) = linear(9), batch(9)
    assert torch.equal(fgsm(model, x, y, epsilon=0.0), x)
    found = pgd(model, x, y, epsilon=0.1, step_size=0.1, steps=0)
    assert torch.equal(found, x)
    assert found is not x


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_types_are_kept(dtype):
    model = linear(10).to(dtype)
    x, y = batch(10)
    for attack in ATTACKS.values():
        assert attack(model, x.to(dtype), y, 0.1).dtype == dtype


ERRORS = {
    "epsilon": ({"epsilon": -0.1}, r"epsilon must be at least 0 and finite, got -0.1"),
    "infinite": ({"epsilon": float("inf")}, "epsilon must be at least 0 and finite, got inf"),
    "eot": ({"eot": 0}, "eot must be at least 1, got 0"),
    "range": ({"clamp": (0.9, 1.0)}, r"x must lie within clamp=\(0.9, 1.0\), got values from 0"),
    "loss": ({"loss": lambda o, y: o}, r"the loss must be a scalar, got shape \(7, 2\)"),
}


@pytest.mark.parametrize("case", ERRORS)
@pytest.mark.parametrize("name", ["fgsm", "pgd"])
def test_errors_name_the_call(case, name):
    options, message = ERRORS[case]
    options = {"epsilon": 0.1, **options}
    x, y = batch(11)
    more = {} if name == "fgsm" else {"step_size": 0.1, "steps": 2}
    with pytest.raises(ValueError, match=f"^{name}: {message}"):
        {"fgsm": fgsm, "pgd": pgd}[name](linear(11), x, y, **options, **more)


def test_errors_of_pgd_alone_and_of_types():
    x, y = batch(12)
    with pytest.raises(ValueError, match=r"^pgd: step_size must be more than 0, got 0"):
        pgd(linear(12), x, y, epsilon=0.1, step_size=0, steps=2)
    with pytest.raises(ValueError, match=r"^pgd: steps must be at least 0, got -1"):
        pgd(linear(12), x, y, epsilon=0.1, step_size=0.1, steps=-1)
    with pytest.raises(TypeError, match=r"^fgsm: x must be floating point, got torch.int64"):
        fgsm(linear(12), y, y, epsilon=0.1)
