"""What ``make serve`` does besides serving: watch the sources, build, tell the open pages.

A change of a page, a figure or a style sheet is built by a process that has the book in memory
(``tools.waiting_sphinx``); what changes the machinery itself, such as ``_config.yml`` or a Python
file, is built by ``tools.build``, after which that process starts anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tools.course import ROOT
from tools.waiting_sphinx import BUILT

PAUSE = 0.3
"""Seconds between two looks at the sources, and without a change before a build starts."""
PAGES = (".md", ".ipynb", ".bib", ".css", ".js", ".mjs", ".svg", ".png", ".webp")
"""Endings of what a page is made from: the process in memory builds it."""
WATCHED = ("_config.yml", "_toc.yml", "CHANGELOG.md", "book", "lecturelib", "tools")
IGNORED = {"__pycache__", ".ipynb_checkpoints", "colab", "student"}

STREAM = "/-/changes"
_SCRIPT = """<script>
(() => {
  const source = new EventSource("STREAM?after=NUMBER");
  source.addEventListener("built", () => location.reload());
  source.addEventListener("failed", (event) => {
    const bar = document.createElement("p");
    bar.setAttribute("role", "alert");
    bar.style.cssText = "position:fixed;inset:auto 0 0 0;margin:0;padding:.5rem 1rem;z-index:9999;"
      + "background:#8a1c00;color:#fff;white-space:pre-wrap;max-height:40vh;overflow:auto";
    bar.textContent = event.data;
    document.body.append(bar);
  });
})();
</script>"""


def with_script(page: bytes, number: int) -> bytes:
    """A page that reloads when anything newer than this piece of news comes."""
    script = _SCRIPT.replace("STREAM", STREAM).replace("NUMBER", str(number))
    return page.replace(b"</body>", script.encode() + b"</body>", 1)


class News:
    """What happened last, for every page that listens.

    >>> news = News()
    >>> news.tell("built", "")
    >>> news.after(0, timeout=0)
    (1, 'built', '')
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._last = (0, "", "")

    @property
    def number(self) -> int:
        """How many there were."""
        return self._last[0]

    def tell(self, event: str, text: str) -> None:
        """Say what happened."""
        with self._changed:
            self._last = (self._last[0] + 1, event, text)
            self._changed.notify_all()

    def after(self, number: int, timeout: float) -> tuple[int, str, str] | None:
        """The last one if it came after the one with this number; None if none does in time."""
        with self._changed:
            came = self._changed.wait_for(lambda: self._last[0] > number, timeout)
            return self._last if came else None


def snapshot(root: Path, names: Iterable[str] = WATCHED) -> dict[Path, int]:
    """When each source was changed last."""
    found: dict[Path, int] = {}
    for name in names:
        _note(root / name, found)
    return found


def _note(path: Path, found: dict[Path, int]) -> None:
    try:
        if not path.is_dir():
            found[path] = path.stat().st_mtime_ns
            return
        for entry in os.scandir(path):
            if entry.name not in IGNORED and not entry.name.startswith("."):
                _note(Path(entry.path), found)
    except FileNotFoundError:  # an editor replaces files, and removes others
        return


def changed(before: Mapping[Path, int], now: Mapping[Path, int]) -> set[Path]:
    """The files that are new, gone or written anew.

    >>> changed({Path("a"): 1, Path("b"): 1}, {Path("b"): 2}) == {Path("a"), Path("b")}
    True
    """
    return {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}


def is_small(paths: Iterable[Path], root: Path) -> bool:
    """Whether the process in memory can build these changes.

    >>> is_small([Path("/c/book/batch_norm.ipynb")], Path("/c"))
    True
    >>> is_small([Path("/c/_toc.yml")], Path("/c"))  # the order of all pages
    False
    >>> is_small([Path("/c/lecturelib/interactive/player.js")], Path("/c"))  # outputs of cells
    False
    """
    return all(
        path.suffix in PAGES and path.relative_to(root).parts[0] not in {"lecturelib", "tools"}
        for path in paths
    )


class Builder:
    """Builds changes: small ones by the process in memory, others by the build's command."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin to load the book; what is to be built before that is done waits for it."""
        if not hasattr(os, "fork"):
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.waiting_sphinx", str(self.root)],
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> None:
        """End the process in memory."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()  # which ends its loop
            process.wait()

    def build(self, paths: set[Path]) -> str:
        """Build what these files change; what went wrong, or an empty text."""
        if is_small(paths, self.root) and self._process is not None:
            return self._build_small()
        self.stop()
        code = subprocess.run([sys.executable, "-m", "tools.build"], cwd=self.root).returncode
        self.start()
        return "" if code == 0 else "The build failed; the terminal says why."

    def _build_small(self) -> str:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write("build\n")
        self._process.stdin.flush()
        answer = self._answer(BUILT)
        if answer is None:
            self.stop()
            self.start()
            return "The build ended unexpectedly; the terminal says why."
        return "" if answer.split()[0] == "0" else "The build failed; the terminal says why."

    def _answer(self, mark: str) -> str | None:
        """What the process says after this mark; None if it ended before."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(mark):
                return line.removeprefix(mark).strip()
        return None


def watch(
    news: News,
    build: Callable[[set[Path]], str],
    before: dict[Path, int],
    root: Path = ROOT,
    running: Callable[[], bool] = lambda: True,
) -> None:
    """Build each change since the snapshot ``before``, once its files rest, and say so."""
    while running():
        time.sleep(PAUSE)
        now = snapshot(root)
        if now == before:
            continue
        while (later := _later(root)) != now:
            now = later
        paths = changed(before, now)
        start = time.perf_counter()
        problem = build(paths)
        # What the build itself writes is no change: only what came while it ran.
        before = now
        names = ", ".join(sorted(path.name for path in paths)[:3])
        print(f"   {names}: {problem or 'built'} ({time.perf_counter() - start:.1f} s)", flush=True)
        news.tell("failed" if problem else "built", problem)


def _later(root: Path) -> dict[Path, int]:
    time.sleep(PAUSE)
    return snapshot(root)
