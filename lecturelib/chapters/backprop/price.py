"""The price of a gradient: every parameter nudged in turn, against one backward pass.

Explained in the chapter ``backprop``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lecturelib import autodiff as ad

__all__ = ["Price", "prices"]

INPUTS, CLASSES, BATCH = 64, 10, 32


@dataclass(frozen=True)
class Price:
    """CPU seconds of one network, a value a round.

    Args:
        parameters: How many numbers the network learns.
        evaluation: One evaluation of the loss.
        gradient: One evaluation and its backward pass.
    """

    parameters: int
    evaluation: np.ndarray
    gradient: np.ndarray

    @property
    def nudging(self) -> np.ndarray:
        """Seconds of one-sided differences: an evaluation for each parameter, and one more."""
        return (self.parameters + 1) * self.evaluation


def prices(hidden: Sequence[int], *, rounds: int = 15, seed: int = 0) -> list[Price]:
    """Time the loss of networks 64–hidden–10 and its gradient, in rounds that take turns.

    Args:
        hidden: Widths of the hidden layer, one network each.
        rounds: Measurements of each.
        seed: Of inputs and weights.

    Returns:
        A :class:`Price` for each network.

    >>> [price.parameters for price in prices([1, 10], rounds=1)]
    [85, 760]
    """
    return [_price(width, rounds, np.random.default_rng(seed)) for width in hidden]


def _price(hidden: int, rounds: int, rng: np.random.Generator) -> Price:
    x, target = rng.normal(size=(BATCH, INPUTS)), rng.integers(0, CLASSES, BATCH)
    shapes = [(hidden, INPUTS), (hidden,), (CLASSES, hidden), (CLASSES,)]
    weights = [ad.Tensor(rng.normal(size=s) / 10, requires_grad=True) for s in shapes]

    def loss() -> ad.Tensor:
        w, b, v, c = weights
        return ad.cross_entropy(ad.linear(ad.linear(x, w, b).relu(), v, c), target)

    def evaluation() -> None:
        with ad.no_grad():
            loss()

    def gradient() -> None:
        loss().backward()

    seconds = np.array([[_time(evaluation), _time(gradient)] for _ in range(rounds + 1)])[1:]
    return Price(sum(w.size for w in weights), seconds[:, 0], seconds[:, 1])


def _time(call: Callable[[], None], repeats: int = 5) -> float:
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats
