"""Sphinx extension: execute a notebook again when the package it shows has changed.

Jupyter Book's cache compares the cells of a notebook only, so a changed ``lecturelib`` would leave
old results on the page.  Here the cache lives in a folder named after everything outside the cells
that a result may depend on; ``tools/build.py`` fills the same folder before Sphinx starts.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

VERSIONED = ("ipywidgets", "matplotlib", "myst-nb", "numpy", "scikit-learn", "torch")
"""Distributions whose version changes what a cell prints or draws."""

WATCHED = ("lecturelib", "book/results")
"""Folders, beside the notebooks, that a cell reads."""


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"


def watched_files(root: Path) -> list[Path]:
    """All files of the watched folders, caches of the interpreter left out."""
    found = (path for folder in WATCHED for path in (root / folder).rglob("*"))
    return sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)


def cache_key(root: Path) -> str:
    """A name that changes with the package's files and with the versions a result depends on."""
    digest = hashlib.sha256()
    for line in (sys.version, platform.machine(), *map(_version, VERSIONED)):
        digest.update(line.encode() + b"\0")
    for path in watched_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def cache_path(root: Path) -> Path:
    """Where the executed notebooks are kept for the present state of the package."""
    return root / ".jupyter_cache" / cache_key(root)


def prepare_kernels(root: Path) -> None:
    """Set what the kernels of the build inherit."""
    # Interactive figures as frames, which need no kernel on the page, and a place for the frames.
    os.environ["LECTURELIB_EXPLORE"] = "static"
    os.environ.setdefault("LECTURELIB_CACHE", str(root / ".jupyter_cache" / "interactive"))
    # Networks of this size gain nothing from threads, and kernels that share cores lose much.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _configure(app, config) -> None:
    prepare_kernels(Path(app.srcdir))
    config.nb_execution_cache_path = str(cache_path(Path(app.srcdir)))


def setup(app) -> dict[str, bool]:
    app.connect("config-inited", _configure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
