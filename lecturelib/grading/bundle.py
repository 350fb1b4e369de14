"""What grading needs of a released assignment, in one file beside the release."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode

from lecturelib.grading import masters
from lecturelib.grading.course import Assignment, Course, CourseError

Role = Literal["title", "setup", "imports", "statement", "answer", "proof", "check", "test"]


@dataclass(frozen=True)
class Cell:
    """A cell of the release: what it is for, and whose."""

    id: str
    kind: str
    role: Role
    exercise: str
    source: str
    points: float = 0.0

    @property
    def is_answer(self) -> bool:
        """Whether a student writes in it."""
        return self.role in ("answer", "proof")


@dataclass(frozen=True)
class Test:
    """Hidden tests of one cell: how many checks a right answer passes, which of them an empty one
    passes as well (they count for nothing)."""

    __test__ = False  # for pytest: no tests of ours

    cell: str
    exercise: str
    source: str
    imports: str
    points: float
    checks: int = 0
    free: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A released assignment."""

    assignment: str
    title: str
    cells: tuple[Cell, ...]
    tests: tuple[Test, ...]
    schemes: Mapping[str, str]
    partial: bool = True

    @property
    def points(self) -> float:
        """All points together."""
        return sum(cell.points for cell in self.cells)

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises, in order."""
        return tuple(dict.fromkeys(cell.exercise for cell in self.cells if cell.exercise))

    def cell(self, name: str) -> Cell:
        """The cell with that id."""
        return next(cell for cell in self.cells if cell.id == name)

    def digest(self, exercise: str = "") -> str:
        """A hash of everything that a mark (of one exercise) depends on."""
        if not exercise:
            return hashlib.sha256(_text(self).encode()).hexdigest()[:16]
        cells = tuple(cell for cell in self.cells if cell.exercise == exercise)
        tests = tuple(test for test in self.tests if test.exercise == exercise)
        return dataclasses.replace(self, cells=cells, tests=tests, schemes={}).digest()


def make(assignment: Assignment, master: NotebookNode) -> Bundle:
    """The bundle of an assembled master, before anything was run.

    >>> from nbformat.v4 import new_notebook
    >>> make(Assignment("week-1", ("an-exercise",)), new_notebook()).points
    0
    """
    cells, tests, schemes = [], [], {}
    exercise, imports = "", ""
    for cell in master.cells:
        grading = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and grading and cell.source.startswith("## "):
            exercise = cell.id
        role = _role(cell)
        code = cell.cell_type == "code"
        source = masters.without_solutions(cell.source, code=code)
        points = grading.get("points", 0) if grading.get("grade") else 0
        cells.append(
            Cell(cell.id, cell.cell_type, role, exercise if grading else "", source, points)
        )
        if role == "imports":
            imports += f"{cell.source}\n"
        for name, hidden in masters.hidden_tests([cell]):
            tests.append(Test(name, exercise, hidden, imports, points))
        if role == "proof":
            found = masters.SOLUTION.search(cell.source)
            schemes[cell.id] = found["body"].strip() if found else ""
    return Bundle(
        assignment.name, assignment.heading, tuple(cells), tuple(tests), schemes, assignment.partial
    )


def _role(cell: NotebookNode) -> Role:
    grading = cell.metadata.get("nbgrader")
    if not grading:
        roles: dict[str, Role] = {"title": "title", "setup": "setup"}
        return roles.get(cell.id, "imports")
    if grading["solution"]:
        return "proof" if grading["grade"] else "answer"
    if grading["grade"]:
        return "test"
    return "statement" if cell.cell_type == "markdown" else "check"


def path(course: Course, assignment: str) -> Path:
    """Where an assignment's bundle lies."""
    return course.folder / "bundles" / f"{assignment}.json"


def read(course: Course, assignment: str) -> Bundle:
    """The bundle of a released assignment; an error where it is not released."""
    file = path(course, assignment)
    if not file.is_file():
        raise CourseError(
            f"{assignment} is not released: `python -m lecturelib.grading release {assignment}`"
        )
    return from_json(json.loads(file.read_text(encoding="utf-8")))


def from_json(data: Mapping[str, Any]) -> Bundle:
    """A bundle from what :func:`write` has written."""
    cells = tuple(Cell(**cell) for cell in data["cells"])
    tests = tuple(Test(**{**test, "free": tuple(test["free"])}) for test in data["tests"])
    return Bundle(**{**data, "cells": cells, "tests": tests})


def write(course: Course, bundle: Bundle) -> None:
    """Keep a bundle."""
    write_text(path(course, bundle.assignment), _text(bundle))


def _text(bundle: Bundle) -> str:
    return json.dumps(dataclasses.asdict(bundle), indent=1, ensure_ascii=False, sort_keys=True)


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all, and never through a link."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(name, 0o644)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def answers(cells: Sequence[Cell]) -> dict[str, Cell]:
    """The cells that students write in, by id."""
    return {cell.id: cell for cell in cells if cell.is_answer}
