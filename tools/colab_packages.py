"""Bring Colab's list of packages up to date, against which the tests install and run the course.

    python -m tools.colab_packages FILE --date 2026-08-19 --python 3.13

FILE is what ``pip freeze`` prints in Colab (run ``!pip freeze > list.txt`` in a cell and download
it), or the file ``pip-freeze.txt`` that Colab publishes in its repository googlecolab/backend-info;
the date is the day of that list. The lines go to ``tests/setup/colab-packages.txt``.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from tools.course import ROOT

LIST = ROOT / "tests" / "setup" / "colab-packages.txt"
HEAD = """\
# Colab's packages on {date}, Python {python}.
# Made by `python -m tools.colab_packages`, from a list that Colab publishes or prints.
"""


def versions(lines: Iterable[str]) -> dict[str, str]:
    """Name -> version of each line of a ``pip freeze`` that states one.

    A package that was installed from a file states it in the file's name; one from a repository
    states none and is left out.

    >>> versions(["# a comment", "jupyter_client==7.4.9", "tool @ git+https://host/tool@b134e9"])
    {'jupyter-client': '7.4.9'}
    >>> versions(["torch @ https://host/cpu/torch-2.11.0%2Bcpu-cp313-cp313-linux_x86_64.whl"])
    {'torch': '2.11.0+cpu'}
    """
    found: dict[str, str] = {}
    for line in lines:
        text = line.split("#")[0].strip()
        exact = re.fullmatch(r"([\w.-]+)\s*===?\s*([^\s;]+)", text)
        name, _, address = text.partition(" @ ")
        version = exact[2] if exact else _version_in(address)
        if version is not None:
            found[canonicalize_name(exact[1] if exact else name)] = version
    return dict(sorted(found.items()))


def _version_in(address: str) -> str | None:
    """The version in the file name of a wheel or a source archive; None for another address."""
    file = unquote(address.rsplit("/", 1)[-1])
    for parse in (parse_wheel_filename, parse_sdist_filename):
        try:
            return str(parse(file)[1])
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue
    return None


def read(path: Path = LIST) -> dict[str, str]:
    """Name -> version of the list that stands in the repository."""
    return versions(path.read_text(encoding="utf-8").splitlines())


def text_of(packages: dict[str, str], date: str, python: str) -> str:
    """The file that holds these packages."""
    lines = [f"{name}=={version}\n" for name, version in sorted(packages.items())]
    return HEAD.format(date=date, python=python) + "".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(
        prog="tools.colab_packages", description=__doc__.split("\n")[0]
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--date", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--python", required=True, help="Colab's version of Python, such as 3.13")
    given = parser.parse_args(arguments)
    packages = versions(given.file.read_text(encoding="utf-8").splitlines())
    if not packages:
        parser.error(f"{given.file} holds no line of the form name==version")
    LIST.write_text(text_of(packages, str(given.date), given.python), encoding="utf-8")
    print(f"{len(packages)} packages of {given.date} written to {LIST.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
