"""Points, gradebook, feedback, exports; the batch and its workers; a class from end to end."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import html
import io
import json
import os
import re
import signal
import sysconfig
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.grading import batch, collect, export, gradebook, points, report, similarity
from lecturelib.grading import bundle as bundles
from lecturelib.grading.__main__ import main
from lecturelib.grading.batch import Graded
from lecturelib.grading.bundle import Test as HiddenTest
from lecturelib.grading.course import Course, Late
from lecturelib.grading.gradebook import Mark
from lecturelib.grading.roster import Roster, Student
from lecturelib.grading.running import CellRun, Job, Result
from lecturelib.grading.running import TestRun as Tried
from lecturelib.grading.sandbox import Sandbox, SandboxDied
from tests.grading import toys

BUNDLE = toys.bundle()
needs_nbgrader = pytest.mark.skipif(
    find_spec("nbgrader") is None,
    reason="without nbgrader, its gradebook was not tried",
)


# --- points -------------------------------------------------------------------------------------


def passed(*values: bool) -> Tried:
    return Tried([{"passed": value} for value in values])


@pytest.mark.parametrize(
    ("run", "partial", "whole"),
    [
        (passed(True, True, True, True), 1.0, 1.0),
        (passed(True, True, False, True), 2 / 3, 0.0),
        (passed(True), 1 / 3, 0.0),  # stopped after the first
        (passed(False, False, False, True), 0.0, 0.0),  # what is free counts for nothing
        (passed(True, True, True, False, True), 1.0, 1.0),
        (Tried([{"passed": True, "foreign": True}] * 4), 0.0, 0.0),
        (Tried([{"passed": True}, {"passed": False, "status": "not answered"}]), 0.0, 0.0),
        (Tried(ended="late"), 0.0, 0.0),
    ],
)
def test_partial_credit_is_a_share_of_the_checks(run: Tried, partial: float, whole: float) -> None:
    test = HiddenTest("a-test", "a", "", "", 6, checks=4, free=(3,))
    assert points.share(test, run, partial=True) == pytest.approx(partial)
    assert points.share(test, run, partial=False) == whole


@given(st.lists(st.booleans(), max_size=8), st.sets(st.integers(0, 7)), st.integers(0, 8))
def test_points_grow_with_what_passes(values: list[bool], free: set[int], checks: int) -> None:
    test = HiddenTest("a-test", "a", "", "", 6, checks=checks, free=tuple(free))
    share = points.share(test, passed(*values), partial=True)
    assert 0 <= share <= 1
    for index in range(len(values)):
        better = [*values[:index], True, *values[index + 1 :]]
        assert points.share(test, passed(*better), partial=True) >= share


def test_a_diagnosis_shows_no_hidden_input() -> None:
    run = Tried([{"passed": False, "code": "no-mean", "says": "The mean term is missing."}])
    assert points.diagnosis(run) == ("no-mean", "The mean term is missing.")
    assert points.diagnosis(passed(True)) == ("", "")
    code, says = points.diagnosis(passed(False))
    assert (code, "inputs are not shown" in says) == ("hidden", True)
    assert "too long" in points.diagnosis(Tried(ended="late"))[1]


def test_lateness() -> None:
    due = dt.datetime(2027, 4, 12, 23, 59, tzinfo=dt.UTC)
    assert points.delay(due - dt.timedelta(days=1), due) == dt.timedelta(0)
    assert points.delay(None, due) == points.delay(due, None) == dt.timedelta(0)
    late = Late(free_minutes=15, percent_per_day=25, days=2)
    hours = [points.penalty(8, late, dt.timedelta(hours=h)) for h in (0.2, 1, 24, 25, 49)]
    assert hours == [0, 2, 2, 4, 8]


# --- exports ------------------------------------------------------------------------------------

PEOPLE = Roster(
    [
        Student("s1", "Zoë", 'Müller, "Dr."', "zoe@example.org", "101", "9001"),
        Student("s2", "=cmd()", "Li\nWu", "li@example.org", "102", ""),
        Student("s3", "Nobody", "Here", "n@example.org"),
    ]
)
MARKS = {
    "s1": Mark("s1", {"a-test": 2.5, "b-proof": 3.0}, (), {"b-proof": "Well done, but\nslow"}, 0.5),
    "s2": Mark("s2", {"a-test": 0.0}, ("b-proof",)),
    "guest": Mark("guest", {"a-test": 1.0}),
}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_canvas_gets_its_columns() -> None:
    assignment = toys.courses.Assignment("week-1", ("a",), canvas="Problem set 1 (4711)")
    found = rows(export.canvas(assignment, 6, MARKS, PEOPLE))
    assert found[0] == [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        "Problem set 1 (4711)",
    ]
    assert found[1] == ["    Points Possible", "", "", "", "", "6"]
    assert found[2] == ['Müller, "Dr.", Zoë', "101", "s1", "zoe@example.org", "", "5"]
    assert [row[2] for row in found[2:]] == ["s1", "s2"]
    assert {len(row) for row in found} == {6}


def test_moodle_gets_its_worksheet() -> None:
    found = rows(export.moodle(toys.courses.Assignment("week-1", ("a",)), 6, MARKS, PEOPLE))
    assert found[1] == ["Participant 9001", 'Zoë Müller, "Dr."', "zoe@example.org", "5", "6",
                        "Well done, but\nslow"]  # fmt: skip
    assert found[2][:2] == ["", "'=cmd() Li\nWu"]


def test_plain_files_hold_everything() -> None:
    assignment = toys.courses.Assignment("week-1", ("a",))
    head, first, second = rows(export.generic(assignment, 6, MARKS, PEOPLE))
    assert dict(zip(head, first, strict=True))["b-proof"] == "3"
    assert dict(zip(head, second, strict=True))["to_mark"] == "1"
    data = json.loads(export.as_json(assignment, 6, MARKS, PEOPLE))
    assert [s["points"] for s in data["students"]] == [5.0, 0.0]


# --- feedback -----------------------------------------------------------------------------------


def one_graded(student: str = "s1", **changes: Any) -> Graded:
    cells = [
        dataclasses.replace(c, source="x = '</pre><script>alert(1)</script>'")
        if c.role == "answer"
        else c
        for c in BUNDLE.cells
    ]
    wrong = {"passed": False, "code": "twice", "says": "You add <once> too *often*."}
    result = Result(
        cells={"toys-add-answer": CellRun("<b>out</b>", [{"text/plain": "7"}], None, 0.5)},
        tests={"toys-add-test": Tried([wrong]), "toys-double-test": passed(True, True)},
    )
    values: dict[str, Any] = {"cells": cells, "result": result, "flags": ["toys-add: odd"]}
    return Graded(student, "digest", **{**values, **changes})


def test_feedback_is_one_file_that_loads_and_runs_nothing() -> None:
    mark = Mark(
        "s1", {"toys-double-test": 2.0}, ("toys-add-test",), {"toys-add-answer": "Nice <i>"}
    )
    person = Student("s1", "<img src=x>", "Li")
    page = report.feedback(BUNDLE, one_graded(submitted=dt.datetime(2027, 4, 5, 12)), mark, person)
    assert not re.search(r"<script|<img(?! alt)|<b>out|<i>", page)
    assert "You add &lt;once&gt; too <em>often</em>." in page
    assert "Handed in 05 April 2027, 12:00. 1 answer is not marked yet." in page
    assert "&lt;b&gt;out&lt;/b&gt;\n7" in page
    assert "prefers-color-scheme: dark" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "assert" not in page
    assert "odd" not in page  # a flag is for a person first


def test_the_page_of_the_class_counts_diagnoses() -> None:
    graded = [one_graded(f"s{i}") for i in range(1, 4)]
    marks = {g.student: Mark(g.student, {"toys-double-test": 2.0}) for g in graded}
    people = Roster([Student(f"s{i}", "A", "B") for i in range(1, 5)])
    page = html.unescape(report.overview(BUNDLE, graded, marks, people))
    assert "<strong>3 of 3</strong>: You add <once> too <em>often</em>." in page
    assert "3 of 4 students handed in; mean 2, median 2 of 6 points" in page
    assert page.count("toys-add: odd") == 3
    assert "nothing handed in" in page


def test_formgrader_gets_no_active_content(tmp_path: Path) -> None:
    course = toys.course(tmp_path, students=1)
    cells = [
        dataclasses.replace(c, kind="markdown", source="<script>1</script> [a](javascript:b)")
        if c.role == "statement"
        else c
        for c in BUNDLE.cells
    ]
    gradebook.write_notebook(course, BUNDLE, one_graded("s00", cells=cells))
    text = (course.folder / "autograded" / "s00" / "toys" / "toys.ipynb").read_text()
    assert "<script" not in text.replace("<script>alert", "")  # that one stands in code
    assert "javascript:" not in text


# --- similarity ---------------------------------------------------------------------------------

LONG = """
def answer(data, rate):
    total = 0.0
    for row in data:
        weight = rate * row[0] - row[1] ** 2
        if weight > 3:
            total += weight / (1 + row[2])
        else:
            total -= abs(weight) * 0.5
    return total / len(data)
