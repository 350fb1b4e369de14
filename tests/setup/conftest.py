"""Environments of their own for the tests of installation: a wheel, and places to install it in."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.course import ROOT


@dataclass(frozen=True)
class Environment:
    """A virtual environment in a folder of its own."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> str:
        """Run this environment's Python; return what it printed, fail with it where it fails."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_"))}
        done = subprocess.run(
            [self.python, *arguments],
            cwd=cwd or self.folder,
            env={**clean, **variables},
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def version(self, package: str) -> str:
        """The installed version of ``package``, from its metadata."""
        return self.run(
            "-c", f"from importlib.metadata import *; print(version({package!r}))"
        ).strip()


def copy_of_the_package(folder: Path) -> Path:
    """Copy what a wheel is built from, as it stands in the working tree, without ignored files."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file() and name.startswith(("lecturelib/", "pyproject", "README", "LICENSE")):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's wheel, built from what git tracks and what is new in the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = copy_of_the_package(folder / "source")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def new_environment(folder: Path) -> Environment:
    """An empty environment with pip."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return Environment(folder)


@pytest.fixture
def empty_environment(tmp_path: Path) -> Environment:
    """An environment that holds pip and nothing else."""
    return new_environment(tmp_path / "empty")


@pytest.fixture
def reader_environment(tmp_path: Path) -> Environment:
    """An environment like Colab's: torch and NumPy are there, neither lecturelib nor a checkout is.

    The heavy packages are borrowed from the running environment by its path. Python does not
    process the ``.pth`` files of a borrowed folder, so the editable lecturelib stays unseen.
    """
    environment = new_environment(tmp_path / "reader")
    site = Path(environment.run("-c", "import site; print(site.getsitepackages()[0])").strip())
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    seen = environment.run(
        "-c", "from importlib.util import find_spec as f; print(f('lecturelib'))"
    )
    assert seen.strip() == "None"
    return environment
