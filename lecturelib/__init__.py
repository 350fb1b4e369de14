"""lecturelib: the tested companion package of the course *Deep Networks, Tested*.

Modules load on first use, so ``import lecturelib`` is quick and never loads matplotlib:

>>> import lecturelib
>>> lecturelib.normalization.batch_norm.__name__
'batch_norm'
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

__version__ = "0.3.0"

_MODULES = frozenset(module.name for module in pkgutil.iter_modules(__path__))
_SHORTCUTS = {
    "check": "lecturelib.exercises",
    "hint": "lecturelib.exercises",
    "list_exercises": "lecturelib.exercises",
    "explore": "lecturelib.interactive",
    "widget": "lecturelib.interactive",
}

__all__ = ["__version__", *sorted(_MODULES), *sorted(_SHORTCUTS)]


def __getattr__(name: str) -> Any:
    """Load a submodule, or a shortcut such as ``lecturelib.check``, on first use (PEP 562)."""
    if name in _MODULES:
        return importlib.import_module(f"lecturelib.{name}")
    if name in _SHORTCUTS:
        return getattr(importlib.import_module(_SHORTCUTS[name]), name)
    raise AttributeError(f"module 'lecturelib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
