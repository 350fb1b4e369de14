"""Activation moments, gradient norms, perturbations.

Oracles: SciPy's moments, autograd by hand, closed forms of He's initialization, first-order growth.
"""

from __future__ import annotations

import math

import pytest
import scipy.stats
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.instruments import (
    activation_moments,
    displaced,
    gradient_norms,
    moments,
    random_perturbation,
    targeted_perturbation,
)
from lecturelib.models import convnet, mlp

from .networks import cross_entropy, data, network, unchanged


@pytest.mark.parametrize("shape", [(50, 3), (5, 3, 4, 6)])
def test_moments_are_scipys(rng, shape):
    x = torch.randn(shape, generator=rng, dtype=torch.float64).exp() - 1
    units = x.movedim(1, 0).flatten(1)
    found = moments(x)
    for name, wanted in [
        ("mean", units.mean(1)),
        ("variance", units.var(1, correction=0)),
        ("skewness", scipy.stats.skew(units, axis=1)),
        ("excess_kurtosis", scipy.stats.kurtosis(units, axis=1)),
        ("positive", (units > 0).double().mean(1)),
    ]:
        torch.testing.assert_close(getattr(found, name), torch.as_tensor(wanted))
    share = units.var(1, correction=0).sum() / units.square().mean(1).sum()
    torch.testing.assert_close(found.variance_share, share)


def test_activations_are_those_that_the_layers_give(rng):
    x, _ = data(rng)
    model = network(rng, "batch")
    with unchanged(model):
        before, after = activation_moments(lambda: model(x), [model.norm1, model.activation1])
    # Batch norm in training: mean 0, variance 1 but for eps.
    torch.testing.assert_close(before.mean, torch.zeros(4).double(), atol=1e-12, rtol=0)
    torch.testing.assert_close(before.variance, torch.ones(4).double(), atol=1e-3, rtol=0)
    torch.testing.assert_close(after.positive, before.positive)  # tanh keeps the sign


def test_units_of_images_are_channels(rng):
    model = convnet(1, [3, 5], 4, generator=rng)
    found = activation_moments(lambda: model(torch.rand(2, 1, 8, 8)), [model.conv1, model.conv2])
    assert [m.mean.shape for m in found] == [(3,), (5,)]


def test_gradient_norms_are_those_of_autograd(rng):
    x, y = data(rng)
    model = network(rng, "batch")
    layers = [model.linear1, model.linear2, model.output]
    with unchanged(model):
        found = gradient_norms(cross_entropy(model, x, y), layers)
    h, zs = x, []
    for name, module in model.named_children():
        h = module(h)
        if name in ("linear1", "linear2", "output"):
            zs.append(h)
    gs = torch.autograd.grad(F.cross_entropy(h, y), zs)
    torch.testing.assert_close(found, torch.stack([g.norm() for g in gs]))


@pytest.mark.parametrize(("gain", "factor"), [(2.0, 1.0), (1.0, math.sqrt(1 / 2))])
def test_the_factor_per_layer_of_he_and_xavier(rng, gain, factor):
    # With variance gain/n a ReLU network multiplies the gradient by sqrt(gain/2) a layer; the
    # weights' gradients, of which only the product with the activations counts, stay alike.
    depth, n = 12, 200
    model = mlp(n, [n] * depth, n, generator=rng)
    layers = [m for m in model if isinstance(m, nn.Linear)]
    for layer in layers:
        layer.weight.data *= math.sqrt(gain / 2)
    x = torch.randn(100, n, generator=rng)
    target = torch.randn(100, n, generator=rng)
    found = gradient_norms(lambda: (model(x) * target).sum(), layers)
    per_layer = (found[0] / found[-2]) ** (1 / (depth - 1))
    assert per_layer.item() == pytest.approx(factor, abs=0.04)
    weights = torch.autograd.grad((model(x) * target).sum(), [m.weight for m in layers])
    of_weights = (weights[1].norm() / weights[-2].norm()) ** (1 / (depth - 2))
    assert of_weights.item() == pytest.approx(1, abs=0.04)


