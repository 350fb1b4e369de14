"""Ten seeds of an experiment side by side on a leading tensor axis, and in a loop over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from torch import Tensor

from lecturelib.chapters.covariate_shift.experiments import internal_shift
from lecturelib.chapters.loss_smoothness.experiments import learning_rates, smoothness

from .harness import Benchmark

SEEDS = range(10)
GOAL = 0.35
NORMALIZED = ("norm", "relu")

Experiment = Callable[[Sequence[int]], dict[str, Tensor]]


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """Short runs of three experiments of Part V; nothing is compiled."""
    experiments: dict[str, Experiment] = {
        "internal covariate shift, 16 layers, 10 steps and a probe": partial(
            internal_shift, order=NORMALIZED, depth=16, steps=10, every=10
        ),
        "smoothness along the gradient, 8 layers, 10 steps and a probe": partial(
            smoothness, order=NORMALIZED, depth=8, training=10, every=10
        ),
        "residual networks at one rate, 4 blocks, an epoch": partial(
            learning_rates, rates=[0.1], blocks=4, width=48, epochs=1
        ),
    }
    for name, experiment in experiments.items():
        yield Benchmark(
            name=f"ten seeds: {name}",
            contestants={
                "loop": partial(one_by_one, experiment),
                "side by side": partial(experiment, SEEDS),
            },
            baseline="loop",
            goals={"side by side": GOAL},
        )


def one_by_one(experiment: Experiment) -> list[dict[str, Tensor]]:
    """Run each seed by itself."""
    return [experiment([seed]) for seed in SEEDS]
