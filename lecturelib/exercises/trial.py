"""A trial: one answer under examination, and the findings that come of it."""

from __future__ import annotations

import dis
import inspect
import linecache
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from torch import Tensor, nn

from lecturelib.exercises.calling import Outcome, TimeLimitExceeded, call
from lecturelib.exercises.draws import Draws

SECONDS = 1.5  # for all calls of a check together: a check answers within two seconds


class Finding(Exception):
    """What is wrong with an answer: a code of its own, and the words of the subject."""

    def __init__(self, code: str, says: str, *, tried: str = "", got: str = "") -> None:
        super().__init__(says)
        self.code, self.says, self.tried, self.got = code, says, tried, got
        self.code_lines: tuple[str, ...] = ()

    def __reduce__(self) -> Any:
        return type(self), (self.code, self.says), self.__dict__


class NotAnswered(Exception):
    """The answer is still the empty form that the exercise came with."""


@dataclass(frozen=True)
class Case:
    """One call: the arguments by name, and what is special about it ("a batch of two")."""

    special: str
    arguments: Mapping[str, Any]

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

    @property
    def name(self) -> str:
        """What the student calls the function; ``answer`` when it has no name."""
        name = getattr(self.answer, "__name__", "") or ""
        return name if name.isidentifier() else "answer"

    def call(self, case: Case) -> Any:
        """The function's value in this case; a Finding when it raises, overruns or gives
        nothing."""
        tried = self.tried(case)
        self._accepts(case)
        start = time.process_time()
        outcome = call(self.answer, case.arguments, max(self.seconds, 0.05))
        self.seconds -= time.process_time() - start
        self.printed = self.printed or outcome.printed
        for name in outcome.changed:
            self.changed.setdefault(name, case)
        if outcome.error is not None:
            raise self._stopped(outcome, tried)
        if is_blank(outcome.value):
            raise Finding(
                "nothing-returned",
                f"{self.name} ran to its end and returned nothing. Is the `return` missing?",
                tried=tried,
                got=f"{outcome.value!r}",
            )
        return outcome.value

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
            name, message = type(error).__name__, _short(str(error))
            finding = Finding("exception", f"{self.name} stopped with {name}: {message}")
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


# --- words ------------------------------------------------------------------------------------


def describe(value: Any) -> str:
    """A value in a few words: numbers as they are, arrays by shape and type.

    >>> import torch
    >>> describe(torch.zeros(2, 3)), describe(0.5), describe(torch.tensor([1.0, 2.0]))
    ('a tensor of shape (2, 3)', '0.5', '[1, 2]')
    """
    if isinstance(value, Tensor | np.ndarray):
        kind = "a tensor" if isinstance(value, Tensor) else "an array"
        if value.ndim <= 1 and 0 < len(value.reshape(-1)) <= 6:
            return _numbers(value)
        return f"{kind} of shape {tuple(value.shape)}"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, nn.Sequential):
        return " → ".join(type(layer).__name__ for layer in value)
    if isinstance(value, nn.Linear):
        bias = "" if value.bias is not None else ", bias=False"
        return f"Linear({value.in_features}, {value.out_features}{bias})"
    if isinstance(value, nn.BatchNorm1d):
        return f"BatchNorm1d({value.num_features}, eps={value.eps:g})"
    if isinstance(value, nn.Module):
        return _short(repr(value))
    if isinstance(value, tuple | list) and 0 < len(value) <= 4:
        return "(" + ", ".join(describe(v) for v in value) + ")"
    if callable(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    return f"{_short(repr(value))} ({type(value).__name__})"


def _numbers(value: Any) -> str:
    flat = value.tolist()
    if not isinstance(flat, list):
        return f"{flat:.4g}" if isinstance(flat, float) else str(flat)
    return "[" + ", ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in flat) + "]"


def _short(text: str, limit: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


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
