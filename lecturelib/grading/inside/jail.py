"""Namespaces of its own for each submission, inside the sandbox that bubblewrap made.

Python 3.11 has no ``os.unshare``, so the calls go to the C library. Everything here runs before
the student's code, and nothing of it can be undone by that code: its capabilities are gone, and
mounts of a parent namespace are locked.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
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
_SET_NO_NEW_PRIVS, _SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP = 38, 1, 4, 22
RESERVE = 4
"""Processes that are left for the tests."""
WRITABLE = ("/tmp", "/var/tmp", "/student", "/dev/shm")
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
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes + RESERVE))
    _limit(resource.RLIMIT_FSIZE, files_mb * 2**20)
    _limit(resource.RLIMIT_CPU, int(seconds) + 1)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 512)
    _limit(resource.RLIMIT_MSGQUEUE, 0)


def use_reserve() -> None:
    """Let the runner fork for the tests, when a student's threads have used up the rest."""
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))


def end_others() -> None:
    """Kill every other process of this namespace, where this is its first one."""
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0)[0]:
                pass


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


# --- system calls -------------------------------------------------------------------------------

# Numbers on x86-64 and on ARM64; those from 424 on are the same everywhere.
_CALLS = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
}
_CLONE, _CLONE3 = (56, 220), 435
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38


def filter_calls() -> bool:
    """Refuse the system calls that make namespaces, mounts and the like; whether that was done.

    ``clone`` is allowed without flags for namespaces, ``clone3`` is said not to exist: its flags
    lie in memory, where a filter can't look, and the C library then uses ``clone``.
    """
    if platform.machine() not in _MACHINES:
        return False
    column, machine = _MACHINES[platform.machine()]
    namespaces = sum(_NAMESPACES.values()) | 0x02000000
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    program += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _REFUSE | _EPERM)]  # another ABI
    for numbers in _CALLS.values():
        program += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    program += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _REFUSE | _ENOSYS)]
    program += [(_EQUAL, 0, 3, _CLONE[column]), (_LOAD, 0, 0, 16)]
    program += [(_ANY_BIT, 0, 1, namespaces), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    program += [(_RETURN, 0, 0, _ALLOW)]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    _call("prctl", _SET_SECCOMP, 2, ctypes.c_char_p(head), 0, 0)
    return True
