"""A limit of time that stops what it should, and nothing else.

An alarm that interrupts Python code can land anywhere: in an import, which then stays half done
for the rest of the session, or in the lines that put the alarm away. So it rings only where the
answer's own call is running, and never below an import or a compilation of torch: the time that
these take is not the answer's. An answer that catches everything is stopped all the same: the
second alarm looks for a place where nothing would catch it. Nor does it ring in what watches the
answer run (coverage, a debugger): these hold locks that nobody else would give back.
"""

from __future__ import annotations

import contextlib
import ctypes
import dis
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FrameType
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 4  # times the limit, for an answer that waits instead of working
TICK = 0.05
_LEAST_SHARE = 1 / 8  # of a processor: on a machine so busy, waiting is not the answer's doing
_SEARCH = 1.0  # seconds in which to look for a place where nothing catches the alarm
_DEPTH = 5_000  # frames looked at: a deeper stack is an endless recursion, not an import


class TimeLimitExceeded(BaseException):
    """The answer ran out of time. Not an ``Exception``, so that ``except Exception`` lets it
    pass."""


class Clock:
    """Adds up work and waiting from one tick to the next, imports left out.

    Work is the process's CPU time, so that a busy machine does not fail a right answer. Over is
    the time after ``seconds`` of work, or ``PATIENCE`` times that of waiting.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.work = self._wall = 0.0
        self.paused = False
        self.start()

    def start(self) -> None:
        self._last = time.process_time(), time.perf_counter()

    def tick(self, *, counts: bool) -> None:
        now = time.process_time(), time.perf_counter()
        if counts and not self.paused:
            self.work += now[0] - self._last[0]
            self._wall += now[1] - self._last[1]
        self._last = now

    def is_over(self) -> bool:
        waiting = self._wall - self.work / _LEAST_SHARE
        return self.work >= self._seconds or waiting >= PATIENCE * self._seconds


def within(clock: Clock, work: Callable[[], T]) -> T:
    """The value of ``work()``; :class:`TimeLimitExceeded` when the clock says so.

    Imports may take as long as they do. On the main thread of a system with interval timers
    (Linux, macOS, Colab) a signal interrupts Python code and blocking calls. Elsewhere (Windows,
    another thread) Python code is interrupted between two instructions. A single long call into
    compiled code ends first in both cases. A clock inside another one pauses that.

    >>> within(Clock(1.0), lambda: 6 * 7)
    42
    """
    on_main_thread = threading.current_thread() is threading.main_thread()
    by_signal = hasattr(signal, "setitimer") and on_main_thread
    with _pausing(clock):
        return _by_signal(clock, work) if by_signal else _by_thread(clock, work)


@contextlib.contextmanager
def _pausing(clock: Clock) -> Iterator[None]:
    """Pause the clock that runs on this thread while another one does."""
    outer = getattr(_running, "clock", None)
    if outer is not None:
        outer.tick(counts=True)
        outer.paused = True
    clock.start()
    _running.clock = clock
    try:
        yield
    finally:
        _running.clock = outer
        if outer is not None:
            outer.start()
            outer.paused = False


_running = threading.local()


def _inside(work: Callable[[], T]) -> T:
    """The alarm rings only in frames that this one has called."""
    return work()


# --- where the alarm may ring -------------------------------------------------------------------


def _chain(frame: FrameType | None) -> list[FrameType] | None:
    """The frames from ``frame`` up to the answer's call; None where it is not part of that."""
    found: list[FrameType] = []
    while frame is not None and len(found) < _DEPTH:
        if frame.f_code is _inside.__code__:
            return found or None
        found.append(frame)
        frame = frame.f_back
    return None if frame is None else found


_OTHERS = re.compile(
    r"<frozen importlib"  # an import
    r"|[/\\]torch[/\\]_dynamo[/\\]convert_frame\.py$"  # torch.compile
    r"|[/\\](coverage|debugpy|_?pydevd\w*)[/\\]|[/\\](bdb|pydevd)\.py$"  # what watches
)


@cache
def _is_anothers(file: str) -> bool:
    """Whether code of that file imports a module, compiles a function for ``torch.compile``, or
    traces the answer: its time is not the answer's, and an alarm in it would do lasting harm."""
    return _OTHERS.search(file) is not None


def _in_anothers(chain: list[FrameType]) -> bool:
    return any(_is_anothers(frame.f_code.co_filename) for frame in chain)


def _handlers(chain: list[FrameType]) -> int:
    """How many ``except`` and ``finally`` surround the place where the answer is."""
    return sum(
        start <= frame.f_lasti < end for frame in chain for start, end in _guarded(frame.f_code)
    )


@cache
def _guarded(code: CodeType) -> tuple[tuple[int, int], ...]:
    """The stretches of bytecode that a handler covers. The handler of a ``with`` does not count:
    few of them swallow an exception."""
    parse = getattr(dis, "_parse_exception_table", None)
    if parse is None:
        return ()
    push, leave = dis.opmap["PUSH_EXC_INFO"], dis.opmap["WITH_EXCEPT_START"]
    text = code.co_code
    return tuple(
        (entry.start, entry.end)
        for entry in parse(code)
        if text[entry.target] == push and text[entry.target + 2] != leave
    )


