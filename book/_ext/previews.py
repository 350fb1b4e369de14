"""Sphinx extension: what a link leads to, ready to be shown beside it.

A link to an equation, a figure, a statement, a claim, an entry of the bibliography or a word of the
glossary shows it where it is met (``_static/previews.js``). What stands on the same page is taken
from there; of other pages this extension gathers what a page links to, in
``_static/previews/<page>.js``, which is loaded when the first such link is pointed at.

It reads the finished pages, so that a preview looks like the place itself, formulas included.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

_LINK = re.compile(r'<a\b[^>]*\bhref="(?P<page>[^":#?]+\.html)#(?P<anchor>[^"]+)"')
_LEFT_OUT = "script, style, details, button, input, .headerlink, .citation > .label"


def element_at(page: str, anchor: str) -> str | None:
    """The source of the element with an id, or None.

    >>> element_at('<div><p id="a">x<b>y</b></p></div>', "a")
    '<p id="a">x<b>y</b></p>'
    """
    place = page.find(f' id="{anchor}"')
    if place < 0:
        return None
    start = page.rfind("<", 0, place)
    name = re.match(r"<([\w-]+)", page[start:])
    if name is None:
        return None
    depth = 0
    for tag in re.finditer(rf"<(/?){name[1]}\b[^>]*>", page[start:]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return page[start : start + tag.end()]
    return None


def kind_of(element: Tag) -> str | None:
    """What an element is to a reader, or None where a preview would say nothing."""
    classes = element.get("class") or []
    if element.name == "div" and "math" in classes:
        return "equation"
    if element.name == "figure":
        return "figure"
    if "citation" in classes:
        return "source"
    if element.name == "dt" and str(element.get("id", "")).startswith("term-"):
        return "term"
    if "ll-claim" in classes or (element.name == "tr" and element.has_attr("data-verdict")):
        return "claim"
    if "proof" in classes:
        return "statement"
    return None


def _source(page: str, anchor: str) -> str | None:
    """The source of what an anchor names; a term of the glossary comes with its definition."""
    found = element_at(page, anchor)
    if found is None or not found.startswith("<dt"):
        return found
    rest = page[page.index(found) + len(found) :].lstrip()
    end = rest.find("</dd>")
    return found + rest[: end + 5] if rest.startswith("<dd") and end > 0 else found


def preview(page: str, anchor: str, folder: str, seen_from: str) -> tuple[str, str] | None:
    """Kind and HTML of what an anchor names, with addresses as seen from another page's folder."""
    source = _source(page, anchor)
    if source is None or (source.startswith("<section") or len(source) > 60_000):
        return None
    soup = BeautifulSoup(source, "html.parser")
    first = soup.find(True)
    kind = kind_of(first) if isinstance(first, Tag) else None
    if kind is None:
        return None
    for node in soup.select(_LEFT_OUT):
        node.decompose()
    for node in soup.find_all("a"):
        node.unwrap()  # a preview is read, and the link beside it leads on
    for node in soup.find_all(True):
        # Pictures drawn by SVG refer to their own parts by id.
        if node.name != "svg" and node.find_parent("svg") is None:
            node.attrs.pop("id", None)
        if node.get("src"):
            path = posixpath.join(folder, str(node["src"]))
            node["src"] = posixpath.relpath(path, seen_from or ".")
    if kind == "claim":
        row = soup.find("tr")
        if row is not None:
            row.name = "div"
            for cell in row.find_all(["td", "th"]):
                cell.name = "div"
    if kind == "term":
        term, *definition = soup.find_all(["dt", "dd"], recursive=False)
        term.name = "strong"
        for part in definition:
            part.name = "div"
    return kind, str(soup).strip()


def links(article: str) -> Iterator[tuple[str, str, str]]:
    """Address, page and anchor of each link of a page to a place on another one."""
    for href in dict.fromkeys(found[0] for found in _LINK.finditer(article)):
        found = _LINK.match(href)
        assert found is not None
        page, anchor = unescape(found["page"]), unescape(found["anchor"])
        yield f"{page}#{anchor}", page, unquote(anchor)


def article_of(page: str) -> str:
    """The text of a page without the frame around it."""
    start = page.find('<article class="bd-article"')
    end = page.find('class="prev-next-footer', start)
    return page[max(start, 0) : end if end > 0 else len(page)]


def write_previews(site: Path, docnames: list[str]) -> None:
    """Write the file of each page."""

    @cache
    def article(name: str) -> str:
        path = site / name
        return article_of(path.read_text("utf-8")) if path.is_file() else ""

    @cache
    def shown(target: str, anchor: str, seen_from: str) -> tuple[str, str] | None:
        return preview(article(target), anchor, posixpath.dirname(target), seen_from)

    for docname in docnames:
        folder = posixpath.dirname(docname)
        found = {}
        for href, page, anchor in links(article(f"{docname}.html")):
            target = posixpath.normpath(posixpath.join(folder, page))
            content = shown(target, anchor, folder)
            if content is not None:
                found[href] = content
        path = site / "_static" / "previews" / f"{docname}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        path.write_text(f"var coursePreviews={data};\n", "utf-8")


def _begin(app: Any) -> None:
    if app.builder.name == "html":  # an e-book's builder has another name
        app.add_js_file("previews.js", loading_method="defer")


def _finished(app: Any, exception: BaseException | None) -> None:
    if exception is None and app.builder.name == "html":
        write_previews(Path(app.outdir), sorted(app.env.found_docs))


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", _begin)
    # Last: the pages are as they will be read, with the formulas that the build has typeset.
    app.connect("build-finished", _finished, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
