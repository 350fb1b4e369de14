"""What moves in a network, against the definitions and the formula of sampling."""

from __future__ import annotations

import math

import pytest
import torch

from lecturelib.chapters.covariate_shift import shifts
from lecturelib.data import load_digits

SMALL = {"width": 12, "depth": 3}


def test_the_shift_from_batch_to_batch_is_that_of_sampling_in_each_layer() -> None:
    found = shifts.batches_and_steps([0, 1], training=5, batches=150, batch_size=64, **SMALL)
    n = len(load_digits().x_train)
    wanted = math.sqrt((1 - 64 / n) / (1 - 1 / n) / 64)
    assert found["sampled"].shape == found["moved"].shape == (3, 2)
    # dead units have no spread; the rest follows the formula up to 150 draws
    assert found["sampled"][:2].numpy() == pytest.approx(wanted, rel=0.1)


def test_moves_are_longer_at_a_larger_rate() -> None:
    slow, fast = (
        shifts.batches_and_steps([0, 1], lr=lr, training=2, batches=1, **SMALL)["moved"]
        for lr in (0.001, 0.05)
    )
    assert (fast > 5 * slow).all()


def test_batch_norm_holds_a_unit_in_place_and_noise_does_not() -> None:
    for kind, moves in (("batch", False), ("noisy", True)):
        mean, sd = shifts.unit_trace(kind, layer=2, steps=6, lr=0.05, **SMALL)
        assert mean.shape == sd.shape == (6,)
        assert (mean.abs().max() > 0.1) == moves
        assert ((sd > 0.8) & (sd < 1.4)).all()


def test_gradient_lengths_are_autograds() -> None:
    lengths = shifts.gradient_lengths([3], order=("activation",), **SMALL)
    layers, loss = shifts._start([3], ("activation",), 12, 3, 128)
    for found, (weight, *_) in zip(lengths, layers, strict=True):
        (g,) = torch.autograd.grad(loss().sum(), weight)
        assert found.item() == pytest.approx(g.norm().item(), rel=1e-5)


def test_a_smooth_network_has_a_shift_proportional_to_the_rate() -> None:
    found = shifts.start_shift([0, 1], order=("norm", "activation"), rates=(1e-3, 2e-3), **SMALL)
    small, large = found["relative"]
    assert (large / small).numpy() == pytest.approx(2.0, rel=0.02)
    assert (found["cosine"] > 0.999).all()


def test_relative_steps_have_the_length_asked_for() -> None:
    """With one hidden layer only the first layer moves below the output: compare by hand."""
    rate, how = 0.01, {"order": ("activation",), "width": 12, "depth": 1}
    found = shifts.start_shift([5], rates=(rate,), relative=True, **how)["relative"][0]
    layers, loss = shifts._start([5], ("activation",), 12, 1, 128)
    (w, b, *_), (v, *_) = layers
    g_w, g_b, before = torch.autograd.grad(loss().sum(), [w, b, v])
    step = rate * w.norm() / torch.cat([g_w.flatten(), g_b.flatten()]).norm()
    with torch.no_grad():
        w -= step * g_w
        b -= step * g_b
    (after,) = torch.autograd.grad(loss().sum(), v)
    assert found.item() == pytest.approx(((after - before).norm() / before.norm()).item(), rel=1e-4)
