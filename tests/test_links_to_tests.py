"""The errata page links each test that it names to its line in the repository."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import pytest

from lecturelib import claims
from tools.course import ROOT

pytest.importorskip("sphinx")

SPEC = importlib.util.spec_from_file_location("links", ROOT / "book/_ext/links_to_tests.py")
assert SPEC
assert SPEC.loader
links = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(links)

OPTIONS = {"repository_url": "https://example.org/course/", "repository_branch": "main"}
APP = SimpleNamespace(config=SimpleNamespace(html_theme_options=OPTIONS))


def linked(body: str) -> str:
    context = {"body": body}
    links._link(APP, "page", "page.html", context, None)
    return context["body"]


def test_a_named_test_becomes_a_link_to_its_line() -> None:
    here = "tests/test_links_to_tests.py"
    name = "test_a_named_test_becomes_a_link_to_its_line"
    line = next(
        number
        for number, text in enumerate((ROOT / here).read_text().splitlines(), start=1)
        if text.startswith(f"def {name}")
    )
    made = linked(f'<code data-test="{here}::{name}">shown</code>')
    address = f"https://example.org/course/blob/main/{here}#L{line}"
    shown = name.replace("_", "_<wbr>")
    assert made == f'<a href="{address}" title="{here}"><code>{shown}</code></a>'


def test_a_test_that_does_not_exist_is_a_warning_and_no_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(links.logger, "warning", lambda text, *a, **k: warnings.append(text % a))
    assert linked('<code data-test="tests/none.py::test_x">shown</code>') == (
        "<code>test_<wbr>x</code>"
    )
    assert warnings == ["there is no test tests/none.py::test_x"]


def test_every_erratum_is_linked() -> None:
    rows = claims.errata()
    made = linked(claims.errata_table()._repr_html_())
    assert "data-test" not in made
    assert made.count('<a href="https://example.org/course/blob/main/tests/') == len(rows) > 0
