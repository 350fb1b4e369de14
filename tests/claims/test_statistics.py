"""Medians, wins and verdicts against values worked out by hand, and against NumPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.claims import verdict
from lecturelib.claims.statistics import format_value, passes, refutes, summarize
from tests.claims.small_claims import GAIN, toy

LOSS = replace(GAIN, name="loss", expect="below", threshold=-1.0)
ENDS = replace(GAIN, name="ends", role="condition")
finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(finite, min_size=1, max_size=30))
def test_summary_agrees_with_numpy(values: list[float]) -> None:
    summary = summarize(GAIN, values)
    assert summary.median == pytest.approx(np.median(values))
    assert (summary.low, summary.high) == (np.min(values), np.max(values))
    assert summary.wins == np.sum(np.array(values) > 0)


@given(st.lists(finite, min_size=1, max_size=30))
def test_below_mirrors_above(values: list[float]) -> None:
    mirrored = [-value for value in values]
    assert passes(GAIN, values) == passes(LOSS, mirrored)
    assert refutes(GAIN, values) == refutes(LOSS, mirrored)
    assert not (passes(GAIN, values) and refutes(GAIN, values))


def test_no_value_is_an_error() -> None:
    with pytest.raises(ValueError, match="'gain' has no values"):
        summarize(GAIN, [])


@pytest.mark.parametrize(
    ("values", "passed"),
    [
        ([1.1] * 10, True),
        ([1.0] * 10, False),  # the threshold itself is not enough
        ([9.0] * 9 + [-0.1], True),  # 9 of 10 win
        ([9.0] * 8 + [-0.1] * 2, False),  # a median of 9 and 8 wins
        ([0.9] * 10, False),  # all win by too little
    ],
)
def test_a_measure_needs_its_median_and_its_wins(values: list[float], passed: bool) -> None:
    assert passes(GAIN, values) is passed


def test_a_measure_without_expectation_passes_and_has_no_wins() -> None:
    reported = replace(GAIN, expect=None)
    assert passes(reported, [-5.0])
    assert not refutes(reported, [-5.0])
    assert summarize(reported, [-5.0]).wins is None


@pytest.mark.parametrize(
    ("gain", "ends", "expected"),
    [
        ([2.0] * 10, [0.0] * 10, "holds"),
        ([2.0] * 10, [2.0] * 10, "holds with a condition"),
        ([0.5] * 10, [2.0] * 10, "not reproduced"),
        ([0.0] * 10, [0.0] * 10, "not reproduced"),
        ([-0.5] * 10, [0.0] * 10, "not reproduced"),  # the other way, but not as far
        ([-2.0] * 10, [2.0] * 10, "wrong"),
        ([-2.0] * 8 + [2.0] * 2, [0.0] * 10, "not reproduced"),  # two seeds say otherwise
    ],
)
def test_verdicts(gain: list[float], ends: list[float], expected: str) -> None:
    claim = toy(measures=(GAIN, ENDS), verdict="holds with a condition")
    assert verdict(claim, {"gain": gain, "ends": ends}) == expected


def test_an_exact_statement_is_wrong_when_every_seed_misses_it() -> None:
    exact = replace(GAIN, expect="below", threshold=1e-13, reference=None, wins=1.0)
    claim = toy(measures=(exact,))
    assert verdict(claim, {"gain": [1e-16, 2e-16]}) == "holds"
    assert verdict(claim, {"gain": [1e-16, 2e-3]}) == "not reproduced"
    assert verdict(claim, {"gain": [1e-3, 2e-3]}) == "wrong"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.12345, 3, "0.123"), (-2.0, 0, "−2"), (3e-16, -1, "≤ 1e-15"), (1e-15, -1, "≤ 1e-15"),
     (0.0, -1, "0")],
)  # fmt: skip
def test_numbers_in_print(value: float, digits: int, text: str) -> None:
    assert format_value(value, digits) == text
