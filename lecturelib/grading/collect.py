"""Find student and attempt in what came in: a folder, a zip of Canvas or Moodle, single files.

Nothing is unpacked by the names of a zip, no link is followed, and sizes are bounded before a byte
is read. What is kept is named by the student's id of the roster.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lecturelib.grading import bundle as bundles
from lecturelib.grading import names, repair, roster
from lecturelib.grading.bundle import write_text
from lecturelib.grading.course import Course, CourseError

MOST_FILES, MOST_BYTES = 20_000, 4 * 2**30
_RATIO = 200  # compressed text of notebooks: 10 or so
FORMAT = "%Y-%m-%d %H:%M:%S %z"


@dataclass(frozen=True)
class Item:
    """A file that was found, with its bytes."""

    path: str
    data: bytes
    time: dt.datetime


@dataclass
class Collected:
    """What came of a collection."""

    new: list[str] = field(default_factory=list)
    known: int = 0
    unassigned: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def collect(
    course: Course,
    assignment: str,
    sources: list[Path],
    *,
    dry_run: bool = False,
    each: Callable[[], object] = lambda: None,
) -> Collected:
    """Take in what students handed in; what was taken in before stays as it is.

    Raises:
        CourseError: if a source is missing or no folder, zip or notebook.
    """
    course.assignment(assignment)
    students, found = roster.read(course.students), Collected()
    index = _Index(course, assignment)
    for source in sources:
        for item in items(source, course, found.remarks):
            _take(item, assignment, students, index, found)
            each()
    if not dry_run:
        index.write()
        index.choose(found.remarks)
    found.remarks += _untimed(index, course.assignment(assignment).due)
    return found


def _untimed(index: _Index, due: dt.datetime | None) -> list[str]:
    """A remark where Canvas' word on lateness and the files' times differ."""
    counts = [max(attempts.values(), key=_rank) for attempts in index.entries.values()]
    later = [e for e in counts if due and dt.datetime.strptime(e["time"], FORMAT) > due]
    count = sum(entry["how"] == "Canvas" and not entry["late"] for entry in later)
    if not count:
        return []
    return [
        f"{count} files of Canvas have a time after the due date and no LATE in their names; they "
        "count as in time (times in Canvas' zips are those of the download)"
    ]


def _take(
    item: Item, assignment: str, students: roster.Roster, index: _Index, found: Collected
) -> None:
    named = names.read_path(item.path, assignment, students)
    student, how = named.student, named.how
    if student is None:
        key = names.key_in(item.data)
        student = students.by("id", key) or students.by("email", key)
        how = "KEY in the notebook" if student else how
    if student is None:
        found.unassigned.append(f"{item.path}{f' ({how})' if how else ''}")
        return
    entry = {
        "time": item.time.strftime(FORMAT),
        "from": item.path,
        "how": how,
        "late": named.late,
        "number": named.number,
    }
    if index.add(student.id, item.data, entry):
        found.new.append(f"{student.id}: {item.path} ({how})")
    else:
        found.known += 1


class _Index:
    """All attempts of an assignment: the files by their hash, and one list of what is known."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._folder = course.folder / "received" / assignment
        self._submitted, self._assignment = course.folder / "submitted", assignment
        self._path = self._folder / "index.json"
        self._new: dict[Path, bytes] = {}
        self.entries: dict[str, dict[str, dict[str, Any]]] = {}
        if self._path.is_file():
            self.entries = json.loads(self._path.read_text(encoding="utf-8"))
        released = bundles.path(course, assignment)
        self._cells = bundles.read(course, assignment).cells if released.is_file() else ()

    def add(self, student: str, data: bytes, entry: dict[str, Any]) -> bool:
        """Note an attempt; False where it is known."""
        digest = hashlib.sha256(data).hexdigest()[:20]
        attempts = self.entries.setdefault(student, {})
        if digest in attempts:
            return False
        matches = sum(cell.id.encode() in data for cell in self._cells if cell.exercise)
        attempts[digest] = {**entry, "matches": matches, "arrived": len(attempts)}
        self._new[self._folder / student / f"{digest}.ipynb"] = data
        return True

    def write(self) -> None:
        """Keep what is new."""
        for path, data in self._new.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
        text = json.dumps(self.entries, indent=1, sort_keys=True, ensure_ascii=False)
        write_text(self._path, text)

    def choose(self, remarks: list[str]) -> None:
        """Put each student's attempt that counts where nbgrader looks for it."""
        for student, attempts in sorted(self.entries.items()):
            digest, entry = max(attempts.items(), key=lambda one: _rank(one[1]))
            better = [e for e in attempts.values() if e["matches"] > entry["matches"]]
            if better:
                remarks.append(f"{student}: a later file is of another notebook; it counts")
            folder = self._submitted / student / self._assignment
            target = folder / f"{self._assignment}.ipynb"
            data = (self._folder / student / f"{digest}.ipynb").read_bytes()
            if folder.is_symlink() or target.is_symlink():
                raise CourseError(f"{target} is a link; remove it")
            folder.mkdir(parents=True, exist_ok=True)
            if not target.is_file() or target.read_bytes() != data:
                target.write_bytes(data)
            if _chosen(folder) != digest:  # a time that was corrected stays
                write_text(folder / "timestamp.txt", f"{entry['time']}\n")
            about = {**entry, "attempt": len(attempts), "digest": digest}
            write_text(folder / "attempt.json", json.dumps(about, sort_keys=True))


