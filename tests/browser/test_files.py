"""What the built pages say, read from their files: no browser is needed."""

from __future__ import annotations

import re
from html import unescape

import pytest

from lecturelib.claims.record import LECTURES
from lecturelib.contents import CHAPTERS
from tests.browser.conftest import lacking, site_pages
from tools import study_plans
from tools.course import site
from tools.serve import SITE

BOOK = [page for page in site_pages() if page.startswith("book/")]
_TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def texts():
    """The source of each page of the book."""
    if not BOOK:
        lacking("the browser tests need the built site: run `make book` first")
    return {page: (SITE / page).read_text(encoding="utf-8") for page in BOOK}


def test_sitemap_and_canonical_addresses_agree(texts):
    sitemap = (SITE / "sitemap.xml").read_text(encoding="utf-8")
    listed = re.findall(r"<loc>([^<]+)</loc>", sitemap)
    assert sorted(listed) == sorted(site() + page for page in texts)
    for page, text in texts.items():
        assert f'<link rel="canonical" href="{site()}{page}" />' in text
        assert f'<meta property="og:url" content="{site()}{page}" />' in text


def test_each_page_describes_itself_in_its_own_words(texts):
    said = {}
    for page, text in texts.items():
        (description,) = re.findall(
            r'<meta\b(?=[^>]*name="description")[^>]*content="([^"]+)"', text
        )
        assert len(description.split()) >= 4, page
        assert not description.startswith(("What you will learn", "Builds on")), page
        assert "\\" not in description, page  # raw TeX
        said.setdefault(description, []).append(page)
    assert [pages for pages in said.values() if len(pages) > 1] == []


def test_each_page_has_one_viewport_and_a_card_that_exists(texts):
    for page, text in texts.items():
        assert text.count('name="viewport"') == 1, page
        (card,) = re.findall(r'<meta property="og:image" content="([^"]+)"', text)
        assert (SITE / card.removeprefix(site())).is_file(), page


def test_no_heading_has_two_numbers(texts):
    for page, text in texts.items():
        twice = re.findall(
            r'class="section-number">[\d.]+ </span>\d+\. |>\d+(?:\.\d+)+\. \d+\. ', text
        )
        assert twice == [], page


def test_each_table_header_says_of_what(texts):
    for page, text in texts.items():
        assert re.findall(r"<th(?![^>]*\bscope=)[ >][^>]*>", text) == [], page


def test_a_chapter_says_what_it_builds_on(texts):
    direct = study_plans.direct(study_plans.heads())
    for slug in CHAPTERS:
        text = texts[f"book/{slug}.html"]
        (line,) = re.findall(r'<div class="chapter-line[^>]*>(.*?)</div>', text, re.DOTALL)
        linked = set(re.findall(r'href="(\w+)\.html"', line))
        used = {other for other, needs in direct.items() if slug in needs}
        assert linked == {*direct[slug], *used}, slug


def test_no_short_name_of_a_lecture_without_its_title(texts):
    apart = re.compile(
        r"<(pre|code|script|style|abbr|option|svg|lecturelib-frames|head)\b.*?</\1>"
        r'|<(span|div) class="math\b.*?</\2>|<!--.*?-->',
        re.DOTALL,
    )
    short = re.compile(rf"\b(?:{'|'.join(LECTURES)})\b")
    for page, text in texts.items():
        plain = _TAG.sub(" ", apart.sub(" ", text))
        assert short.findall(unescape(plain)) == [], page


def test_chapters_lead_to_the_section_of_the_reference(texts):
    link = re.compile(r'href="api/(\w+)\.html#module-([\w.]+)"')
    found = [match for slug in CHAPTERS for match in link.findall(texts[f"book/{slug}.html"])]
    assert len(found) > 10
    for page, module in found:
        assert f'id="module-{module}"' in texts[f"book/api/{page}.html"]
