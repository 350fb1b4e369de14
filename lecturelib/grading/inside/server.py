"""The process that bubblewrap starts: imports torch once, then forks a process a submission.

It never holds a submission, a hidden test or a secret, so a fork has nothing of anyone else.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from typing import Any

from lecturelib.grading.inside import jail, wire

NOBODY = 65534


def main() -> None:
    """Serve the socket whose number is the first argument; the second is ``fork`` or ``fresh``."""
    number, mode = int(sys.argv[1]), sys.argv[2]
    jail.become(NOBODY)
    os.chdir("/student")
    control = socket.socket(fileno=number)
    shell, canaries = prepared()
    wire.send(control, {"ready": mode})
    while True:
        try:
            request, files = wire.receive(control, files=2)
        except wire.WireError:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            try:
                _submission(request, files, shell, canaries, mode)
            except BaseException:
                traceback.print_exc()  # of trusted code: a submission has another stderr
            finally:
                os._exit(0)
        for file in files:
            os.close(file)
        os.waitpid(pid, 0)


def prepared() -> tuple[Any, Any]:
    """An IPython shell and the canaries, with everything imported that exercises use."""
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import matplotlib.pyplot
    import torch
    from IPython.core.interactiveshell import InteractiveShell

    import lecturelib.data
    import lecturelib.models
    import lecturelib.notebook  # noqa: F401
    from lecturelib.exercises import check, registry, reply  # noqa: F401
    from lecturelib.grading.inside import session
    from lecturelib.grading.inside.canaries import Canaries

    registry.list_exercises()  # loads every check
    torch.set_num_threads(1)
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.history_load_length = 0
    shell: Any = InteractiveShell.instance(config=config)
    shell._showtraceback = _no_traceback
    shell.showtraceback = _no_traceback
    shell.showsyntaxerror = _no_traceback
    session.seed_everything(0)
    return shell, Canaries()


def _no_traceback(*arguments: Any, **options: Any) -> None:
    """The grader shows the exception's name and words, not the frames."""


def _submission(
    request: dict[str, Any], files: list[int], shell: Any, canaries: Any, mode: str
) -> None:
    """Give a process its own namespaces, tell the grader how to kill it, and wait for its end."""
    from lecturelib.grading.inside.session import Session

    link, work = (socket.socket(fileno=file) for file in files)
    limits = request["limits"]
    if mode == "fork":
        jail.enter(int(limits["files_mb"]))
    pid = os.fork()
    if pid == 0:
        link.close()
        _alone(work, limits, mode)
        Session(work, shell, canaries, request).serve()
        os._exit(0)
    work.close()
    wire.send(link, {"started": True}, files=(os.pidfd_open(pid),))
    _, status, usage = os.wait4(pid, 0)
    wire.send(
        link,
        {
            "status": os.waitstatus_to_exitcode(status),
            "cpu": round(usage.ru_utime + usage.ru_stime, 4),
            "peak_mb": usage.ru_maxrss // 1024,
        },
    )


def _alone(work: socket.socket, limits: dict[str, Any], mode: str) -> None:
    """Keep the one link, and give up the rest: files, capabilities, resources."""
    os.setsid()  # or a signal to its group would reach the server
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open("/dev/null", os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    keep = work.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, 4096)
    seconds, megabytes = float(limits["seconds"]), int(limits["files_mb"])
    jail.limit(int(limits["memory_mb"]), int(limits["processes"]), megabytes, seconds)
    if mode == "fork":
        jail.own_processes()
    jail.give_up_capabilities()
    jail.filter_calls()


if __name__ == "__main__":
    main()
