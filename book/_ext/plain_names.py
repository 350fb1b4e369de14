"""Sphinx extension: names that only the project knows are explained to the reader, or replaced.

* A short name of a lecture, such as LBN, says the lecture's title.
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
_SHORT = re.compile(rf"\b(?:{'|'.join(LECTURES)})\b")
_OPTION = re.compile(r'<option value="(?P<value>\w+)">(?P=value)</option>')


def explained(html: str) -> str:
    """A page's text with each short name of a lecture marked as one.

    >>> explained("<p>NT and <code>NT</code></p>")
    '<p><abbr title="Normalization Techniques">NT</abbr> and <code>NT</code></p>'
    """
    if not _SHORT.search(html):
        return html
    parts, end = [], 0
    for apart in _APART.finditer(html):
        parts += [_SHORT.sub(_mark, html[end : apart.start()]), apart[0]]
        end = apart.end()
    return "".join([*parts, _SHORT.sub(_mark, html[end:])])


def _mark(found: re.Match[str]) -> str:
    return f'<abbr title="{escape(LECTURES[found[0]])}">{found[0]}</abbr>'


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
