"""What LaTeX's log says about pages that a reader would not like, and programs that need Java."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

LIMIT = 10.0
"""Points (a third of a centimetre) by which a line may stick out into the margin."""

_OVERFULL = re.compile(r"Overfull \\hbox \((?P<points>[\d.]+)pt too wide\)(?P<where>[^\n]*)")
_LINES = re.compile(r"at lines? (\d+)")
_ABSENT = re.compile(r"Missing character: There is no (\S+)")
_UNDEFINED = re.compile(r"LaTeX Warning: (?:Hyper reference|Reference) `([^']+)'[^\n]* undefined")


def unwrapped(log: str) -> str:
    """The log with the lines joined that LaTeX has broken after 79 characters."""
    return re.sub(r"(?<=^.{79})\n", "", log, flags=re.MULTILINE)


def overfull(log: str) -> list[tuple[float, str]]:
    """Points and place of each line that sticks out, the widest first.

    >>> overfull("Overfull \\\\hbox (12.5pt too wide) in paragraph at lines 3--4")
    [(12.5, 'in paragraph at lines 3--4')]
    """
    found = _OVERFULL.finditer(unwrapped(log))
    return sorted(((float(one["points"]), one["where"].strip()) for one in found), reverse=True)


def absent(log: str) -> list[str]:
    """Characters that the fonts lack."""
    return sorted(set(_ABSENT.findall(unwrapped(log))))


def undefined(log: str) -> list[str]:
    """Places that a link leads to and that are nowhere."""
    return sorted(set(_UNDEFINED.findall(unwrapped(log))))


def faults(log: str, source: Path | None = None, limit: float = LIMIT) -> list[str]:
    """What must not be in a finished book, a line for each."""
    lines = source.read_text(encoding="utf-8").splitlines() if source else []
    wide = [
        f"   a line sticks out by {points:.0f} pt, {where}{_quoted(where, lines)}"
        for points, where in overfull(log)
        if points > limit
    ]
    missing = [f"   the fonts lack {character}" for character in absent(log)]
    return [*wide, *missing, *(f"   a link leads nowhere: {name}" for name in undefined(log))]


def summary(log: str) -> str:
    """How many lines stick out, in a sentence.

    >>> summary("")
    'no line sticks out'
    """
    found = overfull(log)
    if not found:
        return "no line sticks out"
    return f"{len(found)} lines stick out, the widest by {found[0][0]:.1f} pt (limit {LIMIT:.0f})"


def _quoted(where: str, lines: list[str]) -> str:
    """What the source has there, as a start of the search."""
    number = _LINES.search(where)
    if number is None or int(number[1]) > len(lines):
        return ""
    return f": {lines[int(number[1]) - 1].strip()[:80]}"


def java_program(name: str) -> list[str]:
    """The command of a program that some systems install as a bare Java archive."""
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"there is no program {name}")
    with open(path, "rb") as file:
        is_archive = file.read(2) == b"PK"
    return ["java", "-jar", path] if is_archive else [path]
