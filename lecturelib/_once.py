"""Tensors that are named several times, as tied weights are, count once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def once(items: Iterable[T], key: Callable[[T], Any] = lambda item: item) -> list[T]:
    """Return each object at its first place, in order; what counts is which object it is.

    Args:
        items: Tensors, or what holds them.
        key: What is looked at, if not the item itself.

    Example:
        >>> import torch
        >>> w, b = torch.ones(2), torch.ones(2)
        >>> [t is w for t in once([w, b, w])]
        [True, False]
    """
    seen: dict[int, T] = {}
    for item in items:
        seen.setdefault(id(key(item)), item)
    return list(seen.values())
