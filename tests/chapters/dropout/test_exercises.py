"""What the exercises give to students can be solved from it, for any key."""

from __future__ import annotations

import math

import pytest

import lecturelib
from lecturelib.chapters.dropout.exercises import blocks
from lecturelib.exercises import given
from tests.chapters.dropout.answers.diagnose import letter

KEYS = [f"student-{i}" for i in range(12)]


@pytest.mark.parametrize("key", KEYS)
def test_each_patient_can_be_told_from_its_outputs(key: str) -> None:
    numbers = given("dropout-diagnose", key)
    answer = "".join(letter(one, numbers["p"]) for one in numbers["patients"])
    assert len(set(answer)) == 4
    assert lecturelib.check("dropout-diagnose", answer, key=key)


@pytest.mark.parametrize("key", KEYS)
def test_the_smallest_bag_is_found_by_trying(key: str) -> None:
    v, c, wanted = (given("dropout-how-many", key)[name] for name in ("v", "c", "wanted"))
    k = next(k for k in range(1, 1000) if v / k + (k - 1) / k * c <= wanted + 1e-12)
    assert k == math.ceil((v - c) / (wanted - c)), "no answer hangs on the last digit"
    assert lecturelib.check("dropout-how-many", k, key=key)
    assert not lecturelib.check("dropout-how-many", k + 1, key=key)


@pytest.mark.parametrize("key", KEYS)
def test_blocks_make_more_noise_than_pixels_and_less_than_a_channel(key: str) -> None:
    x, p = (given("dropout-blocks", key)[name] for name in ("x", "p"))
    noises = [blocks.noise(x, p, size) for size in (1, 2, 8)]
    assert noises[0] < noises[1] < noises[2]
    assert noises[2] == pytest.approx(math.sqrt(p / (1 - p)))
    assert noises[0] >= noises[2] / 8 - 1e-12
    assert lecturelib.check("dropout-blocks", noises, key=key)
