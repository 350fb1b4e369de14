"""Grade an assignment: mend, run and keep each submission, on as many workers as there are.

What a submission gave is a file of its own, named by what it depends on: a run that stops goes on,
a second one runs nothing again, and one submission never stops the others.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import queue
import threading
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lecturelib
from lecturelib.grading import bundle as bundles
from lecturelib.grading import collect, points, repair, roster
from lecturelib.grading.bundle import Bundle, Cell, write_text
from lecturelib.grading.course import Course
from lecturelib.grading.repair import Mended, Unreadable
from lecturelib.grading.running import Job, Result, in_worker, with_second_chance
from lecturelib.grading.sandbox import Mode, Sandbox

VERSION = 2
"""Of what is written below; another one runs everything again."""
RETRIES = 3
"""How often a task is sent out again after its worker was lost."""


@dataclass
class Graded:
    """Everything that is known of one submission.

    ``late`` and ``on_time`` are what Canvas says; ``source`` is a hash of the notebook, and
    ``exercises`` holds one of each exercise's cells and tests, by which it was graded.
    """

    student: str
    digest: str
    submitted: dt.datetime | None = None
    late: bool = False
    on_time: bool = False
    attempt: int = 1
    source: str = ""
    exercises: dict[str, str] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    result: Result = field(default_factory=Result)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a file."""
        data = dataclasses.asdict(self)
        data["submitted"] = self.submitted.strftime(collect.FORMAT) if self.submitted else None
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Graded:
        """What :meth:`to_json` wrote."""
        time = data["submitted"]
        submitted = dt.datetime.strptime(time, collect.FORMAT) if time else None
        cells = [Cell(**cell) for cell in data["cells"]]
        result = Result.from_json(data["result"])
        return cls(**{**data, "submitted": submitted, "cells": cells, "result": result})


@dataclass
class Done:
    """What a run of the batch did; ``whole``: all their exercises ran though one was asked for."""

    ran: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def grade(
    course: Course,
    assignment: str,
    *,
    only: Sequence[str] = (),
    exercise: str = "",
    workers: int = 1,
    scheduler: str = "",
    sandbox: Sandbox | None = None,
    again: bool = False,
    dry_run: bool = False,
    each: Callable[[str], object] = lambda student: None,
) -> Done:
    """Run what is new of an assignment's submissions; ``again`` runs all.

    With ``exercise`` its tests alone are run anew, and the other results stay. A submission that
    has no other results, as it was not graded before or is a new attempt, is run whole.

    The sandbox, if one is given, serves the first worker and stays open.

    Raises:
        CourseError: if the assignment is not released, or the exercise not in it.
    """
    bundle = bundles.read(course, assignment)
    if exercise and exercise not in bundle.exercises:
        known = ", ".join(bundle.exercises)
        raise bundles.CourseError(f"{assignment} has no exercise {exercise!r}; it has {known}")
    known_students, done = roster.read(course.students), Done()
    tasks: list[Task] = []
    for student, path in submissions(course, assignment):
        if only and student not in only:
            continue
        new = prepared(path, student, bundle, course, known_students)
        old = read_one(course, assignment, student)
        if old is not None and old.digest == new.digest and not again and not exercise:
            done.kept.append(student)
            each(student)
        else:
            alone = exercise if old is not None and old.source == new.source else ""
            if exercise and not alone:
                done.whole.append(student)
            tasks.append((_kept_but_for(old, new, alone), _job(new, bundle, course, alone)))
    if not dry_run:
        for graded, outcome in _run(tasks, workers, scheduler, sandbox or Sandbox()):
            if isinstance(outcome, str):
                done.failed[graded.student] = outcome
            else:
                _merge(graded, outcome, "" if graded.student in done.whole else exercise)
                _finish(graded, bundle, course, known_students)
                _write(course, assignment, graded)
                done.ran.append(graded.student)
            each(graded.student)
    else:
        done.ran = [graded.student for graded, _ in tasks]
    return done


def submissions(course: Course, assignment: str) -> Iterator[tuple[str, Path]]:
    """Students with a submission, and where it lies; no link among them."""
    for path in sorted((course.folder / "submitted").glob(f"*/{assignment}/{assignment}.ipynb")):
        if not any(p.is_symlink() for p in (path, path.parent, path.parent.parent)):
            yield path.parent.parent.name, path


