"""Call a student's function so that nothing it does can hurt: time, printing, global state, its
own inputs.

What is guarded is an accident, not an attack: a loop without end, a changed seed, an argument
written to. Code that means harm needs a sandbox, which a grader has and a student's own notebook
has no use for.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import inspect
import io
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

PATIENCE = 4  # times the limit, for an answer that waits instead of working
_TICK = 0.1
_PRINTED_CHARACTERS = 2_000


class TimeLimitExceeded(BaseException):
    """The answer ran out of time. Not an ``Exception``, so that ``except Exception`` lets it
    pass."""


@dataclass
class Outcome:
    """What one call did: its value or its exception, what it printed, which arguments it
    changed."""

    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    changed: tuple[str, ...] = ()


def call(function: Callable[..., Any], arguments: Mapping[str, Any], seconds: float) -> Outcome:
    """Call ``function`` with copies of the arguments, by position, within ``seconds``.

    >>> call(lambda x: x.add_(1), {"x": torch.zeros(2)}, seconds=1.0).changed
    ('x',)
    >>> type(call(lambda: 1 / 0, {}, seconds=1.0).error).__name__
    'ZeroDivisionError'
    """
    convert = _to_numpy if prefers_numpy(function) else _same_kind
    copies = {name: convert(copy_of(value)) for name, value in arguments.items()}
    outcome, screen = Outcome(), _Screen()
    with preserved_state(), contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        try:
            with time_limit(seconds):
                outcome.value = function(*copies.values())
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # SystemExit too: an answer may call exit()
            outcome.error = error
    outcome.printed = screen.text
    outcome.changed = tuple(n for n in copies if not same(copies[n], convert(arguments[n])))
    return outcome


# --- time -------------------------------------------------------------------------------------


class _Clock:
    """Says when time is over: after ``seconds`` of work, or a multiple of that in waiting.

    Work is the process's CPU time, so that a busy machine does not fail a right answer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._work, self._wall = time.process_time(), time.perf_counter()

    def is_over(self) -> bool:
        work, wall = time.process_time() - self._work, time.perf_counter() - self._wall
        return wall >= self._seconds and (work >= self._seconds or wall >= PATIENCE * self._seconds)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`TimeLimitExceeded` in the body after ``seconds`` of work.

    On the main thread of a system with interval timers (Linux, macOS, Colab) a signal interrupts
    Python code and blocking calls. Elsewhere (Windows, another thread) Python code is interrupted
    between two instructions. A single long call into compiled code ends first in both cases.
    """
    on_main_thread = threading.current_thread() is threading.main_thread()
    by_signal = hasattr(signal, "setitimer") and on_main_thread
    with _limit_by_signal(seconds) if by_signal else _limit_by_thread(seconds):
        yield


@contextlib.contextmanager
def _limit_by_signal(seconds: float) -> Iterator[None]:
    clock, running = _Clock(seconds), True

    def ring(number: int, frame: FrameType | None) -> None:
        if running and clock.is_over():
            raise TimeLimitExceeded

    # An alarm that was set before (by a test runner, say) goes on with the time it had left.
    earlier_handler = signal.signal(signal.SIGALRM, ring)
    # Rings again and again, so that one bare `except:` in the answer does not silence it.
    earlier_left, earlier_interval = signal.setitimer(signal.ITIMER_REAL, seconds, _TICK)
    try:
        try:
            yield
        finally:
            running = False  # a ring just before this line leads to the outer `finally`
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier_handler or signal.SIG_DFL)
        if earlier_left:
            signal.setitimer(signal.ITIMER_REAL, earlier_left, earlier_interval)


@contextlib.contextmanager
def _limit_by_thread(seconds: float) -> Iterator[None]:
    thread = ctypes.c_ulong(threading.get_ident())
    raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
    clock, lock, finished = _Clock(seconds), threading.Lock(), threading.Event()

    def watch() -> None:
        while not finished.wait(_TICK):
            with lock:
                if clock.is_over() and not finished.is_set():
                    raise_in_thread(thread, ctypes.py_object(TimeLimitExceeded))
                    return

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        # A ring at this very moment is delivered at the next call, so within these lines: the
        # answer counts as too slow, and nothing comes later.
        with lock:
            finished.set()


# --- global state -----------------------------------------------------------------------------


@contextlib.contextmanager
def preserved_state() -> Iterator[None]:
    """Put back what an answer may have changed: generators, default type, gradient mode, …"""
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    dtype, grad, threads = (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
    )
    anomaly = torch.is_anomaly_enabled()
    deterministic = torch.are_deterministic_algorithms_enabled()
    errors, recursion = np.geterr(), sys.getrecursionlimit()
    with torch.random.fork_rng(devices=cuda), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.set_grad_enabled(True)
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)  # noqa: NPY002
            np.seterr(**errors)
            sys.setrecursionlimit(recursion)
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(grad)
            torch.autograd.set_detect_anomaly(anomaly)
            # This call imports torch's compiler, which takes seconds: only where it is needed.
            if torch.are_deterministic_algorithms_enabled() != deterministic:
                torch.use_deterministic_algorithms(deterministic)
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)


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
        return value.shape == original.shape and torch.equal(value.detach(), original.detach())
    if isinstance(value, np.ndarray):
        return value.shape == original.shape and np.array_equal(value, original)
    if isinstance(value, nn.Module):
        ours, theirs = value.state_dict(), original.state_dict()
        return (
            value.training == original.training
            and ours.keys() == theirs.keys()
            and all(same(ours[name], theirs[name]) for name in ours)
        )
    return bool(value == original)


def _same_kind(value: Any) -> Any:
    return value


def _to_numpy(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value


def prefers_numpy(function: Callable[..., Any]) -> bool:
    """Whether a function (with the helpers it calls) uses NumPy and not torch: it gets arrays then.

    >>> prefers_numpy(lambda x: np.mean(x)), prefers_numpy(lambda x: x.mean())
    (True, False)
    """
    used = _modules_of(inspect.unwrap(function), set())
    return "numpy" in used and "torch" not in used


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
