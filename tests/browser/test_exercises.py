"""Quizzes and solutions as a reader meets them, and what the built site must not hold."""

from __future__ import annotations

import html
import re

import nbformat
import pytest

from lecturelib.exercises import list_quizzes, quiz
from tests.browser.conftest import lacking
from tests.exercises.test_masters import secrets_of
from tools import exercises as tool
from tools.course import notebooks
from tools.serve import SITE

CHAPTERS = [path.stem for path in notebooks() if list_quizzes(path.stem)]
QUIZZES = [(chapter, slug) for chapter in CHAPTERS for slug in list_quizzes(chapter)]
MASTERS = {path.stem: nbformat.read(path, as_version=4) for path in tool.masters()}


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(("chapter", "slug"), QUIZZES)
def test_a_quiz_replies_to_the_choice_alone(open_page, chapter, slug, javascript):
    page = open_page(f"book/{chapter}.html", javascript=javascript).page
    box = page.locator(f"#quiz-{slug}")
    assert box.locator(".lq-reply:visible").count() == 0
    for i, choice in enumerate(quiz(slug).choices):
        box.get_by_label(choice.text, exact=True).check()
        shown = box.locator(".lq-reply:visible")
        assert shown.count() == 1
        assert choice.reply in shown.inner_text()
        assert shown.get_attribute("id") == f"quiz-{slug}-r{i}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_quiz_is_answered_by_keyboard(open_page, chapter):
    page = open_page(f"book/{chapter}.html").page
    slug = list_quizzes(chapter)[0]
    page.locator(f"#quiz-{slug}-0").focus()
    page.keyboard.press("Space")
    assert page.locator(f"#quiz-{slug}-r0").is_visible()
    page.keyboard.press("ArrowDown")
    assert page.locator(f"#quiz-{slug}-r1").is_visible()
    assert not page.locator(f"#quiz-{slug}-r0").is_visible()
    replies = page.locator(f"#quiz-{slug} [role=status]")
    assert quiz(slug).choices[1].reply in replies.inner_text()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_answered_quizzes_are_accessible_and_fit(open_page, chapter, scheme, width):
    visit = open_page(f"book/{chapter}.html", scheme=scheme, width=width)
    for slug in list_quizzes(chapter):
        box = visit.page.locator(f"#quiz-{slug}")
        box.locator("input").first.check()
        extent = box.bounding_box()
        assert extent["width"] <= width
    assert visit.axe() == []
    assert visit.overflow() == 0


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


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_students_notebook_can_be_downloaded(open_page, chapter):
    page = open_page(f"book/{chapter}.html").page
    link = page.locator("main a.download[href$='.ipynb']").first
    address = link.evaluate("a => a.href")
    text = page.request.get(address).text()
    notebook = nbformat.reads(text, as_version=4)
    assert [cell.id for cell in notebook.cells][:2] == ["title", "colab-badge"]


@pytest.mark.parametrize("name", MASTERS)
def test_the_site_holds_no_hidden_test_and_solutions_on_their_page_alone(name):
    if not (SITE / "book" / "index.html").is_file():
        lacking("the browser tests need the built site: run `make book` first")
    solutions = secrets_of(MASTERS[name], tool._SOLUTION)
    hidden = secrets_of(MASTERS[name], tool._HIDDEN)
    assert len(solutions) > 20
    assert len(hidden) > 5
    for path in sorted(SITE.rglob("*")):
        relative = path.relative_to(SITE).as_posix()
        if not path.is_file() or path.suffix in (".png", ".woff", ".woff2", ".ico", ".inv", ".pdf"):
            continue
        text = readable(path.read_text("utf-8", "replace"))
        assert [line for line in hidden if squeezed(line) in text] == [], relative
        if relative != f"book/solutions/{name}.html":
            assert [line for line in solutions if squeezed(line) in text] == [], relative


def readable(text: str) -> str:
    """A page without its tags: code is highlighted word by word. JSON and HTML escapes undone."""
    text = html.unescape(re.sub(r"<[^<>]*>", "", text))
    return squeezed(text.replace('\\"', '"'))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
