"""Ratios of CPU time, such that a busy machine does not spoil them.

Contestants run in turn, round by round, on one thread; each round gives each contestant's CPU time
over the baseline's, and the median over rounds counts. CPU time (``time.process_time``) rather than
wall clock, and ratios within a round rather than times, as other work on the machine then matters
least.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Work = Callable[[], object]


@dataclass(frozen=True)
class Benchmark:
    """One piece of work that several contestants do.

    Attributes:
        name: What is done, on what size.
        contestants: Name to a function that does the work once.
        baseline: Name of the contestant that counts as 1.
        goals: Name of a contestant to the ratio that it should not exceed.
        children: Whether the work is done in child processes, whose CPU time counts then.
        long: Whether one turn takes seconds: then one warm-up and at most 5 rounds must do.
    """

    name: str
    contestants: Mapping[str, Work]
    baseline: str
    goals: Mapping[str, float] = field(default_factory=dict)
    children: bool = False
    long: bool = False


@dataclass(frozen=True)
class Result:
    """CPU time of one contestant: ratio to the baseline (median and quartiles) and in seconds."""

    ratio: float
    low: float
    high: float
    seconds: float


def measure(
    benchmark: Benchmark, *, rounds: int = 25, slice_seconds: float = 0.05
) -> dict[str, Result]:
    """Let the contestants of a benchmark run in turn.

    Args:
        benchmark: What to run.
        rounds: How often each has its turn, at least 2.
        slice_seconds: CPU time of a turn of the baseline, about; the others repeat as often.

    Returns:
        A result for each contestant.
    """
    for work in benchmark.contestants.values():  # warm up: caches, allocator, compilation
        for _ in range(1 if benchmark.long else 3):
            work()
    clock = children_time if benchmark.children else time.process_time
    baseline = benchmark.contestants[benchmark.baseline]
    repeats = max(1, round(slice_seconds / max(cpu_seconds(baseline, clock), 1e-9)))
    turns: dict[str, list[float]] = {name: [] for name in benchmark.contestants}
    for _ in range(min(rounds, 5) if benchmark.long else rounds):
        for name, work in benchmark.contestants.items():
            turns[name].append(cpu_seconds(work, clock, repeats) / repeats)
    return {name: summarize(times, turns[benchmark.baseline]) for name, times in turns.items()}


def children_time() -> float:
    """CPU time of the child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def cpu_seconds(work: Work, clock: Callable[[], float], repeats: int = 1) -> float:
    """CPU time of the work, all its threads together."""
    start = clock()
    for _ in range(repeats):
        work()
    return clock() - start


def summarize(times: list[float], baseline: list[float]) -> Result:
    """Median and quartiles of the ratios round by round, and the median time."""
    ratios = [a / b for a, b in zip(times, baseline, strict=True)]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Result(median, low, high, statistics.median(times))
