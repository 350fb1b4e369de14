"""The command line, with a stand-in for the sandbox, in a folder with blanks and umlauts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from lecturelib.grading import __main__ as commands
from lecturelib.grading import batch, collect, gradebook, points
from lecturelib.grading.__main__ import main
from lecturelib.grading.course import Course
from lecturelib.grading.running import Job, Result
from lecturelib.grading.running import TestRun as Tried
from lecturelib.grading.sandbox import Sandbox
from tests.grading import toys
from tests.grading.test_grading import needs_nbgrader, released

COMMANDS = ("new", "release", "collect", "grade", "report", "export")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs that were run, all of them right, by a stand-in for the sandbox."""
    jobs: list[Job] = []

    def run(job: Job, sandbox: Sandbox) -> Result:
        jobs.append(job)
        key = job.student if job.student != "s01" else "s00"
        runs = {t.cell: Tried([{"passed": True}] * t.checks) for t in job.tests}
        return Result(tests=runs, key=key if job.student != "s02" else "")

    monkeypatch.setattr(batch, "with_second_chance", run)
    monkeypatch.setattr("lecturelib.grading.sandbox.opened", lambda fresh=False: Sandbox())
    return jobs


def hand_in(course: Course, number: int, name: str = "{0}.ipynb", **answers: str) -> Path:
    """Notebooks of so many students, in one folder."""
    folder = course.folder / "Abgaben für die Übung"
    folder.mkdir(exist_ok=True)
    for i in range(number):
        raw = toys.handed_in(f"s{i:02}", **answers)
        (folder / name.format(f"s{i:02}", i, 100 + i)).write_bytes(raw)
    return folder


@needs_nbgrader
def test_from_collecting_to_exports(
    tmp_path: Path, ran: list[Job], capsys: pytest.CaptureFixture[str]
) -> None:
    course = released(tmp_path / "Mein Kurs, große Übung", students=3)
    source = hand_in(course, 2)
    place = ["toys", "--course", str(course.folder), "--quiet"]

    def says(command: str, *more: str, status: int = 0) -> str:
        assert main([command, *place, *more]) == status
        return capsys.readouterr().out

    assert "2 new, 0 without" in says("collect", str(source), "--dry-run")
    assert "2 new, 0 without" in says("collect", str(source))
    assert "0 new, 2 known before" in says("collect", str(source))
    assert says("grade", "--dry-run") == "2 would run, 0 are done\n"
    assert ran == []
    assert "2 ran, 0 were done before, 2 written" in says("grade", "--workers", "1")
    assert "0 ran, 2 were done before, 0 written" in says("grade")
    hand_in(course, 1, add="def add(a, b):\n    return b + a")
    hand_in(course, 3, name="{0} (1).ipynb", double="def double(a):\n    return a + a")
    says("collect", str(source))
    out = says("grade", "--exercise", "toys-add")
    assert "3 of them had no marks for the other exercises" in out
    out = says("grade", "--exercise", "toys-add")
    assert "had no marks" not in out
    assert [len(job.tests) for job in ran[-6:]] == [3, 3, 3, 1, 1, 1]
    assert says("report", "--dry-run").startswith("3 pages of feedback")
    assert "3 pages in" in says("report")
    assert says("export", "--dry-run") == "3 marks would be exported\n"
    assert len(says("export").splitlines()) == 4
    assert says("export", "--format", "json").endswith("toys.json\n")
    data = json.loads((course.folder / "exports" / "toys.json").read_text())
    assert [s["points"] for s in data["students"]] == [6.0] * 3


@needs_nbgrader
def test_a_failure_is_said_and_the_status_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ran: list[Job], monkeypatch: Any
) -> None:
    def dies(job: Job, sandbox: Sandbox) -> Result:
        raise OSError("no space left")

    course = toys.course(tmp_path, students=1)
    collect.collect(course, "toys", [hand_in(course, 1)])
    monkeypatch.setattr(batch, "with_second_chance", dies)
    monkeypatch.setattr(gradebook, "missing", lambda *given: [])
    monkeypatch.setattr(gradebook, "record", lambda *given: [])
    place = ["--course", str(course.folder), "--quiet"]
    assert main(["grade", "toys", *place]) == 1
    assert "FAILED     s00: OSError: no space left" in capsys.readouterr().out
    assert main(["grade", "toys", *place, "--workers", "0"]) == 1
    assert "workers must be at least 1, got 0" in capsys.readouterr().err

    def stopped(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "grade", stopped)
    assert main(["grade", "toys", *place]) == 1
    assert "the same command goes on from here" in capsys.readouterr().err


@needs_nbgrader
def test_formgrader_is_opened_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course, called = toys.course(tmp_path), []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands.os, "execv", lambda path, words: called.append(words))
    main(["grade", "toys", "--course", str(course.folder), "--by-hand"])
    assert "--ServerApp.ip=127.0.0.1" in called[0]
    assert f"--ServerApp.root_dir={course.folder}" in called[0]
    monkeypatch.setattr(commands.os, "geteuid", lambda: 0, raising=False)
    main(["grade", "toys", "--course", str(course.folder), "--by-hand"])
    assert called[1] == [*(word for word in called[0] if word != "--allow-root"), "--allow-root"]


