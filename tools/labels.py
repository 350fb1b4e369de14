"""What the pages of the course label, and where the published site has it.

Equations and figures are counted as the site counts them: anew in each numbered chapter, together
with its solutions, in the order of ``_toc.yml``; through all pages that have no number.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tools import plain_markdown
from tools.citations import cite
from tools.course import (
    ROOT,
    branch,
    numbered_chapters,
    page_address,
    page_at,
    pages,
    repository,
)
from tools.plain_markdown import NoForm, blocks, directive

_EQUATION = re.compile(r"\$\$.+?\$\$(?:[ \t]*\((?P<label>[\w:.-]+)\))?", re.DOTALL)
_CODE = re.compile(r"(?P<fence>`+)(?!`)(?:(?!\n[ ]*\n).)+?(?<!`)(?P=fence)(?!`)", re.DOTALL)
_TARGET = re.compile(r"^[ >]*\((?P<label>[\w:. -]+)\)=\s*\n+(?:#+[ ]+(?P<title>.+))?", re.MULTILINE)
_TITLE = re.compile(r"^#[ ]+(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A labelled thing: its page, its anchor there, and what a reference to it says."""

    page: Path
    anchor: str
    text: str

    @property
    def address(self) -> str:
        """Its address on the published site."""
        return f"{page_address(self.page)}#{self.anchor}"


def anchor(label: str) -> str:
    """The name that docutils makes of a label.

    >>> anchor("eq-BN_mean")
    'eq-bn-mean'
    """
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", label.lower()))


# --- reading pages ------------------------------------------------------------------------------


def texts(page: Path) -> list[str]:
    """The pieces of Markdown that a page is made of."""
    if page.suffix == ".ipynb":
        notebook = nbformat.read(page, as_version=4)
        return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    text = page.read_text(encoding="utf-8")
    if "```{solutions}" in text:
        from tools.exercises import MASTERS, solutions

        text += solutions(nbformat.read(ROOT / MASTERS / f"{page.stem}.ipynb", as_version=4))
    return [text]


def title(page: Path) -> str:
    """The page's first heading."""
    found = next(filter(None, map(_TITLE.search, texts(page))), None)
    return found[1].strip() if found else page.stem


def labelled(text: str) -> Iterator[tuple[str, str, str]]:
    """(kind, label, title) of what has a label, and of each captioned figure, in order.

    >>> list(labelled("$$ x $$ (eq-x)\\n\\n(here)=\\n## Title"))
    [('equation', 'eq-x', ''), ('section', 'here', 'Title')]
    """
    for opening, lines in blocks(text):
        if opening is None:
            yield from _in_prose("\n".join(lines))
        elif found := directive(opening, lines):
            name = found.name.removeprefix("prf:")
            if name == "math" and found.label:
                yield "equation", found.label, ""
            elif name == "figure" and found.body:
                yield "figure", found.label, ""
            else:
                if found.label:
                    yield "statement", found.label, found.argument or name.capitalize()
                yield from labelled(found.body)


def _in_prose(text: str) -> Iterator[tuple[str, str, str]]:
    text = _CODE.sub("", text)
    found = [
        (m.start(), "equation", m["label"], "") for m in _EQUATION.finditer(text) if m["label"]
    ]
    found += [(m.start(), "section", m["label"], m["title"] or "") for m in _TARGET.finditer(text)]
    for _, kind, label, heading in sorted(found):
        yield kind, label, heading


@functools.cache
def places() -> dict[str, Place]:
    """Every labelled equation, figure, section and statement of the course, by label."""
    chapters, counts = numbered_chapters(), Counter[tuple[str, int | None]]()
    found: dict[str, Place] = {}
    for page in pages():
        chapter = chapters.get(page)
        for text in texts(page):
            for kind, label, heading in labelled(text):
                counts[kind, chapter] += 1
                number = ".".join(str(n) for n in (chapter, counts[kind, chapter]) if n is not None)
                shown = {"equation": number, "figure": f"Fig. {number}"}.get(kind, heading)
                name = f"equation-{label}" if kind == "equation" else label
                if label in found:
                    raise NoForm(f"{label!r} labels two things, one of them in {page.name}")
                if label:
                    found[label] = Place(page, anchor(name), shown)
    return found


@functools.cache
def terms() -> dict[str, Place]:
    """The glossary's terms, in lower case."""
    page = ROOT / "book" / "glossary.md"
    (glossary,) = [
        found.body
        for opening, lines in blocks(page.read_text(encoding="utf-8"))
        if opening and (found := directive(opening, lines)) and found.name == "glossary"
    ]
    names = [line.strip() for line in glossary.split("\n") if re.match(r"\S", line)]
    return {name.lower(): Place(page, _term_anchor(name), name) for name in names}


def _term_anchor(name: str) -> str:
    """What Sphinx makes of a term: what ASCII lacks loses its marks or goes, as a dash does."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9._]+", "-", f"term-{ascii_name}").rstrip("-")


# --- answering ----------------------------------------------------------------------------------


class Course:
    """What :func:`tools.plain_markdown.plain` asks, answered for the texts of one page.

    Args:
        page: the page; paths are relative to it, and to its own equations no link is needed.
    """

    def __init__(self, page: Path) -> None:
        self.page = page

    def number(self, label: str) -> str:
        """The number, ``2.3``, that the site shows beside the equation with that label."""
        return self._place(label).text

    def equation(self, label: str) -> str:
        """A reference to the equation: its number in brackets, with a link to another page."""
        place = self._place(label)
        if place.page == self.page:
            return f"({place.text})"
        return f"[({place.text})]({place.address})"

    def refer(self, label: str, text: str) -> str:
        """A link to the section, figure or statement with that label."""
        place = self._place(label)
        return f"[{text or place.text or label}]({place.address})"

    def _place(self, label: str) -> Place:
        try:
            return places()[label]
        except KeyError:
            raise NoForm(f"nothing has the label {label!r}") from None

    def page_link(self, path: str, text: str) -> str:
        """A link to the page at ``path``, relative to this page."""
        address = self.address(path)
        file = page_at(self._file(path.partition("#")[0]))
        return f"[{text or (title(file) if file else path)}]({address})"

    def term(self, name: str, text: str) -> str:
        """A link to a term of the glossary."""
        try:
            return f"[{text}]({terms()[name.lower()].address})"
        except KeyError:
            raise NoForm(f"the glossary has no term {name!r}") from None

    def cite(self, form: str, keys: list[str]) -> str:
        """Authors and years, each with a link."""
        try:
            return cite(form, keys)
        except (LookupError, ValueError) as error:
            raise NoForm(str(error)) from None

    def address(self, path: str) -> str:
        """Where a page or a file of the book is published."""
        path, mark, fragment = path.partition("#")
        if not path:
            place = places().get(fragment)
            return place.address if place else f"{page_address(self.page)}#{fragment}"
        page = page_at(self._file(path))
        return f"{page_address(page)}{mark}{fragment}" if page else self.download(path)

    def download(self, path: str) -> str:
        """Where a file of the book can be had as it is."""
        file = self._file(path)
        if not file.is_file() or not file.is_relative_to(ROOT):
            raise NoForm(f"{self.page.name} links to {path}, which does not exist")
        return f"{repository()}/raw/{branch()}/{file.relative_to(ROOT).as_posix()}"

    def _file(self, path: str) -> Path:
        folder = ROOT / "book" if path.startswith("/") else self.page.parent
        return (folder / path.lstrip("/")).resolve()


def plain(text: str, page: Path) -> str:
    """``text``, which stands on ``page``, without MyST."""
    return plain_markdown.plain(text, Course(page))
