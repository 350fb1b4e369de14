"""Make one assignment's notebook of the chapters' masters.

``<masters>/<chapter>.ipynb`` holds solutions and hidden tests, the notebook of the same name in
``<masters>/student`` the same cells in plain Markdown and with the present set-up cell; an
assignment takes the best of both, for the exercises that it names, in their order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lecturelib.exercises.names import chapter_of, nearest
from lecturelib.grading.course import Assignment, Course, CourseError

CODE_STUB, TEXT_STUB = "# Your answer here.", "*Your answer here.*"

_SECRET = re.compile(r'"hidden-(\d+)"')
_POINTS = re.compile(r"\d+(?:\.\d+)? points?")
HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS[ \t]*\n(?P<body>.*?)^[ \t]*### END HIDDEN TESTS[ \t]*\n?",
    re.MULTILINE | re.DOTALL,
)
SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION[ \t]*\n(?P<body>.*?)^[ \t]*### END SOLUTION[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    """One exercise's cells, statement first, as the master and as the student notebook have it."""

    slug: str
    chapter: str
    master: tuple[NotebookNode, ...]
    student: tuple[NotebookNode, ...]


def with_secret(source: str, secret: str) -> str:
    """The keys of the hidden tests drawn anew from a secret, so that the public ones are of no use.

    >>> with_secret('check(f, key="hidden-1")', "a secret") == 'check(f, key="hidden-1")'
    False
    """

    def key(found: re.Match[str]) -> str:
        digest = hashlib.sha256(f"{secret}-{found[1]}".encode()).hexdigest()
        return f'"{digest[:16]}"'

    return _SECRET.sub(key, source)


def assemble(course: Course, assignment: Assignment) -> NotebookNode:
    """The assignment's master: title, set-up, and each exercise with solution and hidden tests.

    Raises:
        CourseError: if an exercise or a master is missing.
    """
    parts = [find_part(course.masters, slug) for slug in assignment.exercises]
    cells = [new_markdown_cell(_title(course, assignment), id="title")]
    cells.append(_copy(_outside(course.masters, parts[0].chapter, "setup")))
    seen: set[str] = set()
    for part in parts:
        if part.chapter not in seen:
            cells.append(_imports(course.masters, part.chapter, first=not seen))
            seen.add(part.chapter)
        cells += _graded(part, assignment, course.secret)
    language = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": language})
    notebook.metadata["lecturelib"] = {"assignment": assignment.name}
    nbformat.validate(notebook)
    return notebook


def find_part(masters: Path, slug: str) -> Part:
    """The cells of an exercise; an error with the nearest names where there is none."""
    chapter = chapter_of(slug)
    sections = _sections(masters / f"{chapter}.ipynb") if chapter else {}
    if chapter is None or slug not in sections:
        known = {s: "" for path in sorted(masters.glob("*.ipynb")) for s in _sections(path)}
        if not known:
            raise CourseError(
                f"masters: there is no master notebook in {masters}; it is the folder "
                "book/exercises of a clone of the course, or of your fork"
            )
        near = ", ".join(nearest(slug, known)) or "none is like it"
        raise CourseError(f"no master has an exercise {slug!r}; did you mean: {near}")
    student = _sections(masters / "student" / f"{chapter}.ipynb")
    if slug not in student:
        raise CourseError(
            f"{slug} stands in the master and not in student/{chapter}.ipynb: run "
            "`python -m tools.exercises build` in the clone of the course"
        )
    return Part(slug, chapter, sections[slug], student[slug])


@cache
def _read(path: Path) -> NotebookNode:
    if not path.is_file():
        raise CourseError(f"masters: there is no {path}")
    return nbformat.read(path, as_version=4)


@cache
def _sections(path: Path) -> dict[str, tuple[NotebookNode, ...]]:
    """The graded cells of a notebook by exercise: a statement, and what follows up to the next."""
    found: dict[str, list[NotebookNode]] = {}
    for cell in _read(path).cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found[cell.id] = []
        if found and "nbgrader" in cell.metadata:
            found[list(found)[-1]].append(cell)
    return {slug: tuple(cells) for slug, cells in found.items()}


def _outside(masters: Path, chapter: str, name: str) -> NotebookNode:
    path = masters / "student" / f"{chapter}.ipynb"
    for cell in _read(path).cells:
        if cell.id == name:
            return cell
    raise CourseError(f"{path}: there is no cell {name!r}")


