"""The experiments on bagging and dropout against closed forms, PyTorch and plain loops."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score

from lecturelib.chapters.dropout import experiments as ex
from lecturelib.data import load_digits

SEEDS = [0, 1]
F64 = torch.float64
SMALL = {"samples": 120, "width": 8, "epochs": 2, "batch_size": 60}


def test_networks_drop_the_share_asked_for_and_keep_the_mean() -> None:
    networks = ex.DroppingNetworks((4, 3, 2), SEEDS, p=0.25, p_input=0.5)
    ones = torch.ones(2, 100, 400)
    for p in (0.25, 0.5):
        y = networks.drop(ones, p)
        assert (y == 0).double().mean().item() == pytest.approx(p, abs=0.01)
        assert y.max().item() == pytest.approx(1 / (1 - p))
    assert networks.eval().drop(ones, 0.5) is ones


def test_a_network_does_not_depend_on_its_neighbours() -> None:
    both = ex.train(SEEDS, lr=0.03, p=0.5, p_input=0.2, flip=0.4, **SMALL)
    alone = ex.train([1], lr=0.03, p=0.5, p_input=0.2, flip=0.4, **SMALL)
    for a, b in zip(both.weights, alone.weights, strict=True):
        torch.testing.assert_close(a[1:], b)


def test_digits_are_those_of_the_library() -> None:
    x, y, x_test, y_test = ex.digits((3,), 0.4)
    split = load_digits(standardize=True, flip_labels=0.4, seed=3)
    torch.testing.assert_close(x[0].T, split.x_train)
    assert (y[0] == split.y_train).all()
    assert (y_test[0] == split.y_test).all()
    assert x_test.shape == (1, 64, 360)


def test_the_rate_is_picked_on_validation_data() -> None:
    options = {"flip": 0.4, "held_out": 100, **SMALL}
    found = ex.dropout_gain(SEEDS, lrs=(0.001, 0.03), p=0.5, **options)
    protocol = {name: value for name, value in options.items() if name != "held_out"}
    runs = [
        ex.scores(ex.train(SEEDS, lr=lr, p=0.5, **protocol), 0.4, SEEDS, 120, 100)
        for lr in (0.001, 0.03)
    ]
    number = torch.stack([run["validation"] for run in runs]).argmax(0)
    wanted = torch.stack([run["test"] for run in runs]).gather(0, number[None])[0]
    torch.testing.assert_close(found["dropped"], wanted)
    torch.testing.assert_close(found["gain"], found["dropped"] - found["plain"])
    table = ex.rates(SEEDS, hidden=(0.5,), inputs=(0.0,), lrs=(0.001, 0.03), **options)
    torch.testing.assert_close(table[0.5, 0.0], wanted)


def test_looking_at_a_course_does_not_change_it() -> None:
    course = ex.courses(SEEDS, lr=0.03, p=0.5, flip=0.4, **SMALL)
    networks = ex.train(SEEDS, lr=0.03, p=0.5, flip=0.4, **SMALL)
    last = ex.scores(networks, 0.4, SEEDS, 120, 0)
    assert course["test"].shape == (2, 2)
    torch.testing.assert_close(course["test"][-1], last["test"])


def test_moments_and_the_formula_of_bagging() -> None:
    errors = torch.randn(5, 40, generator=torch.Generator().manual_seed(0), dtype=F64)
    v, c = ex.error_moments(errors)
    pairs = [(errors[i] * errors[j]).mean() for i in range(5) for j in range(5) if i != j]
    torch.testing.assert_close(c, torch.stack(pairs).mean())
    torch.testing.assert_close(errors.mean(0).square().mean(), v / 5 + 4 / 5 * c)
    measured, theory = ex.bag_sizes([0], (1, 4), members=8, samples=30, noise=0.3)
    torch.testing.assert_close(measured["fresh"][0], torch.ones(1, dtype=F64))
    assert theory["bootstrap"][0].item() == pytest.approx(1)


def test_a_tree_reproduces_its_data() -> None:
    x, y = ex.sine(torch.Generator().manual_seed(0), samples=20, noise=0.3)
    torch.testing.assert_close(ex.tree(x, y)(x), y)


def test_masks_are_all_there() -> None:
    masks = ex.all_masks(3)
    assert {tuple(m) for m in masks.tolist()} == set(product((0.0, 1.0), repeat=3))


def test_the_geometric_mean_is_the_product_of_powers() -> None:
    q = torch.tensor([[0.2, 0.8], [0.6, 0.4]], dtype=F64)
    weights = torch.tensor([0.25, 0.75], dtype=F64)
    product_ = (q ** weights[:, None]).prod(0)
    torch.testing.assert_close(ex.geometric_mean(q.log(), weights), product_ / product_.sum())


def test_the_mean_over_all_masks_of_two_layers_is_counted_right() -> None:
    """The sum over the second layer's masks is done by linearity; here all 2⁶ are counted."""
    networks = ex.DroppingNetworks((4, 3, 3, 2), [0], p=0.3).double()
    x = torch.randn(1, 4, 5, generator=torch.Generator().manual_seed(1), dtype=F64)
    (w1, w2, w3), (b1, b2, b3) = ([p[0] for p in ps] for ps in (networks.weights, networks.biases))
    total = torch.zeros(2, 5, dtype=F64)
    for d in product((0.0, 1.0), repeat=6):
        mask, kept = torch.tensor(d, dtype=F64)[:, None] / 0.7, sum(d)
        h = (w1 @ x[0] + b1).relu() * mask[:3]
        z = w3 @ ((w2 @ h + b2).relu() * mask[3:]) + b3
        total += 0.7**kept * 0.3 ** (6 - kept) * z.log_softmax(0)
    found = ex.ensembles(networks, x, draws=2, batch=3)
    torch.testing.assert_close(found["geometric"][0].T, total.softmax(0))
    torch.testing.assert_close(found["full"][0].T, networks.eval()(x)[0].softmax(0))