def prepared(
    path: Path, student: str, bundle: Bundle, course: Course, students: roster.Roster
) -> Graded:
    """A submission, read and mended, not yet run."""
    raw = path.read_bytes()
    limits = json.dumps(dataclasses.asdict(course.limits), sort_keys=True)
    about, time = _json(path.parent / "attempt.json"), _time(path)
    graded = Graded(
        student, "", time, late=bool(about.get("late")), attempt=about.get("attempt", 1)
    )
    told = time is not None and time.strftime(collect.FORMAT) == about.get("time")
    graded.on_time = about.get("how") == "Canvas" and not graded.late and told
    parts = [str(VERSION), lecturelib.__version__, bundle.digest(), limits, str(time)]
    parts += [str(about.get("late")), str(len(raw))]
    graded.digest = hashlib.sha256("\0".join(parts).encode() + raw).hexdigest()[:20]
    graded.source = hashlib.sha256(raw).hexdigest()[:20]
    graded.exercises = {slug: bundle.digest(slug) for slug in bundle.exercises}
    try:
        mended = repair.repair(raw, bundle)
    except Unreadable as error:
        mended = Mended(flags=[f"not read: {error}"])
    except Exception as error:  # one submission never stops the batch
        mended = Mended(flags=[f"not read: {type(error).__name__}"])
    graded.cells, graded.notes, graded.flags = mended.cells, mended.notes, mended.flags
    if student not in students.students:
        graded.flags.append("not in the list of students")
    if graded.late:
        graded.flags.append(_of_lateness(graded, course.assignment(bundle.assignment).due))
    return graded


def delay(graded: Graded, due: dt.datetime | None) -> dt.timedelta:
    """How late a submission counts as: not at all where Canvas does not call it late."""
    return dt.timedelta(0) if graded.on_time else points.delay(graded.submitted, due)


def _of_lateness(graded: Graded, due: dt.datetime | None) -> str:
    """The remark on a submission that Canvas calls late: Canvas' zips hold no time of handing in,
    so by how much is not known for sure."""
    by = delay(graded, due)
    if not by:
        return "Canvas calls it late, and its time is not after the due date: nothing taken off"
    hours = by / dt.timedelta(hours=1)
    return f"Canvas calls it late; by the file's time it is {hours:.1f} hours: look when it came"


def _time(path: Path) -> dt.datetime | None:
    try:
        text = (path.parent / "timestamp.txt").read_text(encoding="utf-8").strip()
        return dt.datetime.strptime(text, collect.FORMAT)
    except (OSError, ValueError):
        return None


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


# --- one submission -----------------------------------------------------------------------------


def _job(graded: Graded, bundle: Bundle, course: Course, exercise: str) -> Job:
    cells = [c for c in graded.cells if c.kind == "code" and c.role != "test"]
    tests = bundle.tests
    if exercise:
        cells = [c for c in cells if not c.exercise or c.exercise == exercise or _is_own(c)]
        tests = tuple(test for test in bundle.tests if test.exercise == exercise)
    return Job(
        graded.student,
        tuple((c.id, c.source) for c in cells),
        tests if cells else (),
        course.limits,
    )


def _is_own(cell: Cell) -> bool:
    return cell.id.startswith("own-")


def _kept_but_for(old: Graded | None, new: Graded, exercise: str) -> Graded:
    """What stays while one exercise is run anew: the results of the others."""
    if not exercise or old is None:
        return new
    kept = dataclasses.replace(new, result=old.result)
    graded = {**old.exercises, exercise: new.exercises[exercise]}
    if graded != new.exercises:  # others were released anew, too: the next run takes them
        kept.digest, kept.exercises = f"{new.digest} in part", graded
    return kept


def _merge(graded: Graded, outcome: Result, exercise: str) -> None:
    if not exercise:
        graded.result = outcome
        return
    graded.result.cells.update(outcome.cells)
    graded.result.tests.update(outcome.tests)
    graded.result.key = outcome.key
    graded.result.flags = [*dict.fromkeys([*graded.result.flags, *outcome.flags])]


