"""Sphinx extension: each picture has a written alternative text and reads on both backgrounds.

A figure that a cell computes gets its text from the cell's metadata,
``{"mystnb": {"image": {"alt": "..."}}}``.  A missing text is a warning, and so are texts of a
figure that lie over each other or reach beyond its canvas; the book is built with warnings as
errors.

On the site such a figure is four small files, drawn for wide and narrow screens and for the light
and the dark page (:mod:`lecturelib.figures.published` has what the kernel hands over).  A browser
loads the one that it shows, when it comes near.  Other books get the wide, light one.
"""

from __future__ import annotations

import hashlib
import os
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util import logging

from lecturelib.figures.palette import resolved
from lecturelib.figures.published import parts
from lecturelib.interactive.svg import normalise

logger = logging.getLogger(__name__)

PHONE = "(max-width: 500px)"
BLANK = re.compile(r"<path(?=\s)(?![^>]*\sd=)")
"""The outline of a space, which matplotlib writes without data; SVG 1.1 and epubcheck want some."""


def _warn(text: str, *values: object, docname: str, kind: str) -> None:
    logger.warning(text, *values, location=docname, type="figures", subtype=kind)


def _check_and_mark(app: Any, doctree: nodes.document, docname: str) -> None:
    for image in list(doctree.findall(nodes.image)):
        # Pictures are transparent. Without this class the theme puts them on a white plate in dark
        # mode.
        if "dark-light" not in image["classes"]:
            image["classes"].append("dark-light")
        if not image.get("alt", "").strip():
            _warn(
                'the picture %s has no alternative text: add {"mystnb": {"image": {"alt": ...}}} '
                "to the metadata of its cell, or a description in the brackets of its link",
                image["uri"],
                docname=docname,
                kind="alt",
            )
        if image["uri"].endswith(".svg"):
            svg = _file(app, image["uri"]).read_text(encoding="utf-8")
            if beside := parts(svg):
                _publish(app, image, svg, beside, docname)


def _file(app: Any, uri: str) -> Path:
    """The file of a picture: an address starts at the book's root, a path of the machine does not.

    The frames of movable figures in the PDF and the EPUB have such a path.
    """
    return Path(uri) if Path(uri).is_file() else Path(app.srcdir) / uri.lstrip("/")


def _publish(app: Any, image: nodes.image, svg: str, beside: dict[str, Any], docname: str) -> None:
    """Put the editions of a computed figure in its place."""
    for one, other in beside["collisions"]:
        _warn(
            'in the figure "%s" the texts %r and %r lie over each other',
            image.get("alt", "")[:60],
            one,
            other,
            docname=docname,
            kind="collision",
        )
    for text in beside["cut_off"]:
        _warn(
            'in the figure "%s" the text %r reaches beyond the canvas',
            image.get("alt", "")[:60],
            text,
            docname=docname,
            kind="canvas",
        )
    wide, narrow = small(svg), small(beside["narrow"]) if "narrow" in beside else None
    if app.builder.name in ("html", "dirhtml"):
        folder = Path(app.outdir) / app.builder.imagedir
        address = "../" * docname.count("/") + app.builder.imagedir + "/"
        markup = _pictures(folder, address, image, wide, narrow)
        image.replace_self(nodes.raw("", markup, format="html"))
    else:
        file = Path(app.doctreedir).parent / "figures" / _name(wide)
        _write(file, BLANK.sub('<path d="M0 0"', resolved(wide, dark=False)))
        image["uri"] = Path(os.path.relpath(file, app.srcdir)).as_posix()
        image["candidates"] = {"*": image["uri"]}
        app.env.images.add_file(docname, image["uri"])


def small(svg: str) -> str:
    """An SVG of matplotlib's without what no browser needs, its colours as variables."""
    definitions, (tree,) = normalise([svg], "f")
    tree.children.insert(0, definitions)
    tree.attributes = {"xmlns": "http://www.w3.org/2000/svg", **tree.attributes}
    return tree.markup()


def size(svg: str) -> tuple[int, int]:
    """Width and height in CSS pixels.

    >>> size('<svg xmlns="…" viewBox="0 0 72 36" width="72pt" height="36pt">')
    (96, 48)
    """
    head = svg[: svg.index(">")]
    width, height = head.split('viewBox="')[1].split('"')[0].split()[2:]
    return round(float(width) * 96 / 72), round(float(height) * 96 / 72)


def _name(svg: str, suffix: str = "") -> str:
    return f"figure-{hashlib.sha256(svg.encode()).hexdigest()[:12]}{suffix}.svg"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _pictures(folder: Path, address: str, image: nodes.image, wide: str, narrow: str | None) -> str:
    """Write the files, and give the markup that lets the browser choose."""
    return "".join(
        _picture(folder, address, image, wide, narrow, dark=dark) for dark in (False, True)
    )


def _picture(
    folder: Path, address: str, image: nodes.image, wide: str, narrow: str | None, *, dark: bool
) -> str:
    suffix = "-dark" if dark else ""

    def source(svg: str, attribute: str) -> str:
        name = _name(svg, suffix)
        _write(folder / name, resolved(svg, dark=dark))
        width, height = size(svg)
        return f'{attribute}="{address}{name}" width="{width}" height="{height}"'

    phone = f'<source media="{PHONE}" {source(narrow, "srcset")}>' if narrow else ""
    classes = " ".join(["book-figure", f"on-{'dark' if dark else 'light'}", *image["classes"]])
    return (
        f'<picture class="{classes}">{phone}<img {source(wide, "src")} loading="lazy" '
        f'alt="{escape(image.get("alt", ""))}"></picture>'
    )


def setup(app: Any) -> dict[str, bool]:
    # After the post-transforms, which reduce each output to the picture that is shown.
    app.connect("doctree-resolved", _check_and_mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
