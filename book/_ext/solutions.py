"""The directive ``solutions``: what a chapter's master notebook holds, folded, or nothing at all.

A page with

    ```{solutions} batch_norm
    ```

shows the solutions of that chapter's exercises if ``course_solutions`` in ``_config.yml`` is
true. They are read from the master while the page is built and are in no file of the site's
sources, so that with the switch off nothing of them can be found there: not on the page, not in
``_sources``, not in the search index.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from sphinx.application import Sphinx

from tools.exercises import solutions

KEPT = "The solutions of this chapter are not published: your instructor has them."

_DIRECTIVE = re.compile(r"^```\{solutions\}[ \t]*(?P<name>\w+)[ \t]*\n```[ \t]*$", re.MULTILINE)


def fill(text: str, *, published: bool, folder: Path) -> tuple[str, list[Path]]:
    """The page's text with its solutions, and the masters that they come from."""
    if not published:
        return _DIRECTIVE.sub(KEPT, text), []
    used: list[Path] = []

    def of_master(found: re.Match[str]) -> str:
        path = folder / f"{found['name']}.ipynb"
        used.append(path)
        return solutions(nbformat.read(path, as_version=4))

    return _DIRECTIVE.sub(of_master, text), used


def on_source_read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill a page as it is read; the file itself, which the site copies, stays as it is."""
    if "```{solutions}" not in source[0]:
        return
    folder = Path(app.srcdir) / "book" / "exercises"
    source[0], used = fill(source[0], published=app.config.course_solutions, folder=folder)
    for path in used:
        app.env.note_dependency(str(path))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the switch and the directive."""
    app.add_config_value("course_solutions", True, "env", types=[bool])
    app.connect("source-read", on_source_read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
