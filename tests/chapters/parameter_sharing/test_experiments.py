"""Experiments on shared parameters: their networks are what they say."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.func import functional_call, grad

from lecturelib.chapters.parameter_sharing import experiments
from lecturelib.experiments.networks import Networks

SMALL = {"steps": 4, "batch_size": 10}
DIGITS = torch.rand(6, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("make", [experiments.ConvNetworks, experiments.Scanners])
def test_a_network_does_not_depend_on_those_beside_it(make):
    x = torch.rand(1, 144, 3, generator=torch.Generator().manual_seed(0))
    both, alone = make([4, 7]), make([7])
    torch.testing.assert_close(both(x.expand(2, -1, -1))[1:], alone(x), rtol=1e-5, atol=1e-5)


def test_the_pattern_is_that_of_pytorch():
    networks = experiments.ConvNetworks([3], (4, 6))
    w, b = ([p[0] for p in part] for part in (networks.weights, networks.biases))
    x = torch.rand(5, 144, generator=torch.Generator().manual_seed(0))
    h = F.conv2d(x.view(-1, 1, 12, 12), w[0].view(4, 1, 3, 3), b[0][:, 0], padding=1)
    h = F.conv2d(F.max_pool2d(h.relu(), 2), w[1].view(6, 4, 3, 3), b[1][:, 0], padding=1)
    wanted = F.linear(F.max_pool2d(h.relu(), 2).flatten(1), w[2], b[2][:, 0])
    torch.testing.assert_close(networks(x.T[None])[0].T, wanted, rtol=1e-4, atol=1e-5)


def test_windows_are_scanned_by_one_perceptron():
    """The largest output over all windows of the padded image, one by one."""
    networks = experiments.Scanners([3], field=3, units=(4, 5))
    w, b = ([p[0] for p in part] for part in (networks.weights, networks.biases))
    padded = F.pad(DIGITS.view(-1, 8, 8), (2, 2, 2, 2))
    windows = [padded[:, i : i + 3, j : j + 3].flatten(1) for i in range(10) for j in range(10)]
    outputs = [F.linear(F.linear(p, w[0], b[0][:, 0]).relu(), w[1], b[1][:, 0]) for p in windows]
    best = torch.stack(outputs).amax(0).relu()
    wanted = F.linear(best, w[2], b[2][:, 0])
    torch.testing.assert_close(networks(DIGITS.T[None])[0].T, wanted, rtol=1e-4, atol=1e-5)


def test_the_place_on_the_canvas_does_not_matter_to_the_scan():
    networks = experiments.Scanners([0])
    moved = experiments.in_places(DIGITS, torch.Generator().manual_seed(0))
    torch.testing.assert_close(networks(moved.T[None]), networks(DIGITS.T[None]))


def test_an_untied_network_is_the_usual_one():
    ours = experiments.TiedNetworks(8, 3, [5], tied=False)
    torch.testing.assert_close(
        ours(DIGITS.T[None]), Networks([64, 8, 8, 8, 10], [5])(DIGITS.T[None])
    )


def test_the_gradient_of_a_tied_matrix_is_the_sum_over_its_uses():
    """An untied network with equal matrices has one gradient a use."""
    tied, untied = (experiments.TiedNetworks(8, 4, [2], tied=t) for t in (True, False))
    own = dict(tied.named_parameters())
    same = {
        name: own[name.replace(".2", ".1").replace(".3", ".1").replace(".4", ".2")].detach()
        for name in dict(untied.named_parameters())
    }

    def loss(parameters):
        return functional_call(untied, parameters, (DIGITS.T[None],)).square().sum()

    parts = grad(loss)(same)
    tied(DIGITS.T[None]).square().sum().backward()
    total = sum(parts[f"weights.{i}"] for i in (1, 2, 3))
    torch.testing.assert_close(own["weights.1"].grad, total, rtol=1e-4, atol=1e-4)


def test_places_cover_the_canvas():
    corner = experiments.place(DIGITS, torch.full((6,), 4), torch.zeros(6, dtype=torch.long))
    image = corner.view(6, 12, 12)
    torch.testing.assert_close(image[:, 4:, :8].flatten(1), DIGITS)
    assert image[:, :4].abs().sum() == 0
    middle = experiments.centred(DIGITS).view(6, 12, 12)[:, 2:10, 2:10]
    torch.testing.assert_close(middle.flatten(1), DIGITS)


@pytest.mark.parametrize("name", ["parity", "parity and half", "ink", "noise"])
def test_second_tasks(name):
    y = torch.arange(10).expand(2, 10)
    found = experiments.HELPERS[name](torch.rand(2, 10, 64), y)
    assert found.shape == y.shape
    assert found.min() >= 0
    assert found.max() <= 3
    if name == "parity and half":
        assert found[0].tolist() == [0, 1, 0, 1, 0, 3, 2, 3, 2, 3]


def test_short_runs_give_a_number_a_seed():
    rates = {"perceptron": (0.01,), "pattern": (0.01,)}
    runs = [
        experiments.small_data([0, 1], samples=20, held_out=20, rates=rates, **SMALL),
        experiments.tied_layers(
            [0, 1], samples=20, held_out=20, width=8, wide=9, depth=3, rates=(0.01,), flip=0.4,
            **SMALL,
        ),
        experiments.tasks(
            [0, 1], labelled=20, images=40, held_out=20, helpers={"noise": (1.0,)}, width=8,
            rates=(0.01,), **SMALL,
        ),
        experiments.shift_drop(
            [0, 1], samples=20, held_out=20,
            rates={"perceptron": (0.01, 0.03), "pattern": (0.01,), "scan": (0.01,)}, **SMALL,
        ),
    ]  # fmt: skip
    for found in runs:
        assert all(value.shape == (2,) and value.isfinite().all() for value in found.values())
