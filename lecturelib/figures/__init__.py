"""Figures of the book: one function a figure, one visual identity for each method.

Only this package, :mod:`lecturelib.interactive` and ``History.plot`` load matplotlib.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["batch_norm", "style"]


def __getattr__(name: str) -> ModuleType:
    """Load a module of figures on first use."""
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
