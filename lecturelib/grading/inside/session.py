"""One submission: run its cells, then let the hidden tests in.

The process that runs the cells is forked once more for the tests of each exercise, so that an
answer that exits, hangs or eats memory there costs its own exercise and no other.
"""

from __future__ import annotations

import base64
import io
import os
import random
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any

from lecturelib.grading.inside import jail, recording, wire
from lecturelib.grading.inside.canaries import Canaries

_IMAGES = 8
_LARGEST_IMAGE = 2**20


class _Text(io.TextIOBase):
    """A text stream that keeps so many characters and drops the rest."""

    def __init__(self, most: int) -> None:
        self._most, self._pieces, self.dropped = most, [], 0  # type: ignore[var-annotated]

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        kept = text[: max(self._most, 0)]
        self._most -= len(kept)
        self.dropped += len(text) - len(kept)
        if kept:
            self._pieces.append(kept)
        return len(text)

    def text(self) -> str:
        left_out = f"\n… {self.dropped} more characters\n" if self.dropped else ""
        return "".join(self._pieces) + left_out


class _Publisher:
    """Stands in for IPython's: keeps text and PNG images, and no HTML or JavaScript."""

    is_publishing = False

    def __init__(self, most: int) -> None:
        self._most = most
        self.shown: list[dict[str, str]] = []

    def publish(self, data: Mapping[str, Any], metadata: Any = None, **more: Any) -> None:
        kept: dict[str, str] = {}
        text = data.get("text/plain")
        if isinstance(text, str):
            kept["text/plain"] = text[: self._most]
        image = data.get("image/png")
        if isinstance(image, bytes):
            image = base64.b64encode(image).decode()
        if isinstance(image, str) and len(image) < _LARGEST_IMAGE and len(self.shown) < _IMAGES:
            kept["image/png"] = image
        if kept and self._most > 0:
            self._most -= len(kept.get("text/plain", ""))
            self.shown.append(kept)

    def clear_output(self, wait: bool = False) -> None:
        self.shown.clear()


class _Hook:
    """Stands in for IPython's displayhook: the value of a cell's last line, as text."""

    def __init__(self, shell: Any, publisher: _Publisher) -> None:
        self._shell, self._publisher = shell, publisher

    def __call__(self, value: Any = None) -> None:
        if value is not None:
            data, _ = self._shell.display_formatter.format(
                value, include={"text/plain", "image/png"}
            )
            self._publisher.publish(data)


class Session:
    """The student's process."""

    def __init__(
        self, link: socket.socket, shell: Any, canaries: Canaries, request: Mapping[str, Any]
    ) -> None:
        self._link, self._shell, self._canaries = link, shell, canaries
        self._limits = request["limits"]
        self._running = False
        self._seed = int(request.get("seed", 0))
        self._pid = os.getpid()

    def serve(self) -> None:
        """Run the cells that come first, then each test that is sent, until the link ends."""
        signal.signal(signal.SIGINT, self._interrupted)
        first, _ = wire.receive(self._link)
        seed_everything(self._seed)
        for cell in first["cells"]:
            wire.send(self._link, {"begins": cell["id"]})
            wire.send(self._link, self._run_cell(cell))
        wire.send(self._link, {"done": True, "flags": self._flags(first.get("modules", {}))})
        jail.end_others()
        jail.use_reserve()
        while True:
            try:
                message, _ = wire.receive(self._link)
            except wire.WireError:
                return
            wire.send(self._link, self._forked(message))
            jail.end_others()

    def _interrupted(self, number: int, frame: Any) -> None:
        if self._running:
            self._running = False
            raise KeyboardInterrupt

    def _flags(self, modules: Mapping[str, str]) -> list[str]:
        found = self._canaries.flags()
        names = self._shell.user_ns
        for name, module in modules.items():
            if name in names and names[name] is not sys.modules.get(module):
                found.append(f"the name {name} stands for something else than the module {module}")
        return found

    # --- cells ------------------------------------------------------------------------------------

    def _run_cell(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        most = int(self._limits["output_kb"]) * 1024
        out, publisher = _Text(most), _Publisher(most)
        shell = self._shell
        shell.display_pub, shell.display_trap.hook = publisher, _Hook(shell, publisher)
        streams, (sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), (out, out)
        started, worked, error = time.perf_counter(), time.process_time(), None
        try:
            self._running = True
            result = shell.run_cell(cell["source"], store_history=False)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as caught:  # what IPython lets through
            error = caught
        finally:
            self._running = False
            sys.stdout, sys.stderr = streams
        if os.getpid() != self._pid:  # a copy that the student's code has made
            os._exit(0)
        return {
            "cell": cell["id"],
            "text": out.text(),
            "shown": publisher.shown,
            "error": _described(error),
            "seconds": round(time.perf_counter() - started, 4),
            "cpu": round(time.process_time() - worked, 4),
        }

    # --- tests ------------------------------------------------------------------------------------

    def _forked(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Run one exercise's tests in a process of their own, and say how that ended."""
        read, write = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:  # too many threads of the student's are left
            return {"test": message["test"], "answer": "", "ended": f"no process: {error}"}
        if pid == 0:
            os.close(read)
            try:
                self._link.close()
                data = wire.json.dumps(self._test(message)).encode()
                os.writev(write, [data]) if len(data) < 2**15 else _write_all(write, data)
            finally:
                os._exit(0)
        os.close(write)
        data, late = _read_within(read, pid, float(self._limits["cell_seconds"]))
        os.close(read)
        if late:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        ended = "late" if late else "ended" if not status else f"status {status}"
        return {"test": message["test"], "answer": data.decode(errors="replace"), "ended": ended}

    def _test(self, message: Mapping[str, Any]) -> dict[str, Any]:
        jail.die_with_parent()
        self._canaries.restore()
        from lecturelib.exercises.reply import Reply

        names = dict(self._shell.user_ns)
        key = names.get("KEY", "")
        exec(compile(message["imports"], "<imports>", "exec"), names)
        names["KEY"] = key if type(key) in (str, int) else ""
        seed_everything(self._seed)
        out = _Text(0)
        sys.stdout = sys.stderr = out
        records = recording.run(message["source"], names, Reply)
        return {"nonce": message["nonce"], "records": records[:100], "key": str(names["KEY"])[:100]}


def seed_everything(seed: int) -> None:
    """The same numbers in every run."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def _described(error: BaseException | None) -> dict[str, str] | None:
    if error is None:
        return None
    try:
        text = str(error)[:500]
    except Exception:
        text = "(an exception that cannot be shown)"
    return {"kind": type(error).__name__[:100], "text": text}


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _read_within(file: int, pid: int, seconds: float) -> tuple[bytes, bool]:
    """What comes until the file ends, at most a megabyte; whether the time was up: so many seconds
    of the process's work, or four times as many by the clock on the wall."""
    data, end = bytearray(), time.monotonic() + 4 * seconds
    while len(data) < 2**20:
        ready, _, _ = select.select([file], [], [], min(0.25, max(0.0, seconds / 4)))
        if not ready:
            if time.monotonic() > end or _work_of(pid) > seconds:
                return bytes(data), True
            continue
        piece = os.read(file, 2**16)
        if not piece:
            break
        data += piece
    return bytes(data), False


def _work_of(pid: int) -> float:
    """CPU seconds of another process of this user, by its clock."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
