r"""How likely ten fresh seeds are to give another verdict than the record.

A verdict is computed from ten seeds, so it can turn by chance. How often, follows from the
distribution of each measure over seeds, of which the stored seeds are a sample. Whatever that
(continuous) distribution is, the sorted values :math:`x_{(1)} ≤ … ≤ x_{(n)}` cut the line into
*n* + 1 intervals, and a fresh seed falls into each with the same probability,

.. math::

    P\bigl(x_{(i)} < x_{n+1} < x_{(i+1)}\bigr) = \frac1{n+1}, \qquad i = 0, …, n

(Wilks 1941; Hill 1968 calls it :math:`A_{(n)}`). So with 20 seeds that all win, the next one still
loses with probability 1/21 as far as counting tells. A future is ten such seeds; the estimate is
the share of :data:`DRAWS` futures whose verdict is not the recorded one.

Distances tell more than counts, and this is where a model comes in. Between two stored values the
place is uniform. Beyond the outermost ones it falls off exponentially with the mean excess of the
outer quarter of the values,

.. math::

    s = \frac1k \sum_{i=1}^k \left(x_{(k+1)} - x_{(i)}\right), \qquad k = \lfloor n / 4 \rfloor

for the lower end, and the same above: heavier than the tail of a normal distribution, lighter than
that of a power law. A ratio (no effect is 1) is drawn on the scale of its logarithm. Where theory
forbids values beyond a ``bound``, none is drawn beyond it.

**Assumed** is that seeds are independent, that tails are no heavier than exponential, and that the
machine is the same. Four experiments (F9, N11, PP1, T6) choose a learning rate once for the ten
seeds of a block; there ten seeds share a choice, and only two blocks are stored. Measures are drawn
independently of one another: if they fail together in truth, the estimate is too large, though
never by more than the sum over them.

**Resolution**: the estimate errs on the side of caution. In simulations with the rule of nine wins
in ten (``tests/claims/test_turning.py``) 20 normal, exponential, log-normal or Student (5) values
with a true probability of 1 to 2% give 5 to 10% on average, and 2 to 7% in the median; one sample
in ten gives less than 0.4%. So twenty seeds that show 1% most often stand for less, now and then
for a few per cent; a figure below :data:`FLOOR` means no more than "hardly ever".

References:
    S. S. Wilks, "Determination of sample sizes for setting tolerance limits", Annals of
    Mathematical Statistics 12 (1941), 91-96.
    B. M. Hill, "Posterior distribution of percentiles: Bayes' theorem for sampling from a
    population", Journal of the American Statistical Association 63 (1968), 677-691.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lecturelib.claims.record import VERDICTS, Claim, Measure
from lecturelib.claims.results import Result
from lecturelib.claims.statistics import passed, refuted

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

__all__ = ["FLOOR", "LIMIT", "turning_of", "turning_probability", "turning_text"]

LIMIT = 0.01
"""A verdict of the book may turn with at most this probability."""
FLOOR = 0.001
"""Twenty seeds and a model of the tail tell no smaller probabilities apart."""
DRAWS = 10_000
"""Futures drawn: the estimate's own standard error is 0.1% where it is 1%."""
FAR = 12.0
"""Scales of the tail beyond which no draw goes: a probability of e^-12."""

Sample = tuple[Measure, tuple[float, ...]]


def turning_probability(
    claim: Claim, values: Mapping[str, Sequence[float]], *, draws: int = DRAWS
) -> float:
    """Probability that fresh seeds, as many as decide about the verdict, give another one.

    Args:
        claim: the record; ``claim.seeds`` fresh seeds decide.
        values: per tested measure, one value for each of at least four stored seeds.
        draws: how many futures to draw.

    Raises:
        ValueError: if a measure has fewer than four values.

    >>> from lecturelib.claims import get, stored
    >>> claim = get("BN10")
    >>> turning_probability(claim, stored(claim).values)
    0.0
    """
    tested = [measure for measure in claim.measures if measure.expect is not None]
    samples = tuple((measure, tuple(values[measure.name])) for measure in tested)
    for measure, numbers in samples:
        if len(numbers) < 4:
            raise ValueError(
                f"turning_probability: claim {claim.id} has {len(numbers)} values of "
                f"{measure.name!r}; fewer than 4 say nothing about the spread"
            )
    return _turning(samples, VERDICTS.index(claim.verdict), claim.seeds, draws)


