"""The set-up cell as Colab runs it, and as any other kernel does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat.v4 import new_notebook

import lecturelib
from tests.setup.conftest import Environment, copy_of_the_package
from tests.setup.test_installation import stand_in
from tools.course import repository
from tools.notebooks import setup_source

AS_IN_COLAB = """\
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
SETUP = setup_source(new_notebook())


def commit_of_the_working_tree(folder: Path) -> Path:
    """A repository whose one commit holds the package as it stands in the working tree."""
    copy_of_the_package(folder)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "package"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def colab_cell(reader_environment: Environment, tmp_path: Path) -> Callable[[], tuple[str, float]]:
    """Runs the set-up cell as in Colab; git itself turns the published address into a local one."""
    source = commit_of_the_working_tree(tmp_path / "published")
    redirect = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{source.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository(),
    }
    script = tmp_path / "cell.ipy"
    # The time of the cell alone, without the start of IPython.
    clock = "import time\nbegan = time.perf_counter()\n"
    script.write_text(
        AS_IN_COLAB + clock + SETUP + "\nprint('took', time.perf_counter() - began)\n"
    )

    def run() -> tuple[str, float]:
        printed = reader_environment.run(
            "-m", "IPython", "--colors=NoColor", str(script), cwd=tmp_path, **redirect
        )
        return printed, float(printed.rsplit("took ", 1)[1])

    return run


def test_in_colab_the_cell_installs_the_package_once_and_reports(
    reader_environment: Environment, colab_cell: Callable[[], tuple[str, float]], tmp_path: Path
) -> None:
    place = reader_environment
    before = {name: place.version(name) for name in ("torch", "numpy")}
    printed, _ = colab_cell()
    assert "Successfully installed" in printed  # Colab reads it, to offer a restart where needed
    assert f"torch {before['torch']}" in printed
    assert f"numpy {before['numpy']}" in printed
    assert {name: place.version(name) for name in ("torch", "numpy")} == before
    where = place.run("-c", "import lecturelib; print(lecturelib.__file__)", cwd=tmp_path)
    assert where.startswith(str(place.folder))

    again, seconds = colab_cell()
    assert "install" not in again
    assert f"lecturelib {lecturelib.__version__}" in again
    assert seconds < 1


def test_another_version_is_replaced(
    reader_environment: Environment, colab_cell: Callable[[], tuple[str, float]]
) -> None:
    place = reader_environment
    site = Path(place.run("-c", "import site; print(site.getsitepackages()[0])").strip())
    stand_in(site, "lecturelib", "0.0.9", files=["lecturelib/__init__.py"])
    (site / "lecturelib").mkdir()
    (site / "lecturelib" / "__init__.py").write_text('__version__ = "0.0.9"\n')
    printed, _ = colab_cell()
    assert "Successfully installed lecturelib" in printed
    assert place.version("lecturelib") == lecturelib.__version__


def test_elsewhere_the_cell_does_nothing(reader_environment: Environment, tmp_path: Path) -> None:
    script = tmp_path / "cell.ipy"
    script.write_text(SETUP)
    assert reader_environment.run("-m", "IPython", str(script), cwd=tmp_path) == ""
