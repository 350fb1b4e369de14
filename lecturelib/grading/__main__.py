"""Command line: ``python -m lecturelib.grading`` and one of its commands; see ``--help``."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lecturelib.grading import course as courses
from lecturelib.grading.course import Course, CourseError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lecturelib.grading",
        description="Grade a class: release, collect, grade in a sandbox, report, export.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--course", type=Path, default=Path(), metavar="FOLDER",
                        help="folder of course.toml, default: this one")  # fmt: skip
    shared.add_argument("--dry-run", action="store_true", help="say what would be done")
    shared.add_argument("--quiet", action="store_true", help="no progress bar")

    making = commands.add_parser("new", help="make a course folder with a file to fill in")
    making.add_argument("folder", type=Path)
    making.add_argument("--masters", type=Path, metavar="FOLDER",
                        help="book/exercises of your clone or fork of the course; default: of the "
                             "clone that lecturelib was installed from")  # fmt: skip
    making.add_argument("--plan", default="", help="full-term, two-weeks or on-your-own")
    making.add_argument("--first-due", type=dt.date.fromisoformat, metavar="YYYY-MM-DD",
                        help="the first due date; the others follow by weeks")  # fmt: skip

    releasing = commands.add_parser("release", parents=[shared],
                                    help="make what students get, try its solutions")  # fmt: skip
    releasing.add_argument("assignment", nargs="*", help="default: all")

    collecting = commands.add_parser("collect", parents=[shared],
                                     help="find student and attempt in what came in")  # fmt: skip
    collecting.add_argument("assignment")
    collecting.add_argument("source", nargs="+", type=Path,
                            help="folder, zip of Canvas or Moodle, or notebook")  # fmt: skip

    grading = commands.add_parser("grade", parents=[shared],
                                  help="run submissions in the sandbox")  # fmt: skip
    grading.add_argument("assignment")
    grading.add_argument("--student", action="append", default=[], metavar="ID",
                         help="this one alone; may be given again")  # fmt: skip
    grading.add_argument("--exercise", default="", metavar="NAME",
                         help="run its tests anew and leave the others as they are")  # fmt: skip
    grading.add_argument("--again", action="store_true", help="run what was run before, too")
    grading.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="W",
                         help="submissions at a time, default: one for each core")  # fmt: skip
    grading.add_argument("--scheduler", default="", metavar="tcp://…",
                         help="Dask scheduler to run on")  # fmt: skip
    grading.add_argument("--fresh", action="store_true",
                         help="a new sandbox for each submission: seconds slower each")  # fmt: skip
    grading.add_argument("--by-hand", action="store_true",
                         help="open nbgrader's formgrader, for this machine alone")  # fmt: skip
    grading.add_argument("--container", choices=["podman", "docker"],
                         help="print the command that grades inside a container")  # fmt: skip

    reporting = commands.add_parser("report", parents=[shared],
                                    help="write feedback, and a page about the class")  # fmt: skip
    reporting.add_argument("assignment")
    reporting.add_argument("--student", action="append", default=[], metavar="ID")

    exporting = commands.add_parser("export", parents=[shared],
                                    help="write points for Canvas and Moodle")  # fmt: skip
    exporting.add_argument("assignment")
    exporting.add_argument("--format", action="append", default=[],
                           choices=["canvas", "moodle", "csv", "json"],
                           help="may be given again; default: all")  # fmt: skip
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0, or 1 with the reason on standard error."""
    given = _parser().parse_args(arguments)
    try:
        return _COMMANDS[given.command](given)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
    return 1


def _new(given: argparse.Namespace) -> int:
    from lecturelib.grading.new import new

    paths = new(given.folder, masters=given.masters, plan=given.plan, first_due=given.first_due)
    for path in paths:
        print(f"{path}: written")
    if not paths:
        print(f"{given.folder}: all is there, nothing was changed")
    print(f"Fill in {given.folder / courses.FILE} and students.csv, then: release")
    return 0


def _release(given: argparse.Namespace) -> int:
    from lecturelib.grading import masters, release

    course = courses.load(given.course)
    chosen = [course.assignment(a) for a in given.assignment] or list(course.assignments)
    release.needs_nbgrader()
    with _sandbox(given) as sandbox, _bar(given, len(chosen), "assignment") as bar:
        for assignment in chosen:
            if given.dry_run:
                masters.assemble(course, assignment)
                bar.write(f"{assignment.name}: would be released")
            else:
                bundle = release.release(course, assignment, sandbox)
                where = course.folder / "release" / assignment.name
                bar.write(f"{assignment.name}: {bundle.points:g} points, {where}")
            bar.update()
    return 0


def _collect(given: argparse.Namespace) -> int:
    from lecturelib.grading.collect import collect

    course = courses.load(given.course)
    with _bar(given, None, "file") as bar:
        found = collect(
            course, given.assignment, given.source, dry_run=given.dry_run, each=bar.update
        )
    for line in found.new:
        print(f"new        {line}")
    for line in found.remarks:
        print(f"remark     {line}")
    for line in found.unassigned:
        print(f"WHOSE?     {line}")
    known = f", {found.known} known before" if found.known else ""
    print(f"{len(found.new)} new{known}, {len(found.unassigned)} without a student")
    if found.unassigned:
        print("Rename those files to the student's id (or add canvas_id, moodle_id or the name to "
              "students.csv), and collect again.")  # fmt: skip
    return 1 if found.unassigned else 0


