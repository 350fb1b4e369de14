"""A sandbox of bubblewrap that a submission runs in, and the link to it.

Without bubblewrap, or where user namespaces are off, there is an error and no run.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Literal

import lecturelib
from lecturelib.grading.course import CourseError, Limits
from lecturelib.grading.inside import wire
from lecturelib.grading.inside.jail import RESERVE, WRITABLE

Mode = Literal["fork", "fresh"]
MODES: tuple[Mode, ...] = ("fork", "fresh")

STARTUP = 120.0  # seconds for imports of torch on a busy machine
_SERVER = "lecturelib.grading.inside.server"
_SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts")
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_REMEDY = (
    "Submissions run in bubblewrap and nowhere else. Install it (Debian, Ubuntu: apt install "
    "bubblewrap; Fedora: dnf install bubblewrap) and allow user namespaces (sysctl "
    "kernel.unprivileged_userns_clone=1, on Ubuntu 24.04 and later also "
    "kernel.apparmor_restrict_unprivileged_userns=0). On another system, grade inside a container: "
    "`grade --container podman` prints the command."
)


class NoSandbox(CourseError):
    """The sandbox cannot be made here; the message says what to do."""


class SandboxDied(RuntimeError):
    """The sandbox ended by itself, not the submission in it."""


class Lost(RuntimeError):
    """The submission's process is gone, was too slow, or speaks nonsense."""


# --- the command --------------------------------------------------------------------------------


def command(number: int, mode: Mode) -> list[str]:
    """The command that starts a server in a sandbox: it sees the system's programs, Python with
    its packages and lecturelib, all read-only, and nothing else of this machine."""
    words = [_bubblewrap(), "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid"]
    words += ["--unshare-net", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"]
    words += ["--cap-drop", "ALL"]
    if os.getuid() == 0:  # the server becomes nobody before it does anything
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for path in _parents(WRITABLE):
        words += ["--perms", "0755", "--dir", path]
    for place in WRITABLE:
        words += ["--perms", "1777", "--tmpfs", place]
    for path in _parents(_system_paths()):  # after those, as Python may lie below one of them
        words += ["--perms", "0755", "--dir", path]
    for path in _system_paths():
        words += ["--ro-bind", path, path]
    for name in _LINKS:
        link = Path("/", name)
        if link.is_symlink():
            words += ["--symlink", os.readlink(link), str(link)]
        elif link.is_dir():
            words += ["--ro-bind", str(link), str(link)]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--clearenv"]
    for name, value in _environment().items():
        words += ["--setenv", name, value]
    return [*words, "--", sys.executable, "-B", "-P", "-m", _SERVER, str(number), mode]


def _bubblewrap() -> str:
    path = shutil.which("bwrap")
    if path is None:
        raise NoSandbox(f"bubblewrap (bwrap) is not installed. {_REMEDY}")
    return path


def _system_paths() -> list[str]:
    """What is bound, without what lies inside of another one."""
    package = Path(lecturelib.__file__).resolve().parent
    paths = [*map(Path, _SYSTEM), Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix)]
    paths += [Path(sysconfig.get_paths()[name]) for name in ("purelib", "platlib", "stdlib")]
    paths += [Path(sys.executable).resolve().parent.parent, package]
    there = dict.fromkeys(p for path in paths for p in (path, path.resolve()) if p.exists())
    inner = {p for p in there for q in there if q != p and q in p.parents}
    return [str(path) for path in there if path not in inner]


def _parents(paths: Sequence[str]) -> list[str]:
    """The folders above, outermost first: bubblewrap would make them for its own user alone."""
    above = (parent for path in paths for parent in reversed(Path(path).parents))
    return [str(p) for p in dict.fromkeys(above) if p != Path("/") and str(p) not in WRITABLE]


def _environment() -> dict[str, str]:
    # Where Python itself lies below /tmp, that folder is read-only for a submission.
    held = [place for place in WRITABLE if any(p.startswith(f"{place}/") for p in _system_paths())]
    return {
        "TMPDIR": "/student" if "/tmp" in held else "/tmp",
        "LECTURELIB_HELD": ":".join(held),
        "HOME": "/student",
        "USER": "student",
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(Path(lecturelib.__file__).resolve().parent.parent),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/student/.matplotlib",
        "IPYTHONDIR": "/student/.ipython",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TQDM_DISABLE": "1",
    }


# --- control groups -----------------------------------------------------------------------------


