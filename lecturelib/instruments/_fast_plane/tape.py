"""Calls of PyTorch that are recorded once, and made again when other numbers lie in their memory.

The way of a small tensor through modules and rules takes longer than its arithmetic. A tape makes
the same calls in the same order on the same memory, with nothing in between. A value's memory
serves again as soon as the recorded code lets go of the value, so that the tape needs little memory
and works within a cache.

>>> tape, x = Tape(), torch.tensor([1.0, 2.0])
>>> y = tape.new(torch.exp, x)
>>> tape.call(Tensor.add_, y, 1)
>>> _ = x.zero_()
>>> tape.replay()
>>> y
tensor([2., 2.])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor


class Tape:
    """What was called, in order. Arguments are held; their memory is the memory of each replay."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], object]] = []
        # Memory that no value needs any more, the latest last, for values of the same kind.
        self.free: dict[tuple[torch.Size, torch.dtype], list[Tensor]] = {}
        # Tensors from elsewhere, and how often each had been written to when it was used.
        self.constants: list[tuple[Tensor, int]] = []
        # The value that ``later`` put off, and what writes it.
        self.due: tuple[Value, Callable[[Tensor], None]] | None = None

    def call(self, func: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call a function now, and at each replay."""
        self.settle()
        step = partial(func, *args, **kwargs)
        step()
        self.steps.append(step)

    def write(self, func: Callable[..., Tensor], *args: Any, out: Tensor, **kwargs: Any) -> None:
        """Call a function such that its result comes to lie in ``out``, which it must take."""
        self.call(func, *args, out=out, **kwargs)

    def new(self, func: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """Call a function; its result keeps its memory."""
        self.settle()
        memory = func(*args, **kwargs)
        self.write(func, *args, out=memory, **kwargs)
        return memory

    def now(self, spare: Tensor, write: Callable[[Tensor], None]) -> Value:
        """Have a value written, into memory like ``spare``, which has its shape and type."""
        value = self.later(spare, write)
        self.settle()
        return value

    def later(self, spare: Tensor, write: Callable[[Tensor], None]) -> Value:
        """Have a value written at the next call, perhaps over what it is made of.

        By then it is known whether the recorded code still holds that; if not, its memory was left
        last, and is the first to serve again. So ``write(out)`` must allow it.
        """
        self.settle()
        value = Value(self, spare)
        self.due = value, write
        return value

    def settle(self) -> None:
        """Make the call that is due."""
        if self.due is not None:
            # No longer due before it is written: to write is to call, and each call settles first.
            (value, write), self.due = self.due, None
            write(value.take())

    def watch(self, tensors: Iterable[Tensor]) -> None:
        """Note tensors that come from elsewhere, and must not change.

        Those of inference mode, which PyTorch does not let one watch, are taken at their word.
        """
        self.constants += [(t, t._version) for t in tensors if not t.is_inference()]

    def unchanged(self) -> bool:
        """Whether the tensors from elsewhere are what they were when they were used."""
        return all(t._version == version for t, version in self.constants)

    def replay(self) -> None:
        """Make all calls again."""
        for step in self.steps:
            step()


class Value:
    """A tensor on a tape. When this object is gone, its memory serves others."""

    def __init__(self, tape: Tape, spare: Tensor) -> None:
        self.tape, self.spare = tape, spare
        self.free = tape.free.setdefault((spare.shape, spare.dtype), [])
        self.taken: Tensor | None = None

    def take(self) -> Tensor:
        """Settle where it lies: where another value was, if there is such a place."""
        self.taken = self.free.pop() if self.free else self.spare
        del self.spare
        return self.taken

    @property
    def memory(self) -> Tensor:
        """Where it lies."""
        self.tape.settle()
        assert self.taken is not None
        return self.taken

    def __del__(self) -> None:
        # Python calls this as soon as the recorded code holds the value no longer, not at some
        # later collection of garbage: nothing here refers to itself in a circle.
        if self.taken is not None:
            self.free.append(self.taken)
