"""Sphinx extension: the whole book as a PDF and as an EPUB.

What a page of the site does with HTML, style sheets and scripts is said in document nodes here
(``fragments``), movable figures become rows of frames (``movable``), formulas of the EPUB become
MathML (``formulas``). The site itself is not touched: every transform asks for the builder first.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book._ext.links_to_tests import line_of
from book._ext.paper import epub, latex
from book._ext.paper.cells import BUILDERS, Cells
from book._ext.paper.fragments import Fragment
from book._ext.paper.movable import Picture
from book._ext.paper.pictures import VectorsToPdf, WebpToPng, convert_late, show

_OPEN = re.compile(r"^\s*<details[^>]*>\s*<summary>(.*?)</summary>\s*$", re.DOTALL)
_CLOSE = re.compile(r"^\s*</details>\s*$")


def page_of(node: nodes.Node, default: str) -> str:
    """The page that a node stands on, also where one tree holds the whole book."""
    while node is not None:
        # In one tree for all, sections know their page; the way up may miss its start of file.
        if isinstance(node, addnodes.start_of_file | nodes.section) and "docname" in node:
            return node["docname"]
        node = node.parent
    return default


class OutputsAsNodes(SphinxPostTransform):
    """HTML that cells gave becomes document nodes, once the kind of output has been chosen."""

    default_priority = 5  # right after myst-nb's choice, before references are resolved
    builders = BUILDERS

    def run(self, **options: Any) -> None:
        for raw in list(self.document.findall(nodes.raw)):
            if "html" in raw.get("format", "") and not raw.astext().lstrip().startswith("<details"):
                self._replace(raw)

    def _replace(self, raw: nodes.raw) -> None:
        page = page_of(raw, self.env.docname)

        def picture(content: Picture) -> nodes.image:
            return show(self.env, page, content)

        def link(address: str, inner: list[nodes.Node]) -> nodes.Node:
            return reference(self.app, page, self.env.docname, address, inner)

        site = f"{self.config.html_baseurl}{page}.html"
        raw.replace_self(Fragment(raw.astext(), picture, link, site).nodes())


def reference(
    app: Any, page: str, start: str, address: str, inner: list[nodes.Node]
) -> nodes.Element:
    """A link of the site: to the same place in the book where it has one."""
    if address.startswith("test:"):
        return test_reference(app, address.removeprefix("test:"), inner)
    if re.match(r"\w+:", address):
        return nodes.reference("", "", *inner, refuri=address)
    path, _, anchor = address.partition("#")
    name = path.removesuffix(".html")
    target = f"{page.rpartition('/')[0]}/{name}" if name else page
    if target not in app.env.all_docs:
        return nodes.inline("", "", *inner)
    uri = app.builder.get_relative_uri(start if app.builder.name == "latex" else page, target)
    hash_ = f"#{anchor}" if anchor else ""
    return nodes.reference("", "", *inner, refuri=uri + hash_, internal=True)


def test_reference(app: Any, test: str, inner: list[nodes.Node]) -> nodes.Element:
    """A link to a test's line in the repository."""
    path, _, name = test.partition("::")
    options = app.config.html_theme_options
    file = f"{options['repository_url'].rstrip('/')}/blob/{options['repository_branch']}/{path}"
    return nodes.reference("", "", *inner, refuri=f"{file}#L{line_of(path, name)}")


class Folds(SphinxPostTransform):
    """What is folded on the site, by ``<details>`` or a dropdown, stands open in smaller type."""

    default_priority = 4
    builders = BUILDERS

    def run(self, **options: Any) -> None:
        for raw in list(self.document.findall(nodes.raw)):
            if raw.parent is not None and (found := _OPEN.match(raw.astext())):
                self._wrap(raw, found[1])
        for node in list(self.document.findall(nodes.container)):
            if node.get("design_component") == "dropdown":
                self._unfold(node)

    def _unfold(self, dropdown: nodes.container) -> None:
        """A dropdown of sphinx-design, which would draw an arrow beside its title."""
        first, *rest = dropdown.children if dropdown.get("has_title") else [None, *dropdown]
        title = [nodes.paragraph("", "", nodes.strong("", "", *first.children))] if first else []
        fold = nodes.container("", *title, *rest, classes=["paper-fold"], ids=dropdown["ids"])
        dropdown.replace_self(fold)

    def _wrap(self, raw: nodes.raw, summary: str) -> None:
        parent, begin = raw.parent, raw.parent.index(raw)
        depth, end = 1, begin + 1
        while end < len(parent):
            text = parent[end].astext() if isinstance(parent[end], nodes.raw) else ""
            depth += bool(_OPEN.match(text)) - bool(_CLOSE.match(text))
            if depth == 0:
                break
            end += 1
        title = nodes.paragraph("", "", nodes.strong("", re.sub("<[^>]+>", "", summary)))
        inside = parent[begin + 1 : end]
        fold = nodes.container("", title, *inside, classes=["paper-fold"])
        parent[begin : end + 1] = [fold]


class DropDarkVariants(SphinxPostTransform):
    """Of a picture that comes twice, for light and dark pages, paper shows the light one."""

    default_priority = 6
    builders = BUILDERS

    def run(self, **options: Any) -> None:
        for node in list(self.document.findall(nodes.Element)):
            if "only-dark" in node.get("classes", []) and node.parent is not None:
                node.parent.remove(node)


def setup(app: Any) -> dict[str, bool]:
    app.add_post_transform(Folds)
    app.add_post_transform(OutputsAsNodes)
    app.add_post_transform(DropDarkVariants)
    app.add_post_transform(Cells)
    app.add_post_transform(VectorsToPdf)
    app.add_post_transform(WebpToPng)
    app.connect("doctree-resolved", convert_late, priority=900)
    latex.setup(app)
    epub.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
