"""What the exercises give to students can be solved from it, for any key."""

from __future__ import annotations

import pytest

import lecturelib
from lecturelib.chapters.hidden_units.exercises import hard_tanh
from lecturelib.exercises import given
from lecturelib.experiments.perceptrons import gaussian_nodes, mean_square
from tests.chapters.hidden_units.answers.diagnose import letter


@pytest.mark.parametrize("key", [f"student-{i}" for i in range(25)])
def test_each_network_can_be_told_from_its_statistics(key: str) -> None:
    answer = "".join(map(letter, given("hidden-units-diagnose", key)["networks"]))
    assert len(set(answer)) == 4
    assert lecturelib.check("hidden-units-diagnose", answer, key=key)


@pytest.mark.parametrize("key", ["student-0", "student-1", "student-2"])
def test_six_layers_of_sigmoids_learn_with_any_key(key: str) -> None:
    # Here, as it trains networks when it is imported.
    from tests.chapters.hidden_units.answers.train import train

    assert lecturelib.check("hidden-units-train", train(key=key, steps=500), key=key)
    untouched = lecturelib.check("hidden-units-train", train(key=key, centre=False), key=key)
    assert untouched.code == "nothing-learnt"


def test_the_moments_of_the_hard_tanh_are_those_of_integration() -> None:
    x, w = gaussian_nodes()
    assert mean_square(lambda z: z.clamp(-1, 1)) == pytest.approx(hard_tanh.SQUARE, abs=1e-4)
    assert (w * (x.abs() < 1)).sum().item() == pytest.approx(hard_tanh.SLOPE, abs=0.02)
