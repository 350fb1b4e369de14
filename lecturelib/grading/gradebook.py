"""Points into nbgrader's gradebook, and the notebooks that its formgrader shows.

What a person gave there, points and comments, is never overwritten.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lecturelib.grading import batch, points, roster
from lecturelib.grading import bundle as bundles
from lecturelib.grading.batch import Graded
from lecturelib.grading.bundle import Bundle, Cell, write_text
from lecturelib.grading.course import Course
from lecturelib.grading.release import nbgrader, needs_nbgrader
from lecturelib.grading.running import CellRun, TestRun


@dataclass
class Mark:
    """A student's points for an assignment, as the gradebook has them."""

    student: str
    cells: dict[str, float] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    comments: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0

    @property
    def total(self) -> float:
        """Points after what lateness cost."""
        return round(max(0.0, sum(self.cells.values()) - self.penalty), 2)


@contextlib.contextmanager
def opened(course: Course) -> Iterator[Any]:
    """nbgrader's gradebook of a course."""
    needs_nbgrader()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's, of SQLAlchemy 2.1
        from nbgrader.api import Gradebook

        path = course.folder / "gradebook.db"
        if not path.exists():
            nbgrader(course.folder, "db", "assignment", "list")
        with Gradebook(f"sqlite:///{path}", course.id) as gradebook:
            yield gradebook


def record(course: Course, assignment: str, graded: Iterable[Graded]) -> list[str]:
    """Write automatic points, lateness and notebooks; the students that were written."""
    bundle, names = bundles.read(course, assignment), []
    students = roster.read(course.students)
    due = course.assignment(assignment).due
    with opened(course) as gradebook:
        gradebook.update_or_create_assignment(assignment, duedate=_naive(due))
        for student in students:
            about = {"first_name": student.first_name, "last_name": student.last_name}
            gradebook.update_or_create_student(student.id, email=student.email, **about)
        for one in graded:
            _record_one(gradebook, course, bundle, one)
            write_notebook(course, bundle, one)
            names.append(one.student)
    return names


def _naive(time: Any) -> Any:
    """The database's times are in UTC without saying so."""
    if time is None:
        return None
    return time.astimezone(dt.UTC).replace(tzinfo=None)


def _record_one(gradebook: Any, course: Course, bundle: Bundle, one: Graded) -> None:
    name = bundle.assignment
    gradebook.update_or_create_student(one.student)
    gradebook.update_or_create_submission(name, one.student, timestamp=_naive(one.submitted))
    automatic = points.automatic(bundle, one.result.tests)
    for cell in bundle.cells:
        if not cell.points:
            continue
        grade = gradebook.find_grade(cell.id, name, name, one.student)
        grade.auto_score = automatic.get(cell.id)
        if cell.role == "proof" and not _is_written(cell, one):
            grade.auto_score = 0.0
        grade.needs_manual_grade = grade.auto_score is None and grade.manual_score is None
    notebook = gradebook.find_submission_notebook(name, name, one.student)
    notebook.flagged = bool(one.flags)
    gradebook.db.flush()
    by = batch.delay(one, course.assignment(name).due)
    score = sum(grade.score for grade in notebook.grades)
    notebook.late_submission_penalty = points.penalty(score, course.late, by)
    gradebook.db.commit()


def _is_written(cell: Cell, one: Graded) -> bool:
    """Whether anything was written where a proof is asked for."""
    text = next((c.source for c in one.cells if c.id == cell.id), cell.source)
    return text.split() != cell.source.split()


