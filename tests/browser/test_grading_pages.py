"""The pages that grading writes, in a browser: feedback, the class, marking schemes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lecturelib.grading import bundle as bundles
from lecturelib.grading import report
from lecturelib.grading.gradebook import Mark
from lecturelib.grading.roster import Roster, Student
from tests.browser.conftest import run_axe
from tests.grading.test_grading import BUNDLE, LONG, one_graded, renamed

WIDE = "def answer(x):\n    return " + " + ".join(f"x ** {i}" for i in range(60))
ABOUT_WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def graded(name: str, source: str) -> Any:
    cells = [dataclasses.replace(c, source=source) if c.is_answer else c for c in BUNDLE.cells]
    return one_graded(name, cells=cells, flags=["not read: " + "x" * 120])


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The three pages, with long lines, names and numbers in them."""
    people = Roster([Student(f"s{i}", "Zoë", "Müller-Lüdenscheidt") for i in range(4)])
    all_graded = [graded(f"s{i}", s) for i, s in enumerate((LONG, renamed(LONG), WIDE))]
    comment = {"toys-add-answer": "A long word: " + "y" * 90}
    marks = {
        f"s{i}": Mark(f"s{i}", {"toys-double-test": 2.0}, ("toys-add-test",), comment, 0.5)
        for i in range(3)
    }
    scheme = dataclasses.replace(
        BUNDLE.cells[4], id="toys-add-proof", role="proof", points=3, exercise="toys-add"
    )
    proof: bundles.Bundle = dataclasses.replace(
        BUNDLE, cells=(*BUNDLE.cells, scheme), schemes={"toys-add-proof": WIDE}
    )
    texts = {
        "feedback": report.feedback(BUNDLE, all_graded[2], marks["s2"], people.students["s2"]),
        "class": report.overview(BUNDLE, all_graded, marks, people),
        "marking": report.marking(proof),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:
    # Their policy forbids scripts, axe's as well; without it the page is the same.
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 390, "height": 900}, bypass_csp=True
    )
    yield context.new_page()
    context.close()


def test_pages_of_grading_are_accessible_and_fit_a_phone(pages: dict[str, Path], page: Any) -> None:
    for name, path in pages.items():
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path.as_uri())
        page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert (name, run_axe(page)) == (name, [])
        assert (name, page.evaluate(f"() => {ABOUT_WIDTH}")) == (name, 0)
        assert asked == [path.as_uri()]


def test_on_paper_nothing_stays_folded(pages: dict[str, Path], page: Any) -> None:
    hidden = """() => [...document.querySelectorAll('details > :not(summary)')].filter(
        box => !box.checkVisibility({contentVisibilityAuto: true})).length"""
    folded = 0
    for path in pages.values():
        page.goto(path.as_uri())
        folded += page.evaluate(hidden)
        page.emulate_media(media="print")
        page.wait_for_function(f"({hidden})() === 0")  # what was folded is laid out with a frame
        page.emulate_media(media="screen")
    assert folded > 0
