"""What notebooks import from the package to show its source and report the machine."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lecturelib.notebook
from lecturelib.notebook import ATTACH_A_GPU, environment, report_environment, show_source


def documented(x: int) -> int:
    """A docstring.

    Over several lines.
    """
    # a comment that stays
    return x + 1


class Documented:
    """Of a class."""

    def method(self) -> str:
        """Of a method."""
        return "text"


def test_the_source_is_the_code_that_runs_without_its_docstring() -> None:
    shown = show_source(documented)
    assert repr(shown) == (
        "def documented(x: int) -> int:\n    # a comment that stays\n    return x + 1"
    )
    assert shown._repr_markdown_() == f"```python\n{shown.code}\n```"


def test_docstrings_of_methods_go_too_and_can_be_kept() -> None:
    assert "docstring" not in show_source(documented).code
    assert "Of a" not in show_source(Documented).code
    assert "'text'" in show_source(Documented).code or '"text"' in show_source(Documented).code
    assert "Of a method." in show_source(Documented, docstring=True).code


def test_a_module_is_shown_whole() -> None:
    assert show_source(lecturelib.notebook).code == inspect.getsource(lecturelib.notebook).rstrip()


@pytest.mark.parametrize("thing", [print, 3])
def test_a_thing_without_source_is_refused_by_name(thing: object) -> None:
    with pytest.raises(TypeError, match="show_source: wants a function, class or module"):
        show_source(thing)


GAIN = "The cells on ResNet take 2 instead of 40 minutes."


@pytest.fixture
def report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """What the report prints on a machine with the given device."""

    def printed(device: str, gpu: str = "", version: str | None = None) -> str:
        found = environment() | {"device": device}
        monkeypatch.setattr(lecturelib.notebook, "environment", lambda: found)
        monkeypatch.setattr(lecturelib, "__version__", version or found["lecturelib"])
        report_environment(gpu)
        return capsys.readouterr().out

    return printed


def test_the_report_is_one_line_of_versions_and_device(report: Callable[..., str]) -> None:
    printed = report("CPU")
    assert printed.count("\n") == 1
    assert f"torch {environment()['torch']}" in printed
    assert "GPU" not in printed  # no advice where no cell gains from one


def test_the_report_says_what_a_gpu_is_good_for_where_none_is_attached(
    report: Callable[..., str],
) -> None:
    assert f"No GPU is attached. {GAIN}\n{ATTACH_A_GPU}" in report("CPU", gpu=GAIN)
    assert "attach" not in report("Tesla T4", gpu=GAIN)


def test_the_report_says_when_the_kernel_has_another_version_in_memory(
    report: Callable[..., str],
) -> None:
    assert "In memory is still lecturelib 0.0.9: Runtime > Restart" in report(
        "CPU", version="0.0.9"
    )


@pytest.mark.parametrize(
    ("script", "torch_version", "device"),
    [
        ("echo 'Tesla T4'; echo 'Tesla T4'", "2.11.0+cu128", "Tesla T4"),
        ("echo 'Tesla T4'", "2.11.0+cpu", "CPU"),  # torch could not use it
        ("echo 'NVIDIA-SMI has failed'; exit 9", "2.11.0+cu128", "CPU"),
        ("exit 0", "2.11.0+cu128", "CPU"),
        (None, "2.11.0+cu128", "CPU"),
    ],
)
def test_the_device_is_what_the_driver_names(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str | None,
    torch_version: str,
    device: str,
) -> None:
    if script is not None:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lecturelib.notebook._device(torch_version) == device


def test_the_environment_is_told_without_importing_torch() -> None:
    code = "import sys, lecturelib.notebook as n; n.report_environment(); print(sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    report, modules = done.stdout.split("dict_keys")
    assert "torch 2" in report
    assert "'torch'" not in modules
    assert "'numpy'" not in modules