# --- ringing -----------------------------------------------------------------------------------


class _Alarm:
    """Counts the time, rings, and rings harder. A subclass gets into the answer's thread."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.running = True
        self.rung: TimeLimitExceeded | None = None
        self._hunting_since: float | None = None
        self._fewest = sys.maxsize

    def tick(self, frame: FrameType | None) -> list[FrameType] | None:
        """Count the time since the last tick; the answer's frames where it is time to ring."""
        chain = _chain(frame)
        anothers = chain is not None and _in_anothers(chain)
        self.clock.tick(counts=not anothers)
        return None if anothers or self.clock.paused or not self.clock.is_over() else chain

    def stop(self) -> None:
        self.running = False
        self.clock.tick(counts=True)

    def ring(self) -> None:
        error = TimeLimitExceeded()
        self.rung = self.rung or error
        raise error

    def hunt(self, chain: list[FrameType]) -> None:
        """The answer caught the first ring: look at each instruction from here on, and ring at
        one that no handler surrounds, or the fewest that were seen in a while."""
        self._hunting_since = self._hunting_since or time.perf_counter()
        for frame in chain:
            frame.f_trace, frame.f_trace_opcodes = self.look, True

    def look(self, frame: FrameType, event: str, arg: Any) -> Any:
        """The trace function of the hunt; before and after it, it does nothing."""
        if not self.running or self._hunting_since is None:
            return None
        frame.f_trace_opcodes = True
        chain = _chain(frame) if event in ("opcode", "line") else None
        if chain is not None and not _in_anothers(chain) and self._is_good(chain):
            self.ring()
        return self.look

    def _is_good(self, chain: list[FrameType]) -> bool:
        handlers = _handlers(chain)
        late = time.perf_counter() - (self._hunting_since or 0.0) > _SEARCH
        self._fewest = min(self._fewest, handlers)
        return handlers == 0 or (late and handlers == self._fewest)


class _SignalAlarm(_Alarm):
    """On the main thread: the handler of a timer's signal."""

    _earlier_trace: Any = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        chain = self.tick(frame) if self.running else None
        if chain is None:
            return
        if self.rung is None:
            self.ring()
        if self._hunting_since is None:
            self._earlier_trace = sys.gettrace()
        self.hunt(chain)
        if self._is_good(chain):
            self.ring()
        sys.settrace(self.look)  # a trace function that raises is taken away: set it again

    def ring(self) -> None:
        # If the answer catches this, the next look comes while its handler runs.
        signal.setitimer(signal.ITIMER_REAL, 10 ** random.uniform(-6, -4), TICK)
        super().ring()

    def stop(self) -> None:
        super().stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self._hunting_since is not None:
            sys.settrace(self._earlier_trace)


def _by_signal(clock: Clock, work: Callable[[], T]) -> T:
    alarm = _SignalAlarm(clock)
    # An alarm that was set before (by a test runner, say) goes on with the time it had left.
    earlier_handler = signal.signal(signal.SIGALRM, alarm)
    earlier_left, earlier_interval = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        value = _inside(work)
    finally:  # no ring can come here: these frames are not the answer's
        alarm.stop()
        signal.signal(signal.SIGALRM, earlier_handler or signal.SIG_DFL)
        if earlier_left:
            signal.setitimer(signal.ITIMER_REAL, earlier_left, earlier_interval)
    if alarm.rung is not None:
        raise alarm.rung  # caught by the answer, and late all the same
    return value


class _ThreadAlarm(_Alarm):
    """On another thread: a second thread watches, and raises the alarm in the first."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._ident, self._lock = threading.get_ident(), threading.Lock()
        self._finished = threading.Event()
        self._earlier_trace = sys.gettrace()
        sys.settrace(self.look)  # idle until the hunt: a thread can set it for itself alone

    def watch(self) -> None:
        while not self._finished.wait(TICK):
            with self._lock:
                if self._finished.is_set():
                    return
                chain = self.tick(sys._current_frames().get(self._ident))
                if chain is not None:
                    self.rung = self.rung or TimeLimitExceeded()
                    self.hunt(chain)
                    raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
                    raise_in_thread(ctypes.c_ulong(self._ident), ctypes.py_object(type(self.rung)))

    def stop(self) -> None:
        """After this no ring comes: one that is on its way arrives in these lines."""
        super().stop()
        while not self._finished.is_set():
            with contextlib.suppress(TimeLimitExceeded), self._lock:
                self._finished.set()
        with contextlib.suppress(TimeLimitExceeded):
            for _ in range(100):
                pass
        sys.settrace(self._earlier_trace)


def _by_thread(clock: Clock, work: Callable[[], T]) -> T:
    alarm = _ThreadAlarm(clock)
    threading.Thread(target=alarm.watch, daemon=True).start()
    try:
        value = _inside(work)
    finally:
        alarm.stop()
    if alarm.rung is not None:
        raise alarm.rung
    return value