@functools.lru_cache(maxsize=512)
def _turning(samples: tuple[Sample, ...], verdict: int, seeds: int, draws: int) -> float:
    import numpy as np

    random = np.random.default_rng(0)  # the same figure on every machine
    drawn = {m.name: futures(m, numbers, seeds, draws, random) for m, numbers in samples}
    found = outcomes([measure for measure, _ in samples], drawn)
    return float(np.mean(found != verdict))


def futures(
    measure: Measure,
    numbers: Sequence[float],
    seeds: int,
    draws: int,
    random: np.random.Generator,
) -> Array:
    """Values of a measure on ``seeds`` fresh seeds, drawn ``draws`` times: ``[draws, seeds]``."""
    import numpy as np

    ratio = measure.reference == 1 and min(numbers) > 0
    x = np.sort(np.log(numbers) if ratio else numbers)
    low, high = _tail(x), _tail(-x[::-1])
    ends = np.array([x[0] - FAR * low, x[-1] + FAR * high])
    if not _limits_within(measure, *(np.exp(ends) if ratio else ends)):
        return np.full((draws, seeds), np.median(numbers))  # no draw decides anything
    interval = random.integers(0, len(x) + 1, (draws, seeds))
    left, right = x[np.maximum(interval - 1, 0)], x[np.minimum(interval, len(x) - 1)]
    y = left + random.random(interval.shape) * (right - left)
    beyond = random.standard_exponential(interval.shape)
    y = np.where(interval == 0, y - low * beyond, y)
    y = np.where(interval == len(x), y + high * beyond, y)
    return _bounded(measure, np.exp(y) if ratio else y, numbers)


def _tail(x: Array) -> float:
    """Mean excess at the lower end of sorted values."""
    k = len(x) // 4
    return float((x[k] - x[:k]).mean())


def _limits_within(measure: Measure, low: float, high: float) -> bool:
    """Whether a limit of the verdict lies between ``low`` and ``high``."""
    assert measure.threshold is not None
    assert measure.no_effect is not None
    limits = (measure.threshold, measure.no_effect, 2 * measure.no_effect - measure.threshold)
    return any(low <= limit <= high for limit in limits)


def _bounded(measure: Measure, y: Array, numbers: Sequence[float]) -> Array:
    """For a draw beyond the measure's bound stands the extreme value that was seen."""
    import numpy as np

    if measure.bound is None:
        return y
    if min(numbers) >= measure.bound:
        return np.where(y < measure.bound, min(numbers), y)
    return np.where(y > measure.bound, max(numbers), y)


def outcomes(measures: Sequence[Measure], drawn: Mapping[str, Array]) -> Array:
    """:func:`lecturelib.claims.verdict` for each row of the arrays, as an index into VERDICTS."""
    import numpy as np

    holds, limited = (
        [_by_row(passed, m, drawn[m.name]) for m in measures if m.role == role]
        for role in ("claim", "condition")
    )
    wrong = [_by_row(refuted, m, drawn[m.name]) for m in measures if m.role == "claim"]
    stated = np.all(holds, axis=0)
    shown = np.all(limited, axis=0) if limited else np.zeros_like(stated)
    return np.select(  # the first that applies
        [stated & shown, stated, np.any(wrong, axis=0)],
        [VERDICTS.index(v) for v in ("holds with a condition", "holds", "wrong")],
        VERDICTS.index("not reproduced"),
    )


def _by_row(rule: Callable[..., Any], measure: Measure, x: Array) -> Array:
    """A rule of :mod:`lecturelib.claims.statistics` for each row of ``x``."""
    import numpy as np

    wins = x > measure.no_effect if measure.expect == "above" else x < measure.no_effect
    found: Array = rule(measure, np.median(x, axis=1), wins.sum(axis=1), x.shape[1])
    return found


def turning_of(claim: Claim, result: Result) -> float | None:
    """The probability for a result at the quick settings, or ``None`` where it has too few seeds.

    >>> from lecturelib.claims import get, stored
    >>> turning_of(get("BN10"), stored(get("BN10")))
    0.0
    """
    if result.scale != "quick" or len(result.seeds) < max(claim.seeds, 10):
        return None
    return turning_probability(claim, result.values)


def turning_text(probability: float) -> str:
    """The probability in words, no finer than the estimate is.

    >>> turning_text(0.0), turning_text(0.0034), turning_text(0.13)
    ('less than 0.1%', 'about 0.3%', 'about 13%')
    """
    if probability < FLOOR:
        return f"less than {FLOOR:.1%}"
    return f"about {probability:.1%}" if probability < 0.0095 else f"about {probability:.0%}"