"""


def renamed(source: str) -> str:
    for old, new in (("total", "s"), ("weight", "w"), ("row", "r"), ("data", "xs"), ("rate", "k")):
        source = re.sub(rf"\b{old}\b", new, source)
    return '"""Mine."""\n' + source.replace("s = 0.0", "s = 0.0  # start")


def test_renamed_copies_are_found_and_other_answers_not() -> None:
    other = "def answer(data, rate):\n    return sum(f(r) for r in data)\n" + "\n".join(
        f"def f{i}(x):\n    return [x * {i} + j for j in range({i})] or None" for i in range(6)
    )
    answers = {"a": LONG, "b": renamed(LONG), "c": other, "short": "def answer(d, r): return 1"}
    (pair,) = similarity.pairs("e", answers, "def answer(data, rate):\n    # Your answer here.")
    assert (pair.one, pair.other, pair.share) == ("a", "b", 1.0)


def test_what_the_whole_class_wrote_says_nothing() -> None:
    answers = {f"s{i:02}": LONG for i in range(60)}
    assert similarity.pairs("e", answers, "") == []
    assert similarity.pairs("e", {"a": "def broken(", "b": "def broken("}, "") == []


# --- the batch ----------------------------------------------------------------------------------


class Fake(Sandbox):
    """Stands in where a test is about the batch: no process."""


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Students whose submissions were run, by a stand-in for the sandbox."""
    found: list[str] = []

    def run(job: Job, sandbox: Sandbox) -> Result:
        found.append(job.student)
        text = dict(job.cells)["toys-add-answer"]
        if "die" in text:
            raise SandboxDied("killed")
        tests = {t.cell: passed(*[True] * t.checks) for t in job.tests}
        return Result(tests=tests, cells={"toys-add-answer": CellRun(text)})

    monkeypatch.setattr(batch, "with_second_chance", run)
    return found


