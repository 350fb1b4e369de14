"""Sphinx extension: names that only the project knows are explained to the reader, or replaced.

* A short name of a lecture, such as LBN, says the lecture's title: to who points at it, taps it, or
  comes to the first of its kind on a page with the tab key.
* Filters offer chapters by their titles and lectures by their names, not the package's modules.

The package writes the short forms; it knows neither the titles of chapters nor where it is shown.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from lecturelib.claims.record import LECTURES
from tools import study_plans

_APART = re.compile(
    r"<(?P<tag>pre|code|script|style|abbr|option|svg|textarea|lecturelib-frames)\b.*?</(?P=tag)>"
    r'|<(?P<math>span|div) class="math\b.*?</(?P=math)>|<!--.*?-->|<[^>]*>',
    re.DOTALL,
)
_OPERATED = re.compile(r"<(?P<close>/?)(?:a|button|label|summary)\b")
_SHORT = re.compile(rf"\b(?:{'|'.join(LECTURES)})\b")
_OPTION = re.compile(r'<option value="(?P<value>\w+)">(?P=value)</option>')


def explained(html: str) -> str:
    """A page's text with each short name of a lecture marked as one.

    >>> explained("<p>NT and <code>NT</code></p>")
    '<p><abbr title="Normalization Techniques" tabindex="0">NT</abbr> and <code>NT</code></p>'
    """
    if not _SHORT.search(html):
        return html
    parts, end = [], 0
    met: set[str] = set()
    operated = 0  # how many links and buttons are open: what stands in them is no stop of its own

    def mark(found: re.Match[str]) -> str:
        return _mark(found[0], None if operated else met)

    for apart in _APART.finditer(html):
        parts += [_SHORT.sub(mark, html[end : apart.start()]), apart[0]]
        end = apart.end()
        if tag := _OPERATED.match(apart[0]):
            operated += -1 if tag["close"] else 1
    return "".join([*parts, _SHORT.sub(mark, html[end:])])


def _mark(short: str, met: set[str] | None) -> str:
    """The mark; one tab stop for each name of a page, and a finger can focus the others."""
    stop = ""
    if met is not None:
        stop = f' tabindex="{-1 if short in met else 0}"'
        met.add(short)
    return f'<abbr title="{escape(LECTURES[short])}"{stop}>{short}</abbr>'


def offered(html: str) -> str:
    """A page's text with the choices of its filters in the reader's words.

    >>> offered('<option value="backprop">backprop</option>')
    '<option value="backprop">Backpropagation</option>'
    """
    titles = {slug: head.title for slug, head in study_plans.heads().items()}
    names = titles | {short: f"{short}: {title}" for short, title in LECTURES.items()}

    def named(found: re.Match[str]) -> str:
        value = found["value"]
        return f'<option value="{value}">{escape(names.get(value, value))}</option>'

    return _OPTION.sub(named, html)


def _explain(app: Any, pagename: str, templatename: str, context: Any, doctree: Any) -> None:
    if "body" in context:
        context["body"] = explained(offered(context["body"]))


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", _explain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
