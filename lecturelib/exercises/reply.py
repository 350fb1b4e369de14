"""What a check answers: rich in a notebook, plain in a terminal, true when the exercise is
passed."""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass
from typing import Literal

Status = Literal["passed", "not yet", "not answered"]

_MARKS: dict[str, tuple[str, str, str]] = {
    # sign, heading, colour of the bar (Okabe–Ito; the words say it too)
    "passed": ("✓", "passed", "#009E73"),
    "not yet": ("✗", "not yet right", "#D55E00"),
    "not answered": ("…", "not answered yet", "#56B4E9"),
}


@dataclass(frozen=True)
class Reply:
    """The answer of ``lecturelib.check``.

    ``bool(reply)`` is true when the exercise is passed; ``reply.code`` names the diagnosis, for
    tests and for statistics over a class; ``print(reply)`` shows the plain text.

    >>> print(Reply("an-exercise", "A title", "not answered"))
    … an-exercise (A title): not answered yet
    """

    exercise: str
    title: str
    status: Status
    code: str = ""
    says: str = ""
    tried: str = ""
    got: str = ""
    lines: tuple[str, ...] = ()
    printed: str = ""
    remarks: tuple[str, ...] = ()
    next: str = ""

    def __bool__(self) -> bool:
        return self.status == "passed"

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("Diagnosis", self.says),
            ("Tried", self.tried),
            ("Came back", self.got),
            *(("Remark", remark) for remark in self.remarks),
            ("Next", self.next),
        ]
        return [(name, text) for name, text in rows if text]

    def __repr__(self) -> str:
        sign, heading, _ = _MARKS[self.status]
        out = [f"{sign} {self.exercise} ({self.title}): {heading}"]
        for name, text in self._rows():
            out += textwrap.wrap(
                text, 92, initial_indent=f"  {name:<10} ", subsequent_indent=" " * 13
            )
            if name == "Tried" and self.lines:
                out += [" " * 13 + line for line in self.lines]
        if self.printed:
            out += ["  Your answer printed:", textwrap.indent(self.printed.rstrip(), " " * 13)]
        return "\n".join(out)

    def _repr_html_(self) -> str:
        sign, heading, colour = _MARKS[self.status]
        head = (
            f'<p style="margin:0"><strong>{sign} {html.escape(heading)}</strong> · '
            f"{html.escape(self.title)} <code>{html.escape(self.exercise)}</code></p>"
        )
        rows = "".join(self._row(name, text) for name, text in self._rows())
        table = (
            '<dl style="display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25em'
            f' 1em;margin:.5em 0 0">{rows}</dl>'
            if rows
            else ""
        )
        return (
            f'<div class="lecturelib-reply" style="border-left:5px solid {colour};padding:.5em'
            " 1em;margin:.5em"
            f' 0;max-width:50em;overflow-wrap:anywhere">{head}{table}{self._screen()}</div>'
        )

    def _row(self, name: str, text: str) -> str:
        lines = _pre("\n".join(self.lines)) if name == "Tried" and self.lines else ""
        return (
            f'<dt style="font-weight:600;margin:0">{name}</dt>'
            f'<dd style="margin:0">{_inline(text)}{lines}</dd>'
        )

    def _screen(self) -> str:
        if not self.printed:
            return ""
        return (
            "<details><summary>Your answer"
            f" printed</summary>{_pre(self.printed.rstrip())}</details>"
        )


def _pre(text: str) -> str:
    return (
        '<pre tabindex="0" style="margin:.25em 0;padding:.4em;white-space:pre;overflow-x:auto;'
        f'background:rgba(128,128,128,.12);color:inherit">{html.escape(text)}</pre>'
    )


def _inline(text: str) -> str:
    """Escapes, and turns `code` between backticks into code."""
    pieces = html.escape(text).split("`")
    if len(pieces) % 2 == 0:
        return html.escape(text)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))
