"""A trial: one answer under examination, and the findings that come of it."""

from __future__ import annotations

import dis
import inspect
import linecache
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any, Literal

import numpy as np
from torch import Tensor, nn

from lecturelib.exercises.calling import Kind, Outcome, call, kinds
from lecturelib.exercises.clock import TimeLimitExceeded
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.finding import Finding, NotAnswered
from lecturelib.exercises.words import describe, short

__all__ = [
    "SECONDS",
    "Case",
    "Finding",
    "NotAnswered",
    "Trial",
    "describe",
    "is_blank",
    "is_unwritten",
    "student_lines",
]

SECONDS = 1.5  # for all calls of a check together: a check answers within two seconds


@dataclass(frozen=True)
class Case:
    """One call: the arguments by name, and what is special about it ("a batch of two").

    ``rtol``, ``atol`` and ``by`` say how close each entry has to come where the default
    (:class:`~lecturelib.exercises.tolerance.Tolerance`) does not fit; ``smooth`` is false where
    the result has no derivative, at a kink for example.
    """

    special: str
    arguments: Mapping[str, Any]
    rtol: float | None = None
    atol: float | None = None
    by: Literal["part", "row", "entry"] = "part"
    smooth: bool = True

    def __str__(self) -> str:
        return ", ".join(f"{name} = {describe(value)}" for name, value in self.arguments.items())


@dataclass
class Trial:
    """An answer, the numbers it is tried on, and what was noticed on the way.

    >>> trial = Trial(lambda x: 2 * x, Draws("an-exercise"))
    >>> trial.call(Case("a number", {"x": 21}))
    42
    """

    answer: Any
    draws: Draws
    key: str = ""
    seconds: float = SECONDS
    remarks: list[str] = field(default_factory=list)
    printed: str = ""
    changed: dict[str, Case] = field(default_factory=dict)
    kind: Kind | None = None

    @property
    def name(self) -> str:
        """What the student calls the function; ``answer`` when it has no name."""
        name = getattr(self.answer, "__name__", "")
        name = name if isinstance(name, str) else ""
        return name if name.isidentifier() else "answer"

    def call(self, case: Case, kind: Kind | None = None) -> Any:
        """The function's value in this case; a Finding when it raises, overruns or gives
        nothing.

        Without a ``kind`` the function gets the kind of arguments that it took the last time, and
        the other kinds where it raises with that one.
        """
        tried = self.tried(case)
        self._accepts(case)
        outcome = self._outcome(case, kind or self.kind)
        if not outcome.final and kind is None:
            outcome = self._outcome(case, None)
        for name in outcome.changed:
            self.changed.setdefault(name, case)
        if outcome.error is not None:
            raise self._stopped(outcome, tried)
        self.kind = outcome.kind
        if is_blank(outcome.value):
            raise Finding(
                "nothing-returned",
                f"{self.name} ran to its end and returned nothing. Is the `return` missing?",
                tried=tried,
                got=f"{outcome.value!r}",
            )
        return outcome.value

    def kinds(self, case: Case) -> tuple[Kind, ...]:
        """The kinds of arguments that the answer may be written for, the likeliest first."""
        found = kinds(self.answer, case.arguments)
        return tuple(sorted(found, key=lambda kind: kind != self.kind))

    def remark(self, text: str) -> None:
        """Note something that is no fault, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def _outcome(self, case: Case, kind: Kind | None) -> Outcome:
        try:
            outcome = call(self.answer, case.arguments, max(self.seconds, 0.05), kind)
        except Finding as finding:  # what came back cannot be read
            finding.tried = self.tried(case)
            raise
        self.seconds -= outcome.work
        self.printed = self.printed or outcome.printed
        return outcome

    def tried(self, case: Case) -> str:
        """The call in words, with its arguments."""
        return f"{self.name}({', '.join(case.arguments)}) with {case}"

    def needs_function(self, *arguments: str) -> None:
        """A Finding unless the answer can be called."""
        wanted = f"a function of ({', '.join(arguments)})"
        if isinstance(self.answer, type):
            raise Finding("not-a-function", f"The answer is a class; wanted is {wanted}.")
        if not callable(self.answer):
            got = describe(self.answer)
            raise Finding(
                "not-a-function",
                f"The answer is no function; wanted is {wanted}. Pass the function itself, "
                "without calling it.",
                got=got,
            )

    def _accepts(self, case: Case) -> None:
        """A Finding when the function cannot take that many arguments."""
        try:
            signature = inspect.signature(self.answer)
        except (TypeError, ValueError):
            return  # some functions of compiled modules have no signature
        try:
            signature.bind(*case.arguments.values())
        except TypeError as error:
            names = ", ".join(case.arguments)
            raise Finding(
                "wrong-arguments",
                f"The exercise calls your function with {len(case.arguments)} arguments, in the "
                f"order ({names}); yours is {self.name}{signature}: {error}.",
            ) from None

    def _stopped(self, outcome: Outcome, tried: str) -> Exception:
        """The exception or the overrun of an answer, at the student's line."""
        error = outcome.error
        finding: Finding
        if isinstance(error, NotImplementedError) and _raised_in(self.answer, error):
            return NotAnswered()
        lines = student_lines(error, self.answer)
        if isinstance(error, TimeLimitExceeded):
            finding = Finding(
                "too-slow",
                f"{self.name} was stopped: it was still running after {SECONDS:g} s of work. Is"
                " there a loop that does not end?",
                tried=tried,
            )
        elif isinstance(error, SystemExit):
            finding = Finding("exit", f"{self.name} called exit() instead of returning.")
        else:
            name, message = type(error).__name__, short(str(error))
            finding = Finding("exception", f"{self.name} stopped with {name}: {message}")
            finding.error = error
        finding.tried, finding.code_lines = tried, lines
        return finding


