"""Frames on disk, so that a figure that did not change is not drawn again.

The key holds what the picture may depend on: the figure function with the data that it refers to,
its file, what it reaches of lecturelib, the values of the parameters, matplotlib's settings, and
the versions of Python and the libraries that draw and compute.
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
from types import CodeType, FunctionType, ModuleType
from typing import Any

from lecturelib.fingerprint import PACKAGE, Sources

_KEPT_SECONDS = 60 * 24 * 3600  # frames that nobody asked for in so long are removed
_DRAWN_BY = ("lecturelib.interactive.frames", "lecturelib.figures.style")
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
    """Hash of the code behind the function: what it reaches of the package, and its own file."""
    while isinstance(function, partial):
        function = function.func
    names = {*_DRAWN_BY, *_modules_of(function)}
    home = function.__module__.split(".") if hasattr(function, "__module__") else []
    chapter = home[2] if home[:2] == ["lecturelib", "chapters"] else None
    digest = hashlib.sha256(Sources(PACKAGE.parent).fingerprint(names, chapter=chapter).encode())
    file = getattr(inspect.getmodule(function), "__file__", None)  # a notebook has none
    if file is not None and not Path(file).is_relative_to(PACKAGE):
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def _modules_of(function: Any) -> set[str]:
    """The package's modules that a function is from, or names; those of its helpers as well."""
    found, seen, waiting = set(), set(), [function]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        home = item.__name__ if isinstance(item, ModuleType) else getattr(item, "__module__", "")
        if str(home).partition(".")[0] == "lecturelib":
            found.add(home)
        elif isinstance(item, FunctionType):
            waiting += [item.__globals__[n] for n in names_of(item) if n in item.__globals__]
            waiting += inspect.getclosurevars(item).nonlocals.values()
    return found


def names_of(function: FunctionType) -> set[str]:
    """The global names and attributes in a function's code and in the functions inside it."""
    codes, found = [function.__code__], set()
    while codes:
        code = codes.pop()
        found |= set(code.co_names)
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return found


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
