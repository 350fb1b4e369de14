"""The names of exercises: a chapter's, then a word or two of their own, joined by hyphens.

Who needs names alone, such as a quiz on a page, loads no exercise.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from lecturelib import contents


def chapters() -> list[str]:
    """The chapters that have exercises, in the order of the book."""
    return [slug for slug in contents.CHAPTERS if contents.has(slug, "exercises")]


def chapter_of(slug: str) -> str | None:
    """The chapter whose name a slug begins with.

    >>> chapter_of("batch-norm-forward"), chapter_of("forward")
    ('batch_norm', None)
    """
    found = [c for c in chapters() if slug.startswith(f"{c.replace('_', '-')}-")]
    return max(found, key=len, default=None)


def nearest(name: str, titles: Mapping[str, str], n: int = 3) -> list[str]:
    """The names that hold all words of the one asked for, or look like it, or the end of it.

    >>> nearest("Momentum", {"optimizers-momentum": "Momentum by hand", "optimizers-adam": "Adam"})
    ['optimizers-momentum']
    """
    asked = re.sub(r"[\W_]+", "-", name.lower()).strip("-")
    words = set(asked.split("-")) - {""}
    holding = [slug for slug in titles if words and words <= set(slug.split("-"))]
    titled = [s for s, title in titles.items() if words and words <= set(_words(title))]
    tails = {slug[i:]: slug for slug in titles for i in _starts(slug)}
    alike = difflib.get_close_matches(asked, [*titles, *tails], n=2 * n, cutoff=0.7)
    found = [*holding, *(tails.get(name, name) for name in alike), *titled]
    return list(dict.fromkeys(found))[:n]


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.lower())


def _starts(slug: str) -> list[int]:
    """Where a word of the slug begins, the first one left out."""
    return [match.end() for match in re.finditer("-", slug)]
