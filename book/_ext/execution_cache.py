"""Sphinx extension: execute a notebook again when what it runs has changed, and no other.

Jupyter Book's cache compares the cells of a notebook only, so a changed ``lecturelib`` would leave
old results on the page. Here each notebook has a stamp beside the cache, the fingerprint of all
code and data that its cells reach; where it is another one now, the notebook's result is dropped.
``tools/build.py`` does the same, and executes what is stale on all cores, before Sphinx starts.
What ``make chapters`` has run and compared is kept here too, so that no notebook runs twice.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from lecturelib.contents import CHAPTERS
from lecturelib.fingerprint import Sources

VERSIONED = ("ipywidgets", "matplotlib", "myst-nb", "numpy", "scikit-learn", "scipy", "torch")
"""Distributions whose version changes what a cell prints or draws."""

HERE = Path(__file__).resolve().parents[2]
PUBLISHING = ("lecturelib/figures/layout.py", "lecturelib/figures/published.py")
"""What the kernels of the build do with each figure, though no cell calls it."""
KERNEL_SETTINGS = """\
c = get_config()
c.InteractiveShellApp.extensions = ["lecturelib.figures.published"]
c.InlineBackend.figure_formats = {"retina"}
"""
"""For IPython: each figure as SVG for the site, and as a sharp PNG for the PDF."""


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"


def cache_path(root: Path) -> Path:
    """Where executed notebooks are kept, for the versions at hand."""
    digest = hashlib.sha256()
    for line in (sys.version, platform.machine(), *map(_version, VERSIONED)):
        digest.update(line.encode() + b"\0")
    for path in PUBLISHING:
        digest.update((HERE / path).read_bytes() + b"\0")
    return root / ".jupyter_cache" / digest.hexdigest()[:16]


def fingerprint(path: Path, root: Path) -> str:
    """The fingerprint of what a notebook's cells reach."""
    cells = nbformat.read(path, as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    chapter = path.stem if path.stem in CHAPTERS else None
    return Sources(root).of_source(source, chapter=chapter)


def _stamp(root: Path, path: Path) -> Path:
    """The file that holds the fingerprint of what a notebook's result was made with."""
    name = path.relative_to(root).as_posix().replace("/", "+")
    return cache_path(root) / "stamps" / name


def _cached(root: Path, path: Path) -> Any:
    """The cache and its record of a notebook as it is now, or None."""
    from jupyter_cache import get_cache

    cache = get_cache(cache_path(root))
    try:
        return cache, cache.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return None


def stale(root: Path, paths: Iterable[Path]) -> list[Path]:
    """The notebooks whose result is missing or belongs to other code; such a result is dropped."""
    found = []
    for path in paths:
        cached, stamp = _cached(root, path), _stamp(root, path)
        if cached and stamp.is_file() and stamp.read_text() == fingerprint(path, root):
            continue
        if cached:
            cache, record = cached
            cache.remove_cache(record.pk)
        found.append(path)
    return found


def remember(root: Path, paths: Iterable[Path]) -> None:
    """Stamp notebooks that were executed just now."""
    for path in paths:
        if _cached(root, path):
            stamp = _stamp(root, path)
            stamp.parent.mkdir(parents=True, exist_ok=True)
            stamp.write_text(fingerprint(path, root))


def keep(root: Path, path: Path, executed: NotebookNode, seconds: float) -> None:
    """Put a notebook that was executed just now into the cache, in place of an older result."""
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    bundle = CacheBundleIn(executed, str(path), data={"execution_seconds": seconds})
    cache = get_cache(cache_path(root))
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    remember(root, [path])


def keep_outputs(
    root: Path, path: Path, outputs: Mapping[int, Any], language: Mapping[str, Any], seconds: float
) -> None:
    """Keep a notebook that was run cell by cell, if each of its code cells has outputs here.

    Args:
        root: the project's folder.
        path: the notebook.
        outputs: those of each code cell, by its number among the code cells.
        language: the language as the kernel describes it.
        seconds: how long it took.
    """
    executed = nbformat.read(path, as_version=4)
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    if all(number in outputs for number in range(len(cells))):
        for number, cell in enumerate(cells):
            cell.outputs, cell.execution_count = outputs[number], number + 1
        executed.metadata["language_info"] = language
        keep(root, path, executed, seconds)


def _kernel_settings(root: Path) -> Path:
    """The folder that tells the kernels of the build how to show figures."""
    folder = root / ".jupyter_cache" / "ipython"
    file = folder / "profile_default" / "ipython_kernel_config.py"
    if not file.is_file() or file.read_text() != KERNEL_SETTINGS:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(KERNEL_SETTINGS)
    return folder


def prepare_kernels(root: Path) -> None:
    """Set what the kernels of the build inherit."""
    # Interactive figures as frames, which need no kernel on the page, and a place for the frames.
    os.environ["LECTURELIB_EXPLORE"] = "static"
    os.environ.setdefault("LECTURELIB_CACHE", str(root / ".jupyter_cache" / "interactive"))
    os.environ["IPYTHONDIR"] = str(_kernel_settings(root))
    # Networks of this size gain nothing from threads, and kernels that share cores lose much.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # notebooks run side by side, one a core


def _own(root: Path) -> list[Path]:
    return sorted((root / "book").glob("*.ipynb"))


def _configure(app: Any, config: Any) -> None:
    root = Path(app.srcdir)
    prepare_kernels(root)
    config.nb_execution_cache_path = str(cache_path(root))
    stale(root, _own(root))


def _finished(app: Any, exception: BaseException | None) -> None:
    if exception is None:
        remember(Path(app.srcdir), _own(Path(app.srcdir)))


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", _configure)
    app.connect("build-finished", _finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
