"""A pytest plugin: a test is not run again while nothing that its pass depends on has changed.

    python -m pytest -p tools.reuse …            leave out what has passed already
    FRESH=1 python -m pytest -p tools.reuse …    run everything, and remember what passes

A pass is kept with a key: the fingerprint of all code that the test imports, by way of others too;
the whole working tree where a test reads files; the page and the styles for a test of a page; the
notebook for a cell; and in each case the versions of all packages and the processor. The passes are
in ``.cache/passes.json``. Continuous integration starts from an empty folder, so it reuses nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from tools.course import ROOT

STORE = ROOT / ".cache" / "passes.json"
SITE = ROOT / "_build" / "html"


# The package is imported in functions only: this plugin loads before coverage starts to count.
@cache
def _sources() -> Any:
    from lecturelib.fingerprint import Sources

    return Sources(ROOT, ("lecturelib", "tests", "tools", "benchmarks", "book"))


# --- keys ---------------------------------------------------------------------------------------


def key(node: str) -> str:
    """What the test of that id depends on, as a hash."""
    path = ROOT / node.partition("::")[0]
    if path.suffix == ".ipynb":
        return _notebook(path)
    name = node.partition("::")[2]
    parts = [surroundings(), _code(path, _chapter(name))]
    if path.is_relative_to(ROOT / "tests" / "browser"):
        parts.append(_page(_named_page(name)))
    return _digest(parts)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def surroundings() -> str:
    """The interpreter, the versions of all packages, and the processor."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    cpu = Path("/proc/cpuinfo")
    models = re.findall(r"model name.*", cpu.read_text()) if cpu.is_file() else []
    threads = [f"{n}={os.environ.get(n)}" for n in ("OMP_NUM_THREADS", "ATEN_CPU_CAPABILITY")]
    return _digest([sys.version, platform.platform(), *models[:1], *threads, *sorted(packages)])


def _chapter(name: str) -> str | None:
    """The chapter that a test's parameter names: a claim's id, or the name of an exercise."""
    parameter = name.partition("[")[2].rstrip("]")
    from lecturelib import contents

    if parameter in _results():
        return _results()[parameter]
    words = parameter.replace("-", "_")
    return next((slug for slug in contents.CHAPTERS if words.startswith(f"{slug}_")), None)


@cache
def _results() -> dict[str, str]:
    """The chapter of each stored result, by the claim's id."""
    from lecturelib import contents

    found = [(path.stem, slug) for slug in contents.CHAPTERS
             for path in contents.results(slug).glob("*.json")]  # fmt: skip
    return dict(found)


@cache
def _code(path: Path, chapter: str | None) -> str:
    """Fingerprint of a file of tests, with the settings of the folders above it."""
    homes = [folder / "conftest.py" for folder in path.parents if folder.is_relative_to(ROOT)]
    names = [_dotted(p) for p in (path, *homes) if p.is_file()]
    modules = _sources().closure(names, chapter=chapter)
    reads_files = any(
        name.startswith("tools.") or _reads_files(file) for name, file in modules.items()
    )
    return _sources().fingerprint(names, chapter=chapter) + (_tree() if reads_files else "")


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _reads_files(file: Path) -> bool:
    """Whether a file of tests names places in the working tree."""
    if not file.is_relative_to(ROOT / "tests"):
        return False
    return "ROOT" in (text := file.read_text(encoding="utf-8")) or "__file__" in text


@cache
def _tree() -> str:
    """Hash of all files that belong to the project, committed or not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return _files(ROOT / name for name in listed.split("\0") if name)


def _files(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in paths if p.is_file()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def _notebook(path: Path) -> str:
    from book._ext import execution_cache

    code = execution_cache.fingerprint(path, ROOT)
    return _digest([surroundings(), code, _files([path, ROOT / "book" / "conftest.py"])])


def _named_page(name: str) -> str:
    """The page of the built site that a test's parameter names, or an empty string."""
    found = re.search(r"[\w/]+\.html", name.partition("[")[2])
    return found[0] if found is not None and (SITE / found[0]).is_file() else ""


@cache
def _page(page: str) -> str:
    """What a test of one page sees: the page and what all pages load; of others the whole site."""
    if not page:
        return _files(SITE.rglob("*"))
    return _digest([_files([SITE / page]), _styles()])


@cache
def _styles() -> str:
    """Hash of what all pages load."""
    return _files((SITE / "_static").rglob("*"))


# --- the plugin ---------------------------------------------------------------------------------


def _stored() -> dict[str, str]:
    try:
        return dict(json.loads(STORE.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def reusable(nodes: list[str], stored: dict[str, str]) -> set[str]:
    """The tests whose pass is still good; a notebook's cells only together."""
    good = {node for node in nodes if node in stored and stored[node] == key(node)}
    broken = {n.partition("::")[0] for n in nodes if n not in good}
    return {n for n in good if not (".ipynb" in n and n.partition("::")[0] in broken)}


class Reuse:
    """Leaves out what has passed, and writes down what passes."""

    def __init__(self, config: Any) -> None:
        self.config, self.good, self.bad = config, set[str](), set[str]()

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Leave out the tests that have passed."""
        if os.environ.get("FRESH"):
            return
        left_out = reusable([item.nodeid for item in items], _stored())
        config.hook.pytest_deselected(items=[i for i in items if i.nodeid in left_out])
        items[:] = [item for item in items if item.nodeid not in left_out]

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note what became of a test."""
        if not report.passed:
            self.bad.add(report.nodeid)
        elif report.when == "call":
            self.good.add(report.nodeid)

    def pytest_sessionfinish(self, session: Any, exitstatus: int) -> None:
        """Write down what passed; that nothing was left to run is no failure."""
        if not hasattr(self.config, "workerinput"):
            passed = {node: key(node) for node in self.good - self.bad}
            kept = {n: k for n, k in _stored().items() if n not in self.bad}
            STORE.parent.mkdir(exist_ok=True)
            STORE.write_text(json.dumps(kept | passed, indent=0), encoding="utf-8")
        if exitstatus == 5 and not os.environ.get("FRESH"):
            session.exitstatus = 0

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say that something was left out, where something was."""
        left_out = len(terminalreporter.stats.get("deselected", []))
        if left_out and not os.environ.get("FRESH"):
            terminalreporter.write_line(
                f"{left_out} tests have passed before and depend on nothing that has changed; "
                "FRESH=1 runs them again."
            )


def pytest_configure(config: Any) -> None:
    """Register the plugin."""
    config.pluginmanager.register(Reuse(config), "course-reuse")
