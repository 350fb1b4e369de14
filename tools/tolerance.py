"""Stored output against what a cell prints now: words strictly, numbers within a stated tolerance.

A result of training differs in its third digit from one processor to another. A cell whose output
may do so says by how much, in its metadata:

    {"tolerance": {"relative": 0.05, "absolute": 0.002}}

A number b that is stored and a number a that is printed agree if |a − b| ≤ absolute + relative·|b|.
Whole numbers are counts, and must be equal; ``"whole": true`` lets the tolerance hold for them too.
Words, and the order and number of numbers, are compared strictly, runs of blanks as one: a digit
more may move a column. Cells that state nothing are compared strictly, number for number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

KEY = "tolerance"
_KNOWN = {"relative": float, "absolute": float, "whole": bool}
# A digit that is part of a name (N2, float64, relu_1) belongs to the words.
_NUMBER = re.compile(r"(?<![\w.])([-−+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-−+]?\d+)?)(?!\w|\.\d)")
_WHOLE = re.compile(r"[-−+]?\d+")


def faults(tolerance: Any) -> list[str]:
    """What is wrong with a cell's statement of its tolerance.

    >>> faults({"relative": 0.1}), faults({"relativ": 0.1})
    ([], ["tolerance: 'relativ' is none of relative, absolute, whole"])
    """
    if not isinstance(tolerance, Mapping):
        return [f"{KEY}: wants a mapping such as {{'relative': 0.05}}, got {tolerance!r}"]
    found = []
    for name, value in tolerance.items():
        if name not in _KNOWN:
            found.append(f"{KEY}: {name!r} is none of {', '.join(_KNOWN)}")
        elif _KNOWN[name] is bool and not isinstance(value, bool):
            found.append(f"{KEY}: {name} is true or false, got {value!r}")
        elif _KNOWN[name] is float and not (isinstance(value, int | float) and 0 <= value < 1e9):
            found.append(f"{KEY}: {name} is a number of at least 0, got {value!r}")
    return found


def agree(printed: str, stored: str, tolerance: Mapping[str, Any]) -> bool:
    """Whether two texts have the same words, and numbers within the tolerance.

    >>> agree("median 0.962 of 10 seeds", "median 0.957 of 10 seeds", {"absolute": 0.01})
    True
    >>> agree("median 0.962 of 11 seeds", "median 0.957 of 10 seeds", {"relative": 0.2})
    False
    >>> agree("loss nan", "loss 0.3", {"relative": 9.0})
    False
    """
    ours, theirs = _split(printed), _split(stored)
    if len(ours) != len(theirs):
        return False
    # Every second piece is a number.
    words = all(_squeezed(a) == _squeezed(b) for a, b in zip(ours[::2], theirs[::2], strict=True))
    pairs = zip(ours[1::2], theirs[1::2], strict=True)
    return words and all(_close(a, b, tolerance) for a, b in pairs)


def settled(printed: str, stored: str, tolerance: Mapping[str, Any]) -> str:
    """The stored text where both agree, else the printed one: for a strict comparison after."""
    return stored if agree(printed, stored, tolerance) else printed


def _split(text: str) -> list[str]:
    return _NUMBER.split(text)


def _squeezed(words: str) -> str:
    return re.sub(r"[ \t]+", " ", re.sub(r"-{2,}", "--", words))


def _close(a: str, b: str, tolerance: Mapping[str, Any]) -> bool:
    if not tolerance.get("whole") and _WHOLE.fullmatch(a) and _WHOLE.fullmatch(b):
        return _value(a) == _value(b)
    room = tolerance.get("absolute", 0.0) + tolerance.get("relative", 0.0) * abs(_value(b))
    return math.isclose(_value(a), _value(b), rel_tol=0.0, abs_tol=room + 1e-15 * abs(_value(b)))


def _value(number: str) -> float:
    return float(number.replace("−", "-"))
