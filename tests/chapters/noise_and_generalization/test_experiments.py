"""Noise, attacks and random labels: networks against PyTorch, sizes against a closed form."""

from __future__ import annotations

import itertools
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.chapters.noise_and_generalization import experiments
from lecturelib.chapters.noise_and_generalization.noisy_networks import (
    ImageNetworks,
    Perceptrons,
    build,
    cross_entropy,
    fit,
    load,
    pixel_pgd,
    robust_accuracy,
)
from lecturelib.claims import get
from lecturelib.normalization import ParametricNoise, parametric_noise

SMALL = {"train_size": 64, "test_size": 20}
DIGITS = load("digits", train_size=200, test_size=50, device="cpu")


def generator(seed):
    return torch.Generator().manual_seed(seed)


def plain(networks, s):
    """Network ``s`` as a sequence of PyTorch's own layers."""
    layers = [nn.Flatten()]
    for i, (weight, bias) in enumerate(zip(networks.weights, networks.biases, strict=True)):
        layer = nn.Linear(*weight.shape[:0:-1])
        with torch.no_grad():
            layer.weight.copy_(weight[s])
            layer.bias.copy_(bias[s, :, 0])
        layers += [layer, nn.ReLU()] if i < len(networks.gains) else [layer]
    return nn.Sequential(*layers)


