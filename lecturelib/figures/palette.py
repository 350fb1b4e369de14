"""The book's colours: one name, and a shade of it for each ground that it must stand out from.

What is drawn has the shade of :data:`PALETTE`, which stands out on white and on the dark page alike
(3 : 1 and more). Text needs more, 4.5 : 1, and no shade has that on both grounds. So the site draws
with the shades of :data:`SHADES`: pictures come in a light and a dark edition, and figures that
are part of the page take their colours from variables of its style sheet.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

# Okabe and Ito's palette without black and yellow, which vanish on one of the two grounds; orange
# and sky blue are darker than theirs, which are too pale for white.
PALETTE = {
    "blue": "#0072B2",
    "orange": "#C77F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#2E93D0",
    "grey": "#8A8A8A",
}
TEXT = "#7F7F7F"  # in a notebook, whose ground is unknown: near 4 : 1 on white and black alike


class Shades(NamedTuple):
    """One colour on the site: of marks and of text on the light page, of both on the dark one."""

    mark: str
    ink: str
    dark: str


SHADES = {
    "blue": Shades(PALETTE["blue"], "#00629B", "#5AAEE8"),
    "orange": Shades(PALETTE["orange"], "#8F5800", "#F0A030"),
    "green": Shades(PALETTE["green"], "#007A59", "#35C495"),
    "vermillion": Shades(PALETTE["vermillion"], "#B84A00", "#F4804A"),
    "purple": Shades(PALETTE["purple"], "#9B4F80", "#DD9CC4"),
    "sky": Shades(PALETTE["sky"], "#2A78A8", "#9AD4F7"),
    "grey": Shades(PALETTE["grey"], "#6B6B6B", "#A8A8A8"),
    "text": Shades("#6F7B87", "#516070", "#A3B0BD"),
}
"""Name -> its shades on the site."""

_NAMES = {hexadecimal.lower(): name for name, hexadecimal in PALETTE.items()} | {
    TEXT.lower(): "text"
}
_HEXADECIMAL = re.compile(r"#[0-9a-fA-F]{6}\b")
_VARIABLE = re.compile(r"var\(--lx-(\w+?)(-ink)?,#[0-9a-f]{6}\)")


def as_variables(style: str, *, ink: bool) -> str:
    """A CSS declaration with the palette's colours as variables of the page's style sheet.

    >>> as_variables("fill:#0072b2;opacity:.5", ink=False)
    'fill:var(--lx-blue,#0072b2);opacity:.5'
    >>> as_variables("fill:#0072b2", ink=True)
    'fill:var(--lx-blue-ink,#0072b2)'
    """

    def variable(found: re.Match[str]) -> str:
        name = _NAMES.get(found[0].lower())
        suffix = "-ink" * ink
        return f"var(--lx-{name}{suffix},{found[0].lower()})" if name else found[0]

    return _HEXADECIMAL.sub(variable, style)


def resolved(markup: str, *, dark: bool) -> str:
    """``markup`` with the shades of one ground in place of the variables.

    >>> resolved("fill:var(--lx-blue-ink,#0072b2)", dark=False)
    'fill:#00629b'
    """

    def shade(found: re.Match[str]) -> str:
        shades = SHADES[found[1]]
        return (shades.dark if dark else shades.ink if found[2] else shades.mark).lower()

    return _VARIABLE.sub(shade, markup)


@cache
def style_sheet() -> str:
    """The variables for the figures and programs that are part of a page, light and dark."""
    light, dark = [], []
    for name, shades in SHADES.items():
        for variable, shade in ((name, shades.mark), (f"{name}-ink", shades.ink)):
            light.append(f"--lx-{variable}:{shade.lower()}")
            dark.append(f"--lx-{variable}:{shades.dark.lower()}")
    return (
        f".lx,.lw{{{';'.join(light)}}}"
        f"html:is([data-theme=dark],[theme=dark]) :is(.lx,.lw){{{';'.join(dark)}}}"
    )
