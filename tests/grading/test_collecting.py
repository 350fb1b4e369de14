"""Names of files as learning platforms and people make them, and what may hide in a zip."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.grading import collect as collecting
from lecturelib.grading import names, repair
from lecturelib.grading.__main__ import main
from lecturelib.grading.collect import collect
from lecturelib.grading.course import CourseError
from lecturelib.grading.roster import Roster, Student
from tests.grading import toys

PEOPLE = Roster(
    [
        Student("s1", "Maria", "Muster", "maria@example.org", "77", "9001"),
        Student("s2", "Zoë", "Müller", "zoe@example.org", "78", "9002"),
        Student("s3", "Jean Luc", "O'Neill, Jr.", "jl@example.org", "", ""),
        Student("s4", "Łukasz", "Żak"),
        Student("s44", "Li", "Wu"),
    ]
)


@pytest.mark.parametrize(
    ("path", "student", "how"),
    [
        # Canvas: name_user_submission_file, LATE after the name, -1 for another attempt
        ("mustermaria_77_1234_week-1.ipynb", "s1", "Canvas"),
        ("mustermaria_LATE_77_1234_week-1-3.ipynb", "s1", "Canvas"),
        ("müllerzoë_5555_1234_Copy of week-1.ipynb", "s2", "Canvas"),
        ("mullerzoe_5555_1234_week-1.ipynb", "s2", "Canvas"),
        ("oneilljrjeanluc_5555_1_week-1.ipynb", "s3", "Canvas"),
        # Moodle: with and without folders
        ("Maria Muster_9001_assignsubmission_file_/week-1.ipynb", "s1", "Moodle"),
        ("Zoë Müller_1_assignsubmission_file_week-1.ipynb", "s2", "Moodle"),
        ("Jean Luc O'Neill, Jr._1_assignsubmission_file/a b.ipynb", "s3", "Moodle"),
        # folders and file names
        ("s1/week-1.ipynb", "s1", "folder"),
        ("submitted/s44/week-1/week-1.ipynb", "s44", "folder"),
        ("zoe@example.org/week-1 (2).ipynb", "s2", "folder"),
        ("s4.ipynb", "s4", "file name"),
        ("S44_week-1.ipynb", "s44", "file name"),
        ("week-1_s44 (1).ipynb", "s44", "file name"),
        ("week-1 Mueller, Zoe.ipynb", "s2", "file name"),
        ("Copy of week-1 - Muster Maria.ipynb", "s1", "file name"),
        ("Kopie von Kopie von week-1_Muster_Maria.IPYNB", "s1", "file name"),
        ("Żak Łukasz week-1.ipynb", "s4", "file name"),
        ("maria@example.org.ipynb", "s1", "file name"),
        ("C:\\downloads\\s1\\week-1.ipynb", "s1", "folder"),
        # nobody
        ("week-1.ipynb", None, ""),
        ("Copy of week-1 (1).ipynb", None, ""),
        ("somebody_4_5_week-1.ipynb", None, "Canvas: somebody, user 4"),
        ("s1 and s44.ipynb", None, ""),
    ],
)
def test_the_student_is_found(path: str, student: str | None, how: str) -> None:
    named = names.read_path(path, "week-1", PEOPLE)
    assert (named.student.id if named.student else None) == student
    assert named.how == how


@given(st.text(max_size=80))
def test_any_name_is_read(path: str) -> None:
    names.read_path(path, "week-1", PEOPLE)


def test_the_key_of_a_notebook_tells_whose_it_is() -> None:
    assert names.key_in(toys.handed_in(key="s1")) == "s1"
    assert names.key_in(toys.handed_in()) == ""
    two = toys.notebook([*toys.cells(toys.RIGHT, "s1"), toys.cell("code", "KEY = 's2'", "x")])
    assert names.key_in(two) == ""


# --- taking in ----------------------------------------------------------------------------------


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_class_is_taken_in_twice_with_the_same_files(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course", students=4)
    late = toys.handed_in(key="s01", add="def add(a, b):\n    return b + a")
    source = zipped(
        tmp_path / "canvas.zip",
        {
            "last0first0_100_1_toys.ipynb": toys.handed_in("s00"),
            "last1first1_101_2_toys.ipynb": toys.handed_in("s01"),
            "last1first1_LATE_101_3_toys-1.ipynb": late,
            "Copy of toys.ipynb": toys.handed_in("s02"),
            "toys (4).ipynb": toys.handed_in(""),
            "readme.txt": b"no notebook",
        },
    )
    found = collect(course, "toys", [source])
    assert len(found.new) == 4
    assert found.unassigned == ["toys (4).ipynb"]
    submitted = course.folder / "submitted"
    assert (submitted / "s01" / "toys" / "toys.ipynb").read_bytes() == late
    before = {p: p.read_bytes() for p in course.folder.rglob("*") if p.is_file()}
    again = collect(course, "toys", [source])
    assert (again.new, again.known) == ([], 4)
    assert {p: p.read_bytes() for p in course.folder.rglob("*") if p.is_file()} == before


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course", students=1)
    path = tmp_path / "s00.ipynb"
    path.write_bytes(toys.handed_in())
    before = sorted(course.folder.rglob("*"))
    assert len(collect(course, "toys", [path], dry_run=True).new) == 1
    assert sorted(course.folder.rglob("*")) == before


def test_a_later_file_of_another_notebook_does_not_replace_the_right_one(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course", students=1)
    right, other = tmp_path / "s00_toys.ipynb", tmp_path / "s00_other.ipynb"
    right.write_bytes(toys.handed_in())
    other.write_bytes(toys.notebook([toys.cell("code", "1", "x")]))
    os.utime(right, (1, 1))
    collect(course, "toys", [tmp_path / "s00_toys.ipynb", other])
    taken = course.folder / "submitted" / "s00" / "toys" / "toys.ipynb"
    assert taken.read_bytes() == right.read_bytes()


def test_nothing_leaves_its_folder_and_no_link_is_followed(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course", students=3)
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(toys.handed_in("s00"))
    source = tmp_path / "in"
    (source / "s00").mkdir(parents=True)
    (source / "s00" / "toys.ipynb").symlink_to(secret)
    (source / "s01").symlink_to(tmp_path)
    os.mkfifo(source / "s02.ipynb")
    found = collect(course, "toys", [source])
    assert found.new == []
    assert len(found.remarks) == 3

    link = zipfile.ZipInfo("s00_toys.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(link, str(secret))
        archive.writestr("../../s01.ipynb", toys.handed_in())
        archive.writestr("/etc/s02.ipynb", toys.handed_in())
    found = collect(course, "toys", [tmp_path / "in.zip"])
    assert found.new == []
    assert sorted(remark.rpartition(": ")[2] for remark in found.remarks) == [
        "a link, left out",
        "a path that leads out of the zip, left out",
        "a path that leads out of the zip, left out",
    ]
    assert not list((course.folder / "submitted").glob("*"))


def test_bombs_and_broken_zips_are_left_out(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course", students=3)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("s02/toys.ipynb", toys.handed_in())
    path = zipped(
        tmp_path / "in.zip",
        {
            "s00.ipynb": b" " * (30 * 2**20),
            "s01.ipynb": toys.handed_in(),
            "s02.zip": inner.getvalue(),
        },
    )
    raw = bytearray(path.read_bytes())
    at = raw.index(b"s01.ipynb") + 20
    raw[at : at + 40] = bytes(40)
    path.write_bytes(raw)
    found = collect(course, "toys", [path])
    assert [line.partition(":")[0] for line in found.new] == ["s02"]
    assert any("zip bomb" in remark for remark in found.remarks)
    assert any("damaged" in remark for remark in found.remarks)


def test_a_huge_notebook_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "LARGEST", 10_000)
    course = toys.course(tmp_path / "course", students=1)
    (tmp_path / "s00.ipynb").write_bytes(toys.handed_in() + b" " * 100_000)
    collect(course, "toys", [tmp_path / "s00.ipynb"])
    taken = course.folder / "submitted" / "s00" / "toys" / "toys.ipynb"
    assert len(taken.read_bytes()) == 10_001
    with pytest.raises(repair.Unreadable, match="0 MB"):
        repair.repair(taken.read_bytes(), toys.bundle())


def test_a_planted_link_in_the_course_is_refused(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course", students=1)
    (tmp_path / "s00.ipynb").write_bytes(toys.handed_in())
    place = course.folder / "submitted" / "s00" / "toys"
    place.mkdir(parents=True)
    (place / "toys.ipynb").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CourseError, match="is a link; remove it"):
        collect(course, "toys", [tmp_path / "s00.ipynb"])
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["nothing.zip", "note.txt", "link"])
def test_what_is_no_source_is_said(tmp_path: Path, name: str) -> None:
    course = toys.course(tmp_path / "course")
    (tmp_path / "note.txt").write_text("no")
    (tmp_path / "link").symlink_to(tmp_path / "note.txt")
    with pytest.raises(CourseError, match="collect: "):
        collect(course, "toys", [tmp_path / name])


def test_the_command_says_whose_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = toys.course(tmp_path / "course", students=1)
    (tmp_path / "toys.ipynb").write_bytes(toys.handed_in())
    arguments = ["--course", str(course.folder), "--quiet", "toys", str(tmp_path / "toys.ipynb")]
    assert main(["collect", *arguments]) == 1
    out = capsys.readouterr().out
    assert "WHOSE?     toys.ipynb" in out
    assert "0 new, 1 without a student" in out
    assert collecting.MOST_FILES > 1000
