"""Call a student's function so that nothing it does can hurt: time, printing, global state, its
own inputs.

What is guarded is an accident, not an attack: a loop without end, a changed seed, an argument
written to. Code that means harm needs a sandbox, which a grader has and a student's own notebook
has no use for.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from lecturelib.exercises.clock import Clock, within
from lecturelib.exercises.finding import Finding
from lecturelib.exercises.keeping import preserved_state
from lecturelib.exercises.reading import plain

__all__ = ["Kind", "Outcome", "call", "convert", "copy_of", "kinds", "preserved_state", "same"]

Kind = Literal["tensor", "array", "list", "number"]
_PRINTED_CHARACTERS = 2_000


@dataclass
class Outcome:
    """What one call did: its value or its exception, what it printed, which arguments it
    changed, with which kind of arguments, in how much time."""

    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    changed: tuple[str, ...] = ()
    kind: Kind = "tensor"
    work: float = 0.0

    @property
    def final(self) -> bool:
        """Whether another kind of argument can't help: a value, an overrun, an ``exit()``."""
        return self.error is None or not isinstance(self.error, Exception)


def call(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    seconds: float,
    kind: Kind | None = None,
) -> Outcome:
    """Call ``function`` with copies of the arguments, by position, within ``seconds``.

    What comes back is read within that time, too. Without a ``kind``, a function that raises with
    tensors is called with arrays, or the other way round, and with lists at last.

    >>> call(lambda x: x.add_(1), {"x": torch.zeros(2)}, seconds=1.0).changed
    ('x',)
    >>> type(call(lambda: 1 / 0, {}, seconds=1.0).error).__name__
    'ZeroDivisionError'
    """
    if kind is not None:
        return _call(function, arguments, seconds, kind)
    outcomes = list[Outcome]()
    for each in kinds(function, arguments):
        left = seconds - sum(outcome.work for outcome in outcomes)
        outcomes.append(_call(function, arguments, max(left, 0.05), each))
        if outcomes[-1].final:
            return outcomes[-1]
    return likeliest(outcomes)


def _call(
    function: Callable[..., Any], arguments: Mapping[str, Any], seconds: float, kind: Kind
) -> Outcome:
    copies = {name: convert(copy_of(value), kind) for name, value in arguments.items()}
    outcome, screen, clock = Outcome(kind=kind), _Screen(), Clock(seconds)
    with preserved_state(), contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        try:
            outcome.value = within(clock, lambda: plain(function(*copies.values())))
        except (KeyboardInterrupt, GeneratorExit, Finding):
            raise
        except BaseException as error:  # SystemExit too: an answer may call exit()
            outcome.error = error
    outcome.printed, outcome.work = screen.text, clock.work
    outcome.changed = tuple(n for n in copies if not same(copies[n], convert(arguments[n], kind)))
    return outcome


def likeliest(outcomes: Sequence[Outcome]) -> Outcome:
    """Of calls that all raised: the first one that did not only stumble over the arguments' kind.

    >>> wrong_kind, own = Outcome(error=AttributeError("log")), Outcome(error=ValueError("shape"))
    >>> likeliest([wrong_kind, own]) is own
    True
    """
    own = [o for o in outcomes if not isinstance(o.error, AttributeError | TypeError)]
    return (own or list(outcomes))[0]


class _Screen(io.TextIOBase):
    """Takes what is printed, keeps the beginning, and stays small however much comes."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text[: max(0, _PRINTED_CHARACTERS - len(self.text))]
        return len(text)


# --- arguments --------------------------------------------------------------------------------


def copy_of(value: Any) -> Any:
    """A copy that shares no memory: an answer may write to it."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return copy.deepcopy(value)


def same(value: Any, original: Any) -> bool:
    """Whether an argument still holds what it held before the call."""
    if isinstance(value, Tensor):
        return value.shape == original.shape and _equal(value.detach(), original.detach())
    if isinstance(value, np.ndarray):
        return value.shape == original.shape and bool(
            np.array_equal(value, original, equal_nan=value.dtype.kind in "fc")
        )
    if isinstance(value, nn.Module):
        ours, theirs = value.state_dict(), original.state_dict()
        return (
            value.training == original.training
            and ours.keys() == theirs.keys()
            and all(same(ours[name], theirs[name]) for name in ours)
        )
    if isinstance(value, tuple | list):
        return len(value) == len(original) and all(map(same, value, original))
    if isinstance(value, dict):
        return value.keys() == original.keys() and all(same(value[k], original[k]) for k in value)
    return callable(value) or bool(value == original) or value != value


