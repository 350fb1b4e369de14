"""Sphinx extension: the reference of the package says what helps, and chapters lead to it.

What says nothing is left out. The first mention of a module in a chapter, ``lecturelib.losses``, is
a link to its section of the reference, wherever that stands.
"""

from __future__ import annotations

import re
from functools import cache

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from lecturelib.contents import CHAPTERS
from tools.course import ROOT

_DOCUMENTED = re.compile(r"^\.\. automodule:: (\S+)", re.MULTILINE)


def _skip_aliases(app, what, name, obj, skip, options) -> bool | None:
    """The fields of a named tuple are explained by its own docstring."""
    if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number"):
        return True
    return None


@cache
def documented() -> dict[str, str]:
    """The page of the reference that documents each module.

    >>> documented()["lecturelib.losses"]
    'book/api/layers'
    """
    return {
        module: f"book/api/{path.stem}"
        for path in sorted((ROOT / "book" / "api").glob("*.md"))
        for module in _DOCUMENTED.findall(path.read_text(encoding="utf-8"))
    }


class ModuleLinks(SphinxTransform):
    """Link the first mention of each documented module of a chapter."""

    default_priority = 801

    def apply(self, **kwargs) -> None:
        """Change the page that was read, if it is a chapter's."""
        if self.env.docname.removeprefix("book/") not in CHAPTERS:
            return
        seen: set[str] = set()
        for literal in list(self.document.findall(nodes.literal)):
            module = literal.astext()
            page = documented().get(module)
            if page not in self.env.found_docs or module in seen or _apart(literal):
                continue
            seen.add(module)
            link = addnodes.pending_xref(
                "",
                literal.deepcopy(),
                refdoc=self.env.docname,
                refdomain="py",
                reftype="mod",
                reftarget=module,
                refexplicit=True,
                refwarn=True,
            )
            literal.replace_self(link)


def _apart(literal: nodes.literal) -> bool:
    """Whether a mention is in a heading, or is a link already."""
    parent = literal.parent
    while parent is not None:
        if isinstance(parent, (nodes.title, nodes.reference, addnodes.pending_xref)):
            return True
        parent = parent.parent
    return False


def setup(app) -> dict[str, bool]:
    app.connect("autodoc-skip-member", _skip_aliases)
    app.add_transform(ModuleLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
