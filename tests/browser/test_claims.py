"""The pages of claims and errata in a browser: filters, the plain table, links to the cards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from lecturelib import claims
from lecturelib.contents import is_written
from tests.browser.conftest import lacking, read, site_pages

CLAIMS, ERRATA = "book/claims.html", "book/errata.html"


def shown(page: Any) -> list[str]:
    """Ids of the rows that can be seen."""
    return page.locator(".ll-table tbody tr").evaluate_all(
        "rows => rows.filter(row => row.checkVisibility()).map(row => row.id)"
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_filters_leave_the_rows_that_match(open_page: Callable[..., Any], width: int) -> None:
    page = open_page(CLAIMS, width=width).page
    known = claims.claims()
    assert shown(page) == [claim.id for claim in known]
    for verdict in sorted({claim.verdict for claim in known}):
        page.get_by_label("Verdict", exact=True).select_option(verdict)
        expected = [claim.id for claim in known if claim.verdict == verdict]
        assert shown(page) == expected
        status = page.locator(".ll-filters [role=status]")
        assert status.inner_text() == f"{len(expected)} of {len(known)} shown"
    page.get_by_label("Verdict", exact=True).select_option("")
    chapter = known[-1].chapter
    page.get_by_label("Chapter", exact=True).select_option(chapter)
    assert shown(page) == [claim.id for claim in known if claim.chapter == chapter]


def test_errata_filter_by_lecture(open_page: Callable[..., Any]) -> None:
    page = open_page(ERRATA).page
    page.get_by_label("Lecture", exact=True).select_option("JHU")
    assert shown(page) == [row.id for row in claims.errata() if row.lecture == "JHU"]


@pytest.mark.parametrize(("path", "rows"), [(CLAIMS, claims.claims), (ERRATA, claims.errata)])
def test_without_javascript_there_is_the_whole_table_and_no_filter(
    open_page: Callable[..., Any], path: str, rows: Callable[[], Any]
) -> None:
    page = open_page(path, javascript=False).page
    assert shown(page) == [row.id for row in rows()]
    assert not page.locator(".ll-filters").first.is_visible()


def test_each_row_leads_to_the_card_of_its_claim() -> None:
    """That the cards are there, the test of all links within the site finds."""
    if not site_pages():
        lacking("the browser tests need the built site: run `make book` first")
    rows = re.findall(r'<th scope="row">\s*<a [^>]*href="([^"]+)"', read(CLAIMS))
    assert len(rows) == len(claims.claims())
    for claim, target in zip(claims.claims(), rows, strict=True):
        page, _, anchor = target.partition("#")
        # No page: the card stands in the table itself.
        assert page == (f"{claim.chapter}.html" if is_written(claim.chapter) else "")
        assert anchor == f"claim-{claim.id}", target
