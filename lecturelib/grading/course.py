"""The course file: assignments, points, due dates, late policy, limits, in one place."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "course.toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class CourseError(ValueError):
    """Something of a course is not as it must be; the message says where, and what is wanted."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        cell_seconds: work (CPU time) of one cell, or of the tests of one exercise; by the clock on
            the wall it may take four times as long, so that a busy machine changes no mark.
        seconds: the same for a submission, repeated attempts included.
        memory_mb: memory of all its processes (of each one, where there is no control group).
        processes: processes and threads at a time.
        output_kb: text that is kept of a cell; more is dropped.
        files_mb: size of its temporary files.
    """

    cell_seconds: float = 60.0
    seconds: float = 300.0
    memory_mb: int = 2048
    processes: int = 64
    output_kb: int = 64
    files_mb: int = 128

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise CourseError(f"limits: {name} must be a number above 0, got {value!r}")


@dataclass(frozen=True)
class Late:
    """What lateness costs: nothing for some minutes, then a share of the points for each day begun.

    >>> late = Late(free_minutes=15, percent_per_day=10, days=3)
    >>> [late.share(dt.timedelta(minutes=m)) for m in (10, 20, 24 * 60 + 20, 5 * 24 * 60)]
    [0.0, 0.1, 0.2, 1.0]
    """

    free_minutes: float = 0.0
    percent_per_day: float = 0.0
    days: int = 365

    def __post_init__(self) -> None:
        if not 0 <= self.percent_per_day <= 100:
            raise CourseError(
                f"late: percent_per_day is between 0 and 100, got {self.percent_per_day!r}"
            )
        if self.free_minutes < 0 or self.days < 0:
            raise CourseError("late: free_minutes and days are at least 0")

    def share(self, delay: dt.timedelta) -> float:
        """The share of the points that a delay costs, between 0 and 1."""
        if delay <= dt.timedelta(minutes=self.free_minutes):
            return 0.0
        begun = -(-delay // dt.timedelta(days=1))
        return 1.0 if begun > self.days else min(1.0, begun * self.percent_per_day / 100)


@dataclass(frozen=True)
class Assignment:
    """One problem set: exercises of any chapters, handed out and handed in as one notebook."""

    name: str
    exercises: tuple[str, ...]
    title: str = ""
    due: dt.datetime | None = None
    points: Mapping[str, float] = field(default_factory=dict)
    partial: bool = True
    canvas: str = ""
    moodle: str = ""

    @property
    def heading(self) -> str:
        """The title, or the name where it has none."""
        return self.title or self.name


@dataclass(frozen=True)
class Course:
    """A course file that was read and checked. ``folder`` is where it lies."""

    folder: Path
    name: str
    id: str
    masters: Path
    students: Path
    secret: str
    key: str
    timezone: zoneinfo.ZoneInfo
    late: Late
    limits: Limits
    assignments: tuple[Assignment, ...]

    def assignment(self, name: str) -> Assignment:
        """The assignment of that name; an error that lists them where there is none."""
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        known = ", ".join(a.name for a in self.assignments)
        raise CourseError(f"there is no assignment {name!r} in {FILE}; there is {known}")


def load(folder: Path) -> Course:
    """Read ``course.toml`` in ``folder``.

    Raises:
        CourseError: if it is missing, or something in it is unknown, missing or out of range.
    """
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(
            f"there is no {FILE} in {folder.resolve()}; `python -m lecturelib.grading new FOLDER` "
            "makes one, and the other commands run in its folder or take --course FOLDER"
        ) from None
    try:
        return parse(text, folder.resolve())
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path}: this is not TOML: {error}") from None
    except CourseError as error:
        raise CourseError(f"{path}: {error}") from None


def parse(text: str, folder: Path) -> Course:
    """A course from the text of its file, with paths taken from ``folder``."""
    data = tomllib.loads(text)
    known = {f.name for f in dataclasses.fields(Course)} - {"folder"}
    _refuse_unknown(data, known | {"secret_file"}, "the course")
    for name in ("name", "masters", "assignments"):
        if not data.get(name):
            raise CourseError(f"{name} is missing")
    zone = _zone(data.get("timezone", "UTC"))
    course = Course(
        folder=folder,
        name=str(data["name"]),
        id=str(data.get("id") or _slug(data["name"])),
        masters=folder / Path(data["masters"]).expanduser(),
        students=folder / data.get("students", "students.csv"),
        secret=_secret(data, folder),
        key=_choice(data.get("key", "id"), ("id", "email", "none"), "key"),
        timezone=zone,
        late=_made(Late, data.get("late", {}), "late"),
        limits=_made(Limits, data.get("limits", {}), "limits"),
        assignments=tuple(_assignment(a, zone) for a in data["assignments"]),
    )
    names = [a.name for a in course.assignments]
    for name in {name for name in names if names.count(name) > 1}:
        raise CourseError(f"two assignments have the name {name!r}")
    return course


def _assignment(data: Mapping[str, Any], zone: zoneinfo.ZoneInfo) -> Assignment:
    name = data.get("name", "")
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise CourseError(
            f"an assignment's name becomes the name of a file: small letters, digits, - and _, "
            f"at most 64, got {name!r}"
        )
    where = f"assignment {name!r}"
    _refuse_unknown(data, {f.name for f in dataclasses.fields(Assignment)}, where)
    exercises = data.get("exercises")
    if not (isinstance(exercises, list) and exercises):
        raise CourseError(f'{where}: exercises is a list such as ["batch-norm-forward"]')
    if len(set(exercises)) < len(exercises):
        raise CourseError(f"{where}: an exercise stands there twice")
    points = data.get("points", {})
    for slug, value in points.items():
        if slug not in exercises:
            raise CourseError(f"{where}: points are given for {slug!r}, which is not in exercises")
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise CourseError(f"{where}: points of {slug} must be a number above 0, got {value!r}")
    return Assignment(
        name,
        tuple(exercises),
        title=str(data.get("title", "")),
        due=_due(data.get("due"), zone, where),
        points=points,
        partial=bool(data.get("partial", True)),
        canvas=str(data.get("canvas", "")),
        moodle=str(data.get("moodle", "")),
    )


def _due(value: Any, zone: zoneinfo.ZoneInfo, where: str) -> dt.datetime | None:
    if value is None:
        return None
    if not isinstance(value, dt.datetime):
        raise CourseError(f"{where}: due is a date with a time, such as 2027-04-12 23:59:00")
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _secret(data: Mapping[str, Any], folder: Path) -> str:
    if data.get("secret"):
        return str(data["secret"])
    if data.get("secret_file"):
        path = folder / data["secret_file"]
        if not path.is_file():
            raise CourseError(f"secret_file: there is no file {path}")
        return path.read_text(encoding="utf-8").strip()
    raise CourseError("secret (or secret_file) is missing: it draws the inputs of hidden tests")


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise CourseError(f"timezone is a name such as Europe/Berlin, got {name!r}") from None


def _made(kind: Any, data: Mapping[str, Any], where: str) -> Any:
    _refuse_unknown(data, {f.name for f in dataclasses.fields(kind)}, where)
    return kind(**data)


def _choice(value: str, choices: tuple[str, ...], where: str) -> str:
    if value not in choices:
        raise CourseError(f"{where} is one of {', '.join(choices)}, got {value!r}")
    return value


def _refuse_unknown(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in data:
        if name not in known:
            raise CourseError(f"{where}: {name!r} is unknown; known are {', '.join(sorted(known))}")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