def test_networks_of_maps_are_convnets_of_torch() -> None:
    networks = ex.ConvNetworks(SEEDS)
    x = torch.randn(2, 64, 3, generator=torch.Generator().manual_seed(0))
    z = networks(x)
    for s in (0, 1):
        h = F.conv2d(x[s].T.reshape(3, 1, 8, 8), networks.first[s], padding=1).relu()
        torch.testing.assert_close(networks.first_maps(x)[:, s], h)
        h = F.conv2d(F.max_pool2d(h, 2), networks.second[s], padding=1).relu().mean((2, 3))
        torch.testing.assert_close(z[s].T, h @ networks.last[s].T, atol=1e-5, rtol=1e-5)


def test_redundancy_of_copies_and_of_noise() -> None:
    noise = torch.randn(40, 3, 8, 8, generator=torch.Generator().manual_seed(0), dtype=F64)
    near, others = ex.redundancy(noise)
    assert abs(near.item()) < 0.05
    assert abs(others.item()) < 0.05
    assert ex.redundancy(noise[:, :1].expand(-1, 2, -1, -1))[1].item() == pytest.approx(1)


def test_auroc_is_that_of_scikit_learn() -> None:
    g = torch.Generator().manual_seed(0)
    score = (torch.rand(2, 60, generator=g) * 10).round()  # with ties
    positive = torch.rand(2, 60, generator=g) < 0.3
    wanted = [roc_auc_score(p.numpy(), s.numpy()) for s, p in zip(score, positive, strict=True)]
    assert ex.auroc(score, positive).tolist() == pytest.approx(wanted)


def test_calibration_error_by_hand() -> None:
    q = torch.tensor([[[0.95, 0.92, 0.6], [0.05, 0.08, 0.4]]], dtype=F64)  # [1, 2, 3]
    y = torch.tensor([[0, 1, 1]])
    wanted = 2 / 3 * abs(0.5 - 0.935) + 1 / 3 * 0.6
    assert ex.calibration_error(q, y).item() == pytest.approx(wanted)
    assert ex.entropy(torch.tensor([[0.5, 0.5]])).item() == pytest.approx(math.log(2))


