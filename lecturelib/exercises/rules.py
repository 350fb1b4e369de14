"""Rules that a statement makes for the way to an answer, checked by what its call does.

"Without automatic differentiation", "do not call the function that does it all", "leave the
arguments as they are": the answer is called once more while Python reports each call that is made,
so a rule sees through helpers, methods and modules, and no source text is read.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import numpy as np
import torch

from lecturelib.exercises.calling import call
from lecturelib.exercises.finding import Finding
from lecturelib.exercises.reading import plain
from lecturelib.exercises.trial import SECONDS, Case, Trial

_LIBRARIES = frozenset({"torch", "numpy", "scipy", "sklearn", "lecturelib"})
_AUTOGRAD = frozenset({"run_backward", "make_dual", "_make_dual", "_jvp_increment_nesting"})


@dataclass
class Trace:
    """The functions of libraries that an answer called, at any depth, by dotted name, and the
    arguments that it wrote to.

    >>> trace = Trace(Counter({"torch.nn.functional.softmax": 2}))
    >>> trace.called("softmax"), trace.called("torch.nn.functional.softmax"), trace.called("relu")
    (True, True, False)
    """

    calls: Counter[str] = field(default_factory=Counter)
    changed: tuple[str, ...] = ()

    def called(self, name: str) -> bool:
        """Whether a function was called: any of that name, or, by a dotted name, that module's."""
        *homes, last = name.split(".")
        return any(
            last == parts[-1] and set(homes) <= set(parts[:-1])
            for parts in (called.split(".") for called in self.calls)
        )

    @property
    def differentiated(self) -> bool:
        """Whether automatic differentiation ran, backward or forward."""
        return any(name.rpartition(".")[2] in _AUTOGRAD for name in self.calls)


@dataclass(frozen=True)
class Rule:
    """A rule of a statement: the code and the words for an answer with ``broken(trace)``.

    In the words ``{name}`` stands for the answer's name and ``{what}`` for what ``broken`` gave.
    """

    code: str
    says: str
    broken: Callable[[Trace], Any]
    traced: bool = True


def no_autograd() -> Rule:
    """The gradient is to be worked out: ``backward``, ``autograd.grad``, ``torch.func`` are not."""
    return Rule(
        "automatic-differentiation",
        "The values are right, and {name} lets torch differentiate. The exercise asks for the"
        " derivative worked out by hand.",
        lambda trace: trace.differentiated,
    )


def not_calling(*names: str, code: str = "does-it-all", says: str = "") -> Rule:
    """None of these functions may be called, neither directly nor inside another one.

    A bare name stands for every function and method of that name in torch, NumPy, SciPy,
    scikit-learn, lecturelib and Python's library; a dotted one for that module's.
    """
    return Rule(
        code,
        says
        or "The values are right, and {name} calls `{what}`, which does it all. The exercise asks"
        " you to write it yourself.",
        lambda trace: next((name for name in names if trace.called(name)), ""),
    )


def leaves_arguments() -> Rule:
    """The arguments must hold after the call what they held before it."""
    return Rule(
        "argument-changed",
        "The value is right, but {name} writes to its argument `{what}`: whoever calls it finds"
        " other numbers there afterwards. Work on a copy, or avoid operations in place.",
        lambda trace: next(iter(trace.changed), ""),
        traced=False,
    )


def obey(trial: Trial, cases: Sequence[Case], rules: Sequence[Rule]) -> None:
    """A Finding for the first rule that the answer breaks in one of the cases."""
    writing = Trace(changed=tuple(trial.changed))
    traces = [(trial.changed[writing.changed[0]], writing)] if writing.changed else []
    if any(rule.traced for rule in rules):
        traces += [(case, _traced(trial, case)) for case in cases]
    for rule in rules:
        for case, trace in traces:
            what = rule.broken(trace)
            if what:
                says = rule.says.format(name=trial.name, what=what)
                raise Finding(rule.code, says, tried=trial.tried(case))


# --- the calls that an answer makes -------------------------------------------------------------


def _traced(trial: Trial, case: Case) -> Trace:
    """The calls that the answer makes in a case. It has run before, so that it may take longer
    here, and what it raises does not count."""
    trace = Trace()

    def run(*arguments: Any) -> Any:
        sys.setprofile(_recorder(trace))
        try:
            return plain(trial.answer(*arguments))
        finally:
            sys.setprofile(None)

    call(run, case.arguments, 4 * SECONDS, trial.kind or "tensor")
    return trace


def _recorder(trace: Trace) -> Callable[[FrameType, str, Any], None]:
    def record(frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call":
            trace.calls[_name_in_c(function)] += 1
        elif event == "call":
            module = str(frame.f_globals.get("__name__", ""))
            if _is_library(module):
                trace.calls[_public(f"{module}.{frame.f_code.co_qualname}")] += 1
            else:
                trace.calls.update(f"numpy.{name}" for name in _ufuncs(frame.f_code, frame))

    return record


def _is_library(module: str) -> bool:
    root = module.partition(".")[0]
    if module.startswith("lecturelib.exercises"):
        return False
    return root in _LIBRARIES or (root in sys.stdlib_module_names and root != "__main__")


def _public(name: str) -> str:
    """``numpy.linalg._linalg.inv`` is known as ``numpy.linalg.inv``."""
    *homes, last = name.split(".")
    return ".".join([*(home for home in homes if not home.startswith("_")), last])


def _name_in_c(function: Any) -> str:
    """The dotted name of a compiled function or method."""
    name, home = getattr(function, "__name__", ""), getattr(function, "__self__", None)
    if isinstance(home, torch.Tensor):
        return f"torch.Tensor.{name}"
    if isinstance(home, np.ndarray | np.generic):
        return f"numpy.ndarray.{name}"
    if isinstance(home, np.ufunc):
        return f"numpy.{home.__name__}"
    module = getattr(function, "__module__", None) or getattr(home, "__name__", "")
    for package in ("linalg", "special", "fft"):  # torch._C._linalg.linalg_inv
        if str(module) == f"torch._C._{package}":
            return f"torch.{package}.{name.removeprefix(f'{package}_')}"
    if str(module) == "torch._C._nn":
        return f"torch.nn.functional.{name}"
    if "VariableFunctions" in str(module) or "VariableFunctions" in type(home).__name__:
        return f"torch.{name}"
    return _public(f"{module}.{name}")


def _ufuncs(code: CodeType, frame: FrameType) -> Iterator[str]:
    """NumPy's universal functions that a function names: Python reports no call of these."""
    if any(value is np for value in frame.f_globals.values()):
        for name in code.co_names:
            if isinstance(getattr(np, name, None), np.ufunc):
                yield name
