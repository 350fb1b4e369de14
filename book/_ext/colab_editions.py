"""Sphinx extension: a page's Colab button opens the page's Colab edition.

The theme makes the button's address from the path of the page. The notebook there is written for
the site, in MyST; its edition for Colab stands in ``book/colab`` (see ``tools/colab.py``).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

EDITIONS = "book/colab"


def _open_edition(app, pagename, templatename, context: dict[str, Any], doctree) -> None:
    edition = f"{EDITIONS}/{PurePosixPath(pagename).name}.ipynb"
    if not (Path(app.srcdir) / edition).is_file():
        return
    groups = context.get("header_buttons", [])
    for button in (button for group in groups for button in group.get("buttons", [])):
        if button.get("text") == "Colab":
            button["url"] = button["url"].removesuffix(f"{pagename}.ipynb") + edition


def setup(app) -> dict[str, bool]:
    # After the theme, which adds its buttons with priority 501.
    app.connect("html-page-context", _open_edition, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
