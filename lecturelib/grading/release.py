"""Release an assignment: the notebook for students by nbgrader, the bundle for the grader.

Before anything is written, the solution and the empty form are run in the sandbox: a solution must
get all points, and a check that an empty form passes counts for nothing.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lecturelib.grading import bundle as bundles
from lecturelib.grading import masters, points, report
from lecturelib.grading.bundle import Bundle, Test, write_text
from lecturelib.grading.course import Assignment, Course, CourseError
from lecturelib.grading.running import Job, TestRun, with_second_chance
from lecturelib.grading.sandbox import Sandbox

# The placeholders leave a notebook that runs from top to bottom before anything is answered.
_CONFIG = """\
c = get_config()  # noqa: F821  (nbgrader defines it)
c.CourseDirectory.course_id = {id!r}
c.ClearSolutions.code_stub = {{"python": {code!r}}}
c.ClearSolutions.text_stub = {text!r}
# Student code runs in the sandbox of `python -m lecturelib.grading grade`, never here:
# `nbgrader autograde` would run it without.
"""


def release(course: Course, assignment: Assignment, sandbox: Sandbox) -> Bundle:
    """Release one assignment; releasing it again changes nothing, or what was edited.

    Raises:
        CourseError: if an exercise is missing, or a solution does not get its points.
    """
    master = masters.assemble(course, assignment)
    bundle = tried(bundles.make(assignment, master), master, course, sandbox)
    source = course.folder / "source" / assignment.name / f"{assignment.name}.ipynb"
    write_text(course.folder / "nbgrader_config.py", config(course))
    text = nbformat.writes(master) + "\n"
    released = course.folder / "release" / assignment.name / source.name
    if not (source.is_file() and source.read_text(encoding="utf-8") == text and released.is_file()):
        write_text(source, text)
        nbgrader(course.folder, "generate_assignment", assignment.name, "--force")
    bundles.write(course, bundle)
    scheme = course.folder / "marking" / f"{assignment.name}.html"
    if bundle.schemes:
        write_text(scheme, report.marking(bundle))
    return bundle


def config(course: Course) -> str:
    """nbgrader's settings for a course."""
    return _CONFIG.format(id=course.id, code=masters.CODE_STUB, text=masters.TEXT_STUB)


def tried(bundle: Bundle, master: NotebookNode, course: Course, sandbox: Sandbox) -> Bundle:
    """The bundle with what its solution and its empty form get in the tests."""
    solved = {cell.id: masters.with_solution(cell.source) for cell in master.cells}
    right = _records(bundle, solved, course, sandbox)
    empty = _records(bundle, {}, course, sandbox)
    tests = tuple(_counted(test, right[test.cell], empty[test.cell]) for test in bundle.tests)
    for test in tests:
        if points.share(test, right[test.cell], partial=False) != 1.0:
            code, says = points.diagnosis(right[test.cell])
            raise CourseError(
                f"{test.exercise}: the master's own solution does not pass ({code or 'no check'}: "
                f"{says or 'it holds no assert that an empty form would fail'})"
            )
    return dataclasses.replace(bundle, tests=tests)


def _records(
    bundle: Bundle, sources: dict[str, str], course: Course, sandbox: Sandbox
) -> dict[str, TestRun]:
    limits = dataclasses.replace(course.limits, seconds=max(course.limits.seconds, 600))
    cells = [(c.id, sources.get(c.id, c.source)) for c in bundle.cells if _runs(c.kind, c.role)]
    result = with_second_chance(Job("", tuple(cells), bundle.tests, limits), sandbox)
    stopped = {k: c.error for k, c in result.cells.items() if c.error}
    if stopped and sources:
        name, error = next(iter(stopped.items()))
        raise CourseError(f"the master's own cell {name} fails: {error}")
    return result.tests


def _runs(kind: str, role: str) -> bool:
    return kind == "code" and role != "test"


def _counted(test: Test, right: TestRun, empty: TestRun) -> Test:
    """How many checks the test holds, and which of them an empty form passes."""
    records = () if any(r.get("status") == "not answered" for r in empty.records) else empty.records
    free = tuple(index for index, record in enumerate(records) if record["passed"])
    return dataclasses.replace(test, checks=len(right.records), free=free)


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run nbgrader in a course folder, with ``alembic`` on its path."""
    scripts = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": scripts},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-800:]
        raise CourseError(f"nbgrader {' '.join(arguments)} failed:\n{said}")


def needs_nbgrader() -> None:
    """An error that says what to install, where nbgrader is missing."""
    from importlib.util import find_spec

    if find_spec("nbgrader") is None:
        raise CourseError(
            'nbgrader is not installed: pip install "lecturelib[instructor]", or in a clone of '
            'the course: pip install --editable ".[instructor]"'
        )
