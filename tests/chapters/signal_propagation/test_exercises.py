"""What the exercises' numbers promise: random biases do not do it."""

from __future__ import annotations

import torch

from lecturelib.chapters.signal_propagation.exercises import constant_linear
from lecturelib.exercises import given


def shares(weights, biases, x):
    """The share for each of many choices of biases ``[choices, layers, units]``."""
    signal, means = x - x.mean(1, keepdim=True), x.mean(1).repeat(len(biases), 1)
    for w, b in zip(weights, biases.unbind(1), strict=True):
        signal, means = w @ signal, means @ w.T + b
    variance = signal.square().mean()
    return variance / (variance + means.square().mean(1))


def test_random_biases_leave_ten_times_as_much_and_never_suffice():
    draws, found = torch.Generator().manual_seed(0), []
    for key in ("", "ada", "emmy", "kurt"):
        data = given(constant_linear.SLUG, key)
        weights, x = data["weights"], data["x"]
        biases = torch.randn(500, *weights.shape[:2], generator=draws, dtype=x.dtype)
        biases *= constant_linear.BOUND / biases.square().mean(2, keepdim=True).sqrt()
        one = constant_linear.share(weights, biases[0], x)
        torch.testing.assert_close(float(shares(weights, biases[:1], x)), one)
        found.append(shares(weights, biases, x))
        # Mean squares add up; the shares themselves, near 0 and 1, do not.
        by_chance = 1 / (1 / found[-1]).mean()
        expected = constant_linear.share_by_chance(weights, x)
        torch.testing.assert_close(float(by_chance), expected, rtol=0.2, atol=0.0)
        assert expected > 10 * constant_linear.WANTED
    assert torch.cat(found).min() > constant_linear.WANTED
