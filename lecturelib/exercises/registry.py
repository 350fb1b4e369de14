"""The exercises there are: one record each, gathered by chapter.

An exercise is a record (:class:`Exercise`); a chapter's folder has a subpackage ``exercises`` with
a tuple ``EXERCISES``. Statements and solutions live in the chapter's master notebook, not here:
the package holds what a check needs, and no answer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from lecturelib import contents
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.keeping import preserved_state
from lecturelib.exercises.names import chapter_of, chapters, nearest
from lecturelib.exercises.trial import Trial

Kind = Literal["proof", "code", "experiment", "question"]


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it asks for, what helps, and how an answer is examined.

    ``examine(trial)`` returns when the answer is right and raises
    ``Finding`` when it is not. ``given(draws)`` makes the
    numbers that the student works with, where an exercise has some.

    >>> find("batch-norm-forward").kind, find("batch-norm-forward").difficulty
    ('code', 1)
    """

    slug: str
    title: str
    chapter: str
    kind: Kind
    difficulty: int
    minutes: int
    wants: str
    hints: tuple[str, ...]
    examine: Callable[[Trial], None]
    given: Callable[[Draws], Mapping[str, Any]] | None = None

    @property
    def stars(self) -> str:
        """The difficulty in one to three stars; ★☆☆ is a warm-up, ★★★ takes thought."""
        return "★" * self.difficulty + "☆" * (3 - self.difficulty)


class ExerciseList(list[Exercise]):
    """A list of exercises that prints as a table."""

    _HEADINGS = ("exercise", "title", "kind", "difficulty", "minutes")

    def _rows(self) -> list[tuple[str, ...]]:
        return [(e.slug, e.title, e.kind, e.stars, str(e.minutes)) for e in self]

    def __repr__(self) -> str:
        rows = [self._HEADINGS, *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self._HEADINGS))]
        lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="text-align:left">{h}</th>' for h in self._HEADINGS)
        body = "".join(_row(exercise) for exercise in self)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        # Wider than a telephone: scrolls by itself, for the keyboard too.
        scroll = 'style="overflow-x:auto" tabindex="0" role="group" aria-label="Exercises"'
        return f"<div {scroll}>{table}</div>"


def _row(exercise: Exercise) -> str:
    stars = f'<span role="img" aria-label="{exercise.difficulty} of 3">{exercise.stars}</span>'
    cells = (
        f"<code>{html.escape(exercise.slug)}</code>",
        html.escape(exercise.title),
        exercise.kind,
        stars,
        str(exercise.minutes),
    )
    return "<tr>" + "".join(f'<td style="text-align:left">{c}</td>' for c in cells) + "</tr>"


@cache
def _of(chapter: str) -> dict[str, Exercise]:
    """The exercises of one chapter, imported when first asked for."""
    return {
        exercise.slug: exercise
        for _, module in contents.modules("exercises", chapter)
        for exercise in module.EXERCISES
    }


def find(slug: str) -> Exercise:
    """The exercise of that name; a ``ValueError`` with the nearest names when there is none.

    >>> find("batch-norm-foward")
    Traceback (most recent call last):
        ...
    ValueError: there is no exercise 'batch-norm-foward'; did you mean 'batch-norm-forward', ...
    """
    if not isinstance(slug, str):
        raise TypeError(
            f"an exercise is named by a string, such as 'batch-norm-forward', not {slug!r}; the"
            " name comes first"
        )
    chapter = chapter_of(slug)
    if chapter is not None and slug in _of(chapter):
        return _of(chapter)[slug]
    titles = {e.slug: e.title for c in chapters() for e in _of(c).values()}
    near = nearest(slug, titles)
    remedy = (
        f"did you mean {', '.join(map(repr, near))}?"
        if near
        else "lecturelib.list_exercises() shows all of them"
    )
    raise ValueError(f"there is no exercise {slug!r}; {remedy}")


def list_exercises(chapter: str | None = None) -> ExerciseList:
    """All exercises, or those of one chapter, as a list that prints as a table.

    >>> [exercise.slug for exercise in list_exercises("batch_norm")][:2]
    ['batch-norm-forward', 'batch-norm-backward']
    """
    if chapter is not None:
        name = re.sub(r"[\s-]+", "_", str(chapter).strip().lower())
        if name not in chapters():
            known = ", ".join(chapters())
            raise ValueError(f"there is no chapter {chapter!r} with exercises; there is {known}")
        return ExerciseList(_of(name).values())
    return ExerciseList(exercise for c in chapters() for exercise in _of(c).values())


def given(slug: str, key: str = "") -> Mapping[str, Any]:
    """The numbers that an exercise gives to the student with this key, the same on every machine.

    >>> given("batch-norm-identity", "ada")["x"].shape
    torch.Size([6, 3])
    """
    exercise = find(slug)
    if exercise.given is None:
        raise ValueError(f"the exercise {slug!r} gives no numbers; its statement says all there is")
    with preserved_state():
        return exercise.given(Draws(slug, _key(key)))


def _key(key: object) -> str:
    """A key as text: surrounding blanks and capitals do not count, so that a slip of the finger
    does not."""
    return "" if key is None else str(key).strip().lower()
