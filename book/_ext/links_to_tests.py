"""Sphinx extension: the tests that a page names become links to their lines in the repository.

The package marks them as ``<code data-test="tests/file.py::test_name">``; it does not know the
address, which stands in ``_config.yml`` alone. The page shows the test's name; the path of its
file, which would take four lines of a phone, is in the link.
"""

from __future__ import annotations

import re

from sphinx.util import logging

from tools.course import ROOT

logger = logging.getLogger(__name__)

MARK = re.compile(r'<code data-test="(?P<path>[^":]+)::(?P<name>[^"]+)">(?P<shown>.*?)</code>')


def line_of(path: str, name: str) -> int | None:
    """The line on which the test of that name starts, or None where there is no such test."""
    file = ROOT / path
    if not file.is_file():
        return None
    pattern = re.compile(rf"\s*(?:def|class) {re.escape(name.split('::')[-1].split('[')[0])}\b")
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if pattern.match(line):
            return number
    return None


def _link(app, pagename, templatename, context, doctree) -> None:
    options = app.config.html_theme_options
    address = f"{options['repository_url'].rstrip('/')}/blob/{options['repository_branch']}"

    def to_link(mark: re.Match[str]) -> str:
        path, name = mark["path"], mark["name"]
        shown = f"<code>{name.replace('_', '_<wbr>')}</code>"
        line = line_of(path, name)
        if line is None:
            logger.warning("there is no test %s::%s", path, name, location=pagename)
            return shown
        return f'<a href="{address}/{path}#L{line}" title="{path}">{shown}</a>'

    if "body" in context:
        context["body"] = MARK.sub(to_link, context["body"])


def setup(app) -> dict[str, bool]:
    app.connect("html-page-context", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