def _equal(value: Tensor, original: Tensor) -> bool:
    if not value.is_floating_point():
        return torch.equal(value, original)
    return bool(torch.isclose(value, original, rtol=0.0, atol=0.0, equal_nan=True).all())


# --- tensors or arrays --------------------------------------------------------------------------


def kinds(function: Callable[..., Any], arguments: Mapping[str, Any]) -> tuple[Kind, ...]:
    """The kinds of arguments to try in turn: what the function seems to be written for comes
    first. Lists, and numbers as tensors, are for functions that raise with both."""
    first: tuple[Kind, ...] = (
        ("array", "tensor") if prefers_numpy(function) else ("tensor", "array")
    )
    more: tuple[Kind, ...] = ("list",) if _any(arguments, Tensor) else ()
    if any(isinstance(value, float) for value in arguments.values()):
        more += ("number",)
    return (first if _any(arguments, Tensor) else ("tensor",)) + more


def _any(value: Any, kind: type) -> bool:
    if isinstance(value, Mapping):
        return any(_any(item, kind) for item in value.values())
    if isinstance(value, tuple | list):
        return any(_any(item, kind) for item in value)
    return isinstance(value, kind)


def _converted(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A conversion that reaches into lists, tuples and dicts."""

    def inside(value: Any) -> Any:
        if type(value) in (tuple, list):
            return type(value)(inside(item) for item in value)
        if type(value) is dict:
            return {key: inside(item) for key, item in value.items()}
        return change(value)

    return inside


def convert(value: Any, kind: Kind) -> Any:
    """An argument as the kind that a function takes."""
    return _CONVERSIONS[kind](value)


def _to_array(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value


def _to_list(value: Any) -> Any:
    return value.tolist() if isinstance(value, Tensor) else value


def _to_tensor(value: Any) -> Any:
    return torch.tensor(value, dtype=torch.float64) if isinstance(value, float) else value


_CONVERSIONS: dict[Kind, Callable[[Any], Any]] = {
    "tensor": lambda value: value,
    "array": _converted(_to_array),
    "list": _converted(_to_list),
    "number": _converted(_to_tensor),
}


def prefers_numpy(function: Callable[..., Any]) -> bool:
    """Whether a function (with the helpers it calls) uses NumPy and not torch: it gets arrays
    first then. A guess from names, so no more than an order.

    >>> prefers_numpy(lambda x: np.mean(x)), prefers_numpy(lambda x: x.mean())
    (True, False)
    """
    used = _modules_of(_written(function), set())
    return "numpy" in used and "torch" not in used


def _written(function: Any) -> Any:
    """The function that a student wrote, behind a ``partial``, an object or a module."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, nn.Module):
        return type(function).forward
    if not hasattr(function, "__code__") and not inspect.ismethod(function) and callable(function):
        function = type(function).__call__
    return inspect.unwrap(function)


def _modules_of(function: Any, seen: set[int]) -> set[str]:
    """The top-level packages whose names a Python function reaches, helpers included."""
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return set()
    seen.add(id(function))
    names = _names(function.__code__)
    values = [function.__globals__[name] for name in names if name in function.__globals__]
    values += [cell.cell_contents for cell in function.__closure__ or () if _filled(cell)]
    # `import numpy as np` inside the body leaves only the module's name.
    found = {name for name in names if name in ("numpy", "torch") and name in sys.modules}
    for value in values:
        if isinstance(value, FunctionType) and not _is_library(value.__module__):
            found |= _modules_of(value, seen)
        else:
            home = value.__name__ if isinstance(value, ModuleType) else _home(value)
            found.add(home.partition(".")[0])
    return found


def _names(code: CodeType) -> set[str]:
    """The global names and attributes of a function's code and of the functions inside it."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*(_names(c) for c in inner))


def _home(value: Any) -> str:
    home = getattr(value, "__module__", None) or type(value).__module__
    return home if isinstance(home, str) else ""


def _is_library(module: str | None) -> bool:
    return (module or "").partition(".")[0] in ("torch", "numpy")


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  (an empty cell raises)
    except ValueError:
        return False
    return True
