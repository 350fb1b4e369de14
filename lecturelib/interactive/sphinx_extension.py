"""Sphinx extension: interactive figures without a kernel, and no page heavier than its budget.

    extensions = [..., "lecturelib.interactive.sphinx_extension"]

It sets ``LECTURELIB_EXPLORE=static`` for the notebooks that the build runs, keeps their frames in
the build's cache, and warns of a figure or page over budget (``-W`` makes that an error).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from lecturelib.interactive.modes import VARIABLE
from lecturelib.interactive.page import FIGURE_BUDGET, PAGE_BUDGET, gzipped

_FIGURE = re.compile(r'<lecture-(explore|widget)\b[^>]*\bid="([^"]+)".*?</lecture-\1>', re.DOTALL)


def over_budget(html: str) -> list[str]:
    """What is too heavy in the HTML of a page.

    >>> over_budget('<lecture-explore class="lx" id="lx1">small</lecture-explore>')
    []
    """
    figures = [(match[2], gzipped(match[0])) for match in _FIGURE.finditer(html)]
    faults = [
        f"the interactive figure {uid} has {size / 1000:.0f} kB gzipped; "
        f"its budget is {FIGURE_BUDGET / 1000:.0f} kB"
        for uid, size in figures
        if size > FIGURE_BUDGET
    ]
    size = gzipped(html)
    if figures and size > PAGE_BUDGET:
        faults.append(
            f"with its {len(figures)} interactive figures the page has {size / 1000:.0f} kB "
            f"gzipped; its budget is {PAGE_BUDGET / 1000:.0f} kB"
        )
    return faults


def _configure(app: Any, config: Any) -> None:
    os.environ[VARIABLE] = "static"
    folder = Path(app.srcdir) / ".jupyter_cache" / "interactive"
    os.environ.setdefault("LECTURELIB_CACHE", str(folder))


def _weigh(app: Any, pagename: str, templatename: str, context: dict[str, Any], tree: Any) -> None:
    from sphinx.util import logging

    for fault in over_budget(context.get("body") or ""):
        logging.getLogger(__name__).warning(
            fault, location=pagename, type="interactive", subtype="budget"
        )


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _weigh)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
