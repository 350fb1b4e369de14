"""From values per seed to median, range, paired wins and a verdict."""

from __future__ import annotations

import math
import statistics as st
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lecturelib.claims.record import Claim, Measure, Verdict

__all__ = ["Summary", "effect_text", "format_value", "passes", "refutes", "summarize", "verdict"]


@dataclass(frozen=True)
class Summary:
    """Median and range of one measure over seeds, and how many seeds lie on the expected side."""

    median: float
    low: float
    high: float
    wins: int | None
    seeds: int


def summarize(measure: Measure, values: Sequence[float]) -> Summary:
    """Median, smallest and largest value, and paired wins.

    Each value compares two conditions under one seed, so the wins are paired: a seed wins when its
    value lies strictly on the expected side of the value of no effect.

    >>> gain = Measure(name="gain", label="gain", expect="above", threshold=0.1, reference=0.0,
    ...                reason="half the effect", tolerance=0.1)
    >>> summarize(gain, [0.2, 0.3, -0.1])
    Summary(median=0.2, low=-0.1, high=0.3, wins=2, seeds=3)

    Raises:
        ValueError: if there is no value.
    """
    if not values:
        raise ValueError(f"summarize: measure {measure.name!r} has no values")
    wins = None
    if measure.expect is not None:
        wins = sum(_beyond(measure, value, measure.no_effect) for value in values)
    return Summary(st.median(values), min(values), max(values), wins, len(values))


def _beyond(measure: Measure, value: Any, limit: float | None) -> Any:
    """Whether ``value`` lies strictly on the expected side of ``limit``."""
    assert limit is not None
    return value > limit if measure.expect == "above" else value < limit


def passes(measure: Measure, values: Sequence[float]) -> bool:
    """Whether the median passes the threshold and enough seeds win.

    >>> near = Measure(name="e", label="error", expect="below", threshold=1e-13, reason="float64",
    ...                tolerance=1e-13, wins=1.0)
    >>> passes(near, [1e-16, 3e-16]), passes(near, [1e-16, 1e-3])
    (True, False)
    """
    summary = summarize(measure, values)
    if summary.wins is None:
        return True
    return bool(passed(measure, summary.median, summary.wins, summary.seeds))


def passed(measure: Measure, median: Any, wins: Any, seeds: int) -> Any:
    """The rule of :func:`passes`, for numbers or arrays of them."""
    return (wins >= measure.wins * seeds) & _beyond(measure, median, measure.threshold)


def refutes(measure: Measure, values: Sequence[float]) -> bool:
    """Whether the values say the opposite as clearly as they were asked to say it.

    The median must lie as far beyond the value of no effect on the *other* side as the threshold
    lies on the expected one, and as few seeds may win. Where threshold and value of no effect
    coincide (an exact statement), every seed must miss it.
    """
    summary = summarize(measure, values)
    if summary.wins is None or measure.threshold is None or measure.no_effect is None:
        return False
    return bool(refuted(measure, summary.median, summary.wins, summary.seeds))


def refuted(measure: Measure, median: Any, wins: Any, seeds: int) -> Any:
    """The rule of :func:`refutes`, for numbers or arrays of them."""
    assert measure.threshold is not None
    assert measure.no_effect is not None
    mirrored = 2 * measure.no_effect - measure.threshold
    opposite = median < mirrored if measure.expect == "above" else median > mirrored
    return opposite & (wins <= (1 - measure.wins) * seeds)


def verdict(claim: Claim, values: Mapping[str, Sequence[float]]) -> Verdict:
    """The verdict that these values give.

    - *holds*: every measure of the claim passes, and no condition shows;
    - *holds with a condition*: they pass, and so does a measure that shows where the claim ends;
    - *wrong*: a measure of the claim passes as clearly on the other side of *no effect*;
    - *not reproduced*: neither.
    """
    tested = [m for m in claim.measures if m.expect is not None]
    stated = [m for m in tested if m.role == "claim"]
    conditions = [m for m in tested if m.role == "condition"]
    if all(passes(m, values[m.name]) for m in stated):
        limited = conditions and all(passes(m, values[m.name]) for m in conditions)
        return "holds with a condition" if limited else "holds"
    if any(refutes(m, values[m.name]) for m in stated):
        return "wrong"
    return "not reproduced"


def format_value(value: float, digits: int = 3, *, least: bool = False) -> str:
    """A number with ``digits`` digits after the point; ``-1`` rounds up to a power of ten.

    Rounding errors differ from one processor to another, their order of magnitude hardly does.
    With ``least``, of a number that has to be large, ``-1`` rounds down.

    >>> format_value(0.12345), format_value(-0.5, 1), format_value(3e-16, -1), format_value(0.0, -1)
    ('0.123', '−0.5', '≤ 1e-15', '0')
    >>> format_value(3e7, -1, least=True)
    '≥ 1e7'
    """
    if digits < 0 and least and value > 0:
        return f"≥ 1e{math.floor(math.log10(value))}"
    if digits < 0:
        return "0" if value == 0 else f"≤ 1e{math.ceil(math.log10(abs(value)))}"
    return f"{value:.{digits}f}".replace("-", "−")


def _with_unit(measure: Measure, value: float) -> str:
    text = format_value(value, measure.digits)
    return f"{text} {measure.unit}" if measure.unit else text


def effect_text(measure: Measure, values: Sequence[float]) -> str:
    """Median, range and the seeds beyond the value of no effect, in one line.

    >>> gain = Measure(name="gain", label="gain", expect="above", threshold=0.1, reference=0.0,
    ...                reason="half the effect", tolerance=0.1)
    >>> effect_text(gain, [0.2, 0.3, -0.1])
    '0.200 [−0.100 .. 0.300], 2/3 seeds above 0'
    """
    summary = summarize(measure, values)
    if measure.digits < 0:  # orders of magnitude: one end says all
        least = measure.expect == "above"
        end = summary.low if least else summary.high
        return f"{format_value(end, -1, least=least)} on every seed"
    low, high = (format_value(value, measure.digits) for value in (summary.low, summary.high))
    text = f"{_with_unit(measure, summary.median)} [{low} .. {high}]"
    if summary.wins is None:
        return text
    beyond = f"{measure.expect} {measure.no_effect:g}".replace("-", "−")
    return f"{text}, {summary.wins}/{summary.seeds} seeds {beyond}"