def _imports(masters: Path, chapter: str, *, first: bool) -> NotebookNode:
    """A chapter's imports; the key is set once, in the first of them."""
    cell = _copy(_outside(masters, chapter, "imports"))
    cell["id"] = f"imports-{chapter.replace('_', '-')}"
    if not first:
        lines = cell.source.split("\n")
        cell.source = "\n".join(
            line for line in lines if not line.startswith(("KEY =", "# Your name or number"))
        )
        cell.source = re.sub(r"\n{3,}", "\n\n", cell.source).strip("\n")
    return cell


def _title(course: Course, assignment: Assignment) -> str:
    due = ""
    if assignment.due is not None:
        due = f"\n\n**Due** {assignment.due:%A, %d %B %Y, %H:%M} ({assignment.due.tzname()})."
    key = {
        "id": "Set `KEY` below to your student number.",
        "email": "Set `KEY` below to your e-mail address.",
        "none": "Leave `KEY` below as it is.",
    }[course.key]
    return (
        f"# {assignment.heading}\n\n{course.name}{due}\n\n{key} Fill in the cells that say "
        "*Your answer here*, run them, and run the cell below each: it says what is wrong in the "
        'words of the subject. `lecturelib.hint("…")` helps in steps. You may add cells; leave '
        "those that are there."
    )


def _graded(part: Part, assignment: Assignment, secret: str) -> list[NotebookNode]:
    """An exercise's cells with its points, the statement in plain Markdown."""
    plain = {cell.id: cell for cell in part.student}
    factor = _factor(part, assignment)
    cells = []
    for cell in map(_copy, part.master):
        if cell.cell_type == "markdown" and not SOLUTION.search(cell.source):
            cell.source = plain[cell.id].source
        if cell.cell_type == "code":
            cell.source = with_secret(cell.source, secret)
        grading = cell.metadata["nbgrader"]
        if grading["grade"]:
            grading["points"] = _whole(grading["points"] * factor)
            if cell.cell_type == "code":
                cell.source = _POINTS.sub(_worth(grading["points"]), cell.source, count=1)
        cells.append(cell)
    total = sum(c.metadata["nbgrader"].get("points", 0) for c in cells)
    cells[0].source = _POINTS.sub(_worth(total), cells[0].source, count=1)
    cells[0].source = re.sub(r"^## \d+\. ", "## ", cells[0].source)
    number = assignment.exercises.index(part.slug) + 1
    cells[0].source = cells[0].source.replace("## ", f"## {number}. ", 1)
    return cells


def _factor(part: Part, assignment: Assignment) -> float:
    own = sum(cell.metadata["nbgrader"].get("points", 0) for cell in part.master)
    return assignment.points.get(part.slug, own) / own


def _whole(value: float) -> float:
    value = round(value, 2)
    return int(value) if value == int(value) else value


def _worth(points: float) -> str:
    return f"{_whole(points)} point{'' if points == 1 else 's'}"


def _copy(cell: NotebookNode) -> NotebookNode:
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    metadata = nbformat.from_dict(dict(cell.metadata))
    if "nbgrader" in metadata:
        metadata["nbgrader"] = nbformat.from_dict(dict(metadata["nbgrader"]))
    return make(cell.source, id=cell.id, metadata=metadata)


# --- what is left out ---------------------------------------------------------------------------


def without_solutions(source: str, *, code: bool) -> str:
    """A cell's source as a student gets it: placeholders for solutions, no hidden tests.

    >>> source = "x = ...\\n### BEGIN SOLUTION\\nx = 1\\n### END SOLUTION"
    >>> print(without_solutions(source, code=True))
    x = ...
    # Your answer here.
    """
    stub = CODE_STUB if code else TEXT_STUB
    source = SOLUTION.sub(lambda found: found["indent"] + stub, source)
    return HIDDEN.sub("", source).rstrip("\n")


def with_solution(source: str) -> str:
    """A cell's source with its solution in place, without markers and hidden tests."""
    return HIDDEN.sub("", SOLUTION.sub(lambda found: found["body"].rstrip("\n"), source))


def hidden_tests(cells: Iterable[NotebookNode]) -> Sequence[tuple[str, str]]:
    """Id and source of the hidden tests in graded cells of code."""
    found = ((cell.id, HIDDEN.search(cell.source)) for cell in cells if cell.cell_type == "code")
    return [(name, match["body"]) for name, match in found if match]
