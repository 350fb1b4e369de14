"""Which edition of the book this is: version and day, for the title page and the metadata."""

from __future__ import annotations

import datetime
import os
import subprocess
import tomllib
from pathlib import Path


def version(root: Path) -> str:
    """The version that pyproject.toml gives; empty where there is none."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return ""
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


def day(root: Path) -> datetime.date:
    """The day of the last change: of the variable SOURCE_DATE_EPOCH, of git, or today."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    if stamp is None:
        command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
        try:
            stamp = subprocess.run(command, capture_output=True, text=True).stdout.strip()
        except OSError:  # no git
            stamp = ""
    if not stamp:
        return datetime.datetime.now(datetime.UTC).date()
    return datetime.datetime.fromtimestamp(int(stamp), datetime.UTC).date()


def in_words(date: datetime.date) -> str:
    """The day as a title page says it.

    >>> in_words(datetime.date(2026, 3, 7))
    '7 March 2026'
    """
    return f"{date.day} {date:%B %Y}"
