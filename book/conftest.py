"""nbval compares the stored text of every notebook; what only a browser can show is left out.

What it runs is what the site shows: a notebook whose cells have all passed goes to the cache of
executed notebooks, and the build need not run it again. EXECUTED=drop keeps nothing, for runs that
imitate another machine.
"""

from __future__ import annotations

import copy
import os
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from book._ext import execution_cache
from tools import tolerance
from tools.course import ROOT, notebooks

KEPT = os.environ.get("EXECUTED") != "drop"
execution_cache.prepare_kernels(ROOT)
if not KEPT:
    os.environ["LECTURELIB_EXPLORE"] = "off"
os.environ["TQDM_DISABLE"] = "1"

RICH = (
    "text/html",
    "text/markdown",
    "text/latex",
    "image/svg+xml",
    "application/javascript",
    "application/json",
    "stderr",
)
SLOW_SECONDS = float(os.environ.get("SLOW_SECONDS", "60"))


def pytest_collectstart(collector: Any) -> None:
    """Leave rich forms out of the comparison: the committed notebooks hold their text form."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += RICH


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """A cell that states a tolerance for its numbers is compared by it."""
    for item in items:
        stated = getattr(item, "cell", {}).get("metadata", {}).get(tolerance.KEY)
        if stated is not None:
            item.compare_outputs = partial(_compare, item.compare_outputs, stated)


def _compare(strictly: Any, stated: dict[str, Any], printed: Any, stored: Any) -> bool:
    """nbval's own comparison, after numbers within the tolerance were settled."""
    ours = copy.deepcopy(printed)
    for now, then in zip(ours, stored, strict=False):
        for part, other in ((now, then), (now.get("data", {}), then.get("data", {}))):
            for key in ("text", "text/plain"):
                if key in part and key in other:
                    part[key] = tolerance.settled(part[key], other[key], stated)
    return bool(strictly(ours, stored))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: Any) -> Any:
    """Note the CPU time that a cell takes: what else the machine does is not the cell's fault."""
    before = _cpu_seconds(item)
    yield
    item.cpu_seconds = _cpu_seconds(item) - before


def _cpu_seconds(item: Any) -> float:
    """CPU time of the notebook's kernel so far."""
    if not hasattr(item, "cell"):
        return 0.0
    times = psutil.Process(item.parent.kernel.km.provisioner.pid).cpu_times()
    return float(times.user + times.system)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Any:
    """Fail a cell that takes over a minute of CPU and does not say so by the tag ``slow``.

    Where speed does not count, SLOW_SECONDS sets another limit.
    """
    outcome = yield
    report = outcome.get_result()
    cell = getattr(item, "cell", None)
    if cell is None or report.when != "call" or report.failed:
        return
    if item.cpu_seconds > SLOW_SECONDS and "slow" not in cell.metadata.get("tags", []):
        report.outcome = "failed"
        seconds = f"{item.cpu_seconds:.0f} s of CPU time"
        report.longrepr = f"cell {cell.get('id')} took {seconds} and has no tag 'slow'"
    if report.passed:
        vars(item.parent).setdefault("passed", {})[item.cell_num] = item


# --- what the build shows -----------------------------------------------------------------------


def pytest_configure(config: Any) -> None:
    """Make the cache before several processes write to it."""
    if KEPT and not hasattr(config, "workerinput"):
        execution_cache.stale(ROOT, notebooks()[:1])


@pytest.hookimpl(tryfirst=True)  # while the kernel is there
def pytest_runtest_teardown(item: Any, nextitem: Any) -> None:
    """After a notebook's last cell, keep what it gave."""
    if KEPT and hasattr(item, "cell") and getattr(nextitem, "parent", None) is not item.parent:
        keep(item.parent)


def keep(file: Any) -> None:
    """Put a notebook of the book into the cache."""
    if Path(file.path) in notebooks():
        passed = vars(file).get("passed", {})
        outputs = {number: item.test_outputs for number, item in passed.items()}
        seconds = sum(item.cpu_seconds for item in passed.values())
        reply = file.kernel.kc.kernel_info(reply=True, timeout=60)
        language = reply["content"]["language_info"]
        execution_cache.keep_outputs(ROOT, Path(file.path), outputs, language, seconds)
