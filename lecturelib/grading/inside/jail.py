"""Namespaces of its own for each submission, inside the sandbox that bubblewrap made.

Python 3.11 has no ``os.unshare``, so the calls go to the C library. Everything here runs before
the student's code, and nothing of it can be undone by that code: its capabilities are gone, and
mounts of a parent namespace are locked.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_NAMESPACES = {
    "user": 0x10000000,
    "pid": 0x20000000,
    "mount": 0x00020000,
    "ipc": 0x08000000,
    "network": 0x40000000,
    "uts": 0x04000000,
}
_PRIVATE, _RECURSIVE, _NOSUID_NODEV, _NOEXEC = 1 << 18, 1 << 14, 2 | 4, 8
_REMOUNT_READ_ONLY = 32 | 4096 | 1
_SET_NO_NEW_PRIVS, _SET_PDEATHSIG, _SET_DUMPABLE = 38, 1, 4
WRITABLE = ("/tmp", "/var/tmp", "/home/student", "/dev/shm")
"""All that a submission may write to; each one gets its own, empty."""


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def enter(files_mb: int) -> None:
    """Leave the namespaces of the server; the next process forked is the first of new ones."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", sum(_NAMESPACES.values()))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call("mount", b"none", b"/", None, _PRIVATE | _RECURSIVE, None)
    held = os.environ.get("LECTURELIB_HELD", "").split(":")
    for place in WRITABLE:
        if place in held:
            flags = _REMOUNT_READ_ONLY | _NOSUID_NODEV
            _call("mount", b"none", place.encode(), None, flags, None)
            continue
        options = f"size={files_mb}m,mode=700,nr_inodes=20000".encode()
        _call("mount", b"tmpfs", place.encode(), b"tmpfs", _NOSUID_NODEV, options)


def own_processes() -> None:
    """Show this namespace's processes alone in /proc; nothing where that is not allowed."""
    try:
        _call("mount", b"proc", b"/proc", b"proc", _NOSUID_NODEV | _NOEXEC, None)
    except OSError:  # bubblewrap, run by root, has covered parts of the one that is there
        _call("mount", b"tmpfs", b"/proc", b"tmpfs", _NOSUID_NODEV | _NOEXEC, b"size=4k,mode=500")
    with contextlib.suppress(OSError):
        Path("/proc/sys/user/max_user_namespaces").write_text("0")


def give_up_capabilities() -> None:
    """Drop every capability, and the ways to get one back."""
    _call("prctl", _SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _call("capset", header, nothing)


def die_with_parent() -> None:
    """Be killed when the process that forked this one is gone."""
    _call("prctl", _SET_PDEATHSIG, 9, 0, 0, 0)


def become(user: int) -> None:
    """Leave root for good, where the sandbox was started by it."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        _call("prctl", _SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self would stay root's


def limit(memory_mb: int, processes: int, files_mb: int, seconds: float) -> None:
    """Limits of this process and those that it forks. Memory counts what it adds from here on."""
    memory = _data_in_use() + memory_mb * 2**20
    _limit(resource.RLIMIT_DATA, memory)
    _limit(resource.RLIMIT_NPROC, processes)
    _limit(resource.RLIMIT_FSIZE, files_mb * 2**20)
    _limit(resource.RLIMIT_CPU, int(seconds) + 1)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 512)
    _limit(resource.RLIMIT_MSGQUEUE, 0)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data_in_use() -> int:
    """Bytes of private writable memory, as RLIMIT_DATA counts them."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 2**30
