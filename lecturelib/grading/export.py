"""Points as Canvas and Moodle import them, and as plain CSV and JSON. LTI is not done here."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lecturelib.grading.bundle import write_text
from lecturelib.grading.course import Assignment, Course, CourseError
from lecturelib.grading.report import number
from lecturelib.grading.roster import Roster, Student

FORMATS = ("canvas", "moodle", "csv", "json")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(
    course: Course,
    assignment: Assignment,
    possible: float,
    marks: Mapping[str, Any],
    people: Roster,
    formats: Sequence[str] = FORMATS,
) -> list[Path]:
    """Write ``exports/<assignment>-canvas.csv``, ``-moodle.csv``, ``.csv``, ``.json``; the paths.

    Raises:
        CourseError: if there is nothing to export.
    """
    if not marks:
        raise CourseError(f"{assignment.name}: nothing was graded yet")
    make = {"canvas": canvas, "moodle": moodle, "csv": generic, "json": as_json}
    paths = []
    for name in formats:
        end = f".{name}" if name in ("csv", "json") else f"-{name}.csv"
        path = course.folder / "exports" / f"{assignment.name}{end}"
        write_text(path, make[name](assignment, possible, marks, people))
        paths.append(path)
    return paths


def canvas(
    assignment: Assignment, possible: float, marks: Mapping[str, Any], people: Roster
) -> str:
    """What Canvas' *Grades, Import* takes: a column for the assignment, students by their ID.

    The column's name is that of Canvas' own export, such as ``Problem set 1 (4711)``, given in the
    course file as ``canvas``; with another one Canvas offers to make a new assignment.
    """
    column = assignment.canvas or assignment.heading
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    rows = [head, ["    Points Possible", "", "", "", "", number(possible)]]
    for person, mark in _marked(marks, people):
        name = ", ".join(filter(None, [person.last_name, person.first_name])) or person.id
        rows.append(
            [_text(name), person.canvas_id, person.id, person.email, "", number(mark.total)]
        )
    return _csv(rows)


def moodle(
    assignment: Assignment, possible: float, marks: Mapping[str, Any], people: Roster
) -> str:
    """What Moodle's *Upload grading worksheet* takes; participants by the number of the roster.

    Without ``moodle_id`` Moodle's *Grades, Import, CSV* takes it, by e-mail address.
    """
    head = ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade"]
    rows = [[*head, "Feedback comments"]]
    for person, mark in _marked(marks, people):
        identifier = f"Participant {person.moodle_id}" if person.moodle_id else ""
        comments = "\n".join(mark.comments[name] for name in sorted(mark.comments))
        row = [identifier, _text(person.name), person.email, number(mark.total), number(possible)]
        rows.append([*row, _text(comments)])
    return _csv(rows)


def generic(
    assignment: Assignment, possible: float, marks: Mapping[str, Any], people: Roster
) -> str:
    """One line a student, one column a graded cell."""
    cells = sorted({name for mark in marks.values() for name in mark.cells})
    head = ["id", "last_name", "first_name", "email", "points", "possible", "late", "to_mark"]
    rows = [[*head, *cells]]
    for person, mark in _marked(marks, people):
        names = [_text(person.last_name), _text(person.first_name)]
        row = [person.id, *names, person.email, number(mark.total), number(possible)]
        row += [number(mark.penalty), str(len(mark.waiting))]
        rows.append(row + [number(mark.cells.get(name, 0.0)) for name in cells])
    return _csv(rows)


def as_json(
    assignment: Assignment, possible: float, marks: Mapping[str, Any], people: Roster
) -> str:
    """Everything of the above, for programs."""
    students = [
        {
            "id": person.id,
            "name": person.name,
            "points": mark.total,
            "late_penalty": mark.penalty,
            "cells": dict(sorted(mark.cells.items())),
            "to_mark": list(mark.waiting),
        }
        for person, mark in _marked(marks, people)
    ]
    data = {"assignment": assignment.name, "possible": possible, "students": students}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _marked(marks: Mapping[str, Any], people: Roster) -> list[tuple[Student, Any]]:
    """Students of the roster with a mark, in its order; those outside of it stay out."""
    return [(p, marks[p.id]) for p in people.students.values() if p.id in marks]


def _text(value: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _csv(rows: Sequence[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()