def _chosen(folder: Path) -> str:
    """The attempt that counted before, by its hash; "" where there was none."""
    try:
        about = json.loads((folder / "attempt.json").read_text(encoding="utf-8"))
        return str(about["digest"]) if (folder / "timestamp.txt").is_file() else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _rank(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Which of several attempts counts: a notebook of this assignment, then the latest.

    Times are known to the second: of two within one, the one that was collected later.
    """
    time = dt.datetime.strptime(entry["time"], FORMAT)
    return entry["matches"] > 0, time, entry["number"], entry["arrived"]


# --- sources ------------------------------------------------------------------------------------


def items(source: Path, course: Course, remarks: list[str]) -> Iterator[Item]:
    """The notebooks in a folder, a zip, or the one that a path names."""
    if source.is_symlink() or not source.exists():
        why = "is a link, and links are not followed" if source.is_symlink() else "does not exist"
        raise CourseError(f"collect: {source} {why}")
    if source.is_dir():
        yield from _in_folder(source, course, remarks)
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            yield from _in_zip(archive, course, remarks, source.name)
    elif source.suffix.lower() == ".ipynb":
        yield from _in_file(source, source.name, course, remarks)
    else:
        raise CourseError(f"collect: {source} is no folder, no zip and no notebook")


def _in_folder(root: Path, course: Course, remarks: list[str]) -> Iterator[Item]:
    count = 0
    for folder, inner, files in os.walk(root, followlinks=False):
        links = [name for name in inner if Path(folder, name).is_symlink()]
        remarks += [f"{Path(folder, name)}: a link, not followed" for name in links]
        inner[:] = sorted(name for name in inner if name not in links)
        for name in sorted(files):
            count += 1
            if count > MOST_FILES:
                remarks.append(f"{root}: more than {MOST_FILES} files; the rest was not read")
                return
            path = Path(folder, name)
            if path.suffix.lower() in (".ipynb", ".zip"):
                yield from _in_file(path, str(path.relative_to(root)), course, remarks)


def _in_file(path: Path, shown: str, course: Course, remarks: list[str]) -> Iterator[Item]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        remarks.append(f"{shown}: a link or not readable, left out")
        return
    with os.fdopen(handle, "rb") as stream:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            remarks.append(f"{shown}: not a plain file, left out")
            return
        data = stream.read(repair.LARGEST + 1)
    if path.suffix.lower() == ".zip" and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from _in_zip(archive, course, remarks, shown, prefix=f"{shown}/")
        return
    if path.suffix.lower() == ".ipynb":
        yield Item(shown, data, dt.datetime.fromtimestamp(about.st_mtime, course.timezone))


def _in_zip(
    archive: zipfile.ZipFile,
    course: Course,
    remarks: list[str],
    where: str,
    *,
    prefix: str = "",
    depth: int = 0,
) -> Iterator[Item]:
    """The notebooks of a zip, read into memory. A zip inside is read too, one inside that not."""
    total, entries = 0, archive.infolist()
    if len(entries) > MOST_FILES:
        raise CourseError(f"collect: {where} holds {len(entries)} files, more than {MOST_FILES}")
    for entry in entries:
        name = prefix + entry.filename
        suffix = Path(entry.filename).suffix.lower()
        if entry.is_dir() or "__MACOSX" in name or suffix not in (".ipynb", ".zip"):
            continue
        data = _read_entry(archive, entry, name, remarks)
        if data is None:
            continue
        total += len(data)
        if total > MOST_BYTES:
            raise CourseError(f"collect: {where} holds more than {MOST_BYTES // 2**30} GB")
        if suffix == ".ipynb":
            yield Item(name, data, _time(entry, course))
        elif depth == 0 and zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as inner:
                yield from _in_zip(inner, course, remarks, name, prefix=f"{name}/", depth=1)
        else:
            remarks.append(f"{name}: a zip inside of a zip, left out")


def _read_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, remarks: list[str]
) -> bytes | None:
    """The bytes of an entry; None, and a remark, for what no honest zip holds."""
    why = ""
    if stat.S_ISLNK(entry.external_attr >> 16):
        why = "a link"
    elif entry.filename.startswith(("/", "\\")) or ".." in Path(entry.filename).parts:
        why = "a path that leads out of the zip"
    elif entry.flag_bits & 1:
        why = "encrypted"
    elif entry.file_size > _RATIO * max(entry.compress_size, 1) and entry.file_size > 2**20:
        why = "packed as no notebook can be (a zip bomb?)"
    if not why:
        try:
            with archive.open(entry) as stream:
                return stream.read(repair.LARGEST + 1)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as error:
            why = f"damaged ({error})"
        except Exception as error:  # zlib.error and what other packers raise
            why = f"damaged ({type(error).__name__})"
    remarks.append(f"{name}: {why}, left out")
    return None


def _time(entry: zipfile.ZipInfo, course: Course) -> dt.datetime:
    try:
        return dt.datetime(*entry.date_time, tzinfo=course.timezone)
    except ValueError:
        return dt.datetime(1980, 1, 1, tzinfo=course.timezone)