def test_the_mean_over_masks_is_of_several_answers() -> None:
    networks = ex.train(SEEDS, lr=0.03, p=0.5, flip=0.0, **SMALL)
    x = ex.digits(tuple(SEEDS))[2][:, :, :20]
    full, mean = ex.predictions(networks, x, 30)
    torch.testing.assert_close(mean.sum(1), torch.ones(2, 20))
    assert (full - mean).abs().max() > 0.01
    assert not networks.training


def test_smoothness_of_a_loss_is_that_of_its_gradients() -> None:
    networks = ex.DroppingNetworks((4, 3, 3, 2), SEEDS)
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 4, 6, generator=g), torch.randint(2, (2, 6), generator=g)
    found = ex.smoothness(networks, x, y, [None], [0.2])
    loss = F.cross_entropy(networks(x)[0].T, y[0])
    assert found["loss"][0].item() == pytest.approx(loss.item(), abs=1e-6)
    own = [p for pair in zip(networks.weights, networks.biases, strict=True) for p in pair]
    gradient = torch.cat([d[0].flatten() for d in torch.autograd.grad(loss, own)])
    assert found["gradient"][0].item() == pytest.approx(gradient.norm().item(), rel=1e-4)
    size, position = 0.2 / gradient.norm(), 0
    for p in own:
        with torch.no_grad():
            p[0] -= size * gradient[position : position + p[0].numel()].view_as(p[0])
        position += p[0].numel()
    loss = F.cross_entropy(networks(x)[0].T, y[0])
    there = torch.cat([d[0].flatten() for d in torch.autograd.grad(loss, own)])
    wanted = ((there - gradient).norm() / 0.2).item()
    assert found["beta"][0].item() == pytest.approx(wanted, rel=1e-3)


def test_probing_a_path_does_not_change_it() -> None:
    options = {"p": 0.5, "lr": 0.03, "lr_slow": 0.003, "masks": 2, "batch": 20, "flip": 0.4}
    found = ex.paths([0], checkpoints=(2, 4), lengths=(0.1,), **options, **SMALL)
    late = ex.paths([0], checkpoints=(4,), lengths=(0.1,), **options, **SMALL)
    early = ex.paths([0], checkpoints=(2,), lengths=(0.1,), **options, **SMALL)
    name = "beta plain dropout"
    both = (early[name] * late[name]).sqrt()
    torch.testing.assert_close(found[name], both, rtol=1e-4, atol=0)


def test_walls_start_where_the_training_is() -> None:
    options = {"p": 0.5, "lr": 0.03, "sets": 3, "batch": 20, "flip": 0.4, **SMALL}
    plain, masked = ex.walls(0, steps=3, lengths=[0.0, 0.1], **options)
    assert plain.shape == (2,)
    assert masked.shape == (2, 3)
    assert plain[1] < plain[0]


def test_correlation_of_neighbours_of_noise_and_of_a_ramp() -> None:
    noise = torch.randn(1, 200, 64, generator=torch.Generator().manual_seed(0))
    assert ex.neighbour_correlation(noise).mean().abs().item() < 0.05
    ramp = torch.arange(8.0).repeat_interleave(8).reshape(1, 1, 64)
    assert ex.neighbour_correlation(ramp).item() > 0.6


def test_an_autoencoder_learns_and_its_filters_are_its_output_weights() -> None:
    networks = ex.autoencoders([0], p=0.0, units=16, lr=0.01, steps=60, batch_size=100)
    _, x = ex.grey_digits((0,))
    error = (networks(x) - x).square().mean().item()
    assert error < 0.8 * x.var(dim=2).mean().item()
    filters, use = ex.used_filters(networks, x)
    assert filters.shape == (1, 16, 64)
    np.testing.assert_allclose(filters[0, 3], networks.weights[1].detach()[0, :, 3])
    assert (use >= 0).all()
