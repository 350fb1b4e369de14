"""Sphinx extension: every picture of the book has a written alternative text.

A figure that a cell computes gets its text from the cell's metadata,
``{"mystnb": {"image": {"alt": "..."}}}``.  A missing text is a warning, and the book is built with
warnings as errors.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def _require_alt(app, doctree: nodes.document, docname: str) -> None:
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                'the picture %s has no alternative text: add {"mystnb": {"image": {"alt": ...}}} '
                "to the metadata of its cell, or a description in the brackets of its link",
                image["uri"],
                location=docname,
                type="figures",
                subtype="alt",
            )


def setup(app) -> dict[str, bool]:
    # After the post-transforms, which reduce each output to the picture that is shown.
    app.connect("doctree-resolved", _require_alt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
