"""Numbers that depend on an exercise and a student key, and on nothing else.

They are read off SHA-256, not off a random generator whose stream may differ between versions, so
the same key gives the same numbers on every machine.

>>> one, other = Draws("an-exercise", "ada"), Draws("an-exercise", "emmy")
>>> one.uniform(2).tolist() == Draws("an-exercise", "ada").uniform(2).tolist()
True
>>> one.uniform(2).tolist() == other.uniform(2).tolist()
False
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import NormalDist
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
_NORMAL = NormalDist()


class Draws:
    """A stream of numbers that is fixed by an exercise's slug and a student key.

    Values are rounded to ``decimals`` places: a difference in the last bit of a mathematical
    library cannot show, and the numbers can be read and copied by hand.

    >>> draws = Draws("an-exercise", "ada")
    >>> draws.normal(2, 3).shape, draws.choice(["red", "green"]) in ("red", "green")
    (torch.Size([2, 3]), True)
    """

    def __init__(self, slug: str, key: str = "", *, decimals: int = 4) -> None:
        self._units = _units(f"{slug}\0{key}")
        self._decimals = decimals

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Values in [low, high], as a float64 tensor of the given shape."""
        return self._fill(shape, lambda u: low + (high - low) * u)

    def normal(self, *shape: int, mean: float = 0.0, std: float = 1.0) -> Tensor:
        """Normal values, as a float64 tensor of the given shape."""
        return self._fill(shape, lambda u: mean + std * _NORMAL.inv_cdf(u))

    def signed(self, *shape: int, low: float = 0.5, high: float = 1.5) -> Tensor:
        """Values that stay away from zero: a size in [low, high] and a sign."""

        def value(u: float) -> float:
            return math.copysign(low + (high - low) * abs(2 * u - 1), u - 0.5)

        return self._fill(shape, value)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(next(self._units) * len(options))]

    def some(self, options: Iterable[T], count: int) -> list[T]:
        """So many of the options in some order, none twice.

        >>> sorted(Draws("an-exercise", "ada").some("abc", 3))
        ['a', 'b', 'c']
        """
        left = list(options)
        return [left.pop(int(next(self._units) * len(left))) for _ in range(count)]

    def _fill(self, shape: Sequence[int], value: Callable[[float], float]) -> Tensor:
        values = [round(value(next(self._units)), self._decimals) for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float64, device="cpu").reshape(shape)


def _units(seed: str) -> Iterator[float]:
    """Numbers strictly between 0 and 1: 53 bits of each 8 bytes of SHA-256(seed, 0),
    SHA-256(seed, 1), …"""
    counter = 0
    while True:
        digest = hashlib.sha256(f"{seed}\0{counter}".encode()).digest()
        for start in range(0, 32, 8):
            yield ((int.from_bytes(digest[start : start + 8], "big") >> 11) + 0.5) / 2**53
        counter += 1
