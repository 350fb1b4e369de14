"""HTML that a cell gives, as document nodes: so it reaches editions that know no HTML of pages.

Cards of claims, quizzes, tables and movable figures come as HTML that the package writes. Here each
becomes paragraphs, lists, tables and pictures, in containers whose class says what they are; the
style sheet of the EPUB and the preamble of the PDF know these classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from docutils import nodes

from book._ext.paper.movable import Frame, Picture, frames_of, inline_svg

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_MOVABLE = re.compile(
    r"<(lecture-explore|lecture-widget)\b.*?</\1>(?:<script>.*?</script>)?", re.DOTALL
)
_IGNORED = {"style", "script", "template", "link"}
_LETTERS = "abcdefgh"
ROW = 3
"""Frames of a movable figure that stand in one row."""


class Fragment:
    """The nodes of one output.

    Args:
        html: what the cell gave.
        show: makes an image node of a picture.
        link: makes a reference node of an address and what it encloses.
        site: where the site has the page.
    """

    def __init__(
        self,
        html: str,
        show: Callable[[Picture], nodes.image],
        link: Callable[[str, list[nodes.Node]], nodes.Node],
        site: str,
    ) -> None:
        self.show, self.link, self.site = show, link, site
        self._kept: list[str] = []
        html = _MOVABLE.sub(self._keep, html)
        html = _SVG.sub(self._keep, html)
        self._soup = BeautifulSoup(html, "html.parser")

    def _keep(self, found: re.Match[str]) -> str:
        """Set aside what is no HTML: the parser would write its names in small letters."""
        self._kept.append(found[0])
        return f'<kept n="{len(self._kept) - 1}"></kept>'

    def nodes(self) -> list[nodes.Node]:
        """The whole fragment."""
        return self._blocks(self._soup.children)

    # --- blocks --------------------------------------------------------------------------------

    def _blocks(self, children: Iterable[Any]) -> list[nodes.Node]:
        """Elements as blocks; what stands between them without one becomes paragraphs."""
        result: list[nodes.Node] = []
        run: list[nodes.Node] = []

        def end_run() -> None:
            if "".join(node.astext() for node in run).strip():
                result.append(nodes.paragraph("", "", *run))
            run.clear()

        for child in children:
            block = self._block(child) if isinstance(child, Tag) else None
            if block is None:
                run += self._inline(child)
            else:
                end_run()
                result += block
        end_run()
        return result

    def _block(self, element: Tag) -> list[nodes.Node] | None:
        """The nodes of an element that is a block; None for one that stands in a line."""
        if element.name in _IGNORED:
            return []
        if element.name == "kept":
            return self._restore(self._kept[int(element["n"])])
        classes = set(element.get("class") or [])
        if "lecturelib-quiz" in classes:
            return [self._quiz(element)]
        if element.has_attr("hidden") or "ll-filters" in classes:
            return []
        make = getattr(self, f"_{element.name}", None)
        return None if make is None else make(element)

    def _p(self, element: Tag) -> list[nodes.Node]:
        paragraph = nodes.paragraph("", "", *self._line(element))
        small = "ll-small" in (element.get("class") or [])
        return [_box("small", paragraph) if small else paragraph]

    def _div(self, element: Tag) -> list[nodes.Node]:
        return self._blocks(element.children)

    _section = _fieldset = _figure = _div

    def _article(self, element: Tag) -> list[nodes.Node]:
        """The card of a claim."""
        verdict = element.get("class", ["", ""])[-1].removeprefix("ll-")
        target = nodes.target("", "", ids=[element["id"]]) if element.get("id") else None
        card = _box("card", *self._blocks(element.children), more=[f"verdict-{verdict}"])
        return [target, card] if target else [card]

    def _details(self, element: Tag) -> list[nodes.Node]:
        summary = element.find("summary", recursive=False)
        rest = [child for child in element.children if child is not summary]
        title = nodes.paragraph("", "", nodes.strong("", "", *self._line(summary)))
        return [_box("small", title, *self._blocks(rest))]

    def _ul(self, element: Tag) -> list[nodes.Node]:
        items = element.find_all("li", recursive=False)
        made = [nodes.list_item("", *self._blocks(item.children)) for item in items]
        return [nodes.bullet_list("", *made)]

    def _ol(self, element: Tag) -> list[nodes.Node]:
        items = element.find_all("li", recursive=False)
        return [enumeration([self._blocks(item.children) for item in items], "arabic")]

    def _dl(self, element: Tag) -> list[nodes.Node]:
        result = nodes.definition_list()
        for term in element.find_all("dt", recursive=False):
            definition = term.find_next_sibling("dd")
            result += nodes.definition_list_item(
                "",
                nodes.term("", "", *self._line(term)),
                nodes.definition("", *self._blocks(definition.children)),
            )
        return [result]

    def _pre(self, element: Tag) -> list[nodes.Node]:
        text = element.get_text()
        return [nodes.literal_block(text, text, language="none")]

    def _table(self, element: Tag) -> list[nodes.Node]:
        rows = [row for row in element.find_all("tr") if row.find_parent("table") is element]
        head = [row for row in rows if row.find_parent("thead")]
        return table(
            [[self._blocks(cell.children) for cell in _cells(row)] for row in head],
            [[self._blocks(cell.children) for cell in _cells(row)] for row in rows[len(head) :]],
            self._line(element.caption) if element.caption else [],
            [row.get("id") for row in rows[len(head) :]],
        )

    def _restore(self, kept: str) -> list[nodes.Node]:
        if kept.startswith("<svg"):
            image = self.show(inline_svg(kept))
            image["width"] = "55%"
            return [image]
        if kept.startswith("<lecture-explore"):
            return [movable(frames_of(kept), self.show)]
        summary = re.search(r'<p class="lw-fallback">(.*?)</p>', kept, re.DOTALL)
        text = summary[1].replace("(This figure needs JavaScript.)", "") if summary else ""
        here = nodes.reference("", "It runs on the site.", refuri=self.site)
        return [_box("widget", nodes.paragraph("", "", nodes.Text(unescape(text)), here))]

    def _quiz(self, element: Tag) -> nodes.container:
        """Question and choices; below, in small type, what is right and why."""
        question = nodes.paragraph("", "", nodes.strong("", "", *self._line(element.legend)))
        choices = [
            [nodes.paragraph("", "", *self._line(label))] for label in element.find_all("label")
        ]
        replies = nodes.paragraph()
        for letter, reply in zip(_LETTERS, element.select(".lq-reply"), strict=False):
            replies += [nodes.Text(f" ({letter}) "), *self._line(reply)]
        return _box("quiz", question, enumeration(choices, "loweralpha"), _box("small", replies))

    # --- lines ---------------------------------------------------------------------------------

    def _line(self, element: Tag) -> list[nodes.Node]:
        return [node for child in element.children for node in self._inline(child)]

    def _inline(self, child: Any) -> list[nodes.Node]:
        if isinstance(child, NavigableString):
            text = re.sub(r"\s+", " ", str(child)) if type(child) is NavigableString else ""
            return [nodes.Text(text)] if text else []
        if child.name in _IGNORED or child.name in {"input", "select", "button"}:
            return []
        if child.name == "wbr":
            return [nodes.Text("\u200b")]
        if child.name == "code":
            for mark in child.find_all("wbr"):
                mark.replace_with("\u200b")
            text = child.get_text()
            literal = nodes.literal(text, text)
            test = child.get("data-test")
            return [self.link(f"test:{test}", [literal]) if test else literal]
        inner = self._line(child)
        if child.name == "a":
            return [self.link(child.get("href", ""), inner)]
        if child.name in {"strong", "b"} or "ll-verdict" in (child.get("class") or []):
            return [nodes.strong("", "", *inner)]
        if child.name in {"em", "i"}:
            return [nodes.emphasis("", "", *inner)]
        return inner


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _box(kind: str, *content: nodes.Node, more: Sequence[str] = ()) -> nodes.container:
    """A container whose class says what it holds."""
    return nodes.container("", *content, classes=[f"paper-{kind}", *more])


def enumeration(items: Sequence[list[nodes.Node]], kind: str) -> nodes.enumerated_list:
    """A list that counts in letters or numbers."""
    made = [nodes.list_item("", *item) for item in items]
    prefix, suffix = ("(", ")") if kind == "loweralpha" else ("", ".")
    return nodes.enumerated_list("", *made, enumtype=kind, prefix=prefix, suffix=suffix)


def movable(frames: Sequence[Frame], show: Callable[[Picture], nodes.image]) -> nodes.container:
    """Frames side by side, each with the sentence that the page shows under it."""
    in_a_row = min(len(frames), ROW) if len(frames[0].pictures) == 1 else 1
    box = _box(f"frames-{in_a_row}")
    for frame in frames:
        pictures = []
        for picture in frame.pictures:
            image = show(picture)
            image["width"] = f"{100 / len(frame.pictures):.0f}%"
            pictures.append(image)
        box += _box("frame", *pictures, nodes.paragraph("", frame.caption))
    return box


def table(
    head: Sequence[Sequence[list[nodes.Node]]],
    body: Sequence[Sequence[list[nodes.Node]]],
    caption: list[nodes.Node],
    ids: Sequence[str | None] = (),
) -> list[nodes.Node]:
    """A table whose columns are as wide as their texts ask for."""
    widths = column_widths([[_text(cell) for cell in row] for row in (*head, *body)])
    group = nodes.tgroup("", *(nodes.colspec(colwidth=w) for w in widths), cols=len(widths))
    if head:
        group += nodes.thead("", *(_row(row) for row in head))
    rows = [_row(row) for row in body]
    for row, name in zip(rows, ids, strict=False):
        if name:
            row[0].insert(0, nodes.target("", "", ids=[name]))
    group += nodes.tbody("", *rows)
    result = nodes.table("", group, classes=["colwidths-given"])
    if sum(len(_text(cell)) for row in body for cell in row) > 1500 or len(body) > 20:
        result["classes"].append("longtable")
    # A caption of several sentences is no title: it stands above.
    above = [_box("small", nodes.paragraph("", "", *caption))] if caption else []
    return [*above, result]


def _row(cells: Sequence[list[nodes.Node]]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", *(cell or [nodes.paragraph()])) for cell in cells))


def _text(cell: Sequence[nodes.Node]) -> str:
    return " ".join(node.astext() for node in cell)


def column_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Relative widths: room for each column's longest word, and the rest by the length of its text.

    >>> column_widths([["Claim", "Statement"], ["BN1", "A sentence of several words " * 4]])
    [8, 92]
    """
    columns = max(map(len, rows), default=1)
    least, length = [0.0] * columns, [1.0] * columns
    for row in rows:
        for i, text in enumerate(row):
            words = re.split(r"[\s\u200b]+", text)
            least[i] = max(least[i], *(len(word) + 2.0 for word in words))
            length[i] = max(length[i], float(len(text)))
    room = max(90 - sum(least), 0.0)
    shares = [value**0.5 if value > 30 else 0.0 for value in length]
    total = sum(shares) or 1.0
    raw = [low + room * share / total for low, share in zip(least, shares, strict=True)]
    return [max(1, round(100 * value / sum(raw))) for value in raw]
