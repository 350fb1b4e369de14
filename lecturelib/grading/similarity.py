"""Answers that are alike, by their syntax trees: names, comments, annotations and blanks aside.

Two answers to a short exercise are alike by nature, and what is alike is no proof of anything: it
is shown side by side to a person who decides.
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

LENGTH = 60
"""Nodes of the tree below which answers are not compared."""
ALIKE = 0.85
_RUN = 8  # nodes of a stretch that is compared


@dataclass(frozen=True)
class Pair:
    """Two students whose answers share so much of their stretches."""

    exercise: str
    one: str
    other: str
    share: float
    nodes: int


def nodes(source: str) -> list[str]:
    """The kinds of the tree's nodes in order, names numbered as they come.

    >>> nodes("def f(a):\\n    return a + 1  # one") == nodes("def g(xs: int):\\n  return xs+1")
    True
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    try:
        return list(_walk(tree, {}))
    except RecursionError:
        return []


def _walk(node: ast.AST, names: dict[str, int]) -> Iterator[str]:
    if isinstance(node, ast.expr_context | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring, or a value that nothing is done with
    word = type(node).__name__
    name = next((v for f in ("id", "arg", "name") for v in [getattr(node, f, None)] if v), None)
    if isinstance(name, str):
        word += str(names.setdefault(name, len(names)))
    elif isinstance(node, ast.Attribute):
        word += f".{node.attr}"
    elif isinstance(node, ast.Constant):
        word += repr(node.value)[:20]
    yield word
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, names)


def stretches(words: list[str]) -> frozenset[int]:
    """Hashes of all runs of a few nodes."""
    runs = ("\0".join(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1))
    return frozenset(
        int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs
    )


def pairs(
    exercise: str,
    answers: Mapping[str, str],
    released: str,
    *,
    length: int = LENGTH,
    alike: float = ALIKE,
) -> list[Pair]:
    """The pairs of students whose answers are at least so long and so much alike."""
    given = stretches(nodes(released))
    words = {student: nodes(source) for student, source in answers.items()}
    own = {s: stretches(w) - given for s, w in words.items() if len(w) >= length}
    holders: dict[int, list[str]] = defaultdict(list)
    for student, stretches_of in sorted(own.items()):
        for stretch in stretches_of:
            holders[stretch].append(student)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for students in holders.values():
        # What most of a class writes is the exercise's own form; pairs of it say nothing.
        if len(students) <= max(10, len(own) // 3):
            for pair in combinations(students, 2):
                shared[pair] += 1
    rare = {s: sum(_is_rare(holders[h], own) for h in mine) for s, mine in own.items()}
    found = [
        Pair(exercise, one, other, count / min(rare[one], rare[other]), len(words[one]))
        for (one, other), count in shared.items()
        if count >= 4 * _RUN
    ]
    return sorted((p for p in found if p.share >= alike), key=lambda p: (-p.share, p.one, p.other))


def _is_rare(students: list[str], own: Mapping[str, frozenset[int]]) -> bool:
    return len(students) <= max(10, len(own) // 3)
