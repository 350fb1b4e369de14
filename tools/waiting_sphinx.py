"""Sphinx with the book in memory, which builds what has changed each time it is told to.

    python -m tools.waiting_sphinx [FOLDER]

Most of the time of a small build goes into starting: modules, configuration, the pickled book. This
process does that once, says ``ready``, and then builds for each line that it reads, in a fork of
itself, so that no build finds the leavings of another one. It answers with the exit code.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from sphinx.application import Sphinx

from tools.course import ROOT

READY = "live: ready"
BUILT = "live: built"


class WaitingSphinx(Sphinx):
    """An application whose ``build`` waits for lines, and builds once for each of them."""

    def build(self, force_all: bool = False, filenames: Sequence[Any] | None = None) -> None:
        """Build for each line of the standard input, until it ends."""
        print(READY, flush=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            code = in_fork(self._build_once)
            print(BUILT, code, f"{time.perf_counter() - start:.1f}", flush=True)

    def _build_once(self) -> int:
        super().build(False, [])
        # Warnings are printed; what fails the book's build shall not keep a writer from reading.
        return int(self.statuscode)


def in_fork(work: Any) -> int:
    """Do the work in a fork of this process; its result, or 1 where it ends with an exception."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = work()
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Load the book as ``jupyter-book build`` does, with an application that waits."""
    import jupyter_book.sphinx
    from jupyter_book.cli.main import main as jupyter_book_command

    jupyter_book.sphinx.Sphinx = WaitingSphinx
    folder = sys.argv[1] if len(sys.argv) > 1 else str(ROOT)
    # The options of `make book`, or the pickled book would count as another one's.
    with contextlib.suppress(KeyboardInterrupt):
        jupyter_book_command(
            ["build", folder, "-n", "--keep-going", "--quiet"], standalone_mode=False
        )


if __name__ == "__main__":
    main()
