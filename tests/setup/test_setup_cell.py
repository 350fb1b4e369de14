"""The set-up cell as Colab runs it, and the chapters as a reader without a checkout runs them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nbformat
import pytest

from tests.setup.conftest import Environment, copy_of_the_package
from tools.course import notebooks, repository
from tools.notebooks import SETUP_CELL, SETUP_ID, code_cells

AS_IN_COLAB = """\
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
CHAPTERS = [
    path for path in notebooks() if any(c.id == SETUP_ID for c in nbformat.read(path, 4).cells)
]


def commit_of_the_working_tree(folder: Path) -> Path:
    """A repository whose one commit holds the package as it stands in the working tree."""
    copy_of_the_package(folder)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "package"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_in_colab_the_cell_installs_the_package_and_reports(
    reader_environment: Environment, tmp_path: Path
) -> None:
    place = reader_environment
    before = {name: place.version(name) for name in ("torch", "numpy")}
    script = tmp_path / "cell.ipy"
    script.write_text(AS_IN_COLAB + SETUP_CELL.format(repository=repository()))
    # git itself turns the published address into the local repository, so the cell runs unchanged.
    source = commit_of_the_working_tree(tmp_path / "published")
    redirect = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{source.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository(),
    }
    printed = place.run("-m", "IPython", "--colors=NoColor", str(script), cwd=tmp_path, **redirect)
    assert f"torch {before['torch']}" in printed
    assert f"numpy {before['numpy']}" in printed
    assert "Runtime > Change runtime type" in printed or "device CPU" not in printed
    assert {name: place.version(name) for name in ("torch", "numpy")} == before
    where = place.run("-c", "import lecturelib; print(lecturelib.__file__)", cwd=tmp_path)
    assert where.startswith(str(place.folder))


def test_elsewhere_the_cell_does_nothing(reader_environment: Environment, tmp_path: Path) -> None:
    script = tmp_path / "cell.ipy"
    script.write_text(SETUP_CELL.format(repository=repository()))
    assert reader_environment.run("-m", "IPython", str(script), cwd=tmp_path) == ""


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_from_an_empty_folder_without_a_checkout(
    chapter: Path, wheel: Path, reader_environment: Environment, tmp_path: Path
) -> None:
    place = reader_environment
    place.run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    folder = tmp_path / "reader-folder"
    folder.mkdir()
    (folder / chapter.name).write_bytes(chapter.read_bytes())
    run = f"""
import nbformat, nbclient
notebook = nbformat.read({chapter.name!r}, 4)
notebook.cells.append(nbformat.v4.new_code_cell("import lecturelib; print(lecturelib.__file__)"))
nbclient.NotebookClient(notebook, timeout=600).execute()
nbformat.write(notebook, "done.ipynb")
"""
    place.run("-c", run, cwd=folder, LECTURELIB_EXPLORE="off", PYTHONWARNINGS="ignore")
    done = code_cells(nbformat.read(folder / "done.ipynb", 4))
    assert done[-1].outputs[0].text.startswith(str(place.folder))
    assert {path.name for path in folder.iterdir()} == {chapter.name, "done.ipynb"}
