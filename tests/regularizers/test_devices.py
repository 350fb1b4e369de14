"""Every regularizer computes where its input lies, and a default device changes no number."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lecturelib import regularizers as r


def generator():
    return torch.Generator().manual_seed(0)


# Each is a function of a tensor (4, 3, 2, 2) that wants a gradient.
CALLS = {
    "dropout": lambda x: r.dropout(x, 0.3, generator=generator()),
    "dropout, all": lambda x: r.dropout(x, 1.0),
    "dropout2d": lambda x: r.dropout2d(x, 0.3, generator=generator()),
    "Dropout": lambda x: r.Dropout(0.3, generator=generator())(x),
    "Dropout2d": lambda x: r.Dropout2d(0.3, generator=generator())(x),
    "l1_penalty": lambda x: r.l1_penalty([x]),
    "l2_penalty": lambda x: r.l2_penalty([x]),
    "project_to_ball, 1": lambda x: r.project_to_ball(x, 1.0, p=1, dim=1),
    "project_to_ball, 2": lambda x: r.project_to_ball(x, 1.0),
    "project_to_ball, infinity": lambda x: r.project_to_ball(x, 0.1, p=float("inf")),
    "soft_threshold": lambda x: r.soft_threshold(x, 0.3),
    "prox_l1": lambda x: r.prox_l1(x, x.detach().abs()),
    "prox_l2": lambda x: r.prox_l2(x, 0.3),
    "add_noise": lambda x: r.add_noise(x, 0.3, generator=generator()),
    "add_noise, a tensor": lambda x: r.add_noise(x, x.detach().abs(), generator=generator()),
    "smooth_labels": lambda x: r.smooth_labels(x, 0.3),
}


@pytest.mark.parametrize("name", CALLS)
def test_output_and_gradient_lie_where_the_input_does(name):
    x = torch.zeros(4, 3, 2, 2, device="meta", requires_grad=True)
    y = CALLS[name](x)
    y.sum().backward()
    assert {y.device.type, x.grad.device.type} == {"meta"}


@pytest.mark.parametrize("name", CALLS)
def test_a_default_device_changes_nothing(name):
    x = torch.rand(4, 3, 2, 2, generator=generator(), requires_grad=True)
    expected = CALLS[name](x)
    with torch.device("meta"):
        found = CALLS[name](x)
    assert torch.equal(found, expected)


def fitted(bag):
    return [*bag.predictions(torch.zeros(2, device="cpu")), bag.indices, bag.left_out()]


def mean_of(*data):
    return lambda x: data[-1].mean().expand(len(x))


def noisy(source):
    net = nn.Linear(3, 2, device="cpu")
    with torch.no_grad():
        net.weight.fill_(1.0)
    with r.noisy_weights(net, 0.1, generator=source):
        return net.weight.detach().clone()


WHOLE = {
    "bag": lambda: fitted(
        r.bag(mean_of, torch.arange(5.0, device="cpu"), 3, generator=generator())
    ),
    "bag, global": lambda: fitted(r.bag(mean_of, torch.arange(5.0, device="cpu"), 3)),
    "bias_variance": lambda: [
        r.bias_variance(
            mean_of,
            lambda g: tuple(torch.randn(2, 6, generator=g, device="cpu")),
            torch.zeros_like,
            repeats=3,
        ).predictions
    ],
    "noisy_weights": lambda: [noisy(generator())],
    "noisy_weights, global": lambda: [noisy(None)],
    "classes": lambda: [r.smooth_labels(torch.tensor([0, 2], device="cpu"), num_classes=3)],
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_default_device_changes_nothing_of_what_draws(name):
    torch.manual_seed(1)
    expected = WHOLE[name]()
    torch.manual_seed(1)
    with torch.device("meta"):
        found = WHOLE[name]()
    for a, b in zip(found, expected, strict=True):
        assert torch.equal(a, b)
