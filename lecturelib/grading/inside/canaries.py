"""Notice what student code changed that a test relies on, and put it back before the tests run.

A flag is no accusation: patching ``torch.Tensor.__repr__`` is legal, changing a check is not. And
a canary is no wall: code that shares a process with the tests can beat it.
"""

from __future__ import annotations

import builtins
import math
import os
import random
import sys
import threading
from types import FunctionType, ModuleType
from typing import Any

_OWN = ("lecturelib.exercises", "lecturelib.chapters", "lecturelib.grading")
_MOST = 20


def _homes() -> list[tuple[str, Any]]:
    """Modules and classes whose members a test may call."""
    import numpy as np
    import torch
    from torch import nn

    homes: list[tuple[str, Any]] = [
        ("builtins", builtins),
        ("math", math),
        ("random", random),
        ("numpy", np),
        ("numpy.linalg", np.linalg),
        ("numpy.testing", np.testing),
        ("torch", torch),
        ("torch.Tensor", torch.Tensor),
        ("torch.linalg", torch.linalg),
        ("torch.autograd", torch.autograd),
        ("torch.testing", torch.testing),
        ("torch.nn", nn),
        ("torch.nn.functional", nn.functional),
        ("torch.nn.Module", nn.Module),
        ("torch.nn.Linear", nn.Linear),
        ("torch.nn.Sequential", nn.Sequential),
        ("sys", sys),
        ("lecturelib", sys.modules["lecturelib"]),
    ]
    own = {name: m for name, m in sys.modules.items() if name.startswith(_OWN) and m is not None}
    for name, module in own.items():
        homes.append((name, module))
        classes = (v for v in vars(module).values() if isinstance(v, type))
        homes += [(f"{name}.{c.__name__}", c) for c in classes if c.__module__ == name]
    return homes


def _members(home: Any) -> dict[str, Any]:
    inside_a_class = isinstance(home, type)
    return {
        name: value
        for name, value in vars(home).items()
        if not isinstance(value, ModuleType)
        and (callable(value) or isinstance(value, property | staticmethod | classmethod | str))
        and (not name.startswith("__") or (inside_a_class and callable(value)))
        and name not in ("_", "last_value", "last_exc")
    }


class Canaries:
    """What the modules were like before student code came near them."""

    def __init__(self) -> None:
        self._before = [(name, home, _members(home)) for name, home in _homes()]
        functions = {
            id(value): value
            for name, _, members in self._before
            if name.startswith(_OWN)
            for value in members.values()
            if isinstance(value, FunctionType)
        }
        self._code = [
            (f, f.__code__, f.__defaults__, dict(f.__kwdefaults__ or {}))
            for f in functions.values()
        ]
        self._threads = threading.active_count()
        self._streams = {name: getattr(sys, name) for name in ("settrace", "setprofile")}

    def flags(self) -> list[str]:
        """What is not as it was, as sentences."""
        found = []
        for name, home, members in self._before:
            now = vars(home)
            changed = [m for m, value in members.items() if now.get(m, now) is not value]
            if changed:
                found.append(f"{name} was changed: {', '.join(changed[:5])}")
        for function, code, defaults, keywords in self._code:
            same = function.__code__ is code and function.__defaults__ == defaults
            if not same or dict(function.__kwdefaults__ or {}) != keywords:
                found.append(f"{function.__module__}.{function.__qualname__} was rewritten")
        if threading.active_count() > self._threads:
            found.append("a thread was still running when the tests came")
        if _children():
            found.append("a process was still running when the tests came")
        if sys.gettrace() is not None or sys.getprofile() is not None:
            found.append("a trace function was set")
        return found[:_MOST]

    def restore(self) -> None:
        """Put back what was changed."""
        sys.settrace(None)
        sys.setprofile(None)
        for _, home, members in self._before:
            now = vars(home)
            for name, value in members.items():
                if now.get(name, now) is not value:
                    setattr(home, name, value)
        for function, code, defaults, keywords in self._code:
            if function.__code__ is not code:
                function.__code__ = code
            if function.__defaults__ != defaults:
                function.__defaults__ = defaults
            if dict(function.__kwdefaults__ or {}) != keywords:
                function.__kwdefaults__ = keywords or None


def _children() -> bool:
    """Whether this process has a child that still runs."""
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False
