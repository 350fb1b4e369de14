"""The Colab editions beside the built site: the same numbers, living links, formulas that typeset.

They are shown as Colab shows them: Markdown, and formulas by MathJax, here the vendored one.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import pytest

from tests.browser.conftest import lacking, site_pages
from tools.citations import address, keys
from tools.course import ROOT, edition, notebooks, site
from tools.labels import places, terms
from tools.serve import SITE

GENERATED = [*map(edition, notebooks())]
GENERATED += sorted((ROOT / "book" / "exercises" / "student").glob("*.ipynb"))
FORMULA = re.compile(r"```.+?```|\$\$.+?\$\$|\$[^$]+\$|`[^`]+`", re.DOTALL)


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    if not site_pages():
        lacking("these tests need the built site: run `make book` first")


def page_of(notebook: Path) -> str:
    """The HTML of the page that the site has for one of the book's notebooks."""
    path = SITE / notebook.relative_to(ROOT).with_suffix(".html")
    return path.read_text(encoding="utf-8")


def prose(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def shown(path: Path) -> str:
    return path.relative_to(ROOT / "book").as_posix()


# --- the same numbers and names as on the site --------------------------------------------------


@pytest.mark.parametrize("path", notebooks(), ids=shown)
def test_equations_have_the_numbers_of_the_site(path):
    tags = re.findall(r"\\tag\{([\d.]+)\}", prose(edition(path)))
    assert tags == re.findall(r'<span class="eqno">\(([\d.]+)\)', page_of(path))


@pytest.mark.parametrize("path", notebooks(), ids=shown)
def test_references_to_equations_have_the_numbers_of_the_site(path):
    on_site = re.findall(
        r'<a class="reference [^>]*#equation-[^>]*>\(([\d.]+)\)</a>', page_of(path)
    )
    known = {place.text for place in places().values() if place.anchor.startswith("equation-")}
    in_prose = re.findall(r"\(([\d.]+)\)", FORMULA.sub("", prose(edition(path))))
    # A page of the back matter numbers from 1: such a number in brackets may be any number.
    numbers = [number for number in in_prose if number in known and "." in number]
    assert numbers == [number for number in on_site if "." in number]


@pytest.mark.parametrize("path", notebooks(), ids=shown)
def test_citations_say_what_the_site_says(path):
    addresses = "|".join(re.escape(address(key)) for key in keys())
    made = re.findall(rf"\[([^\[\]]+)\]\((?:{addresses})\)", prose(edition(path)))
    on_site: list[str] = []
    for span in re.findall(
        r'<span class="bibtex-citation"[^>]*>(.*?)</span>', page_of(path), re.DOTALL
    ):
        if text_of(span).startswith("["):  # in brackets: one link for each paper
            on_site += map(text_of, re.findall(r"<a .*?</a>", span, re.DOTALL))
        else:
            on_site.append(text_of(span).replace("[", "(").replace("]", ")"))
    assert made == on_site


# --- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", GENERATED, ids=shown)
def test_every_link_to_the_site_leads_to_a_page_and_a_place_in_it(path):
    found = re.findall(rf'{re.escape(site())}[^\s)"]+', prose(path))
    for link in found:
        assert arrives(link), link
    assert found or "student" in path.parts


def test_every_label_and_term_that_an_edition_could_link_to_is_on_the_site():
    for place in [*places().values(), *terms().values()]:
        assert arrives(place.address), place
    assert len(places()) > 200
    assert len(terms()) > 70


def test_every_entry_of_the_bibliography_can_be_linked_by_its_key():
    ids = re.findall(r'\bid="([^"]+)"', page_of(ROOT / "book" / "bibliography.md"))
    assert set(keys()) <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_table_of_claims_leads_to_the_cards(monkeypatch):
    from lecturelib import claims

    monkeypatch.setenv("LECTURELIB_EXPLORE", "live")
    links = re.findall(r'href="(http[^"]+)"', claims.table()._repr_html_())
    assert len(links) > 50
    for link in links:
        assert arrives(link), link


def arrives(link: str) -> bool:
    """Whether an address of the published site is in the one that was built."""
    page, anchor = urldefrag(link)
    file = SITE / unquote(page.removeprefix(site()))
    if not file.is_file():
        return False
    return not anchor or f'id="{anchor}"' in file.read_text(encoding="utf-8")


# --- as it is shown -----------------------------------------------------------------------------


def as_html(notebook: Path) -> str:
    """A notebook as a page: Markdown rendered, formulas left to MathJax, code as it is."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(content: str, options: dict[str, bool]) -> str:
        content = content.replace("&", "&amp;").replace("<", "&lt;")
        return rf"\[{content}\]" if options["display_mode"] else rf"\({content}\)"

    markdown = MarkdownIt("commonmark").enable("table")
    markdown.use(dollarmath_plugin, allow_labels=False, renderer=formula)
    cells = [
        markdown.render(cell.source)
        if cell.cell_type == "markdown"
        else markdown.render(f"~~~~\n{cell.source}\n~~~~")
        for cell in nbformat.read(notebook, as_version=4).cells
    ]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Notebook</title><style>"
        "body{max-width:50rem;margin:1rem auto;font:16px/1.5 sans-serif}"
        "pre{background:#eee;padding:.5rem}td,th{border-bottom:1px solid #ccc;padding:.3rem}"
        "blockquote{border-left:4px solid #ccc;margin-left:0;padding-left:1rem}</style>"
        '<script src="/_static/vendor/mathjax/tex-chtml.js"></script>' + "\n".join(cells)
    )


@pytest.mark.parametrize("path", GENERATED, ids=shown)
def test_a_notebook_reads_well_where_only_markdown_and_tex_are_known(site, contexts, path):
    page = contexts("light", 1000, True).new_page()
    page.route("**/notebook.html", lambda route: route.fulfill(body=as_html(path)))
    page.goto(f"{site}notebook.html", wait_until="load")
    page.evaluate("() => MathJax.startup.promise")
    faulty = "() => [...document.querySelectorAll('mjx-merror')].map(e => e.title || e.textContent)"
    assert page.evaluate(faulty) == []
    displayed = page.locator('mjx-container[display="true"]').count()
    assert displayed == prose(path).count("$$") // 2
    # What is neither code nor a formula: no mark of Markdown, TeX or MyST is left over.
    text = page.evaluate(
        """() => {
            document.querySelectorAll('pre, code, mjx-container, script, style')
                .forEach(element => element.remove());
            return document.body.textContent;
        }"""
    )
    assert re.findall(r"\$|`|\*\*|\\[a-z]+|\{[a-z:]+\}|:::|\]\(|&[a-z]+;", text) == []
    page.close()
