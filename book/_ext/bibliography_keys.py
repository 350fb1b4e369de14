"""Sphinx extension: an entry of the bibliography can be linked by its key, ``#ioffe2015``.

The names that sphinxcontrib-bibtex gives are counted through the page, so they change with every
new entry; what links from outside of the site, such as the Colab editions, wants names that stay.
"""

from __future__ import annotations

from docutils import nodes


def _name_by_key(app, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    cited = app.env.get_domain("cite").citations
    keys = {citation.citation_id: citation.key for citation in cited}
    for node in doctree.findall(nodes.citation):
        node["ids"] += [keys[name] for name in node["ids"] if name in keys]


def setup(app) -> dict[str, bool]:
    app.connect("doctree-resolved", _name_by_key)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
