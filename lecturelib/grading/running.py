"""Run one submission in the sandbox: its cells, then the tests; whatever it does, a result comes.

A job is plain data and so is its result: a worker of joblib or Dask takes the one and returns the
other. A cell that cannot be stopped or ends the process is left out, and the rest runs again.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lecturelib.grading.bundle import Test
from lecturelib.grading.course import Limits
from lecturelib.grading.inside import wire
from lecturelib.grading.sandbox import Lost, Mode, Sandbox, SandboxDied, Submission

ATTEMPTS = 4
"""Runs of one submission, each without the cells that ended the one before."""
GRACE = 2.0
"""Seconds that a cell has to stop after it was interrupted."""
PATIENCE = 4.0
"""How many times its seconds of work a cell may take by the clock on the wall."""
_MODULES = {"lecturelib": "lecturelib", "torch": "torch"}


@dataclass(frozen=True)
class Job:
    """A mended submission, ready to run."""

    student: str
    cells: tuple[tuple[str, str], ...]
    tests: tuple[Test, ...]
    limits: Limits = field(default_factory=Limits)


@dataclass
class CellRun:
    """What a cell put out."""

    text: str = ""
    shown: list[dict[str, str]] = field(default_factory=list)
    error: dict[str, str] | None = None
    seconds: float = 0.0


@dataclass
class TestRun:
    """What the checks of a test gave; ``ended`` says how, where they did not come to their end."""

    __test__ = False  # for pytest: no tests of ours

    records: list[dict[str, Any]] = field(default_factory=list)
    ended: str = "ended"


@dataclass
class Result:
    """What a submission did in the sandbox."""

    cells: dict[str, CellRun] = field(default_factory=dict)
    tests: dict[str, TestRun] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    key: str = ""
    cpu: float = 0.0
    seconds: float = 0.0
    peak_mb: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain data, for a file or another machine."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """The result from its plain data."""
        cells = {k: CellRun(**v) for k, v in data["cells"].items()}
        tests = {k: TestRun(**v) for k, v in data["tests"].items()}
        return cls(**{**data, "cells": cells, "tests": tests})


def run(job: Job, sandbox: Sandbox) -> Result:
    """Run a job in a sandbox that may serve others after it.

    Raises:
        SandboxDied: if the sandbox itself ends.
    """
    result, started = Result(), time.monotonic()
    left_out: dict[str, CellRun] = {}
    for attempt in range(ATTEMPTS):
        left = PATIENCE * job.limits.seconds - (time.monotonic() - started)
        if left <= 0 or result.cpu > job.limits.seconds:
            result.flags.append(f"the time of the submission ({job.limits.seconds:g} s) was over")
            break
        cells = [cell for cell in job.cells if cell[0] not in left_out]
        last = attempt == ATTEMPTS - 1
        culprit = _attempt(job, cells, sandbox, result, left, last)
        result.cells.update(left_out)
        if culprit is None:
            break
        left_out[culprit] = result.cells[culprit]
        result.flags.append(f"cell {culprit} was left out: {result.cells[culprit].text}")
    for test in job.tests:
        result.tests.setdefault(test.cell, TestRun(ended="did not run"))
    result.seconds = round(time.monotonic() - started, 3)
    return result


def _attempt(
    job: Job,
    cells: Sequence[tuple[str, str]],
    sandbox: Sandbox,
    result: Result,
    seconds: float,
    last: bool,
) -> str | None:
    """One run; the id of the cell that ended it, or None."""
    end = time.monotonic() + seconds
    result.cells, result.tests = {}, {}
    with sandbox.submission(job.limits) as process:
        try:
            culprit = _run_cells(process, cells, job.limits, result, end)
            if culprit is None:
                _run_tests(process, job, result)
        finally:
            usage = process.kill()
            result.cpu = round(result.cpu + float(usage.get("cpu", 0.0)), 4)
            result.peak_mb = max(result.peak_mb, float(usage.get("peak_mb", 0.0)))
    return culprit


def _run_cells(
    process: Submission,
    cells: Sequence[tuple[str, str]],
    limits: Limits,
    result: Result,
    end: float,
) -> str | None:
    sent = [{"id": name, "source": source} for name, source in cells]
    current = cells[0][0] if cells else ""
    try:
        process.send({"cells": sent, "modules": _MODULES})
        while True:
            message = _next(process, limits.cell_seconds, end)
            if "begins" in message:
                current = str(message["begins"])[:200]
            elif "cell" in message:
                result.cells[str(message["cell"])[:200]] = _cell_run(message)
            elif "done" not in message:
                _note(result, "something was written into the runner's link")
            elif message.get("done") is True:
                result.flags += [str(flag)[:300] for flag in message.get("flags", [])][:20]
                return None
    except (Lost, TypeError, ValueError) as error:
        known = {name for name, _ in cells}
        current = current if current in known else cells[-1][0]
        why = _why(error, process, limits)
        result.cells[current] = CellRun(text=why, error={"kind": "Stopped", "text": why})
        return current


def _note(result: Result, flag: str) -> None:
    if flag not in result.flags:
        result.flags.append(flag)


def _next(process: Submission, seconds: float, end: float) -> dict[str, Any]:
    """The next message; a cell whose time is up is interrupted first, then given up."""
    if _comes(process, seconds, end):
        return process.receive(PATIENCE * GRACE)
    process.interrupt()
    if not process.waits(GRACE) and not _comes(process, GRACE, end):
        raise Lost("too slow")
    return process.receive(PATIENCE * GRACE)


def _comes(process: Submission, seconds: float, end: float) -> bool:
    """Whether a message comes before so many seconds of work, or a few times as many of waiting:
    on a busy machine a submission has as much time as on a quiet one."""
    start, worked = time.monotonic(), process.cpu()
    while process.cpu() - worked < seconds:
        now = time.monotonic()
        left = min(start + PATIENCE * seconds, end) - now
        if left <= 0:
            return False
        if process.waits(min(left, 0.25 if seconds > 1 else 0.05)):
            return True
    return process.waits(0)


def _why(error: Exception, process: Submission, limits: Limits) -> str:
    if str(error) == "too slow":
        return f"it ran for more than {limits.cell_seconds:g} s and could not be interrupted"
    usage = process.ended()
    status = int(usage.get("status", 0))
    if status == -9:
        return f"its process was killed: more than {limits.memory_mb} MB of memory?"
    if status < 0:
        return f"its process was ended by signal {-status}"
    if "status" in usage:
        return f"it ended the process (exit status {status})"
    return f"the runner lost it: {error}"


def _cell_run(message: Mapping[str, Any]) -> CellRun:
    """What a cell put out, as far as it is what the runner sends."""
    error = message.get("error")
    shown = [
        {k: v for k, v in one.items() if k in ("text/plain", "image/png") and isinstance(v, str)}
        for one in message.get("shown", [])[:100]
        if isinstance(one, dict)
    ]
    told = {k: str(v)[:500] for k, v in error.items()} if isinstance(error, dict) else None
    return CellRun(str(message["text"]), shown, told, float(message["seconds"]))


def _run_tests(process: Submission, job: Job, result: Result) -> None:
    for test in job.tests:
        nonce = secrets.token_hex(16)
        message = {"test": test.cell, "source": test.source, "imports": test.imports}
        try:
            process.send({**message, "nonce": nonce})
            if not process.waits(max(PATIENCE * (job.limits.cell_seconds + GRACE), 1.0)):
                raise Lost("too slow")
            answer = process.receive(PATIENCE * GRACE)
            result.tests[test.cell], key = _test_run(answer, nonce)
            result.key = key or result.key
        except Lost as lost:
            result.tests[test.cell] = TestRun(ended=str(lost)[:200])
            result.flags.append(f"the process was lost in the tests of {test.exercise}: {lost}")
            return


def _test_run(message: Mapping[str, Any], nonce: str) -> tuple[TestRun, str]:
    """The records, if they are signed with the word that came with the test."""
    ended = str(message.get("ended", ""))[:200]
    try:
        answer = json.loads(str(message.get("answer", "")))
        if answer["nonce"] != nonce:
            return TestRun(ended="forged"), ""
        records = [_record(one) for one in answer["records"][:100]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return TestRun(ended=ended if ended != "ended" else "no answer"), ""
    return TestRun(records, ended), str(answer.get("key", ""))[:100]


def _record(one: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"passed": one["passed"] is True}
    for name in ("status", "code", "says"):
        if one.get(name):
            kept[name] = str(one[name])[:2000]
    for name in ("foreign", "stopped", "exits"):
        if one.get(name):
            kept[name] = True
    return kept


# --- in a worker --------------------------------------------------------------------------------

_sandboxes: dict[Mode, Sandbox] = {}


def in_worker(job: Job, mode: Mode) -> dict[str, Any]:
    """Run a job in this process's own sandbox: what a worker of Dask is sent."""
    sandbox = _sandboxes.setdefault(mode, Sandbox(mode))
    return with_second_chance(job, sandbox).to_json()


def with_second_chance(job: Job, sandbox: Sandbox) -> Result:
    """Run a job; once more where the sandbox itself was lost."""
    try:
        return run(job, sandbox)
    except (SandboxDied, wire.WireError):
        sandbox.close()
        return run(job, sandbox)
