"""nbval compares the stored text of every notebook; what only a browser can show is left out."""

from __future__ import annotations

import copy
import os
from functools import partial
from typing import Any

import psutil
import pytest

from tools import tolerance

os.environ["LECTURELIB_EXPLORE"] = "off"
os.environ["TQDM_DISABLE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # notebooks run side by side, one a core

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
