"""``lecturelib.hint``: help in steps, the next one each time."""

from __future__ import annotations

import html
import textwrap
from collections import Counter
from dataclasses import dataclass

from lecturelib.exercises.registry import find

_given: Counter[str] = Counter()


@dataclass(frozen=True)
class Hint:
    """One step of help; prints as text, shows as HTML in a notebook."""

    exercise: str
    step: int
    of: int
    text: str

    def __repr__(self) -> str:
        head = f"Hint {self.step} of {self.of} for {self.exercise}:"
        return textwrap.fill(f"{head} {self.text}", 92, subsequent_indent="  ")

    def _repr_html_(self) -> str:
        return (
            '<div style="border-left:5px solid #E69F00;padding:.5em 1em;margin:.5em'
            f' 0;max-width:50em"><strong>Hint {self.step} of {self.of}</strong> ·'
            f" {html.escape(self.text)}</div>"
        )


def hint(exercise: str, step: int | str | None = None) -> Hint:
    """The next hint for an exercise; each call goes one step further, and the last one stays.

    ``step`` (from 1) asks for a certain one.

    >>> hint("batch-norm-forward", step=1).of
    3
    """
    record = find(exercise)
    count = len(record.hints)
    if step is None:
        _given[exercise] = min(_given[exercise] + 1, count)
        number: int | None = _given[exercise]
    else:
        number = _whole(step)
    if number is None or not 1 <= number <= count:
        raise ValueError(f"hint({exercise!r}) has steps 1 to {count}, not {step!r}")
    return Hint(exercise, number, count, record.hints[number - 1])


def _whole(step: object) -> int | None:
    """A step as a number: 2, "2" and 2.0 are the second one; None for anything else."""
    try:
        number = float(str(step))
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
