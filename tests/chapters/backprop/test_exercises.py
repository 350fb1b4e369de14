"""What the exercises give to students can be solved from it, for any key."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lecturelib
from lecturelib.chapters.backprop.exercises import diagnose
from lecturelib.chapters.backprop.price import prices
from lecturelib.exercises import given
from tests.chapters.backprop.answers.diagnose import letter

KEYS = [f"student-{i}" for i in range(25)]


@pytest.mark.parametrize("key", KEYS)
def test_each_patient_can_be_told_from_its_gradients(key):
    patients = given("backprop-diagnose", key)["patients"]
    answer = "".join(map(letter, patients))
    assert len(set(answer)) == 4
    assert lecturelib.check("backprop-diagnose", answer, key=key)


def test_the_right_gradients_of_the_patients_are_those_of_torch():
    random = torch.Generator().manual_seed(0)
    shapes = [(4, 3), (3, 3), (3,), (3, 3), (3,)]
    X, *weights = (torch.randn(s, generator=random, dtype=torch.float64) for s in shapes)
    W, b, V, c = (w.requires_grad_() for w in weights)
    t = torch.tensor([0, 1, 2, 0])
    F.cross_entropy(torch.tanh(X @ W.T + b) @ V.T + c, t).backward()
    found = diagnose.gradients(X, t, *(w.detach() for w in weights))
    for ours, w in zip(found, weights, strict=True):
        torch.testing.assert_close(ours, w.grad)


@pytest.mark.parametrize("key", KEYS[:8])
def test_the_rings_can_be_learnt_with_any_key(key):
    # Here, as it trains networks when it is imported.
    from tests.chapters.backprop.answers.rings import train

    data = given("backprop-rings", key)
    assert lecturelib.check("backprop-rings", train(data["X"], data["t"]), key=key)


def test_prices_have_a_value_a_round():
    small, large = prices([2, 8], rounds=3)
    assert small.parameters == 65 * 2 + 10 * 3
    assert large.gradient.shape == (3,)
    np.testing.assert_allclose(large.nudging, (65 * 8 + 10 * 9 + 1) * large.evaluation)