def _grade(given: argparse.Namespace) -> int:
    course = courses.load(given.course)
    course.assignment(given.assignment)
    if given.container:
        print(container(course, given))
        if shutil.which(given.container) is None:
            print(f"note: {given.container} is not installed here; install it, or run this where "
                  "it is", file=sys.stderr)  # fmt: skip
        return 0
    if given.by_hand:
        return _by_hand(course)
    from lecturelib.grading import batch, gradebook, release

    if given.workers < 1:
        raise CourseError(f"grade: workers must be at least 1, got {given.workers}")
    release.needs_nbgrader()
    total = sum(1 for _ in batch.submissions(course, given.assignment))
    with _sandbox(given) as sandbox, _bar(given, total, "submission") as bar:
        done = batch.grade(
            course,
            given.assignment,
            only=given.student,
            exercise=given.exercise,
            workers=given.workers,
            scheduler=given.scheduler,
            sandbox=sandbox,
            again=given.again,
            dry_run=given.dry_run,
            each=lambda student: bar.update(),
        )
    if given.dry_run:
        print(f"{len(done.ran)} would run, {len(done.kept)} are done")
        return 0
    names = batch.students(course, given.assignment)
    fresh = {*done.ran, *gradebook.missing(course, given.assignment, names)}
    written = gradebook.record(
        course, given.assignment, batch.read_all(course, given.assignment, fresh)
    )
    flagged = sum(bool(one.flags) for one in batch.read_all(course, given.assignment))
    print(f"{len(done.ran)} ran, {len(done.kept)} were done before, {len(written)} written to the "
          f"gradebook; {flagged} of {len(names)} have flags")  # fmt: skip
    if done.whole:
        print(f"{len(done.whole)} of them had no marks for the other exercises (new, or a new "
              f"attempt) and ran whole: {', '.join(done.whole)}")  # fmt: skip
    for student, why in done.failed.items():
        print(f"FAILED     {student}: {why}")
    return 1 if done.failed else 0


def _report(given: argparse.Namespace) -> int:
    from lecturelib.grading import batch, gradebook, report

    course = courses.load(given.course)
    course.assignment(given.assignment)
    marks = gradebook.read_marks(course, given.assignment)
    if given.dry_run:
        print(f"{len(marks)} pages of feedback and one for you would be written")
        return 0
    total = sum(1 for _ in batch.read_all(course, given.assignment))
    with _bar(given, total, "page") as bar:
        written = report.write(
            course, given.assignment, marks, students=given.student, each=bar.update
        )
    print(f"{written} pages in {course.folder / 'feedback'}, "
          f"the class in {course.folder / 'reports' / given.assignment}.html")  # fmt: skip
    return 0


def _export(given: argparse.Namespace) -> int:
    from lecturelib.grading import bundle, export, gradebook, roster

    course = courses.load(given.course)
    assignment = course.assignment(given.assignment)
    possible = bundle.read(course, assignment.name).points
    marks, people = gradebook.read_marks(course, assignment.name), roster.read(course.students)
    waiting = sum(len(mark.waiting) for mark in marks.values())
    if waiting:
        print(f"{waiting} answers wait for marking by hand and count as 0")
    if given.dry_run:
        print(f"{len(marks)} marks would be exported")
        return 0
    formats = given.format or export.FORMATS
    for path in export.write(course, assignment, possible, marks, people, formats):
        print(path)
    return 0


@contextmanager
def _sandbox(given: argparse.Namespace) -> Iterator[Any]:
    """A sandbox that works on this machine; an error where there can be none. On a cluster it is
    the workers' own."""
    from lecturelib.grading.sandbox import Sandbox, opened

    fresh = getattr(given, "fresh", False)
    if given.dry_run or getattr(given, "scheduler", ""):
        sandbox = Sandbox("fresh" if fresh else "fork")
    else:
        sandbox = opened(fresh=fresh)
    if sandbox.mode == "fresh" and not fresh:
        print("note: no namespaces inside the sandbox here; each submission imports torch anew")
    with sandbox:
        yield sandbox


def _by_hand(course: Course) -> int:
    """nbgrader's formgrader on the loopback address."""
    from lecturelib.grading import release

    release.needs_nbgrader()
    command = [sys.executable, "-m", "jupyter", "server", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.default_url=/formgrader", f"--ServerApp.root_dir={course.folder}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in most containers, where Jupyter asks for it
    os.chdir(course.folder)
    os.execv(sys.executable, command)


def container(course: Course, given: argparse.Namespace) -> str:
    """The command that grades in a container, where bubblewrap runs inside."""
    volumes = ["--volume", f"{course.folder}:/course", "--volume", f"{course.masters}:/masters:ro"]
    words = [given.container, "run", "--rm", "--network", "none", "--security-opt",
             "seccomp=unconfined", "--cap-add", "SYS_ADMIN", *volumes, "lecturelib-grading",
             "grade", given.assignment, "--course", "/course"]  # fmt: skip
    return shlex.join(words)


@contextmanager
def _bar(given: argparse.Namespace, total: int | None, unit: str) -> Iterator[Any]:
    with tqdm(total=total, unit=unit, disable=True if given.quiet else None) as bar:
        yield bar


_COMMANDS = {
    "new": _new,
    "release": _release,
    "collect": _collect,
    "grade": _grade,
    "report": _report,
    "export": _export,
}

if __name__ == "__main__":
    sys.exit(main())