def test_gradient_norms_of_networks_side_by_side(rng):
    class Linear(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(3, 4, 4, generator=rng))

        def forward(self, h):
            return self.weight @ h

    first, second = Linear(), Linear()
    x = torch.randn(4, 7, generator=rng)
    found = gradient_norms(lambda: second(first(x).tanh()).square().mean((1, 2)), [first, second])
    for s in range(3):
        z1 = first.weight[s] @ x
        z2 = second.weight[s] @ z1.tanh()
        gs = torch.autograd.grad(z2.square().mean(), [z1, z2])
        torch.testing.assert_close(found[:, s], torch.stack([g.norm() for g in gs]))


def test_layers_that_do_not_run_or_get_no_gradient_are_errors(rng):
    x, y = data(rng)
    model, other = network(rng), nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r"gradient_norms: layers \[1\] did not run"):
        gradient_norms(cross_entropy(model, x, y), [model.linear1, other])
    with torch.no_grad():
        z = model.linear1(x)
    still = nn.Identity()
    with pytest.raises(ValueError, match=r"no gradient reaches the layers \[1\]"):
        gradient_norms(lambda: model(x).sum() + still(z).sum(), [model.linear1, still])
    with pytest.raises(ValueError, match="activation_moments: need at least one layer"):
        activation_moments(lambda: model(x), [])


def test_a_targeted_step_raises_the_output_to_first_order(rng):
    x, _ = data(rng)
    model = network(rng, "batch")
    parameters = list(model.parameters())

    def output():
        return model(x)[:, 1].mean()

    with unchanged(model):
        step = targeted_perturbation(output, parameters, size=1e-6)
    theta, d = (torch.cat([t.detach().flatten() for t in v]) for v in (parameters, step))
    torch.testing.assert_close(d.norm(), 1e-6 * theta.norm())
    slope = torch.cat([g.flatten() for g in torch.autograd.grad(output(), parameters)]).norm()
    start = output().item()
    with displaced(parameters, step):
        growth = output().item() - start
    assert growth == pytest.approx((d.norm() * slope).item(), rel=1e-4)
    # No other step of that length raises it more.
    for _ in range(20):
        other = random_perturbation(parameters, size=1e-6, generator=rng)
        with displaced(parameters, other):
            assert output().item() - start < growth


def test_random_steps_have_the_length_and_point_anywhere(rng):
    model = network(rng)
    parameters = list(model.parameters())
    with unchanged(model):
        steps = [random_perturbation(parameters, generator=rng) for _ in range(300)]
    flat = torch.stack([torch.cat([d.flatten() for d in step]) for step in steps])
    theta = torch.cat([p.detach().flatten() for p in parameters])
    torch.testing.assert_close(flat.norm(dim=1), 0.01 * theta.norm().expand(300))
    z = flat.mean(0) / (flat.std(0) / math.sqrt(300))
    assert z.abs().max() < 4.5


def test_networks_side_by_side_each_have_the_length(rng):
    w = torch.randn(3, 4, 2, generator=rng, dtype=torch.float64).requires_grad_()
    lengths = w.detach().flatten(1).norm(dim=1)
    for step in (
        targeted_perturbation(lambda: w.pow(3).sum((1, 2)), [w], size=0.1),
        random_perturbation([w], size=0.1, networks=3),
    ):
        torch.testing.assert_close(step[0].flatten(1).norm(dim=1), 0.1 * lengths)


def test_perturbations_name_what_is_wanted():
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="size must be finite and greater than 0, got 0"):
        random_perturbation([w], size=0)
    with pytest.raises(ValueError, match="the gradient of the output is 0"):
        targeted_perturbation(lambda: (w - 1).square().sum(), [w])
    with (
        pytest.raises(ValueError, match=r"step must have the shapes \[\(2,\)\], got \[\(3,\)\]"),
        displaced([w], [torch.ones(3)]),
    ):
        pass