def _finish(graded: Graded, bundle: Bundle, course: Course, students: roster.Roster) -> None:
    """The flags that need the results."""
    graded.flags += graded.result.flags
    graded.flags += points.of_key(bundle, graded.result, graded.student, course.key, students)
    graded.flags += points.suspicions(bundle.tests, graded.result.tests)
    for cell in graded.cells:
        for says in repair.suspicions(cell.source) if _is_students(cell, bundle) else ():
            graded.flags.append(f"{cell.exercise or cell.id}: its code {says}")
    graded.flags = list(dict.fromkeys(graded.flags))


def _is_students(cell: Cell, bundle: Bundle) -> bool:
    return cell.kind == "code" and (_is_own(cell) or cell.role == "answer")


def _path(course: Course, assignment: str, student: str) -> Path:
    return course.folder / "runs" / assignment / f"{student}.json"


def _write(course: Course, assignment: str, graded: Graded) -> None:
    text = json.dumps(graded.to_json(), indent=1, ensure_ascii=True, sort_keys=True)
    write_text(_path(course, assignment, graded.student), text)


def read_one(course: Course, assignment: str, student: str) -> Graded | None:
    """What was kept of a student's submission; None where there is nothing that can be read."""
    try:
        data = json.loads(_path(course, assignment, student).read_text(encoding="utf-8"))
        return Graded.from_json(data)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def students(course: Course, assignment: str) -> list[str]:
    """Students of whom something was kept."""
    return sorted(path.stem for path in (course.folder / "runs" / assignment).glob("*.json"))


def read_all(
    course: Course, assignment: str, chosen: Container[str] | None = None
) -> Iterator[Graded]:
    """What was kept of an assignment (of those chosen), by student, one at a time."""
    for student in students(course, assignment):
        if chosen is None or student in chosen:
            graded = read_one(course, assignment, student)
            if graded is not None:
                yield graded


# --- workers ------------------------------------------------------------------------------------

Task = tuple[Graded, Job]
Outcome = tuple[Graded, Result | str]


def _run(
    tasks: Sequence[Task], workers: int, scheduler: str, sandbox: Sandbox
) -> Iterator[Outcome]:
    """Each task with its result, or with the words of what went wrong, as they come."""
    empty = [task for task in tasks if not task[1].cells]
    for graded, _ in empty:
        yield graded, Result()
    tasks = [task for task in tasks if task[1].cells]
    if not tasks:
        return
    if scheduler:
        yield from _on_dask(tasks, scheduler, sandbox.mode)
    else:
        yield from _here(tasks, workers, sandbox)


def _here(tasks: Sequence[Task], workers: int, first: Sandbox) -> Iterator[Outcome]:
    """On threads of this process: each has a sandbox, whose processes do the work."""
    from joblib import Parallel, delayed

    workers = max(1, min(workers, len(tasks)))
    free: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
    sandboxes = [first, *(Sandbox(first.mode) for _ in range(workers - 1))]
    for sandbox in sandboxes:
        free.put(sandbox)
    stop = threading.Event()

    def one(task: Task) -> Outcome:
        if stop.is_set():
            return task[0], "stopped"
        sandbox = free.get()
        try:
            return task[0], with_second_chance(task[1], sandbox)
        except Exception as error:  # one submission never stops the batch
            return task[0], f"{type(error).__name__}: {error}"
        finally:
            free.put(sandbox)

    pool = Parallel(n_jobs=workers, backend="threading", return_as="generator_unordered")
    try:
        yield from pool(delayed(one)(task) for task in tasks)
    finally:
        stop.set()
        for sandbox in sandboxes[1:]:
            sandbox.close()


def _on_dask(tasks: Sequence[Task], scheduler: str, mode: Mode) -> Iterator[Outcome]:
    """On the workers of a Dask cluster, each with a sandbox of its own."""
    from distributed import Client, as_completed

    with Client(scheduler, timeout="10s", set_as_default=False) as client, client.as_current():
        futures = {
            client.submit(in_worker, job, mode, pure=False, retries=RETRIES): graded
            for graded, job in tasks
        }
        for future in as_completed(list(futures)):
            graded = futures[future]
            if future.status == "finished":
                yield graded, Result.from_json(future.result())
            else:
                yield graded, f"the cluster gave it up: {future.exception()}"
