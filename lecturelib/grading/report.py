"""Feedback for each student, and a page about the class for the instructor: plain HTML files that
load nothing, in light and dark."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from lecturelib.grading import batch, points, roster, similarity
from lecturelib.grading import bundle as bundles
from lecturelib.grading.batch import Graded
from lecturelib.grading.bundle import Bundle, Cell, write_text
from lecturelib.grading.course import Course
from lecturelib.grading.running import CellRun, TestRun

MOST_PAIRS, MOST_DIAGNOSES, BINS = 100, 5, 10
_LONG = 20_000  # characters of an answer that are shown
_STRESS = re.compile(r"(?<![\w*])\*(\w(?:[^*\n]*\w)?)\*(?![\w*])")


@cache
def _templates() -> Any:
    import jinja2

    loader = jinja2.PackageLoader("lecturelib.grading")
    templates = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    templates.filters["stressed"] = stressed
    return templates


def stressed(text: str) -> Any:
    """A diagnosis as HTML: escaped, and what stands between asterisks stressed.

    >>> str(stressed("the *sum*, not 2 * x * y < 3"))
    'the <em>sum</em>, not 2 * x * y &lt; 3'
    """
    import markupsafe

    escaped = str(markupsafe.escape(text))
    return markupsafe.Markup(_STRESS.sub(r"<em>\1</em>", escaped))


def _render(name: str, /, **values: Any) -> str:
    return str(_templates().get_template(name).render(**values))


def number(value: float) -> str:
    """A number of points as people write it.

    >>> number(3.0), number(2.5)
    ('3', '2.5')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def write(
    course: Course,
    assignment: str,
    marks: Mapping[str, Any],
    *,
    students: Sequence[str] = (),
    each: Callable[[], object] = lambda: None,
) -> int:
    """Write the feedback of all students (or of those named) and the page of the class; how many
    files of feedback were written."""
    bundle, people = bundles.read(course, assignment), roster.read(course.students)
    graded = {one.student: one for one in batch.read_all(course, assignment)}
    written = 0
    for name, one in graded.items():
        if (students and name not in students) or name not in marks:
            continue
        person = people.students.get(name, roster.Student(name))
        text = feedback(bundle, one, marks[name], person)
        write_text(course.folder / "feedback" / name / assignment / f"{assignment}.html", text)
        written += 1
        each()
    text = overview(bundle, graded.values(), marks, people)
    write_text(course.folder / "reports" / f"{assignment}.html", text)
    return written


# --- one student --------------------------------------------------------------------------------


def feedback(bundle: Bundle, one: Graded, mark: Any, person: roster.Student) -> str:
    """The page for one student: points, diagnoses, comments, answers; no hidden input."""
    return _render(
        "feedback.html",
        title=bundle.title,
        student=person.name,
        total=number(mark.total),
        possible=number(bundle.points),
        submitted=f"{one.submitted:%d %B %Y, %H:%M}" if one.submitted else "",
        attempt=one.attempt,
        penalty=number(mark.penalty) if mark.penalty else "",
        waiting=len(mark.waiting),
        notes=[*one.notes, *(f for f in one.flags if _is_for_students(f))],
        exercises=[_exercise(bundle, slug, one, mark) for slug in bundle.exercises],
    )


def _is_for_students(flag: str) -> bool:
    """Flags that tell how the notebook was read; those about conduct are for a person first."""
    return flag.startswith(("not read", "the file is damaged", "cell ", "KEY is empty")) or any(
        words in flag for words in ("no such cell", "different answers", "the last one counts")
    )


def _exercise(bundle: Bundle, slug: str, one: Graded, mark: Any) -> dict[str, Any]:
    graded = [cell for cell in bundle.cells if cell.exercise == slug and cell.points]
    says = [points.diagnosis(one.result.tests.get(c.id, TestRun()))[1] for c in graded]
    return {
        "title": title(bundle, slug),
        "points": number(sum(mark.cells.get(cell.id, 0.0) for cell in graded)),
        "possible": number(sum(cell.points for cell in graded)),
        "waiting": any(cell.id in mark.waiting for cell in graded),
        "says": list(dict.fromkeys(filter(None, says))),
        "comments": [mark.comments[c.id] for c in _cells(bundle, slug) if mark.comments.get(c.id)],
        "cells": [_shown(c, one) for c in one.cells if c.exercise == slug and c.is_answer],
    }


def _cells(bundle: Bundle, slug: str) -> list[Cell]:
    return [cell for cell in bundle.cells if cell.exercise == slug]


def title(bundle: Bundle, slug: str) -> str:
    """An exercise's heading in the notebook."""
    source = bundle.cell(slug).source
    return source.split("\n", 1)[0].removeprefix("## ")


def _shown(cell: Cell, one: Graded) -> dict[str, Any]:
    run = one.result.cells.get(cell.id, CellRun())
    values = [shown["text/plain"] for shown in run.shown if "image/png" not in shown]
    error = run.error or {}
    return {
        "source": cell.source[:_LONG],
        "prose": cell.kind == "markdown",
        "text": "\n".join(filter(None, [run.text, *values]))[:_LONG],
        "images": [shown["image/png"] for shown in run.shown if "image/png" in shown],
        "error": f"{error.get('kind')}: {error.get('text')}" if error else "",
    }


