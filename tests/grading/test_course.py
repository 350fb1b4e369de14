"""The course file: what it holds, and what it says when something is wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lecturelib.grading import course as courses
from lecturelib.grading import new, roster
from lecturelib.grading.__main__ import main
from lecturelib.grading.course import CourseError, Late, Limits
from lecturelib.grading.roster import Roster, Student
from tests.grading import toys

TEXT = toys.COURSE.format(more="")


def test_a_course_file_is_read() -> None:
    course = courses.parse(TEXT, Path("/somewhere"))
    assert (course.id, course.key) == ("toys-2027", "id")
    assert course.masters == Path("/somewhere/masters")
    assignment = course.assignment("toys")
    assert assignment.due is not None
    assert assignment.due.astimezone(dt.UTC) == dt.datetime(2027, 4, 12, 21, 59, tzinfo=dt.UTC)
    assert course.limits.output_kb == 8
    assert course.late == Late()


@pytest.mark.parametrize(
    ("old", "changed", "says"),
    [
        ('name = "Toys, 2027"', "", "name is missing"),
        ('secret = "a secret"', "", "secret (or secret_file) is missing"),
        ('secret = "a secret"', 'secret_file = "none.txt"', "there is no file"),
        ('secret = "a secret"', 'secret = "x"\nsecrets = 1', "'secrets' is unknown"),
        ("Europe/Berlin", "Berlin/Europe", "timezone is a name such as"),
        ("cell_seconds = 1.5", "cell_seconds = -1", "cell_seconds must be a number above 0"),
        ("cell_seconds = 1.5", "cell_second = 1", "'cell_second' is unknown; known are"),
        ('name = "toys"', 'name = "../toys"', "becomes the name of a file"),
        ("due = 2027-04-12 23:59:00", "due = 2027-04-12", "due is a date with a time"),
        ('exercises = ["toys-add"', 'exercises = ["toys-add", "toys-add"', "stands there twice"),
        ('"toys-truth"]', '"toys-truth"]\npoints = {"toys-x" = 1}', "which is not in exercises"),
        ('"toys-truth"]', '"toys-truth"]\npoints = {"toys-add" = 0}', "must be a number above 0"),
        ("[limits]", 'key = "name"\n[limits]', "key is one of id, email, none"),
        ("[limits]", "[late]\npercent_per_day = 110\n[limits]", "between 0 and 100"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, changed: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(CourseError) as error:
        courses.parse(TEXT.replace(old, changed, 1), tmp_path)
    assert says in str(error.value)


def test_a_missing_and_a_broken_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"there is no course.toml in .*lecturelib.grading new"):
        courses.load(tmp_path)
    (tmp_path / "course.toml").write_text("name = ")
    with pytest.raises(CourseError, match="this is not TOML"):
        courses.load(tmp_path)


def test_an_unknown_assignment_is_answered_with_the_known_ones() -> None:
    with pytest.raises(CourseError, match=r"there is no assignment 'week-9' in .*; there is toys"):
        courses.parse(TEXT, Path()).assignment("week-9")


@pytest.mark.parametrize("value", [True, "60", 0, None])
def test_limits_are_numbers(value: object) -> None:
    with pytest.raises(CourseError, match="memory_mb must be a number above 0"):
        Limits(memory_mb=value)  # type: ignore[arg-type]


# --- students -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("../etc,A,B", "line 2: id is '../etc'"),
        ("a..b,A,B", "it names a folder"),
        (",A,B", "line 2: id is ''"),
        ("s1,A,B\nS1,C,D", "line 3: S1 is there twice"),
    ],
)
def test_ids_name_folders(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "students.csv"
    path.write_text(f"id,first_name,last_name\n{line}\n")
    with pytest.raises(CourseError) as error:
        roster.read(path)
    assert says in str(error.value)


def test_a_list_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_bytes('\ufeffid,last_name,first_name\r\ns1,"Müller, Dr.",Zoë\r\n,,\r\n'.encode())
    (student,) = roster.read(path).students.values()
    assert student.name == "Zoë Müller, Dr."


def test_no_list_and_no_csv(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="there is no"):
        roster.read(tmp_path / "students.csv")
    (tmp_path / "students.csv").write_bytes(b"id\n\xff\xfe")
    with pytest.raises(CourseError, match="no CSV file in UTF-8"):
        roster.read(tmp_path / "students.csv")


def test_a_shorter_name_inside_of_a_longer_one() -> None:
    people = Roster([Student("1", "Ann", "Li"), Student("2", "Ann", "Li Wu")])
    assert people.by_words("ann li wu week 1") == people.students["2"]
    assert people.by_words("Li, Ann") == people.students["1"]
    twins = Roster([Student("1", "Ann", "Li"), Student("2", "Ann", "Li")])
    assert twins.by_words("Ann Li") is None


# --- a new course -------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", ["", *sorted(new.plans())])
def test_a_new_course_is_valid_and_new_again_changes_nothing(tmp_path: Path, plan: str) -> None:
    arguments = ["new", str(tmp_path), "--plan", plan, "--first-due", "2027-04-12"]
    assert main(arguments) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    course = courses.load(tmp_path)
    assert course.assignments[0].due is not None
    assert course.masters.is_dir()
    assert main(arguments) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_new_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "course"), "--masters", str(tmp_path)]) == 1
    assert "holds no master notebook" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "course"), "--plan", "year"]) == 1
    assert "there is full-term, on-your-own, two-weeks" in capsys.readouterr().err
