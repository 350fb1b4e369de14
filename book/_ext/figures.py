"""Sphinx extension: each picture has a written alternative text and reads on both backgrounds.

A figure that a cell computes gets its text from the cell's metadata,
``{"mystnb": {"image": {"alt": "..."}}}``.  A missing text is a warning, and the book is built with
warnings as errors.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def _check_and_mark(app, doctree: nodes.document, docname: str) -> None:
    for image in doctree.findall(nodes.image):
        # Pictures are transparent with lines of middle grey. Without this class the theme puts
        # them on a white plate in dark mode.
        if "dark-light" not in image["classes"]:
            image["classes"].append("dark-light")
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
    app.connect("doctree-resolved", _check_and_mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