def hand_in(course: Course, student: str, raw: bytes) -> None:
    path = course.folder / "in" / f"{student}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)
    collect.collect(course, "toys", [path])


def test_a_second_run_runs_what_is_new(tmp_path: Path, ran: list[str]) -> None:
    course = toys.course(tmp_path, students=3)
    for student in ("s00", "s01", "s02"):
        hand_in(course, student, toys.handed_in(student))
    assert sorted(batch.grade(course, "toys", dry_run=True).ran) == ["s00", "s01", "s02"]
    assert ran == []
    batch.grade(course, "toys", only=["s01"])
    batch.grade(course, "toys", workers=2)
    assert (ran[0], sorted(ran)) == ("s01", ["s00", "s01", "s02"])
    hand_in(course, "s02", toys.handed_in("s02", add="def add(a, b):\n    return b + a"))
    done = batch.grade(course, "toys")
    assert (done.ran, sorted(done.kept), ran[3:]) == (["s02"], ["s00", "s01"], ["s02"])
    assert sorted(batch.grade(course, "toys", again=True).ran) == ["s00", "s01", "s02"]


def test_one_submission_never_stops_the_batch(tmp_path: Path, ran: list[str]) -> None:
    course = toys.course(tmp_path, students=4)
    hand_in(course, "s00", toys.handed_in())
    hand_in(course, "s01", toys.handed_in(add="die = 1"))
    hand_in(course, "s02", b"no notebook")
    hand_in(course, "s03", toys.handed_in())
    done = batch.grade(course, "toys")
    assert sorted(done.ran) == ["s00", "s02", "s03"]
    assert done.failed == {"s01": "SandboxDied: killed"}
    unread = batch.read_one(course, "toys", "s02")
    assert unread is not None
    assert unread.flags == [
        "not read: this is no notebook (Expecting value: line 1 column 1 (char 0))"
    ]
    assert sorted(batch.grade(course, "toys").kept) == ["s00", "s02", "s03"]


