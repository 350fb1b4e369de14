"""Sphinx extension: in the PDF, chapters have the numbers that they have on the site.

LaTeX makes a chapter of each section of the first page.  They become plain headings there.
"""

from __future__ import annotations

from docutils import nodes


def _headings_of_first_page(app, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "latex" or docname != app.config.root_doc:
        return
    (page,) = [child for child in doctree.children if isinstance(child, nodes.section)]
    # Other pages stand in nodes of their own, so these sections are the first page's.
    for section in [child for child in page.children if isinstance(child, nodes.section)]:
        title, *content = section.children
        section.replace_self([nodes.rubric("", "", *title.children), *content])


def setup(app) -> dict[str, bool]:
    app.connect("doctree-resolved", _headings_of_first_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
