"""How Canvas, Moodle, Colab and people name the files that students hand in. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lecturelib.grading.roster import Roster, Student

_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)"
)
_MOODLE = re.compile(
    r"(?P<name>[^/]+)_(?P<participant>\d+)_assignsubmission_\w*?(?:file|onlinetext)_*/?(?P<file>.*)"
)
_COPY = re.compile(
    r"^(?:(?:copy|kopie|copia|copie|kopia|cópia) (?:of|von|de|di|av|van) )+", re.IGNORECASE
)
_AGAIN = re.compile(r"(?: ?\(\d+\)| - (?:copy|kopie)|-\d{1,2})+$", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """What the path of a file says: whose it is, and how that is known."""

    student: Student | None
    how: str
    file: str
    late: bool = False
    number: int = 0


def read_path(path: str, assignment: str, roster: Roster) -> Named:
    """Whose file this is, from its path inside a folder or a zip.

    >>> roster = Roster([Student("s1", "Maria", "Muster", canvas_id="77")])
    >>> named = read_path("mustermaria_LATE_77_1234_week-1-2.ipynb", "week-1", roster)
    >>> named.student.id, named.how, named.late, named.number
    ('s1', 'Canvas', True, 2)
    """
    path = path.replace("\\", "/")
    base = path.rsplit("/", 1)[-1]
    for read in (_moodle, _canvas):
        named = read(path, base, roster)
        if named is not None:
            return named
    stem = re.sub(r"\.ipynb$", "", base, flags=re.IGNORECASE)
    student, how = _by_folder(path, roster)
    if student is None:
        student, how = _by_stem(stem, assignment, roster)
    return Named(student, how, base, number=_number(stem))


def _moodle(path: str, base: str, roster: Roster) -> Named | None:
    found = next((m for part in (path, base) for m in _MOODLE.finditer(part)), None)
    if found is None:
        return None
    student = roster.by("moodle_id", found["participant"]) or roster.by_words(found["name"])
    how = "Moodle" if student else f"Moodle: {found['name']}, participant {found['participant']}"
    return Named(student, how, found["file"] or base)


def _canvas(path: str, base: str, roster: Roster) -> Named | None:
    found = _CANVAS.fullmatch(base)
    if found is None:
        return None
    student = roster.by("canvas_id", found["user"]) or roster.by_squeezed(found["name"])
    how = "Canvas" if student else f"Canvas: {found['name']}, user {found['user']}"
    number = _number(re.sub(r"\.ipynb$", "", found["file"]))
    return Named(student, how, found["file"], late=bool(found["late"]), number=number)


def _by_folder(path: str, roster: Roster) -> tuple[Student | None, str]:
    """A folder that bears a student's number, address or name."""
    for part in reversed(path.split("/")[:-1]):
        student = roster.by("id", part) or roster.by("email", part) or roster.by_words(part)
        if student is not None:
            return student, "folder"
    return None, ""


def _by_stem(stem: str, assignment: str, roster: Roster) -> tuple[Student | None, str]:
    """A file's name that holds a student's number, address or name beside the assignment's."""
    plain = _AGAIN.sub("", _COPY.sub("", stem.strip()))
    rest = re.sub(re.escape(assignment), " ", plain, flags=re.IGNORECASE).strip(" _-.,")
    for candidate in (plain, rest):
        for column in ("id", "email"):
            student = roster.by(column, candidate)
            if student is not None:
                return student, "file name"
    tokens = re.split(r"[\s,;_()\[\]]+", rest)
    by_id = {s.id: s for token in tokens for s in [roster.by("id", token)] if s is not None}
    if len(by_id) == 1:
        return next(iter(by_id.values())), "file name"
    student = roster.by_words(rest)
    return student, "file name" if student else ""


def _number(stem: str) -> int:
    """The number of a copy: 2 for ``week-1 (2)`` and for Canvas' ``week-1-2``, 0 without."""
    found = re.search(r"\((\d+)\)$|-(\d{1,2})$", stem)
    return int(found[1] or found[2]) if found else 0


def key_in(raw: bytes) -> str:
    """What a notebook sets ``KEY`` to; "" where that is not plain."""
    found = re.findall(rb"KEY\s*=\s*(?:\\\"|')([^\"'\\\n]{1,100})(?:\\\"|')", raw)
    keys = {value.decode("utf-8", "replace").strip() for value in found} - {""}
    return keys.pop() if len(keys) == 1 else ""
