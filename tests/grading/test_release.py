"""Masters, bundles, releases and marking pages: from this course's own exercises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lecturelib.grading import bundle as bundles
from lecturelib.grading import course as courses
from lecturelib.grading import masters, release, report
from lecturelib.grading.course import Course, CourseError
from lecturelib.grading.running import CellRun, Job, Result
from lecturelib.grading.running import TestRun as Tried
from lecturelib.grading.sandbox import Sandbox

MASTERS = Path(__file__).parents[2] / "book" / "exercises"
TEXT = """\
name = "Nets & norms"
masters = '{masters}'
secret = "a secret"
{more}
[[assignments]]
name = "week-1"
title = "Norms <1>"
due = 2027-04-12 23:59:00
exercises = ["batch-norm-identity", "backprop-matmul"]
points = {{ "batch-norm-identity" = 5 }}
"""


def course(folder: Path, more: str = "", masters: Path = MASTERS) -> Course:
    """A course with an exercise of code and one with a proof, of two chapters."""
    return courses.parse(TEXT.format(masters=masters, more=more), folder)


def assembled(made: Course) -> str:
    """All sources of its assignment's master."""
    master = masters.assemble(made, made.assignments[0])
    return "\n\n".join(cell.source for cell in master.cells)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """What release runs, by a stand-in for the sandbox: what is answered is right."""
    jobs: list[Job] = []

    def run(job: Job, sandbox: Sandbox) -> Result:
        jobs.append(job)
        answered = not any(masters.CODE_STUB in source for _, source in job.cells)
        records = [{"passed": answered}, {"passed": True}]
        return Result(tests={test.cell: Tried(records) for test in job.tests})

    monkeypatch.setattr(release, "with_second_chance", run)
    return jobs


def test_a_master_is_put_together_of_chapters(tmp_path: Path) -> None:
    made = course(tmp_path)
    text = assembled(made)
    assert text.startswith("# Norms <1>\n\nNets & norms\n\n**Due** Monday, 12 April 2027, 23:59")
    assert text.count("\nKEY =") == 1
    assert text.index("## 1. ") < text.index("5 points*") < text.index("## 2. ")
    other = assembled(course(tmp_path, 'key = "none"'))
    assert "Leave `KEY` below as it is." in other
    bundle = bundles.make(made.assignments[0], masters.assemble(made, made.assignments[0]))
    assert bundle.exercises == ("batch-norm-identity", "backprop-matmul")
    points = {c.id: c.points for c in bundle.cells if c.points}
    assert points["batch-norm-identity-test"] == 5
    assert bundle.points == sum(points.values())


def test_a_secret_draws_the_inputs_of_hidden_tests(tmp_path: Path) -> None:
    hidden = {t.source for t in _bundle(course(tmp_path)).tests}
    assert not any('"hidden-' in source for source in hidden)
    made = courses.parse(TEXT.format(masters=MASTERS, more="").replace("a secret", "b"), tmp_path)
    assert {t.source for t in _bundle(made).tests} != hidden


def _bundle(made: Course) -> bundles.Bundle:
    return bundles.make(made.assignments[0], masters.assemble(made, made.assignments[0]))


def test_a_bundle_shows_no_solution_and_comes_back_from_its_file(tmp_path: Path) -> None:
    made = course(tmp_path)
    bundle = _bundle(made)
    assert not any("BEGIN" in cell.source for cell in bundle.cells)
    assert all("assert" in test.source for test in bundle.tests)
    assert set(bundle.schemes) == {"backprop-matmul-proof"}
    bundles.write(made, bundle)
    assert bundles.read(made, "week-1") == bundle
    parts = {slug: bundle.digest(slug) for slug in bundle.exercises}
    assert len({*parts.values(), bundle.digest()}) == 3


@pytest.mark.parametrize(
    ("exercise", "says"),
    [
        ("batch-norm-identiti", "did you mean: batch-norm-identity"),
        ("zzz", "no master has an exercise 'zzz'"),
    ],
)
def test_an_unknown_exercise_is_answered_with_near_ones(
    tmp_path: Path, exercise: str, says: str
) -> None:
    text = TEXT.format(masters=MASTERS, more="").replace("batch-norm-identity", exercise)
    made = courses.parse(text, tmp_path)
    with pytest.raises(CourseError, match=says):
        masters.assemble(made, made.assignments[0])


def test_a_folder_without_masters_is_said(tmp_path: Path) -> None:
    made = course(tmp_path, masters=tmp_path)
    with pytest.raises(CourseError, match="masters: there is no"):
        masters.assemble(made, made.assignments[0])


def test_a_release_counts_the_checks_of_its_solution(tmp_path: Path, tries: list[Job]) -> None:
    made = course(tmp_path)
    master = masters.assemble(made, made.assignments[0])
    bundle = release.tried(_bundle(made), master, made, Sandbox())
    assert [(t.checks, t.free) for t in bundle.tests] == [(2, (1,))] * len(bundle.tests)
    solved, empty = tries
    assert any(masters.CODE_STUB in source for _, source in empty.cells)
    assert not any(name.endswith("-test") for name, _ in solved.cells)


def test_a_solution_that_fails_is_not_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = course(tmp_path)
    wrong = {"passed": False, "code": "no-mean", "says": "The mean is missing."}

    def run(job: Job, sandbox: Sandbox) -> Result:
        return Result(tests={test.cell: Tried([wrong]) for test in job.tests})

    monkeypatch.setattr(release, "with_second_chance", run)
    with pytest.raises(CourseError, match=r"does not pass \(no-mean: The mean is missing"):
        release.release(made, made.assignments[0], Sandbox())

    def stops(job: Job, sandbox: Sandbox) -> Result:
        return Result(cells={"imports-batch-norm": CellRun(error={"kind": "NameError"})})

    monkeypatch.setattr(release, "with_second_chance", stops)
    with pytest.raises(CourseError, match="own cell imports-batch-norm fails"):
        release.release(made, made.assignments[0], Sandbox())
    assert not list(tmp_path.iterdir())


def test_a_release_is_written_once(
    tmp_path: Path, tries: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, calls = course(tmp_path), []

    def nbgrader(folder: Path, *arguments: str) -> None:
        calls.append(arguments)
        (folder / "release" / "week-1").mkdir(parents=True, exist_ok=True)
        (folder / "release" / "week-1" / "week-1.ipynb").write_text("{}")

    monkeypatch.setattr(release, "nbgrader", nbgrader)
    for _ in range(2):
        release.release(made, made.assignments[0], Sandbox())
    assert calls == [("generate_assignment", "week-1", "--force")]
    source = json.loads((tmp_path / "source" / "week-1" / "week-1.ipynb").read_text())
    assert "BEGIN SOLUTION" in json.dumps(source)
    assert masters.CODE_STUB in (tmp_path / "nbgrader_config.py").read_text()
    assert (tmp_path / "marking" / "week-1.html").is_file()


def test_the_marking_page_shows_statement_and_scheme(tmp_path: Path) -> None:
    page = report.marking(_bundle(course(tmp_path)))
    assert "Norms &lt;1&gt;: marking schemes" in page
    assert page.count("<section") == 1
    assert "BEGIN SOLUTION" not in page
    assert "Solution and scheme" in page


def test_nbgrader_says_what_went_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release.sys, "executable", "/bin/false")
    with pytest.raises(CourseError, match="nbgrader list failed"):
        release.nbgrader(tmp_path, "list")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r"lecturelib\[instructor\]"):
        release.needs_nbgrader()


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        bundles.write_text(tmp_path / "taken", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
