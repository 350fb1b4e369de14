"""The students of a course, and who a name, a number or an address belongs to."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lecturelib.grading.course import CourseError

COLUMNS = ("id", "first_name", "last_name", "email", "canvas_id", "moodle_id")
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?")
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})


@dataclass(frozen=True)
class Student:
    """One line of the list of students."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""

    @property
    def name(self) -> str:
        """First and last name; the id where there is neither."""
        return f"{self.first_name} {self.last_name}".strip() or self.id

    def key(self, kind: str) -> str:
        """What the student's ``KEY`` has to be, as checks read it; "" where none is asked for."""
        return {"id": self.id, "email": self.email, "none": ""}[kind].strip().lower()


class Roster:
    """The students by id, and by everything else that may be known of them.

    >>> roster = Roster([Student("s1", "Zoë", "Müller, Dr."), Student("s2", "Bo", "Li")])
    >>> roster.by_words("Mueller Dr Zoe week 1").id, roster.by_words("somebody") is None
    ('s1', True)
    """

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = {student.id: student for student in students}

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students.values())

    def __len__(self) -> int:
        return len(self.students)

    def by(self, column: str, value: str) -> Student | None:
        """The one student with that value in a column, capitals and blanks aside."""
        value = value.strip().casefold()
        found = [s for s in self.students.values() if getattr(s, column).casefold() == value]
        return found[0] if value and len(found) == 1 else None

    def by_words(self, text: str) -> Student | None:
        """The one student whose whole name is among the words of a text, in any order."""
        found = [s for s in self.students.values() if _is_named(s, text)]
        if len(found) > 1:  # Ann Li, and Ann Li Wu
            longest = max(len(s.name) for s in found)
            found = [s for s in found if len(s.name) == longest]
        return found[0] if len(found) == 1 else None

    def by_squeezed(self, text: str) -> Student | None:
        """The one student whose name, last name first and without blanks, is the text (Canvas)."""
        found = [
            s
            for s in self.students.values()
            if any(
                squeeze(a) + squeeze(b) == text.casefold()
                for squeeze in (_plain_letters, _two_letters, _own_letters)
                for a, b in ((s.last_name, s.first_name), (s.first_name, s.last_name))
            )
        ]
        return found[0] if len(found) == 1 else None


def _is_named(student: Student, text: str) -> bool:
    for spell in (_plain_words, _two_letter_words):
        words, name = set(_plain_words(text)) | set(_two_letter_words(text)), spell(student.name)
        if name and (student.first_name or student.last_name) and set(name) <= words:
            return True
    return False


def _plain_words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", letters.casefold())


def _two_letter_words(text: str) -> list[str]:
    composed = unicodedata.normalize("NFC", text).casefold()
    return _plain_words(composed.translate(_TWO_LETTERS))


def _plain_letters(text: str) -> str:
    return "".join(_plain_words(text))


def _two_letters(text: str) -> str:
    return "".join(_two_letter_words(text))


def _own_letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold()))


def read(path: Path) -> Roster:
    """The roster from a CSV file with the column ``id`` and any of the others.

    Raises:
        CourseError: for a missing file or column, an id that can't name a folder, or one twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError:
        raise CourseError(f"students: there is no {path}; it has the columns {COLUMNS}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"students: {path} is no CSV file in UTF-8: {error}") from None
    return Roster(_students(rows, path))


def _students(rows: Sequence[dict[str, str | None]], path: Path) -> list[Student]:
    students, seen = [], set()
    for number, row in enumerate(rows, start=2):
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if not any(values.values()):
            continue
        if not _ID.fullmatch(values["id"]) or ".." in values["id"]:
            raise CourseError(
                f"students: {path.name}, line {number}: id is {values['id']!r}; it names a "
                "folder: letters, digits, and . _ @ - inside, at most 64"
            )
        if values["id"].casefold() in seen:
            raise CourseError(
                f"students: {path.name}, line {number}: {values['id']} is there twice"
            )
        seen.add(values["id"].casefold())
        students.append(Student(**values))
    return students