def test_each_network_trains_like_plain_pytorch() -> None:
    seeds, widths, epochs = [3, 8], [64, 7, 10], 3
    networks = Perceptrons(widths, seeds)
    others = [plain(networks, s) for s in range(2)]
    orders = []
    for seed in seeds:  # the draws that fit makes after those of the weights
        g = generator(seed)
        for n_in, n_out in itertools.pairwise(widths):
            torch.randn(n_out, n_in, generator=g)
        orders.append([torch.randperm(200, generator=g) for _ in range(epochs)])
    x, y = DIGITS.x_train, DIGITS.y_train
    fit(
        networks, x, y, lambda x, y: cross_entropy(networks(x), y), epochs=epochs, lr=0.1,
        batch_size=50, weight_decay=1e-3,
    )  # fmt: skip
    for s, other in enumerate(others):
        update = torch.optim.SGD(other.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(update, 4 * epochs)
        for order in orders[s]:
            for chosen in order.split(50):
                update.zero_grad()
                F.cross_entropy(other(x[chosen]), y[chosen]).backward()
                update.step()
                schedule.step()
        for found, wanted in zip(networks.weights, other[1::2], strict=True):
            torch.testing.assert_close(found[s], wanted.weight, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("granularity", ["layer", "channel", "element"])
def test_noise_on_the_weights_is_that_of_the_library(granularity) -> None:
    networks = Perceptrons([4, 3, 10], [0, 1], noise=0.5, granularity=granularity)
    state = networks.generators[1].get_state()
    noisy = networks.weight(0)
    expected = torch.Generator()
    expected.set_state(state)
    layer = nn.Linear(4, 3)
    layer.weight.data.copy_(networks.weights[0][1])
    scale = ParametricNoise(layer, granularity, initial=0.5).scale.detach()
    wanted = parametric_noise(networks.weights[0][1], scale, generator=expected)
    torch.testing.assert_close(noisy[1], wanted)
    assert sum(p.numel() for p in networks.noise_parameters()) == 2 * (
        scale.numel() + {"layer": 1, "channel": 10, "element": 30}[granularity]
    )
    torch.testing.assert_close(networks.mean_scale(), torch.full((2,), 0.5))


@pytest.mark.parametrize("run", [
    partial(experiments.parametric_noise_injection, width=8, epochs=2, eot=2, **SMALL),
    partial(experiments.noise_in_the_loss, width=8, epochs=2, steps=2, **SMALL),
    partial(experiments.random_labels, width=8, epochs=2, **SMALL),
], ids=["W14", "W15", "R17"])  # fmt: skip
def test_a_seed_gives_the_same_whoever_runs_beside_it(run) -> None:
    together, alone = run([4, 7], batch_size=16), run([7], batch_size=16)
    for name, measures in alone.items():
        for key, value in measures.items():
            torch.testing.assert_close(together[name][key][1], value[0], msg=f"{name} {key}")


def test_robust_accuracy_is_the_share_of_right_answers_of_each_network() -> None:
    networks = Perceptrons([64, 12, 10], [0, 5])
    networks.train()
    x, y = DIGITS.x_test, DIGITS.y_test
    found = robust_accuracy(networks, x, y, partial(pixel_pgd, epsilon=0.1, steps=3, eot=1))
    for s in range(2):
        model = plain(networks, s)
        attacked = x.clone()
        for _ in range(3):
            leaf = attacked.clone().requires_grad_()
            (slope,) = torch.autograd.grad(F.cross_entropy(model(leaf), y), leaf)
            attacked = attacked + 2.5 * 0.1 / 3 * slope.sign()
            attacked = torch.clamp(torch.clamp(attacked, x - 0.1, x + 0.1), 0, 1)
        share = (model(attacked).argmax(1) == y).double().mean()
        assert found[s].item() == pytest.approx(share.item(), abs=0.021)  # one sample of 50
    assert networks.training


def test_the_sizes_of_noise_on_a_linear_model_reach_their_closed_form() -> None:
    r"""For squared error E[(w·(x + s⊙n) − y)²]/2 grows by Σ w²s²/2: the best s is √λ/|w|."""
    w = torch.tensor([0.5, -1.0, 2.0, 0.0])
    reward, limit = 0.01, 1.0
    noise = experiments.InputNoise([4], 1, start=0.5, limit=limit)
    update = torch.optim.Adam(noise.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(update, 800)
    g, x = generator(0), torch.zeros(1, 512, 4)
    for _ in range(800):
        update.zero_grad()
        error = (noise(x, [g]) @ w).square().mean() / 2
        (error - reward * noise.log_size().sum()).backward()
        update.step()
        schedule.step()
    sizes = noise.log_size().exp()[0].detach()
    torch.testing.assert_close(sizes[:3], reward**0.5 / w[:3].abs(), rtol=0.06, atol=0)
    assert sizes[3] > 0.9 * limit  # nobody needs it: only the bound holds it


def test_importance_is_zero_for_an_input_that_is_not_used() -> None:
    networks = Perceptrons([64, 6, 10], [2])
    with torch.no_grad():
        networks.weights[0][:, :, 20] = 0
    found = experiments.permutation_importance(networks, DIGITS.x_test, DIGITS.y_test)
    assert found.shape == (1, 64)
    assert found[0, 20] == 0
    order = torch.randperm(50, generator=generator_after_weights(2))
    x = DIGITS.x_test.clone()
    x[:, 30] = x[order, 30]
    model = plain(networks, 0)
    y = DIGITS.y_test
    rise = F.cross_entropy(model(x), y) - F.cross_entropy(model(DIGITS.x_test), y)
    assert found[0, 30].item() == pytest.approx(rise.item(), abs=1e-5)


def generator_after_weights(seed):
    g = generator(seed)
    for shape in ((6, 64), (10, 6)):
        torch.randn(shape, generator=g)
    return g


def test_shuffled_labels_keep_the_shares_of_the_classes_and_tell_nothing(monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(experiments, "fit", lambda n, x, y, *_, **__: seen.append(y))
    experiments.random_labels([0, 1, 2], width=4, train_size=500)
    true, shuffled = seen[0], seen[1]
    for row in shuffled:
        assert torch.equal(row.bincount(), true[0].bincount())
        agreement = (row == true[0]).double().mean().item()
        assert agreement == pytest.approx(0.1, abs=5 * (0.1 * 0.9 / 500) ** 0.5)
    assert not torch.equal(shuffled[0], shuffled[1])


# ---------------------------------------------------------------- the path of the full settings

TINY = {"width": 2, "train_size": 8, "test_size": 4, "epochs": 1, "batch_size": 4}


@pytest.mark.parametrize("model", ["vgg11", "resnet20"])
def test_image_networks_answer_like_their_models(model, rng) -> None:
    data = load("textures", train_size=4, test_size=4, device="cpu")
    networks = build(model, [0, 1], data, width=2, norm=True)
    assert isinstance(networks, ImageNetworks)
    networks.eval()
    x = torch.rand(2, 3, 3, 32, 32, generator=rng)
    logits = networks(x)
    assert logits.shape == (2, 10, 3)
    for s in range(2):
        torch.testing.assert_close(logits[s].T, networks.models[s](x[s]))


def test_noise_stands_on_every_layer_with_weights() -> None:
    data = load("textures", train_size=4, test_size=4, device="cpu")
    networks = build("resnet20", [0], data, width=2, norm=True, noise=0.25)
    noisy = [m for m in networks.modules() if isinstance(m, ParametricNoise)]
    assert len(noisy) == len(networks.noise_parameters()) == 20
    torch.testing.assert_close(networks.mean_scale(), torch.tensor([0.25]))


@pytest.mark.parametrize("claim", ["W14", "R17"])
def test_the_full_settings_run_at_reduced_size(claim) -> None:
    record = get(claim)
    smaller = {**TINY, **({"eot": 2, "steps": 1} if claim == "W14" else {})}
    settings = record.settings("full", **smaller)
    assert settings["data"] == "textures"
    values = record.experiment(settings, [0, 1], "cpu")
    assert set(values) == {measure.name for measure in record.measures}
    assert all(len(column) == 2 for column in values.values())


def test_the_full_settings_of_w15_run_at_reduced_size() -> None:
    record = get("W15")
    smaller = {**TINY, "width": 8, "steps": 2}
    values = record.experiment(record.settings("full", **smaller), [0], "cpu")
    assert set(values) == {measure.name for measure in record.measures}


def test_unknown_models_and_data_are_named() -> None:
    with pytest.raises(ValueError, match=r"^build: model must be mlp<n> or one of .*, got alexnet"):
        build("alexnet", [0], DIGITS, width=2, norm=False)
    with pytest.raises(ValueError, match=r"^load: data must be .*, got 'letters'"):
        load("letters", **SMALL, device="cpu")
