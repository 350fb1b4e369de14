"""The measure of what grading costs: the work of a command and of the processes that it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.grading_speed import cpu_seconds

WORK = "import time\nwhile time.process_time() < 0.4: pass"
START = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORK!r}])"


@pytest.mark.parametrize("code", [WORK, START])
def test_the_work_of_all_processes_counts(tmp_path: Path, code: str) -> None:
    assert cpu_seconds([sys.executable, "-c", code], tmp_path) > 0.3


def test_waiting_is_no_work(tmp_path: Path) -> None:
    assert cpu_seconds([sys.executable, "-c", "import time; time.sleep(0.5)"], tmp_path) < 0.3


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="out of reach"):
        cpu_seconds([sys.executable, "-c", "raise SystemExit('out of reach')"], tmp_path)
