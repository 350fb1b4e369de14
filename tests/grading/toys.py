"""A small assignment, its notebooks, and a course folder for the tests of grading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lecturelib.grading import bundle as bundles
from lecturelib.grading import course as courses
from lecturelib.grading import roster
from lecturelib.grading.bundle import Bundle
from lecturelib.grading.course import Course
from lecturelib.grading.roster import Roster
from lecturelib.grading.sandbox import NoSandbox, Sandbox, opened

STATEMENT = "## {n}. {title}\n\n*Code · 2 points*\n\nDo it."
IMPORTS = 'import torch\n\nimport lecturelib\n\nKEY = ""'
FORM = {
    "add": 'def add(a, b):\n    """The sum."""\n    # Your answer here.',
    "double": 'def double(a):\n    """Twice."""\n    # Your answer here.',
    "truth": 'truth = ...  # such as "a"\n# Your answer here.',
}
RIGHT = {
    "add": "def add(a, b):\n    return a + b",
    "double": "def double(a):\n    return 2 * a",
    "truth": 'truth = "a, c"',
}
_STUB = "    # Your answer here."
_MARKED = "{0}### BEGIN SOLUTION\n{0}{1}\n{0}### END SOLUTION"
MASTER = {
    "add": FORM["add"].replace("    # Your answer here.", _MARKED.format("    ", "return a + b")),
    "double": FORM["double"].replace(
        "    # Your answer here.", _MARKED.format("    ", "return 2 * a")
    ),
    "truth": FORM["truth"].replace("# Your answer here.", _MARKED.format("", RIGHT["truth"])),
}
TESTS = {
    "add": "assert add(1, 2) == 3\nassert add(-1, 1) == 0\nassert add(0.5, 2) == 2.5",
    "double": "assert double(4) == 8\nassert double(-1) == -2",
    "truth": 'assert truth == "a, c"',
}
COURSE = """\
name = "Toys, 2027"
masters = "masters"
secret = "a secret"
timezone = "Europe/Berlin"
{more}
[limits]
cell_seconds = 1.5
seconds = 60
memory_mb = 512
processes = 20
output_kb = 8
files_mb = 16

[[assignments]]
name = "toys"
title = "Toys & <tools>"
due = 2027-04-12 23:59:00
exercises = ["toys-add", "toys-double", "toys-truth"]
"""


def cell(kind: str, source: str, name: str, **grading: Any) -> dict[str, Any]:
    """A cell as a release has it."""
    metadata = {}
    if grading:
        fixed = {"grade": False, "locked": True, "solution": False, "task": False}
        metadata = {"nbgrader": {**fixed, "schema_version": 3, "grade_id": name, **grading}}
    made = {"cell_type": kind, "id": name, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def cells(answers: Mapping[str, str] = FORM, key: str = "") -> list[dict[str, Any]]:
    """The cells of the release, with answers."""
    found = [cell("markdown", "# Toys", "title"), cell("code", "import sys", "setup")]
    found.append(cell("code", IMPORTS.replace('""', f'"{key}"'), "imports-toys"))
    for number, (name, answer) in enumerate(answers.items(), start=1):
        slug = f"toys-{name}"
        statement = STATEMENT.format(n=number, title=name.capitalize())
        found += [
            cell("markdown", statement, slug, locked=True),
            cell("code", answer, f"{slug}-answer", locked=False, solution=True),
            cell("code", f'lecturelib.check("{slug}", {name})', f"{slug}-check", locked=True),
            cell("code", "# Graded here: 2 points.", f"{slug}-test", grade=True, points=2),
        ]
    return found


def notebook(found: list[dict[str, Any]], **metadata: Any) -> bytes:
    """A notebook's bytes."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    kernel = {"kernelspec": spec, **metadata}
    return json.dumps(
        {"cells": found, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def handed_in(key: str = "", **answers: str) -> bytes:
    """A submission with right answers but for those given."""
    return notebook(cells({**RIGHT, **answers}, key))


def bundle() -> Bundle:
    """The released assignment, as if its solutions had been tried."""
    found = [
        {
            "id": c["id"],
            "kind": c["cell_type"],
            "role": _role(c["id"]),
            "exercise": _exercise(c["id"]),
            "source": c["source"],
            "points": c["metadata"].get("nbgrader", {}).get("points", 0),
        }
        for c in cells()
    ]
    tests = [
        {
            "cell": f"toys-{name}-test",
            "exercise": f"toys-{name}",
            "source": source,
            "imports": IMPORTS,
            "points": 2,
            "checks": source.count("assert"),
            "free": (),
        }
        for name, source in TESTS.items()
    ]
    return bundles.from_json(
        {
            "assignment": "toys",
            "title": "Toys & <tools>",
            "cells": found,
            "tests": tests,
            "schemes": {},
            "partial": True,
        }
    )


def _role(name: str) -> str:
    ends = {"-answer": "answer", "-check": "check", "-test": "test", "imports-toys": "imports"}
    fixed = {"title": "title", "setup": "setup"}
    return fixed.get(name) or next((r for e, r in ends.items() if name.endswith(e)), "statement")


def _exercise(name: str) -> str:
    parts = name.split("-")
    return "-".join(parts[:2]) if parts[0] == "toys" else ""


def course(folder: Path, students: int = 0, more: str = "") -> Course:
    """A course folder with the released assignment and a list of students s01, s02, …"""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / courses.FILE).write_text(COURSE.format(more=more), encoding="utf-8")
    lines = ["id,first_name,last_name,email,canvas_id,moodle_id"]
    lines += [
        f"s{i:02},First{i},Last{i},s{i}@example.org,{100 + i},{9000 + i}" for i in range(students)
    ]
    (folder / "students.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = courses.load(folder)
    bundles.write(made, bundle())
    return made


def people(made: Course) -> Roster:
    """The students of a course."""
    return roster.read(made.students)


def sandbox_or_skip() -> Sandbox:
    """A sandbox; a skipped test where this machine allows none and CI_REQUIRE_SANDBOX is unset."""
    import os

    try:
        return opened()
    except NoSandbox as error:
        if os.environ.get("CI_REQUIRE_SANDBOX"):
            raise
        pytest.skip(f"no sandbox here, so nothing of it was tested: {error}")
