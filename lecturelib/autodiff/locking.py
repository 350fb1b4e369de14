"""Memory that NumPy refuses to change while somebody needs the values in it.

NumPy's flag ``writeable`` belongs to an array; values lie in memory that several arrays may show.
So holders are counted for each memory, which is known by the array that owns it. Whatever was
locked gets its flag back when the last of them has gone.
"""

from __future__ import annotations

import threading
from collections import deque
from sys import getrefcount
from types import SimpleNamespace
from typing import Any

import numpy as np

ADDING = threading.Lock()  # while leaves get their gradients, by one thread at a time


class Hold:
    """While this object lives, the array in ``tensor.data`` and the memory's owner are read-only.

    ``values`` is the array as it is now. If somebody else has it, or if it is a view, there may be
    other views through which it can still be changed, since they keep their own flags and nobody
    can find them. Then the values are a copy.

    Example:
        >>> from lecturelib.autodiff import Tensor
        >>> x, y = Tensor([1.0, 2.0]), Tensor(0.0)
        >>> y.data = x.data[:1]
        >>> first, second = Hold(x), Hold(y)
        >>> del first
        >>> x.data.flags.writeable
        False
        >>> del second
        >>> x.data.flags.writeable
        True
    """

    __slots__ = ("key", "values")

    def __init__(self, tensor: Any) -> None:
        alone = getrefcount(tensor.data) <= _ALONE and tensor.data.base is None
        array = np.asarray(tensor.data)  # which may be a scalar of NumPy
        owner = array if alone else _owner(array)
        self.key, self.values = id(owner), array if alone else array.copy()
        with _guard:
            if (memory := _held.get(self.key)) is None:
                memory = _held[self.key] = _Memory(owner)
            memory.holders += 1
            if array is not owner:
                memory.lock(array)
        if _gone:
            _release()

    def __del__(self) -> None:
        _gone.append(self.key)
        _release()


class _Memory:
    """How many hold it, and the arrays that are locked for them, with the flags they had."""

    __slots__ = ("arrays", "holders")

    def __init__(self, owner: np.ndarray) -> None:
        self.holders, self.arrays = 0, [(owner, owner.flags.writeable)]
        _set_writeable(owner, False)

    def lock(self, view: np.ndarray) -> None:
        if any(view is known for known, _ in self.arrays):
            return
        # A view that was made of locked memory is read-only from birth: it gets the owner's flag.
        inherited = self.holders > 1 and self.arrays[0][1]
        self.arrays.append((view, view.flags.writeable or inherited))
        _set_writeable(view, False)

    def unlock(self) -> None:
        for array, writeable in self.arrays:  # the owner first: its views need it
            if writeable:
                _set_writeable(array, True)


_set_writeable: Any = np.ndarray.setflags  # takes half the time without write=
_held: dict[int, _Memory] = {}  # by the id of the owner, which the entry keeps alive
_gone: deque[int] = deque()  # holds that have ended and are still counted
_guard = threading.Lock()
_one = SimpleNamespace(data=np.zeros(1))
_ALONE = getrefcount(_one.data)  # if nobody but the tensor has the array


def _release() -> None:
    """Stop counting the holds that have ended.

    A hold may end anywhere, even in the middle of the lines that keep count, when the garbage
    collector runs there. So nobody waits: whoever has the guard, or is the next to have it, counts.
    """
    while _gone and _guard.acquire(False):
        try:
            while _gone:
                memory = _held[key := _gone.popleft()]
                memory.holders -= 1
                if not memory.holders:
                    del _held[key]
                    memory.unlock()
        finally:
            _guard.release()


def _owner(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
