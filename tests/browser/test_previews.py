"""Previews of what links lead to: pointer, keyboard, finger; and the links to the glossary."""

from __future__ import annotations

import pytest

PAGE = "book/what_we_know.html"  # a page with few formulas, which is soon there
WITH_EQUATIONS = "book/residual_connections.html"
BOX = ".course-preview:popover-open"
KINDS = {
    "claim": ".bd-article p a.reference[href*='.html#claim-']:visible",
    "source": ".bd-article p a.reference[href^='bibliography.html#']:visible",
    "term": ".bd-article a.glossary-link:visible",
}


def point(page, link):
    link.scroll_into_view_if_needed()
    link.hover()
    page.locator(BOX).wait_for()
    return page.locator(BOX)


def test_pointing_at_a_link_shows_what_it_leads_to(open_page):
    visit = open_page(PAGE)
    page = visit.page
    for kind, selector in KINDS.items():
        link = page.locator(selector).first
        box = point(page, link)
        assert box.get_attribute("data-kind") == kind
        assert box.inner_text().strip()
        # It neither covers the link nor leaves the window, and lets the pointer come.
        lines = link.evaluate("a => [...a.getClientRects()].map(({top, bottom}) => [top, bottom])")
        there = box.bounding_box()
        assert there["y"] >= max(bottom for _, bottom in lines) or there["y"] + there[
            "height"
        ] <= min(top for top, _ in lines)
        assert there["x"] >= 0
        assert there["x"] + there["width"] <= 1280
        box.hover()
        page.wait_for_timeout(400)
        assert box.is_visible()
        if kind == "term":
            assert visit.axe() == []
        page.keyboard.press("Escape")
        assert page.locator(BOX).count() == 0
        page.mouse.move(5, 5)
    box = point(page, page.locator(KINDS["term"]).first)
    page.mouse.move(5, 5)
    box.wait_for(state="hidden")
    assert visit.errors == []
    assert visit.foreign == []


def test_a_formula_is_shown_as_a_formula(open_page):
    visit = open_page(WITH_EQUATIONS)
    link = visit.page.locator(".bd-article a.reference[href^='#equation-']:visible").first
    box = point(visit.page, link)
    assert box.get_attribute("data-kind") == "equation"
    assert box.locator("mjx-container").count() == 1
    assert "\\[" not in box.inner_text()
    assert link.inner_text() in box.inner_text()  # its number
    assert link.get_attribute("aria-details") == "course-preview"
    assert visit.errors == []


def test_the_keyboard_opens_and_closes(open_page):
    visit = open_page(PAGE, scheme="dark")
    page = visit.page
    link = page.locator(KINDS["term"]).first
    # Come by Tab, as focus that a script sets is no sign of a keyboard.
    link.evaluate(
        """link => { const before = document.createElement('button');
        before.id = 'before'; link.before(before); before.focus(); }"""
    )
    page.keyboard.press("Tab")
    assert link.evaluate("link => link === document.activeElement")
    page.locator(BOX).wait_for()
    assert link.get_attribute("aria-describedby") == "course-preview"
    page.evaluate("() => document.getElementById('before').remove()")
    assert visit.axe() == []
    page.keyboard.press("Escape")
    assert page.locator(BOX).count() == 0
    assert link.evaluate("link => link === document.activeElement")
    assert link.get_attribute("aria-describedby") is None
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/glossary.html#term-*")


@pytest.fixture
def phone(browser, site):
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(site + PAGE)
    yield page
    context.close()


def test_the_first_tap_shows_and_the_second_follows(phone):
    link = phone.locator(KINDS["term"]).first
    link.tap()
    box = phone.locator(BOX)
    box.wait_for()
    assert phone.url.endswith(PAGE)
    there = box.bounding_box()
    assert there["x"] >= 0
    assert there["x"] + there["width"] <= 390
    on = box.locator("a")
    assert on.inner_text() == "In the glossary"
    phone.locator(".bd-article h1").first.tap()
    box.wait_for(state="hidden")
    link.tap()
    box.wait_for()
    on.tap()
    phone.wait_for_url("**/book/glossary.html#term-*")


def test_a_link_without_a_preview_is_followed_at_the_first_tap(phone):
    link = phone.locator(".bd-article a.reference[href*='.html']:not([href*='#'])").first
    address = link.evaluate("a => a.href")
    link.tap()
    phone.wait_for_url(address)


def test_words_of_the_glossary_are_linked_once_and_only_in_running_text(open_page):
    page = open_page(PAGE, javascript=False).page
    links = page.locator("a.glossary-link")
    targets = [link.get_attribute("href") for link in links.all()]
    assert len(targets) >= 10
    assert len(set(targets)) == len(targets)
    places = "h1, h2, h3, h4, pre, code, .math, table, .ll-claim, .lecturelib-quiz, figcaption"
    assert page.locator(f":is({places}) a.glossary-link").count() == 0