# --- the class ----------------------------------------------------------------------------------


def overview(
    bundle: Bundle, graded: Iterable[Graded], marks: Mapping[str, Any], people: roster.Roster
) -> str:
    """The page of the class."""
    graded = sorted(graded, key=lambda one: one.student)
    totals = [marks[one.student].total for one in graded if one.student in marks]
    pairs = _pairs(bundle, graded)
    sources = {(one.student, c.id): c.source for one in graded for c in one.cells}
    return _render(
        "overview.html",
        title=bundle.title,
        count=len(graded),
        enrolled=len(people),
        mean=number(statistics.fmean(totals)) if totals else "–",
        median=number(statistics.median(totals)) if totals else "–",
        possible=number(bundle.points),
        waiting=sum(len(mark.waiting) for mark in marks.values()),
        bins=_bins(totals, bundle.points),
        exercises=[_statistics(bundle, slug, graded, marks) for slug in bundle.exercises],
        flags=[{"student": one.student, "why": one.flags} for one in graded if one.flags],
        length=similarity.LENGTH,
        pairs=[_side_by_side(pair, sources) for pair in pairs[:MOST_PAIRS]],
        left_out=max(0, len(pairs) - MOST_PAIRS),
        students=[_row(person, marks, bundle) for person in people.students.values()],
    )


def _bins(totals: Sequence[float], possible: float) -> list[dict[str, Any]]:
    width = possible / BINS if possible else 1.0
    counts = Counter(min(BINS - 1, int(total / width)) for total in totals)
    most = max(counts.values(), default=1)
    return [
        {
            "label": f"{number(i * width)} to {number((i + 1) * width)}",
            "count": counts[i],
            "width": round(20 * counts[i] / most, 2),
        }
        for i in range(BINS)
    ]


def _statistics(
    bundle: Bundle, slug: str, graded: Sequence[Graded], marks: Mapping[str, Any]
) -> dict[str, Any]:
    cells = [cell for cell in _cells(bundle, slug) if cell.points]
    possible = sum(cell.points for cell in cells)
    got = [
        sum(marks[one.student].cells.get(cell.id, 0.0) for cell in cells)
        for one in graded
        if one.student in marks
    ]
    found = Counter(d for one in graded for d in _diagnoses(cells, one))
    seconds = [
        sum(run.seconds for name, run in one.result.cells.items() if name == f"{slug}-answer")
        for one in graded
    ]
    return {
        "name": slug,
        "possible": number(possible),
        "mean": number(statistics.fmean(got)) if got else "–",
        "full": sum(value == possible for value in got),
        "none": sum(value == 0 for value in got),
        "unanswered": sum(n for (code, _), n in found.items() if code == "not-answered"),
        "seconds": f"{statistics.median(seconds):.2f}" if seconds else "–",
        "diagnoses": [
            {"code": code, "says": says, "count": count}
            for (code, says), count in sorted(found.items(), key=lambda one: (-one[1], one[0]))
            if code != "not-answered"
        ][:MOST_DIAGNOSES],
    }


def _diagnoses(cells: Sequence[Cell], one: Graded) -> set[tuple[str, str]]:
    runs = (one.result.tests[cell.id] for cell in cells if cell.id in one.result.tests)
    return {found for found in map(points.diagnosis, runs) if found[0]}


def _pairs(bundle: Bundle, graded: Sequence[Graded]) -> list[similarity.Pair]:
    found = []
    for cell in bundle.cells:
        if cell.role == "answer":
            answers = {
                one.student: mine.source
                for one in graded
                for mine in one.cells
                if mine.id == cell.id and mine.source != cell.source
            }
            found += similarity.pairs(cell.id, answers, cell.source)
    return sorted(found, key=lambda pair: (-pair.share, pair.exercise, pair.one, pair.other))


def _side_by_side(pair: similarity.Pair, sources: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "exercise": pair.exercise.removesuffix("-answer"),
        "one": pair.one,
        "other": pair.other,
        "share": round(100 * pair.share),
        "left": sources[pair.one, pair.exercise][:_LONG],
        "right": sources[pair.other, pair.exercise][:_LONG],
    }


def _row(person: roster.Student, marks: Mapping[str, Any], bundle: Bundle) -> dict[str, Any]:
    mark = marks.get(person.id)
    link = f"../feedback/{person.id}/{bundle.assignment}/{bundle.assignment}.html" if mark else ""
    state = "nothing handed in" if mark is None else ""
    if mark is not None and mark.waiting:
        state = f"{len(mark.waiting)} to mark by hand"
    return {
        "id": person.id,
        "name": person.name,
        "link": link,
        "total": number(mark.total) if mark else "–",
        "penalty": number(mark.penalty) if mark and mark.penalty else "",
        "state": state,
    }


# --- marking ------------------------------------------------------------------------------------


def marking(bundle: Bundle) -> str:
    """Solutions and schemes of what a person marks."""
    schemes = [
        {
            "exercise": title(bundle, bundle.cell(name).exercise),
            "points": number(bundle.cell(name).points),
            "statement": bundle.cell(bundle.cell(name).exercise).source,
            "scheme": scheme,
        }
        for name, scheme in bundle.schemes.items()
    ]
    return _render("marking.html", title=bundle.title, name=bundle.assignment, schemes=schemes)