def test_a_run_that_stops_goes_on(
    tmp_path: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    course = toys.course(tmp_path, students=6)
    for i in range(6):
        hand_in(course, f"s{i:02}", toys.handed_in())

    def stop(student: str) -> None:
        if len(ran) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.grade(course, "toys", each=stop)
    kept = len(batch.students(course, "toys"))
    assert kept == 3
    done = batch.grade(course, "toys")
    assert (len(done.kept), len(done.ran)) == (3, 3)


def test_a_damaged_result_is_run_again(tmp_path: Path, ran: list[str]) -> None:
    course = toys.course(tmp_path, students=1)
    hand_in(course, "s00", toys.handed_in())
    batch.grade(course, "toys")
    (course.folder / "runs" / "toys" / "s00.json").write_text('{"student": "s00"')
    assert batch.grade(course, "toys").ran == ["s00"]


def test_one_exercise_is_run_anew_and_the_others_stay(tmp_path: Path, ran: list[str]) -> None:
    course = toys.course(tmp_path, students=1)
    hand_in(course, "s00", toys.handed_in())
    batch.grade(course, "toys")
    one = batch.read_one(course, "toys", "s00")
    assert one is not None
    one.result.tests = {name: Tried(ended="old") for name in one.result.tests}
    batch._write(course, "toys", one)
    batch.grade(course, "toys", exercise="toys-add")
    one = batch.read_one(course, "toys", "s00")
    assert one is not None
    ended = {name: run.ended for name, run in one.result.tests.items()}
    assert ended == {"toys-add-test": "ended", "toys-double-test": "old", "toys-truth-test": "old"}
    with pytest.raises(toys.courses.CourseError, match="has no exercise 'toys-x'; it has toys-add"):
        batch.grade(course, "toys", exercise="toys-x")


def test_links_among_submissions_are_left_out(tmp_path: Path) -> None:
    course = toys.course(tmp_path, students=1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "toys.ipynb").write_bytes(toys.handed_in())
    (course.folder / "submitted" / "s00").mkdir(parents=True)
    (course.folder / "submitted" / "s00" / "toys").symlink_to(tmp_path / "other")
    assert list(batch.submissions(course, "toys")) == []


@pytest.fixture(params=[False])
def cluster(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Two workers of Dask: threads, or processes where a test asks for them."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=request.param, dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.mark.parametrize("cluster", [True], indirect=True)
def test_a_worker_that_is_killed_loses_nothing(
    tmp_path: Path, cluster: Any, sandbox: Sandbox
) -> None:
    """Real processes of Dask, each with its sandbox; one is killed while it runs a submission."""
    course = toys.course(tmp_path, students=4)
    for i in range(4):
        slow = "import time\ntime.sleep(1)\n" if i < 2 else ""
        hand_in(course, f"s{i:02}", toys.handed_in(f"s{i:02}", add=slow + toys.RIGHT["add"]))
    before = {worker.pid for worker in cluster.workers.values()}
    killed: list[int] = []

    def kill_one() -> bool:
        """Kill a worker as soon as one has its sandbox; whether that was done."""
        busy = [w.pid for w in cluster.workers.values() if w.pid in before and _runs(w.pid)]
        if busy:
            os.kill(busy[0], signal.SIGKILL)
            killed.append(busy[0])
        return bool(busy)

    watch = threading.Thread(target=_until, args=[kill_one])
    watch.start()
    done = batch.grade(course, "toys", scheduler=cluster.scheduler_address)
    watch.join()
    assert len(killed) == 1
    assert (sorted(done.ran), done.failed) == ([f"s{i:02}" for i in range(4)], {})
    runs = [one.result.tests for one in batch.read_all(course, "toys")]
    assert [points.automatic(BUNDLE, run) for run in runs] == [
        {"toys-add-test": 2, "toys-double-test": 2, "toys-truth-test": 2}
    ] * 4


def _until(done: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether a worker has started a sandbox: a child that is bubblewrap."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    names = (Path(f"/proc/{c}/comm").read_text() for f in children for c in f.read_text().split())
    try:
        return any(name.startswith("bwrap") for name in names)
    except OSError:
        return False


def test_the_same_on_a_dask_cluster(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task whose worker fails in the middle is sent out again."""
    course = toys.course(tmp_path, students=3)
    for i in range(3):
        hand_in(course, f"s{i:02}", toys.handed_in(f"s{i:02}"))
    lost: list[str] = []
    lock = threading.Lock()

    def run(job: Job, sandbox: Sandbox) -> Result:
        with lock:
            if not lost:
                lost.append(job.student)
                raise OSError("the worker is gone")
        return Result(tests={t.cell: passed(*[True] * t.checks) for t in job.tests})

    monkeypatch.setattr("lecturelib.grading.running.with_second_chance", run)
    done = batch.grade(course, "toys", scheduler=cluster.scheduler_address)
    assert (sorted(done.ran), done.failed, len(lost)) == (["s00", "s01", "s02"], {}, 1)


# --- a class from beginning to end --------------------------------------------------------------

STYLES = [
    {},
    {"add": "def add(a, b):\n    return a - b"},
    {"add": "def add(a, b):\n    return abs(a) + abs(b)"},
    {"truth": 'truth = "a"'},
    {"double": toys.FORM["double"]},
    {"double": "def double(a):\n    return a + a"},
    {"add": "while True:\n    pass"},
    {"truth": "import os\nos._exit(0)"},
    {"add": "def sum_of(a, b):\n    return a + b"},
    {"double": "def double(a)\n    return 2 * a"},
]
EXPECTED = [6, 4, 5.33, 4, 4, 6, 4, 4, 6, 4]


def class_of(folder: Path, number: int) -> Path:
    """A zip as Canvas makes it, every tenth notebook cut off behind its last cell."""
    import zipfile

    path = folder / "canvas.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(number):
            raw = toys.handed_in(f"s{i:02}", **STYLES[i % len(STYLES)])
            raw = raw[:-60] if i % 10 == 0 and i else raw
            name = f"last{i}first{i}_{100 + i}_{i}_toys.ipynb"
            archive.writestr(zipfile.ZipInfo(name, (2027, 4, 12, 20, 0, 0)), raw)
    return path


@needs_nbgrader
def test_a_class_of_40_twice(tmp_path: Path, sandbox: Sandbox) -> None:
    """From release to the files for Canvas and Moodle: twice, byte for byte the same."""
    texts = []
    for turn in ("one", "two"):
        course = released(tmp_path / turn, students=40)
        collect.collect(course, "toys", [class_of(tmp_path, 40)])
        done = batch.grade(course, "toys", sandbox=sandbox)
        assert (len(done.ran), done.failed) == (40, {})
        gradebook.record(course, "toys", batch.read_all(course, "toys"))
        marks = gradebook.read_marks(course, "toys")
        assert [marks[f"s{i:02}"].total for i in range(40)] == EXPECTED * 4
        report.write(course, "toys", marks)
        people = toys.people(course)
        paths = export.write(course, course.assignments[0], 6, marks, people)
        paths += sorted(course.folder.glob("feedback/*/*/*.html"))
        assert len(paths) == 44
        texts.append([path.read_bytes() for path in paths])
    assert texts[0] == texts[1]


def released(folder: Path, students: int) -> Course:
    """A toy course in nbgrader's gradebook, as its own release puts it there."""
    import nbformat
    from nbgrader import apps
    from traitlets.config import PyFileConfigLoader

    from lecturelib.grading import release

    course = toys.course(folder, students=students)
    source = course.folder / "source" / "toys" / "toys.ipynb"
    source.parent.mkdir(parents=True)
    master = nbformat.from_dict(json.loads(toys.notebook(toys.cells(toys.MASTER))))
    source.write_text(nbformat.writes(master))
    (course.folder / "nbgrader_config.py").write_text(release.config(course))
    with pytest.MonkeyPatch.context() as patch:  # nbgrader looks for its `alembic` there
        patch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(course.folder)).load_config()
        config.CourseDirectory.root = str(course.folder)
        done = apps.NbGraderAPI(config=config).generate_assignment("toys")
    assert done["success"], done
    return course


@needs_nbgrader
def test_what_a_person_gave_stays(tmp_path: Path) -> None:
    course = released(tmp_path, students=1)
    gradebook.record(course, "toys", [one_graded("s00")])
    with gradebook.opened(course) as book:
        grade = book.find_grade("toys-add-test", "toys", "toys", "s00")
        grade.manual_score = 1.5
        book.db.commit()
    gradebook.record(course, "toys", [one_graded("s00")])
    mark = gradebook.read_marks(course, "toys")["s00"]
    assert mark.cells["toys-add-test"] == 1.5
    assert mark.total == 3.5
    assert gradebook.missing(course, "toys", ["s00", "s01"]) == ["s01"]


@needs_nbgrader
def test_the_release_is_what_nbgrader_makes(tmp_path: Path) -> None:
    """The grader's form of each cell is the one in the notebook that students get."""
    course = released(tmp_path, students=0)
    path = course.folder / "release" / "toys" / "toys.ipynb"
    handed_out = json.loads(path.read_text())
    sources = {c["id"]: "".join(c["source"]) for c in handed_out["cells"]}
    assert sources == {c.id: c.source for c in BUNDLE.cells}


def test_every_command_has_help_and_errors_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("new", "release", "collect", "grade", "report", "export"):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0
    capsys.readouterr()
    assert main(["grade", "toys", "--course", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("error: there is no course.toml in")
    course = toys.course(tmp_path)
    bundles.path(course, "toys").unlink()
    assert main(["grade", "toys", "--course", str(tmp_path), "--dry-run", "--quiet"]) == 1
    err = capsys.readouterr().err
    assert "is not released" in err or "nbgrader is not installed" in err
    assert main(["grade", "toys", "--course", str(tmp_path), "--container", "podman"]) == 0
    assert capsys.readouterr().out.startswith("podman run --rm --network none")
    assert signal.SIGKILL
