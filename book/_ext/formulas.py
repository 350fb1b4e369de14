"""Sphinx extension: formulas are typeset while the book is built; no page carries MathJax.

Each page's formulas are noted when it is read. Before any page is written, those of the whole book
are typeset at once (``mathjax.py``), and what MathJax complains of is a warning at its place. Where
Node is missing, one line says so and the browser typesets, as Sphinx does without this extension.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from book._ext import mathjax
from book._ext.mathjax import Formula

logger = logging.getLogger(__name__)

RENDERER = "typeset"
NO_NODE = "== formulas: Node is missing, so browsers typeset them (Debian: apt-get install nodejs)"
PRELOADED = ("MathJax_Main-Regular.woff", "MathJax_Math-Italic.woff")
"""The fonts that nearly every formula needs."""

# What is not parted from a formula in the text: brackets and quotes before it; after it
# punctuation, a hyphen or dash, and the ending of an ordinal number.
_BEFORE = re.compile(r"[(\[{“‘\"']+$")
_AFTER = re.compile(r"^(?:[.,;:!?)\]}”’\"'%…/–-]|(?:th|st|nd|rd|s)\b)+")


# --- what stands in a page -----------------------------------------------------------------------


def formula_of(node: nodes.math | nodes.math_block) -> Formula:
    """The TeX that MathJax gets for a node, as ``sphinx.ext.mathjax`` writes it into pages."""
    text = node.astext().strip()
    if isinstance(node, nodes.math):
        return Formula(text, display=False)
    if node.get("nowrap"):
        return Formula(text, display=True)
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    parts = [rf"\begin{{split}}{p}\end{{split}}" if r"\\" in p else p for p in parts]
    if len(parts) > 1:
        parts = [r"\begin{aligned}" + r"\\".join(parts) + r"\end{aligned}"]
    return Formula("".join(parts), display=True)


def formulas_in(tree: nodes.Node) -> Iterator[nodes.math | nodes.math_block]:
    """The formulas of a document, in any of its parts."""
    return (node for kind in (nodes.math, nodes.math_block) for node in tree.findall(kind))


def _noted(env: Any) -> dict[str, list[tuple[Formula, int | None]]]:
    """The formulas of each page with their lines, kept with what else Sphinx knows of the page."""
    if not hasattr(env, "course_formulas"):
        env.course_formulas = {}
    return env.course_formulas


def _note(app: Any, doctree: nodes.document) -> None:
    found = [(formula_of(node), node.line) for node in formulas_in(doctree)]
    _noted(app.env)[app.env.docname] = found


def _forget(app: Any, env: Any, docname: str) -> None:
    _noted(env).pop(docname, None)


def _merge(app: Any, env: Any, docnames: Iterable[str], other: Any) -> None:
    _noted(env).update({name: _noted(other)[name] for name in docnames if name in _noted(other)})


# --- typesetting ---------------------------------------------------------------------------------


def _folder(app: Any) -> Path:
    """Where the style sheet and the fonts stand until Sphinx copies them with its static files."""
    return Path(app.doctreedir) / "typeset"


def _choose(app: Any, config: Any) -> None:
    """Decide who typesets. Sphinx writes every page anew where that has changed."""
    config.html_math_renderer = RENDERER if mathjax.node() else "mathjax"
    if config.html_math_renderer == RENDERER:
        _folder(app).mkdir(parents=True, exist_ok=True)
        config.html_static_path.append(str(_folder(app)))
        config.html_css_files.append("formulas.css")


def _say_who(app: Any) -> None:
    if app.builder.format == "html" and app.config.html_math_renderer != RENDERER:
        print(NO_NODE, file=sys.stderr, flush=True)


def _typeset(app: Any, env: Any) -> None:
    """Typeset the book's formulas, before the first page is written."""
    if app.builder.format != "html" or app.config.html_math_renderer != RENDERER:
        return
    program = mathjax.node()
    assert program is not None
    env.app.course_typeset = done = mathjax.typeset(
        (formula for noted in _noted(env).values() for formula, _ in noted),
        config=app.config.mathjax3_config or {},
        cache=Path(app.srcdir) / ".cache" / "formulas",
        program=program,
    )
    faults = done.faults()
    for page, noted in _noted(env).items():
        for formula, line in noted:
            if formula in faults:
                logger.warning(
                    "MathJax cannot typeset %r: %s",
                    formula.tex,
                    faults[formula],
                    location=(page, line),
                    type="formulas",
                )
    mathjax.stylesheet(done, _folder(app))


def _html(translator: Any, formula: Formula) -> str:
    """A formula for a page; for an e-book, whose readers know MathML, that alone."""
    builder = translator.builder
    html = builder.app.course_typeset.html[formula]
    return mathjax.mathml(html) if builder.name == "epub" else html


def _visit_math(self: Any, node: nodes.math) -> None:
    formula = formula_of(node)
    start = self.starttag(
        node, "span", "", CLASS="math notranslate nohighlight", **{"data-tex": formula.tex}
    )
    self.body.append(f"{start}{_html(self, formula)}</span>")
    raise nodes.SkipNode


def _visit_displaymath(self: Any, node: nodes.math_block) -> None:
    formula = formula_of(node)
    self.body.append(
        self.starttag(
            node, "div", CLASS="math notranslate nohighlight", **{"data-tex": formula.tex}
        )
    )
    if node.get("number") and ("amsmath" in node["classes"] or not node.get("nowrap")):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_html(self, formula) + "</div>\n")
    raise nodes.SkipNode


# --- pages ---------------------------------------------------------------------------------------


def _preload(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Ask for the fonts with the page, not once its style sheet has been read and applied."""
    if "<mjx-container" not in (context.get("body") or ""):
        return
    for name in PRELOADED:
        if (_folder(app) / "formulas" / name).is_file():
            address = context["pathto"](f"_static/formulas/{name}", 1)
            context["metatags"] += (
                f'\n<link rel="preload" href="{address}" as="font" type="font/woff" crossorigin>'
            )


def _hold(app: Any, doctree: nodes.document, docname: str) -> None:
    """Keep formulas in the text on the line of the punctuation beside them."""
    if app.builder.format == "html":
        for node in list(doctree.findall(nodes.math)):
            hold(node)


def hold(node: nodes.math) -> None:
    """Put a formula and the punctuation beside it into one element that is not broken."""
    parent = node.parent
    place = parent.index(node)
    before, after = "", ""
    if place and isinstance(text := parent[place - 1], nodes.Text):
        before = "".join(_BEFORE.findall(text))
        parent[place - 1] = nodes.Text(text.removesuffix(before))
    if place + 1 < len(parent) and isinstance(text := parent[place + 1], nodes.Text):
        after = "".join(match[0] for match in [_AFTER.match(text)] if match)
        parent[place + 1] = nodes.Text(text.removeprefix(after))
    if before or after:
        held = nodes.inline("", "", classes=["held"])
        parent[place] = held
        held += [nodes.Text(before), node, nodes.Text(after)]


def setup(app: Any) -> dict[str, Any]:
    """Register the renderer, and what goes before it."""
    app.add_html_math_renderer(RENDERER, (_visit_math, None), (_visit_displaymath, None))
    app.connect("config-inited", _choose)
    app.connect("builder-inited", _say_who)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-read", _note)
    app.connect("env-updated", _typeset)
    app.connect("doctree-resolved", _hold)
    app.connect("html-page-context", _preload)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