def read_marks(course: Course, assignment: str) -> dict[str, Mark]:
    """All marks of an assignment by student, with what a person gave."""
    marks, due = {}, course.assignment(assignment).due
    with opened(course) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            mark = Mark(submission.student.id)
            waiting = []
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    mark.cells[grade.name] = round(float(grade.score), 2)
                    if grade.needs_manual_grade:
                        waiting.append(grade.name)
                comments = {c.name: c.comment for c in notebook.comments if c.comment}
                mark.comments.update(comments)
            mark.waiting = tuple(sorted(waiting))
            graded = batch.read_one(course, assignment, mark.student)
            by = batch.delay(graded, due) if graded else dt.timedelta(0)
            mark.penalty = points.penalty(sum(mark.cells.values()), course.late, by)
            marks[mark.student] = mark
    return dict(sorted(marks.items()))


# --- notebooks ----------------------------------------------------------------------------------


def write_notebook(course: Course, bundle: Bundle, one: Graded) -> None:
    """The submission as formgrader shows it: mended, with outputs, without active content."""
    name = bundle.assignment
    folder = course.folder / "autograded" / one.student / name
    cells = [_cell(cell, bundle, one) for cell in one.cells or bundle.cells]
    language = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": language})
    write_text(folder / f"{name}.ipynb", nbformat.writes(notebook) + "\n")
    if one.submitted:
        write_text(folder / "timestamp.txt", f"{one.submitted:%Y-%m-%d %H:%M:%S %z}\n")


def _cell(cell: Cell, bundle: Bundle, one: Graded) -> Any:
    metadata = _metadata(cell)
    if cell.kind != "code":
        return new_markdown_cell(harmless(cell.source), id=_id(cell.id), metadata=metadata)
    made = new_code_cell(cell.source, id=_id(cell.id), metadata=metadata)
    if cell.role == "test":
        made.outputs = [new_output("stream", name="stdout", text=_told(cell, one))]
    elif cell.id in one.result.cells:
        made.outputs = list(_outputs(one.result.cells[cell.id]))
    return made


def _metadata(cell: Cell) -> dict[str, Any]:
    if not cell.exercise or cell.id.startswith("own-"):
        return {}
    graded = cell.role in ("test", "proof")
    grading = {
        "grade": graded,
        "grade_id": cell.id,
        "locked": not cell.is_answer,
        "schema_version": 3,
        "solution": cell.is_answer,
        "task": False,
    }
    if graded:
        grading["points"] = cell.points
    return {"nbgrader": grading}


def _outputs(run: CellRun) -> Iterator[Any]:
    if run.text:
        yield new_output("stream", name="stdout", text=run.text)
    for shown in run.shown:
        yield new_output("display_data", data=dict(shown))
    if run.error:
        line = f"{run.error.get('kind', '')}: {run.error.get('text', '')}"
        yield new_output("stream", name="stderr", text=line)


def _told(cell: Cell, one: Graded) -> str:
    run = one.result.tests.get(cell.id, TestRun(ended="did not run"))
    passed = sum(record["passed"] for record in run.records)
    _, says = points.diagnosis(run)
    return f"{passed} of {len(run.records)} checks passed. {says}"


def harmless(markdown: str) -> str:
    """Markdown whose HTML and links do nothing: formgrader would run a student's script.

    >>> harmless("$a<b$ <script>steal()</script> [x](javascript:steal()) [y](https://a.org)")
    '$a< b$ < script>steal()< /script> [x](#left-out) [y](https://a.org)'
    """
    markdown = re.sub(r"<(?=[A-Za-z/!?])", "< ", markdown)
    markdown = re.sub(rf"\]\(\s*{_NO_LINK}(?:[^()]|\([^()]*\))*\)", "](#left-out)", markdown)
    return re.sub(rf"(?m)^(\s*\[[^\]]+\]:\s*){_NO_LINK}.*$", r"\1#left-out", markdown)


_NO_LINK = r"(?!https?://|mailto:|#)"


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)[:64] or "cell"


def missing(course: Course, assignment: str, students: Iterable[str]) -> list[str]:
    """Students whose submission the gradebook does not have yet: a run stopped before."""
    with opened(course) as gradebook:
        there = {s.student.id for s in gradebook.assignment_submissions(assignment)}
    return [student for student in students if student not in there]
