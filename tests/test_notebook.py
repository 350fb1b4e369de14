"""What notebooks import from the package to show its source and report the machine."""

from __future__ import annotations

import inspect

import pytest

import lecturelib.notebook
from lecturelib.notebook import NO_GPU, environment, report_environment, show_source


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


def test_the_report_names_versions_and_says_how_to_attach_a_gpu(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = environment()
    monkeypatch.setattr(lecturelib.notebook, "environment", lambda: found | {"device": "CPU"})
    report_environment()
    printed = capsys.readouterr().out
    assert f"torch {found['torch']}" in printed
    assert NO_GPU in printed
    monkeypatch.setattr(lecturelib.notebook, "environment", lambda: found | {"device": "Tesla T4"})
    report_environment()
    assert NO_GPU not in capsys.readouterr().out