class Group:
    """A control group for one submission, where this user may make one; nothing elsewhere."""

    _roots = (
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        ("/sys/fs/cgroup/pids", "pids.max"),
    )

    def __init__(self, limits: Limits, *, spare_mb: int = 256) -> None:
        self._folders: list[Path] = []
        memory = str((limits.memory_mb + spare_mb) * 2**20)
        processes = limits.processes + RESERVE
        if Path("/sys/fs/cgroup/cgroup.controllers").exists():
            values = {"memory.max": memory, "memory.swap.max": "0", "pids.max": processes}
            self._make(_own_group(), values)
        else:
            for (root, name), value in zip(self._roots, (memory, processes), strict=True):
                self._make(Path(root), {name: value})

    def _make(self, parent: Path, values: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="lecturelib-", dir=parent))
            self._folders.append(folder)
            for name, value in values.items():
                if (folder / name).exists():
                    (folder / name).write_text(str(value))

    @property
    def holds(self) -> bool:
        """Whether there is one."""
        return bool(self._folders)

    def add(self, pid: int) -> None:
        """Put a process in; those that it forks follow."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(pid))

    def close(self) -> None:
        """Take it away, when its processes are gone."""
        for folder in self._folders:
            for _ in range(100):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)
        self._folders = []


def _own_group() -> Path:
    line = Path("/proc/self/cgroup").read_text().strip().splitlines()[-1]
    return Path("/sys/fs/cgroup", line.partition("::")[2].lstrip("/"))


# --- the sandbox --------------------------------------------------------------------------------


class Sandbox:
    """A running sandbox: ``with sandbox.submission(limits) as process`` runs one submission in it.

    In mode ``fork`` its server has imported torch and gives each submission a process with
    namespaces of its own; in mode ``fresh`` each submission gets a new sandbox, which costs an
    import of torch. Mode ``fork`` needs user namespaces inside the sandbox.
    """

    def __init__(self, mode: Mode = "fork") -> None:
        self.mode = mode
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server if it does not run.

        Raises:
            NoSandbox: if it cannot start here.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        _bubblewrap()
        ours, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (close() does)
        with theirs:
            self._process = subprocess.Popen(
                command(theirs.fileno(), self.mode),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
            )
        ours.settimeout(STARTUP)
        self._control = ours
        try:
            wire.receive(ours)
        except (wire.WireError, TimeoutError) as error:
            said = self._said()
            self.close()
            raise NoSandbox(f"the sandbox does not start: {said or error}. {_REMEDY}") from None

    @contextlib.contextmanager
    def submission(self, limits: Limits) -> Iterator[Submission]:
        """A process for one submission, killed at the end whatever it does.

        Raises:
            SandboxDied: if the server is gone.
        """
        self.start()
        assert self._control is not None
        link, theirs = socket.socketpair()
        work, work_theirs = socket.socketpair()
        group = Group(limits)
        submission = None
        try:
            with theirs, work_theirs:
                request = {"limits": asdict(limits), "seed": 0}
                files = (theirs.fileno(), work_theirs.fileno())
                wire.send(self._control, request, files)
            link.settimeout(STARTUP)
            _, handed = wire.receive(link, files=1)
            submission = Submission(link, work, handed[0], group)
            yield submission
        except (wire.WireError, TimeoutError, IndexError) as error:
            said = self._said()
            self.close()
            raise SandboxDied(f"the sandbox is gone: {error} {said}") from None
        finally:
            if submission is not None:
                submission.kill()
            for one in (link, work):
                one.close()
            if self.mode == "fresh":
                self.close()
            group.close()

    @property
    def pid(self) -> int | None:
        """The process that holds the sandbox; None before the start."""
        return self._process.pid if self._process else None

    def _said(self) -> str:
        """The end of what the server wrote. No submission can write there."""
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read().decode(errors="replace").strip()[-600:]

    def close(self) -> None:
        """Kill the server and all that it started."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._log is not None:
            self._log.close()
        self._process = self._control = self._log = None


class Submission:
    """The process of one submission: messages to and from it, an end when its time is up."""

    def __init__(self, link: socket.socket, work: socket.socket, pidfd: int, group: Group) -> None:
        self._link, self._work, self._pidfd = link, work, pidfd
        self.usage: dict[str, float] = {}
        self._pid = _pid_of(pidfd)
        if group.holds and self._pid > 0:
            group.add(self._pid)

    def send(self, message: Any) -> None:
        """Send it a message; :class:`Lost` where it is gone or does not read."""
        self._work.settimeout(10.0)
        try:
            wire.send(self._work, message)
        except (wire.WireError, TimeoutError) as error:
            raise Lost(f"ended by itself ({error})") from None

    def receive(self, seconds: float) -> dict[str, Any]:
        """Its next message; :class:`Lost` after that time, at its end, or for nonsense."""
        self._work.settimeout(max(seconds, 0.001))
        try:
            message, _ = wire.receive(self._work)
        except TimeoutError:
            raise Lost("too slow") from None
        except (wire.WireError, OSError) as error:
            raise Lost(f"ended by itself ({error})") from None
        if not isinstance(message, dict):
            raise Lost("wrote what is no message into the runner's link")
        return message

    def waits(self, seconds: float) -> bool:
        """Whether a message comes within that time, or the end."""
        return bool(select.select([self._work], [], [], max(seconds, 0.0))[0])

    def cpu(self) -> float:
        """CPU seconds that its process and the ended children of it have used so far."""
        try:
            numbers = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, numbers[11:15])) / os.sysconf("SC_CLK_TCK")

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGINT)

    def kill(self) -> dict[str, float]:
        """End it with all that it started; its exit status, CPU seconds and peak memory."""
        if self._pidfd < 0:
            return self.usage
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        self._pidfd = -1
        with contextlib.suppress(wire.WireError, TimeoutError, OSError):
            self._link.settimeout(20.0)
            self.usage, _ = wire.receive(self._link)
        return self.usage

    def ended(self) -> dict[str, float]:
        """How a process that ended by itself did: killed by which signal, or with which status."""
        with contextlib.suppress(wire.WireError, TimeoutError, OSError):
            self._link.settimeout(2.0)
            self.usage, _ = wire.receive(self._link)
        return self.usage


def _pid_of(pidfd: int) -> int:
    """The number that a process has on this side."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def opened(*, fresh: bool = False) -> Sandbox:
    """A sandbox that was tried: of mode ``fork``, or ``fresh`` where a sandbox may hold no
    namespaces (or where that is asked for).

    Raises:
        NoSandbox: if neither works here.
    """
    words = ""
    for mode in ("fresh",) if fresh else MODES:
        sandbox = Sandbox(mode)
        try:
            with sandbox.submission(Limits()) as process:
                process.send({"cells": []})
                process.receive(STARTUP)
            return sandbox
        except (SandboxDied, Lost) as error:
            words = str(error)
            sandbox.close()
    raise NoSandbox(f"the sandbox runs nothing: {words}. {_REMEDY}")
