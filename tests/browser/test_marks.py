"""Marks of what was read: made, shown, kept in the browser alone, and deleted."""

from __future__ import annotations

import json

import pytest

from lecturelib.contents import CHAPTERS
from lecturelib.exercises import list_exercises, list_quizzes, quiz

CHAPTER = "parameter_sharing"
EXERCISE = list_exercises(CHAPTER)[0]
KEPT = "() => JSON.parse(localStorage.getItem('course-marks'))"


@pytest.fixture
def reader(browser, site):
    """A page of a reader of their own, with a clock that the test moves on."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(150_000)
    page.route("**/mathjax/**", lambda route: route.abort())  # formulas take a page's time
    page.clock.install(time=0)
    page.clock.pause_at(1.0)  # from here on it stands, and however slow the machine is

    def go(path):
        page.goto(f"{site}book/{path}.html", wait_until="load")
        return page

    yield go
    context.close()


def kept(page):
    return page.evaluate(KEPT)


def test_a_reader_marks_and_deletes(reader):
    page = reader(CHAPTER)
    end = page.locator("[data-marks=chapter]")
    assert "0 of" in end.locator("[role=status]").inner_text()
    assert kept(page) is None

    # A section counts once its end was on the screen for ten seconds, and not before.
    sections = page.locator(".bd-article > section > section")
    section = sections.first
    sections.nth(1).locator("h2").first.scroll_into_view_if_needed()
    page.screenshot()  # a picture is drawn, so the page has noticed what is on the screen
    page.clock.run_for(8_000)
    assert kept(page) is None
    page.clock.run_for(4_000)
    name = section.get_attribute("id")
    assert kept(page)["chapters"][CHAPTER]["read"] == [name]
    in_contents = page.locator(f".page-toc a[href='#{name}']")
    assert in_contents.locator(".read-mark .visually-hidden").text_content() == ", read"

    # An exercise is done when its reader says so, a quiz with its right answer.
    page.get_by_label(f"Done with 1. {EXERCISE.title}").check()
    slug = list_quizzes(CHAPTER)[0]
    wrong = next(i for i, choice in enumerate(quiz(slug).choices) if not choice.right)
    right = next(i for i, choice in enumerate(quiz(slug).choices) if choice.right)
    page.locator(f"#quiz-{slug}-{wrong}").check()
    assert kept(page)["chapters"][CHAPTER]["done"] == [f"exercise-{EXERCISE.slug}"]
    page.locator(f"#quiz-{slug}-{right}").check()
    assert kept(page)["chapters"][CHAPTER]["done"] == [
        f"exercise-{EXERCISE.slug}",
        f"quiz-{slug}",
    ]
    in_tree = page.locator(".bd-links a[href='#'] .read-mark, .bd-links .active > a .read-mark")
    assert in_tree.first.locator(".visually-hidden").text_content() == ", partly read"
    end.get_by_role("button", name="Mark the chapter as read").click()
    assert in_tree.first.locator(".visually-hidden").text_content() == ", read"

    # The landing page tells it, and leads on from there.
    page = reader("index")
    summary = page.locator("[data-marks=home]")
    text = summary.locator("[role=status]").inner_text()
    assert f"Chapters read: 1 of {len(CHAPTERS)}" in text
    assert "Exercises and quizzes done: 2." in text
    start = page.locator("a.start")
    assert start.get_attribute("href") == f"{CHAPTER}.html#{name}"
    listed = page.locator(f".bd-article dl a[href='{CHAPTER}.html'] .read-mark")
    assert listed.is_visible()

    # Everything that is kept is shown on its page, and goes with one button.
    page = reader("privacy")
    panel = page.locator("[data-marks=all]")
    panel.locator("summary").click()
    assert json.loads(panel.locator("pre").inner_text()) == kept(page)
    panel.get_by_role("button", name="Delete all marks").click()
    assert kept(page) is None
    assert page.locator(".read-mark").count() == 0
    panel.get_by_label("Keep marks in this browser").uncheck()
    assert kept(page) == {"keep": False}

    page = reader(CHAPTER)
    assert page.get_by_label(f"Done with 1. {EXERCISE.title}").is_disabled()
    sections.nth(1).locator("h2").first.scroll_into_view_if_needed()
    page.clock.run_for(15_000)
    assert kept(page) == {"keep": False}


def test_without_javascript_there_is_no_sign_of_marks(open_page):
    for path in ("index", "privacy"):
        page = open_page(f"book/{path}.html", javascript=False).page
        assert not page.locator(".marks").is_visible()
        assert page.locator("article a.start").count() == (path == "index")