# --- KEY ----------------------------------------------------------------------------------------


def test_a_wrong_key_is_flagged_with_a_reason(tmp_path: Path, ran: list[Job]) -> None:
    """Where it does harm: always another student's, and none where numbers are drawn from it."""
    course = toys.course(tmp_path, students=3)
    collect.collect(course, "toys", [hand_in(course, 3)])
    batch.grade(course, "toys")
    flags = {one.student: one.flags for one in batch.read_all(course, "toys")}
    assert flags == {
        "s00": [],
        "s01": ["KEY is that of s00: the numbers are those of another student"],
        "s02": [],
    }


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (" S00 ", "id", None),
        ("S0@example.org", "email", None),
        ("", "none", None),
        ("", "id", "KEY is empty: the numbers of toys-add are not this student's own"),
        ("0", "id", "KEY is '0' and not 's00': the numbers of toys-add are not"),
        ("s00", "email", "KEY is 's00' and not 's0@example.org'"),
        ("s01", "id", "KEY is that of s01"),
    ],
)
def test_keys(tmp_path: Path, given: str, kind: str, says: str | None) -> None:
    people = toys.people(toys.course(tmp_path, students=2))
    test = toys.bundles.Test("toys-add-test", "toys-add", "check(add, key=KEY)", "", 2)
    bundle = toys.bundles.Bundle("toys", "Toys", (), (test,), {})
    result = Result(tests={"toys-add-test": Tried([{"passed": True}])}, key=given)
    found = points.of_key(bundle, result, "s00", kind, people)
    assert len(found) == (says is not None)
    assert says is None or found[0].startswith(says)
    result.tests["toys-add-test"].records = []  # nothing ran, nothing is known
    assert points.of_key(bundle, result, "s00", kind, people) == []


# --- lateness -----------------------------------------------------------------------------------

DUE = dt.datetime.fromisoformat("2027-04-12T23:59:00+02:00")


def late_in(course: Course, name: str, when: dt.datetime) -> Any:
    """One submission under a name of Canvas, prepared, and what collecting remarked."""
    import os

    path = hand_in(course, 1, name=name) / name.format("s00", 0, 100)
    os.utime(path, (when.timestamp(), when.timestamp()))
    found = collect.collect(course, "toys", [path])
    where = course.folder / "submitted" / "s00" / "toys" / "toys.ipynb"
    one = batch.prepared(where, "s00", toys.bundle(), course, toys.people(course))
    return one, found.remarks


@pytest.mark.parametrize(
    ("name", "hours", "delay", "flag", "remark"),
    [
        ("{0}.ipynb", 5, 5, "", ""),
        ("{0}.ipynb", -5, 0, "", ""),
        ("last0first0_{2}_7_toys.ipynb", 5, 0, "", "1 files of Canvas have a time after the due"),
        ("last0first0_LATE_{2}_7_toys.ipynb", 5, 5, "by the file's time it is 5.0 hours", ""),
        ("last0first0_LATE_{2}_7_toys.ipynb", -5, 0, "nothing taken off", ""),
    ],
)
def test_canvas_says_who_is_late(
    tmp_path: Path, name: str, hours: int, delay: int, flag: str, remark: str
) -> None:
    one, remarks = late_in(toys.course(tmp_path, students=1), name, DUE + dt.timedelta(hours=hours))
    assert batch.delay(one, DUE) == dt.timedelta(hours=delay)
    assert [flag in said for said in one.flags] == ([True] if flag else [])
    assert [remark in said for said in remarks] == ([True] if remark else [])


def test_a_time_that_was_corrected_counts_and_stays(tmp_path: Path) -> None:
    course = toys.course(tmp_path, students=1)
    name = "last0first0_{2}_7_toys.ipynb"
    one, _ = late_in(course, name, DUE)
    stamp = course.folder / "submitted" / "s00" / "toys" / "timestamp.txt"
    stamp.write_text("2027-04-13 02:59:00 +0200\n")
    again, _ = late_in(course, name, DUE)
    assert batch.delay(one, DUE) == dt.timedelta(0)
    assert batch.delay(again, DUE) == dt.timedelta(hours=3)
    assert again.digest != one.digest  # it is graded anew


def test_other_exercises_released_anew_are_run_by_the_next_run(
    tmp_path: Path, ran: list[Job]
) -> None:
    """A run of one exercise alone does not hide that the others changed as well."""
    import dataclasses

    course = toys.course(tmp_path, students=1)
    collect.collect(course, "toys", [hand_in(course, 1)])
    batch.grade(course, "toys")
    bundle = toys.bundle()
    tests = tuple(dataclasses.replace(t, source=f"{t.source}\n") for t in bundle.tests)
    toys.bundles.write(course, dataclasses.replace(bundle, tests=(tests[0], *bundle.tests[1:])))
    batch.grade(course, "toys", exercise="toys-add")
    assert batch.grade(course, "toys").kept == ["s00"]
    toys.bundles.write(course, dataclasses.replace(bundle, tests=tests))
    batch.grade(course, "toys", exercise="toys-add")
    assert batch.grade(course, "toys").ran == ["s00"]
    assert [len(job.tests) for job in ran] == [3, 1, 1, 3]
