"""Frames on disk, so that a figure that did not change is not drawn again.

The key holds what the picture may depend on: the figure function with the data that it refers to,
its file, all of lecturelib, the values of the parameters, matplotlib's settings, and the versions
of Python and the libraries that draw and compute.
``LECTURELIB_CACHE`` names the directory; by default it is ``~/.cache/lecturelib``.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import io
import os
import pickle
import platform
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

_KEPT_SECONDS = 60 * 24 * 3600  # frames that nobody asked for in so long are removed
_DRAWING = ("lecturelib", "matplotlib", "numpy", "torch", "scikit-learn")


def cache_directory() -> Path:
    """Where frames are kept."""
    named = os.environ.get("LECTURELIB_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "lecturelib"


@cache
def _versions() -> str:
    found = [platform.python_version(), platform.machine()]
    for name in _DRAWING:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} -")
    return "\n".join(found)


def _source_hash(function: Callable[..., Any]) -> str:
    """Hash of the code behind the function: the package, and the function's own file."""
    digest = hashlib.sha256(_package_hash().encode())
    while isinstance(function, partial):
        function = function.func
    file = getattr(inspect.getmodule(function), "__file__", None)  # a notebook has none
    if file is not None:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


@cache
def _package_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _tensor(dtype: str, shape: tuple[int, ...], content: bytes) -> None:
    """Stands for a tensor in the bytes of a key, which are never read back."""


def _by_value(function: Callable[..., Any]) -> bytes:
    """The function as bytes: of a notebook by value, with the data that it refers to."""
    import cloudpickle

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, thing: Any) -> Any:
            torch = sys.modules.get("torch")
            if torch is not None and isinstance(thing, torch.Tensor):
                # PyTorch writes the tensor's address, too, which differs in every process.
                flat = thing.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
                return _tensor, (str(thing.dtype), tuple(thing.shape), flat.numpy().tobytes())
            return super().reducer_override(thing)

    file = io.BytesIO()
    Pickler(file).dump(function)
    return file.getvalue()


@dataclass(frozen=True)
class FrameCache:
    """The frames of one figure function; ``key`` is None where the function has no stable key."""

    key: str | None

    @classmethod
    def of(cls, function: Callable[..., Any], kind: str, settings: Mapping[str, Any]) -> FrameCache:
        """The cache for a function, drawn as ``kind`` under matplotlib ``settings``."""
        try:
            body = _by_value(function)
        except (pickle.PicklingError, TypeError, AttributeError):
            return cls(None)
        digest = hashlib.sha256(body)
        for part in (_source_hash(function), _versions(), kind, repr(sorted(settings.items()))):
            digest.update(part.encode())
        return cls(digest.hexdigest())

    def _path(self, values: Mapping[str, Any]) -> Path:
        named = hashlib.sha256(f"{self.key}{sorted(values.items())!r}".encode()).hexdigest()
        return cache_directory() / "frames" / named[:2] / named[2:]

    def get(self, values: Mapping[str, Any]) -> list[bytes] | None:
        """The files of one frame, or None."""
        if self.key is None:
            return None
        path = self._path(values)
        try:
            files = pickle.loads(zlib.decompress(path.read_bytes()))
            os.utime(path)
        except (OSError, zlib.error, pickle.UnpicklingError, EOFError):
            return None
        return list(files)

    def put(self, values: Mapping[str, Any], files: list[bytes]) -> None:
        """Keep the files of one frame; a disk that cannot be written to is no error."""
        if self.key is None:
            return
        path = self._path(values)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}")
            part.write_bytes(zlib.compress(pickle.dumps(files)))
            part.replace(path)  # at once, as notebooks are run side by side
        except OSError:
            return
        _remove_old(cache_directory())


@cache
def _remove_old(directory: Path) -> None:
    """Once a process: drop frames that nobody asked for in a long time."""
    limit = time.time() - _KEPT_SECONDS
    for path in (directory / "frames").glob("*/*"):
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except OSError:
            continue  # another process was quicker
