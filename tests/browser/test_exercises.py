"""Quizzes and solutions as a reader meets them, and what the built site must not hold."""

from __future__ import annotations

import html
import re
from functools import cache

import nbformat
import pytest

from lecturelib.exercises import list_quizzes
from tests.browser.conftest import lacking
from tests.exercises.test_masters import secrets_of
from tools import exercises as tool
from tools.course import notebooks
from tools.serve import SITE

CHAPTERS = [path.stem for path in notebooks() if list_quizzes(path.stem)]
MASTERS = {path.stem: nbformat.read(path, as_version=4) for path in tool.masters()}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_are_folded_and_open_by_keyboard(open_page, chapter):
    page = open_page(f"book/solutions/{chapter}.html").page
    folded = page.locator("details.sd-dropdown")
    if not folded.count():
        assert "your instructor has them" in page.locator("main").inner_text()
        return
    assert folded.count() == solutions_in(chapter)
    assert page.locator("details.sd-dropdown[open]").count() == 0
    first = folded.first.locator("summary")
    first.focus()
    page.keyboard.press("Enter")
    assert folded.first.get_attribute("open") is not None
    assert "def " in folded.first.inner_text() or "=" in folded.first.inner_text()


def solutions_in(name: str) -> int:
    return tool.solutions(MASTERS[name]).count("::::{dropdown}")


@pytest.mark.parametrize("name", MASTERS)
def test_the_site_holds_no_hidden_test_and_solutions_on_their_page_alone(name):
    if not (SITE / "book" / "index.html").is_file():
        lacking("the browser tests need the built site: run `make book` first")
    solutions = secrets_of(MASTERS[name], tool._SOLUTION)
    hidden = secrets_of(MASTERS[name], tool._HIDDEN)
    closing = name == "what_we_know"  # which has a single exercise
    assert len(solutions) > (4 if closing else 20)
    assert len(hidden) > (1 if closing else 5)
    for page, text in texts().items():
        assert [line for line in hidden if squeezed(line) in text] == [], page
        if page != f"book/solutions/{name}.html":
            assert [line for line in solutions if squeezed(line) in text] == [], page


@cache
def texts() -> dict[str, str]:
    """All files of the site that hold text, readable; the pictures are left out."""
    binary = {".png", ".woff", ".woff2", ".ico", ".inv", ".pdf"}
    files = [f for f in sorted(SITE.rglob("*")) if f.is_file() and f.suffix not in binary]
    return {
        file.relative_to(SITE).as_posix(): readable(file.read_text("utf-8", "replace"))
        for file in files
    }


def readable(text: str) -> str:
    """A page without its tags: code is highlighted word by word. JSON and HTML escapes undone."""
    text = html.unescape(re.sub(r"<[^<>]*>", "", text))
    return squeezed(text.replace('\\"', '"'))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