def is_blank(answer: Any) -> bool:
    """Whether an answer is the empty form: None, ``...``, empty text, or a form of these.

    >>> is_blank({"A": ..., "B": ...}), is_blank({"A": 1, "B": ...})
    (True, False)
    """
    if isinstance(answer, dict | list | tuple) and answer:
        return all(is_blank(v) for v in (answer.values() if isinstance(answer, dict) else answer))
    if answer is None or answer is Ellipsis or answer is NotImplemented:
        return True
    return isinstance(answer, str) and answer.strip().upper() in ("", "...", "YOUR ANSWER HERE")


def is_unwritten(function: Any) -> bool:
    """Whether a function's body computes nothing: ``pass``, ``...``, ``return None``.

    >>> def answer(x):
    ...     \"\"\"To be written.\"\"\"
    >>> is_unwritten(answer), is_unwritten(lambda x: x)
    (True, False)
    """
    if not isinstance(function, FunctionType):
        return False
    idle = {"RESUME", "NOP", "POP_TOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "CACHE"}
    if not {i.opname for i in dis.get_instructions(function)} <= idle:
        return False
    last = [i for i in dis.get_instructions(function) if i.opname.startswith(("LOAD", "RETURN_C"))]
    return is_blank(last[-1].argval)


def _raised_in(function: Any, error: BaseException) -> bool:
    """Whether the student's own code raised the error, not something deep inside torch."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == _file_of(function)


# --- the student's line -----------------------------------------------------------------------


def student_lines(error: BaseException | None, function: Callable[..., Any]) -> tuple[str, ...]:
    """The lines round the place where the student's own code stopped, that line marked by an
    arrow."""
    if error is None:
        return ()
    home = _file_of(function)
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [(f, n) for f, n in frames if f.f_code.co_filename == home]
    own = own or [(f, n) for f, n in frames if not _ours(f.f_code.co_filename)]
    if not own:
        return ()
    frame, number = own[-1]
    lines = [f"in {frame.f_code.co_name}, line {number}:"]
    for n in range(max(1, number - 2), number + 2):
        text = linecache.getline(frame.f_code.co_filename, n).rstrip()
        if text or n == number:
            lines.append(f"{'→' if n == number else ' '} {n:>3} | {text}")
    shapes = [
        f"{name} {tuple(value.shape)}"
        for name, value in frame.f_locals.items()
        if isinstance(value, Tensor | np.ndarray)
    ]
    if shapes:
        lines.append(f"shapes there: {', '.join(shapes[:8])}")
    return tuple(lines)


def _file_of(function: Any) -> str:
    function = getattr(function, "__func__", function)
    if isinstance(function, nn.Module):
        function = type(function).forward
    code = getattr(function, "__code__", None)
    return code.co_filename if isinstance(code, CodeType) else ""


def _ours(filename: str) -> bool:
    return "lecturelib" in filename or "torch" in filename or filename.startswith("<frozen")
