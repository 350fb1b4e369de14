"""Sphinx extension: cells that only show a thing are folded behind a small mark, and one switch.

What is folded is read off the source: a cell that, its imports apart, is one call of what shows a
claim, a figure, a quiz or a program.  The script ``folds.js`` adds the switch to pages with code.
"""

from __future__ import annotations

import ast
from html import escape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

SHOWING = frozenset(
    {
        "claims",
        "conclusions",
        "exercises",
        "explore",
        "figures",
        "hypotheses",
        "quiz",
        "show_source",
        "widget",
    }
)
"""Names of modules and functions whose bare call shows a thing."""
MARK = "Code"


def is_plumbing(source: str) -> bool:
    """Whether a cell only shows a thing: one call of :data:`SHOWING` after imports.

    >>> is_plumbing('from lecturelib import claims\\nclaims.show("CF1")')
    True
    >>> is_plumbing("losses = train(model)\\nfigures.curves(losses)")
    False
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic of IPython
        return False
    rest = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    if len(rest) != 1 or not isinstance(rest[0], ast.Expr):
        return False
    call: ast.expr = rest[0].value
    if not isinstance(call, ast.Call):
        return False
    while isinstance(call, ast.Call | ast.Attribute):
        call = call.func if isinstance(call, ast.Call) else call.value
    return isinstance(call, ast.Name) and call.id in SHOWING


def _fold(app: Any, doctree: nodes.document) -> None:
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or not cell.children:
            continue
        source: Any = cell.children[0]
        if source.get("nb_element") != "cell_code_source":
            continue
        mode = cell.get("hide_mode")
        if mode is None and is_plumbing(source.astext()):
            cell["hide_mode"] = mode = "input"
        if mode == "input" and not cell.get("prompt_show", "Show code").startswith("Set-up"):
            cell["prompt_show"] = cell["prompt_hide"] = MARK


def _visit_fold(self: Any, node: nodes.Element) -> None:
    """A summary that is its own name: the extension's has a label that differs from its text."""
    own = " fold" if node["prompt_show"] == MARK else " admonition"
    text = escape(node["prompt_show"])
    self.body.append(f'<details class="hide{own} {" ".join(node["classes"])}">\n')
    self.body.append(f"<summary>{text}</summary>\n")


def _depart_fold(self: Any, node: nodes.Element) -> None:
    self.body.append("</details>\n")


def setup(app: Any) -> dict[str, bool]:
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(_visit_fold, _depart_fold))
    app.connect("doctree-read", _fold)
    app.add_js_file("folds.js")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
