"""Experiments on the normalization family against plain PyTorch, one seed at a time."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm as torch_weight_norm

from lecturelib.chapters.normalization_family import experiments
from lecturelib.data import load_digits


def test_a_batch_of_one_trains_like_plain_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's weight norm and SGD, ReLU and the closed forms of its constants; 60 samples."""
    data = load_digits(standardize=True)
    short = type(data)(data.x_train[:60], data.y_train[:60], data.x_test, data.y_test)
    monkeypatch.setattr(experiments, "load_digits", lambda standardize: short)
    seeds, width, lr = (3, 8), 12, 0.05
    ours = experiments.batch_of_one(seeds, width=width, hidden=1, lr=lr, epochs=2)

    mean, std = 1 / math.sqrt(2 * math.pi), math.sqrt((1 - 1 / math.pi) / 2)
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        layers = []
        for n_in, out in pairwise((64, width, 10)):
            layer = nn.Linear(n_in, out)
            with torch.no_grad():
                layer.weight.copy_(torch.randn(out, n_in, generator=generator))
                layer.bias.zero_()
            layer = torch_weight_norm(layer)
            with torch.no_grad():
                layer.parametrizations.weight.original1.div_(math.sqrt(n_in))
                layer.parametrizations.weight.original0.fill_(1)
            layers.append(layer)
        first, last = layers

        def logits(x: torch.Tensor, first=first, last=last) -> torch.Tensor:
            return last((F.relu(first(x)) - mean) / std)

        update = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=lr)
        for _ in range(2):
            for i in torch.randperm(60, generator=generator):
                update.zero_grad()
                F.cross_entropy(logits(short.x_train[i]), short.y_train[i]).backward()
                update.step()
        accuracy = (logits(short.x_test).argmax(1) == short.y_test).double().mean().item()
        assert ours[s].item() == pytest.approx(accuracy, abs=1 / len(short.y_test) + 1e-9)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_the_path_under_weight_norm_is_that_of_pytorch(name: str) -> None:
    """Length of v after ten steps of PyTorch's parametrization and optimizers, for each seed."""
    seeds, samples, inputs, units, steps = (3, 8), 30, 6, 4, 10
    path = experiments.weight_norm_path(
        seeds, name, samples=samples, inputs=inputs, units=units, steps=steps
    )
    makers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    }
    for s, seed in enumerate(seeds):
        generator = torch.Generator().manual_seed(seed)
        shapes = ((samples, inputs), (units, inputs), (samples, units), (units, inputs))
        x, teacher, noise, start = (
            torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes
        )
        target = torch.tanh(x @ teacher.T) + 0.1 * noise
        layer = nn.Linear(inputs, units, bias=False, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(start)
        layer = torch_weight_norm(layer)
        g, v = (getattr(layer.parametrizations.weight, f"original{i}") for i in (0, 1))
        with torch.no_grad():
            g.fill_(1)
        update = makers[name]([v, g])
        cosine = 0.0
        for _ in range(steps):
            before = v.detach().clone()
            update.zero_grad()
            (torch.tanh(layer(x)) - target).square().sum(1).mean().backward()
            update.step()
            each = F.cosine_similarity(v.detach() - before, before, dim=1)
            cosine = max(cosine, each.abs().max().item())
        length = (v.detach().norm(dim=1) / start.norm(dim=1)).mean().item()
        assert path["length"][s].item() == pytest.approx(length, rel=1e-6)
        assert path["cosine"][s].item() == pytest.approx(cosine, rel=1e-5, abs=1e-9)


def test_propagation_of_one_layer_has_the_moments_of_the_theory() -> None:
    """Means over 40 seeds; margins are five standard errors. Gradient: E = √(π/(π−1)) nearly."""
    found = experiments.propagation(range(40), width=64, depth=1, samples=64)
    for name, wanted in (("mean", 0.0), ("std", 1.0), ("growth", experiments.RELU.gain)):
        values = found[name]
        margin = 5 * values.std() / math.sqrt(40)
        assert abs(values.mean() - wanted) < margin + 0.005, name


def test_the_spectrum_of_relu_is_that_of_its_mask() -> None:
    """Orthonormal rows: singular values are |σ'(a)|/c₁, sorted."""
    (values,) = experiments.relu_spectrum([5], width=32)
    generator = torch.Generator().manual_seed(5)
    weight = nn.init.orthogonal_(torch.empty(32, 32), generator=generator)
    on = weight @ torch.randn(32, generator=generator) > 0
    expected = on.float().sort(descending=True).values / math.sqrt((1 - 1 / math.pi) / 2)
    torch.testing.assert_close(values, expected, atol=1e-5, rtol=1e-5)


def test_seeds_do_not_depend_on_who_runs_beside_them() -> None:
    for run in (
        lambda seeds: experiments.propagation(seeds, width=16, depth=2, samples=8)["growth"],
        lambda seeds: experiments.weight_norm_path(seeds, "adam", steps=3)["length"],
        lambda seeds: experiments.invariance_table(seeds)["layer", "data recentred"],
    ):
        torch.testing.assert_close(run([1, 2, 3])[1:2], run([2]))


def test_the_table_says_where_the_output_changes() -> None:
    """Against PyTorch's layer_norm and batch_norm, and by hand for weight norm."""
    seed, c = 4, 3.0
    found = experiments.invariance_table([seed], factor=c)
    generator = torch.Generator().manual_seed(seed)
    w, x = (torch.randn(n, 6, generator=generator, dtype=torch.float64) for n in (5, 16))
    norms = {
        "batch": lambda w, x: F.batch_norm(x @ w.T, None, None, training=True, eps=1e-30),
        "weight": lambda w, x: F.linear(x, F.normalize(w, dim=1)),
        "layer": lambda w, x: F.layer_norm(x @ w.T, [5], eps=1e-30),
    }
    one = x.clone()
    one[0] *= c
    for name, norm in norms.items():
        before, after = norm(w, x), norm(w, one)
        change = ((after - before).abs().max() / before.abs().max()).item()
        assert found[name, "case rescaled"].item() == pytest.approx(change, abs=1e-12)
