"""Published tables: complete, sourced, and consistent with what their papers say in words."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from lecturelib.claims import published
from lecturelib.claims.published import TABLES, PublishedTable

BIBLIOGRAPHY = Path(__file__).parents[2] / "book" / "references.bib"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_names_a_source_and_a_check(table: PublishedTable) -> None:
    assert table.source
    assert table.checked
    assert table.claims
    keys = set(re.findall(r"@\w+\{(\w+),", BIBLIOGRAPHY.read_text(encoding="utf-8")))
    assert table.citation in keys


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_text_and_html_show_every_cell(table: PublishedTable) -> None:
    rendered = table._repr_html_()
    for text in (str(table), unescape(rendered)):
        assert table.title in text
        assert all(str(row[0]) in text for row in table.rows)
    assert rendered.count("<tr>") == len(table.rows) + 1
    assert rendered.count("<td") == len(table.rows) * len(table.columns)
    assert max(map(len, str(table).splitlines())) <= 90


def test_inception_agrees_with_the_words_of_the_paper() -> None:
    steps = published.INCEPTION_STEPS.column("million steps to 72.2%")
    assert int(steps["Inception"] / steps["BN-x5"]) == 14  # "14 times fewer steps"
    assert steps["BN-Baseline"] < steps["Inception"] / 2  # "less than half"
    assert steps["BN-x30"] > steps["BN-x5"]  # "somewhat slower initially"
    assert steps["BN-x5-Sigmoid"] is None
    rates = published.INCEPTION_STEPS.column("initial rate")
    assert rates["BN-x5"] == pytest.approx(5 * rates["Inception"])
    assert rates["BN-x30"] == pytest.approx(30 * rates["Inception"])


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit the columns"):
        PublishedTable("t", ("a", "b"), (("x",),), "s", "c", "k")


def test_numbers_of_a_column_share_their_decimals() -> None:
    table = PublishedTable("t", ("a", "b"), (("x", 1.5), ("y", 2.25), ("z", None)), "s", "c", "k")
    assert table._aligned(1) == ["1.50", "2.25", "–"]
