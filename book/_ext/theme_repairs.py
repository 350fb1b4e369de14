"""Sphinx extension: mend what the tool chain gets wrong for an accessible, silent site.

Each repair names the fault. The faults of the page's scripts are mended in ``_static/course.js``.
"""

from __future__ import annotations

import re
from urllib.parse import urlparse

from docutils import nodes


def _drop_thebe(app, pagename, templatename, context, doctree) -> None:
    """Live kernels in the page are off, yet their scripts come along: twice, which is an error."""

    def wanted(asset) -> bool:
        body = getattr(asset, "attributes", {}).get("body") or ""
        return "thebe" not in str(getattr(asset, "filename", asset)) and "THEBE" not in body

    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if wanted(asset)]


def _lighten_head(html: str) -> str:
    """The icons come as a font and once more as a script, which is half the weight of a page.

    The scripts of Sphinx's own search come on every page; `search_sections.py` has another.
    """
    unwanted = r"fontawesome|searchtools|language_data|searchindex"
    return re.sub(rf"<script\b[^>]*\b(?:{unwanted})\.js[^>]*></script>", "", html)


def _offer_to_templates(app, pagename, templatename, context, doctree) -> None:
    context["lighten_head"] = _lighten_head


def _drop_thebe_settings(app, doctree, docname) -> None:
    """The settings of those kernels stand at the end of each page."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext() or node.astext().startswith("<script>kernelName"):
            node.parent.remove(node)


def _name_page(app, pagename, templatename, context, doctree) -> None:
    """The heading that is printed stays empty on pages without a source, such as the search."""
    context.setdefault("pagetitle", context.get("title", ""))


def _root_of_site(app, config) -> None:
    """The page for a missing address appears at any depth, so its links start at the root."""
    config.notfound_urls_prefix = urlparse(config.html_baseurl).path or "/"


def _visit_citation(self, node: nodes.citation) -> None:
    """A bibliography's entries had a deprecated role, inside a list that then had no items."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(self.starttag(node, "div", classes=["citation"], role="listitem"))


def _depart_citation(self, node: nodes.citation) -> None:
    self.body.append("</div>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
        self.body.append("</div>\n")


def _visit_entry(self, node: nodes.entry) -> None:
    """Headers say of what; the empty corner of a table is a cell, not a header of nothing."""
    type(self).visit_entry(self, node)
    if not node.astext().strip():
        self.body[-1] = self.body[-1].replace("<th", "<td")
        self.context[-1] = self.context[-1].replace("</th", "</td")
    else:
        of = "col" if isinstance(node.parent.parent, nodes.thead) else "row"
        self.body[-1] = self.body[-1].replace("<th", f'<th scope="{of}"')


def _depart_entry(self, node: nodes.entry) -> None:
    type(self).depart_entry(self, node)


def setup(app) -> dict[str, bool]:
    app.connect("config-inited", _root_of_site)
    app.connect("html-page-context", _name_page)
    app.connect("html-page-context", _offer_to_templates)
    # Late: after every other extension has added its own.
    app.connect("doctree-resolved", _drop_thebe_settings, priority=900)
    app.connect("html-page-context", _drop_thebe, priority=900)
    app.add_node(nodes.citation, override=True, html=(_visit_citation, _depart_citation))
    app.add_node(nodes.entry, override=True, html=(_visit_entry, _depart_entry))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
