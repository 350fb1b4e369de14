"""Cells on paper: results stay, the plumbing that makes them goes.

On the site a reader can unfold a call that only shows a card or a figure. A printed page cannot be
unfolded, and the call says nothing that its result does not.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book._ext.folds import is_plumbing

BUILDERS = ("latex", "epub")


class Cells(SphinxPostTransform):
    """Drop hidden cells, hidden inputs, and calls that only show something."""

    default_priority = 7  # after outputs have become nodes
    builders = BUILDERS

    def run(self, **options: Any) -> None:
        cells = self.document.findall(lambda node: "cell" in _classes(node))
        for cell in list(cells):
            tags = {name for name in _classes(cell) if name.startswith("tag_")}
            cell["classes"] = [name for name in cell["classes"] if name not in tags]
            cell["hide_mode"] = None  # or myst-nb would fold an output, for a browser
            if "tag_hide-cell" in tags:
                cell.parent.remove(cell)
            elif "tag_hide-input" in tags or self._shows_only(cell):
                for part in _parts(cell, "cell_input"):
                    cell.remove(part)

    def _shows_only(self, cell: nodes.Element) -> bool:
        """Whether the cell is a call that gives a card, a table or a picture."""
        outputs, inputs = _parts(cell, "cell_output"), _parts(cell, "cell_input")
        shown = [node for part in outputs for node in part.findall(_is_shown)]
        return bool(shown) and all(is_plumbing(part.astext()) for part in inputs)


def _classes(node: nodes.Node) -> list[str]:
    return list(node.get("classes", [])) if isinstance(node, nodes.Element) else []


def _parts(cell: nodes.Element, kind: str) -> list[nodes.Element]:
    return [child for child in cell if kind in _classes(child)]


def _is_shown(node: nodes.Node) -> bool:
    boxed = any(name.startswith("paper-") for name in _classes(node))
    return boxed or isinstance(node, nodes.image | nodes.table)
