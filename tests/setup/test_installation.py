"""Installing the package as a reader does: what is in the wheel, and what it leaves alone."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import lecturelib
from tests.setup.conftest import Environment
from tools.course import ROOT


def test_the_wheel_holds_lecturelib_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"lecturelib"}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "lecturelib").rglob("*.py")}
    assert modules <= set(names)


def stand_in(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    files: Sequence[str] = (),
) -> Path:
    """Metadata of an installed package without its code: all that pip's resolver looks at."""
    information = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    information.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    (information / "METADATA").write_text("\n".join(lines) + "\n")
    (information / "INSTALLER").write_text("stand-in\n")
    own = [f"{information.name}/{name}" for name in ("METADATA", "INSTALLER", "RECORD")]
    (information / "RECORD").write_text("".join(f"{name},,\n" for name in [*files, *own]))
    return information


def test_pip_leaves_an_older_torch_and_numpy_as_they_are(
    wheel: Path, empty_environment: Environment
) -> None:
    place = empty_environment
    place.run("-m", "pip", "install", "--quiet", "numpy==2.0.2")
    site = Path(
        place.run("-c", "import numpy, os; print(os.path.dirname(numpy.__path__[0]))").strip()
    )
    for torch_version in ("2.4.0", "2.9.1"):
        torch = stand_in(site, "torch", torch_version)
        # A dry run would do for the resolver; installing shows that nothing is replaced either.
        place.run("-m", "pip", "install", "--quiet", "--only-binary", ":all:", str(wheel))
        assert place.version("numpy") == "2.0.2"
        assert place.version("torch") == torch_version
        assert place.version("lecturelib")
        place.run("-m", "pip", "uninstall", "--quiet", "--yes", "lecturelib")
        shutil.rmtree(torch)


def test_pip_refuses_a_torch_below_the_range(wheel: Path, empty_environment: Environment) -> None:
    site = empty_environment.run("-c", "import site; print(site.getsitepackages()[0])").strip()
    stand_in(Path(site), "torch", "2.3.1")
    offline = ["--no-index", "--no-deps", str(wheel)]
    empty_environment.run("-m", "pip", "install", "--quiet", *offline)
    code = "import subprocess, sys; print(subprocess.call([sys.executable, '-m', 'pip', 'check']))"
    assert (
        f"lecturelib {lecturelib.__version__} has requirement torch>=2.4, but you have torch 2.3.1"
        in (empty_environment.run("-c", code))
    )
