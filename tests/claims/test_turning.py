"""The probability that a verdict turns, against simulations in which it is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.claims import claims, stored, verdict
from lecturelib.claims.record import VERDICTS
from lecturelib.claims.turning import (
    LIMIT,
    futures,
    outcomes,
    turning_of,
    turning_probability,
    turning_text,
)
from tests.claims.small_claims import GAIN, toy

ENDS = replace(GAIN, name="ends", role="condition")
SAMPLES, STORED_SEEDS = 60, 20
Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

# A true probability to turn of 1 to 3%: limits in standard deviations below the mean.
DISTRIBUTIONS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda g, n: g.standard_normal(n), 2.0),
    "exponential": (lambda g, n: 1 - g.standard_exponential(n), 2.8),
    "log-normal": (lambda g, n: (np.exp(0.5) - np.exp(g.standard_normal(n))) / 2.16, 2.8),
    "Student (5)": (lambda g, n: g.standard_t(5, n) / np.sqrt(5 / 3), 2.1),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_estimate_is_of_the_size_of_the_truth_and_on_the_side_of_caution(name: str) -> None:
    draw, limit = DISTRIBUTIONS[name]
    random = np.random.default_rng(11)
    line = replace(GAIN, threshold=-limit, reference=None)
    claim = toy(measures=(line,))
    truth = np.mean(outcomes([line], {"gain": draw(random, (200_000, 10))}) != 0)
    assert 0.005 < truth < 0.04
    found = [
        turning_probability(claim, {"gain": draw(random, (STORED_SEEDS,))}, draws=1_000)
        for _ in range(SAMPLES)
    ]
    assert truth < np.mean(found) < 10 * truth
    assert truth / 2 < np.median(found) < 7 * truth


@pytest.mark.parametrize("limit", [-4.0, -8.0])
def test_far_limits_are_hardly_ever_crossed(limit: float) -> None:
    random = np.random.default_rng(3)
    claim = toy(measures=(replace(GAIN, threshold=limit, reference=None),))
    found = [
        turning_probability(claim, {"gain": random.standard_normal(20)}, draws=2_000)
        for _ in range(40)
    ]
    assert np.mean(found) < 0.01


def test_a_fresh_seed_falls_into_each_gap_equally_often() -> None:
    numbers = [1.0, 2.0, 4.0, 8.0]
    near = replace(GAIN, threshold=3.0, reference=None)
    y = futures(near, numbers, 10, 20_000, np.random.default_rng(0)).ravel()
    shares = np.histogram(y, [-np.inf, *numbers, np.inf])[0] / y.size
    assert shares == pytest.approx([0.2] * 5, abs=0.01)
    tail = 1.0 - y[y < 1.0]  # mean excess of the lowest quarter: 2 - 1
    assert tail.mean() == pytest.approx(1.0, rel=0.05)


def test_no_draw_passes_a_bound() -> None:
    never = replace(GAIN, threshold=1.0, reference=None, bound=1.0)
    y = futures(never, [1.01, 1.02, 1.5, 2.0], 10, 2_000, np.random.default_rng(0))
    assert y.min() >= 1.0
    below = replace(never, expect="below", threshold=3.0, bound=2.5)
    y = futures(below, [1.01, 1.02, 1.5, 2.0], 10, 2_000, np.random.default_rng(0))
    assert y.max() <= 2.5


def test_values_without_spread_never_turn_and_few_values_are_refused() -> None:
    assert turning_probability(toy(), {"gain": [2.0] * 20}) == 0
    assert turning_probability(toy(), {"gain": [0.5] * 20}) == 1  # the record says: holds
    with pytest.raises(ValueError, match="3 values of 'gain'"):
        turning_probability(toy(), {"gain": [1.0, 2.0, 3.0]})


def test_more_seeds_make_a_verdict_firm() -> None:
    values = {"gain": list(np.random.default_rng(1).normal(1.6, 1.0, 20))}
    by = {n: turning_probability(toy(seeds=n, measures=(replace(GAIN, wins=0.5),)), values)
          for n in (10, 40)}  # fmt: skip
    assert by[40] < by[10] / 2


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_the_verdicts_are_those_of_the_rule(seed: int) -> None:
    random = np.random.default_rng(seed)
    drawn = {name: random.normal(random.normal(0, 2), 1.0, (5, 10)) for name in ("gain", "ends")}
    claim = toy(measures=(GAIN, ENDS), verdict="holds with a condition")
    found = outcomes([GAIN, ENDS], drawn)
    for row, index in enumerate(found):
        values = {name: list(x[row]) for name, x in drawn.items()}
        assert VERDICTS[index] == verdict(claim, values)


def test_no_verdict_of_the_book_turns_by_chance() -> None:
    likely = {}
    for claim in claims():
        result = stored(claim)
        assert result is not None
        probability = turning_of(claim, result)
        assert probability is not None
        if probability > LIMIT:
            likely[claim.id] = turning_text(probability)
    assert not likely
