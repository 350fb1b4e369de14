"""A new course folder: a course file to fill in, an empty list of students, a secret."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from importlib import resources
from pathlib import Path

import lecturelib
from lecturelib.grading import roster
from lecturelib.grading.course import FILE, CourseError

_HEAD = """\
# A course for `python -m lecturelib.grading`. What is missing here has the value that stands
# behind the #.
name = "Deep networks"
masters = "{masters}"       # folder of master notebooks: book/exercises of your clone or fork
students = "students.csv"   # columns {columns}
secret_file = "secret.txt"  # draws the inputs of hidden tests: keep it to yourself
key = "id"                  # what students set KEY to: "id", "email", or "none"
timezone = "UTC"            # of the due dates, such as "Europe/Berlin"

[late]
# free_minutes = 0          # of grace
# percent_per_day = 0       # of the points, for each day begun
# days = 365                # later than that: no points

[limits]                    # of one submission
# cell_seconds = 60
# seconds = 300
# memory_mb = 2048
# processes = 64
# output_kb = 64
# files_mb = 128
"""
_PLAIN = """\

[[assignments]]
name = "week-1"
title = "Batch normalization"
{due}
exercises = ["batch-norm-forward", "batch-norm-backward", "batch-norm-why-beta-outside"]
# points = {{ "batch-norm-forward" = 5 }}   # instead of the master's
# partial = true                            # a share of the points for a share of the checks
# canvas = "Problem set 1 (4711)"           # the column's name in Canvas' export
"""


def plans() -> dict[str, str]:
    """Names and texts of the suggested syllabi's assignments.

    >>> sorted(plans())
    ['full-term', 'on-your-own', 'two-weeks']
    """
    folder = resources.files("lecturelib.grading") / "plans"
    return {
        Path(file.name).stem: file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }


def new(
    folder: Path, *, masters: Path | None = None, plan: str = "", first_due: dt.date | None = None
) -> list[Path]:
    """Write what is missing in a course folder; the paths of what was written.

    Raises:
        CourseError: if there is no folder of masters, or no plan of that name.
    """
    masters = masters or default_masters()
    if not any(masters.glob("*.ipynb")):
        raise CourseError(f"new: {masters} holds no master notebook (*.ipynb)")
    if plan and plan not in plans():
        raise CourseError(f"new: there is no plan {plan!r}; there is {', '.join(sorted(plans()))}")
    where = masters.resolve()
    head = _HEAD.format(masters=_quoted(where), columns=", ".join(roster.COLUMNS))
    files = {
        FILE: head + _with_dates(plans()[plan] if plan else _PLAIN, first_due),
        "students.csv": ",".join(roster.COLUMNS) + "\n",
        "secret.txt": secrets.token_hex() + "\n",
        ".gitignore": "secret.txt\nstudents.csv\ngradebook.db\nreceived/\nsubmitted/\n",
    }
    folder.mkdir(parents=True, exist_ok=True)
    return [path for name, text in files.items() for path in [folder / name] if _made(path, text)]


def default_masters() -> Path:
    """The masters of the clone that lecturelib was installed from."""
    path = Path(lecturelib.__file__).resolve().parent.parent / "book" / "exercises"
    if not path.is_dir():
        raise CourseError(
            "new: name the folder of master notebooks, --masters CLONE/book/exercises; they are "
            "not in the installed package"
        )
    return path


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _with_dates(text: str, first: dt.date | None) -> str:
    """A plan with due dates a week apart, or with a line to fill in."""
    blocks = text.split("{due}")
    text = blocks[0]
    for week, block in enumerate(blocks[1:]):
        day = (first or dt.date(2030, 1, 7)) + dt.timedelta(weeks=week)
        text += f"{'' if first else '# '}due = {day:%Y-%m-%d} 23:59:00{block}"
    return text.replace("{{", "{").replace("}}", "}")


def _made(path: Path, text: str) -> bool:
    try:
        mode = 0o600 if path.name == "secret.txt" else 0o644
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    return True
