"""The PDF: the preamble, parts and numbers of chapters, and tables that fit their page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book._ext.paper import edition
from book._ext.paper.fragments import column_widths

PREAMBLE = Path(__file__).with_name("preamble.tex")
FRONT = "contents"
"""Section of the first page that the table of contents makes superfluous."""
HEADING = r"\chapter*{About this book}\addcontentsline{toc}{chapter}{About this book}"
BREAK = re.compile(r"[-_./:]+(?=\w)")
"""Where code in the narrow column of a table may break."""
LONG = 1200
"""Characters from which on a table may break across pages."""
TALL = 25
"""Rows from which on it must."""


def configure(app: Any, config: Any) -> None:
    """Preamble, title page, and which form of an output is taken."""
    root = Path(app.srcdir)
    config.latex_elements = {
        **config.latex_elements,
        "preamble": config.latex_elements.get("preamble", "") + PREAMBLE.read_text("utf-8"),
        "releasename": "Version",
    }
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        ("latex", "text/html", 1),
        ("latex", "image/svg+xml", 2),
        ("latex", "image/webp", 3),
    ]
    if not config.release:
        config.release = config.version = edition.version(root)
    if not config.today:
        config.today = edition.in_words(edition.day(root))


class Pictures(SphinxPostTransform):
    """A picture has the full width only where panels stand side by side."""

    default_priority = 600  # after conversions
    builders = ("latex",)

    def run(self, **options: Any) -> None:
        for image in self.document.findall(nodes.image):
            if "width" in image or "cell_output" not in _ancestors(image):
                continue
            width, height = size(Path(self.app.srcdir) / image["uri"])
            image["width"] = f"{min(100, max(62, round(45 * width / height)))}%"


def size(path: Path) -> tuple[float, float]:
    """Width and height of a picture; of an SVG or PDF that cannot be read, those of a figure."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return image.size
    except (UnidentifiedImageError, OSError):
        box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", path.read_bytes())
        return (float(box[1]), float(box[2])) if box else (4.0, 3.0)


def _ancestors(node: nodes.Node) -> set[str]:
    """The classes of all that a node stands in."""
    found: set[str] = set()
    while node.parent is not None:
        node = node.parent
        found |= set(node.get("classes", []))
    return found


class FirstPage(SphinxPostTransform):
    """Parts before the chapters, which then have the numbers that they have on the site.

    LaTeX would make chapters of the sections of the first page: they become plain headings. Its own
    list of chapters gives way to the table of contents.
    """

    default_priority = 3
    builders = ("latex",)

    def run(self, **options: Any) -> None:
        if self.env.docname != self.config.root_doc:
            return
        page = next(child for child in self.document if isinstance(child, nodes.section))
        for section in [child for child in page if isinstance(child, nodes.section)]:
            if FRONT in section["ids"]:
                page.remove(section)
                continue
            title, *content = section.children
            section.replace_self([nodes.rubric("", "", *title.children), *content])
        page.insert(1, nodes.raw("", HEADING, format="latex"))


def parts(app: Any, doctree: nodes.document) -> None:
    """A part of the book where the table of contents of the site has a caption."""
    if app.env.docname != app.config.root_doc:
        return
    for tree in list(doctree.findall(addnodes.toctree)):
        if caption := tree.get("caption"):
            # LaTeX counts the parts itself.
            heading = rf"\part{{{caption.partition(' · ')[2] or caption}}}"
            if not tree.get("numbered"):
                heading += r"\setcounter{secnumdepth}{-1}"
            place = tree.parent.index(tree)
            tree.parent.insert(place, nodes.raw("", heading, format="latex"))


class Tables(SphinxPostTransform):
    """Long tables break across pages, and columns of sentences wrap."""

    default_priority = 500
    builders = ("latex",)

    def run(self, **options: Any) -> None:
        for table in self.document.findall(nodes.table):
            for code in table.findall(nodes.literal):
                code[:] = [nodes.Text(BREAK.sub("\\g<0>\u200b", code.astext()))]
            if "colwidths-given" in table["classes"]:
                continue
            rows = [[cell.astext() for cell in row] for row in table.findall(nodes.row)]
            length = sum(len(text) for row in rows for text in row)
            long = length > LONG or len(rows) > TALL
            # LaTeX balances columns of text well, of code badly.
            if not long and not any(table.findall(nodes.literal)):
                continue
            table["classes"] = [c for c in table["classes"] if c != "colwidths-auto"]
            table["classes"] += ["colwidths-given", *(["longtable"] if long else [])]
            widths = column_widths(rows)
            for spec, width in zip(table.findall(nodes.colspec), widths, strict=True):
                spec["colwidth"] = width


def setup(app: Any) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", configure)
    app.connect("doctree-read", parts)
    app.add_post_transform(FirstPage)
    app.add_post_transform(Tables)
    app.add_post_transform(Pictures)
