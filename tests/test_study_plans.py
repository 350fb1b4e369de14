"""The study plans: made from the pages, in an order that can be read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from lecturelib.contents import CHAPTERS
from tools import study_plans
from tools.study_plans import PLANS, Head, Plan, Week, direct, draw, faults, heads, read_head


def test_page_and_map_are_what_the_generator_makes(capsys: pytest.CaptureFixture[str]) -> None:
    assert study_plans.main(["check"]) == 0, capsys.readouterr().out


def test_no_chapter_builds_on_a_later_one() -> None:
    """So the order of the book is one in which it can be read."""
    for slug, head in heads().items():
        for other in head.builds_on:
            assert CHAPTERS.index(other) < CHAPTERS.index(slug), (slug, other)


def test_each_chapter_says_what_it_needs_and_what_it_gives() -> None:
    for slug in heads():
        text = (study_plans.ROOT / f"book/{slug}.ipynb").read_text(encoding="utf-8")
        assert text.count("**Before you start.") == 1, slug
        assert "**Now you can**" in text, slug


def test_the_map_shows_each_chapter_and_is_xml() -> None:
    root = ElementTree.fromstring(draw())
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}rect")) == 1 + len(heads())
    edges = sum(len(others) for others in direct(heads()).values())
    assert len(root.findall(f"{space}path")) == edges > 15


def test_a_term_reads_every_chapter() -> None:
    term = PLANS[0]
    assert sorted(s for week in term.weeks for s in week.chapters) == sorted(CHAPTERS)


@pytest.mark.parametrize(
    ("weeks", "words"),
    [
        ([Week(("alchemy",))], "there is no chapter 'alchemy'"),
        ([Week(("optimizers",)), Week(("gradient_descent",))], "which comes later"),
        ([Week(("backprop",)), Week(("backprop",))], "backprop was read before"),
        ([Week(("backprop",), ("optimizers-adam",))], "belongs to optimizers"),
        ([Week(("backprop",), ("backprop-rings", "backprop-rings"))], "handed in before"),
        ([Week(("backprop",), ("backprop-ring",))], "backprop-ring"),
    ],
)
def test_a_plan_that_does_not_work_is_told(weeks: list[Week], words: str) -> None:
    (fault,) = faults([Plan("A plan", "…", tuple(weeks))])
    assert words in fault


def test_what_follows_is_left_out() -> None:
    found = {"a": Head("A", 1, ()), "b": Head("B", 1, ("a",)), "c": Head("C", 1, ("b", "a"))}
    assert direct(found) == {"a": (), "b": ("a",), "c": ("b",)}


def test_a_page_without_its_head_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A page")])
    nbformat.write(notebook, path)
    with pytest.raises(ValueError, match=r"page\.ipynb: wanted are a title"):
        read_head(path)
