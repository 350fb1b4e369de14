"""Movable figures on paper: the frames that tell the story, one beside the other.

A movable figure comes as HTML with one frame drawn and, for every other frame, what differs from it
(``lecturelib.interactive.delta``). A page that cannot move shows two or three of them: where the
leading control starts, stands and ends, with all others as they stand.
"""

from __future__ import annotations

import base64
import io
import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NAMESPACES = f'xmlns="{SVG}" xmlns:xlink="{_XLINK}"'
_DATA = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
_VIEW = re.compile(r"<svg\b[^>]*\bdata-view.*?</svg>|<img\b[^>]*\bdata-view[^>]*>", re.DOTALL)
_ALT = re.compile(r'(?:aria-label|alt)="([^"]*)"')

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", _XLINK)


@dataclass(frozen=True)
class Picture:
    """A file to show: its bytes, its suffix and what it shows in words."""

    content: bytes
    suffix: str
    alt: str


@dataclass(frozen=True)
class Frame:
    """What a movable figure shows at one setting of its controls."""

    pictures: tuple[Picture, ...]
    caption: str


def frames_of(html: str) -> list[Frame]:
    """The frames of a movable figure that a page without movement shows, in their order."""
    data = json.loads(_DATA.findall(html)[-1])
    templates = _VIEW.findall(html)
    texts, row = data["captions"]
    return [
        Frame(
            tuple(
                _picture(template, view, number)
                for template, view in zip(templates, data["views"], strict=True)
            ),
            texts[row[number]],
        )
        for number in chosen(data["sizes"], data["start"], data["views"])
    ]


def chosen(sizes: Sequence[int], start: int, views: Sequence[Any]) -> list[int]:
    """The numbers of two or three frames: both ends of the leading control, and one between.

    The leading control is the first one that changes the picture where the others stand: authors
    name first what a figure is about.

    >>> slot = [[], "d", ["a", "b", "c"], 0]
    >>> chosen([3], 1, [{"slots": [slot], "choices": [[0, 1, 2]]}])
    [0, 1, 2]
    """
    steps = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
    place = [start // step % size for step, size in zip(steps, sizes, strict=True)]

    def number(control: int, value: int) -> int:
        return start + (value - place[control]) * steps[control]

    def changes(control: int) -> bool:
        return _differ(views, number(control, 0), number(control, sizes[control] - 1))

    leading = next(filter(changes, range(len(sizes))), 0)
    last = sizes[leading] - 1
    middle = place[leading] if 0 < place[leading] < last else last // 2
    return [number(leading, value) for value in sorted({0, middle, last})]


def _differ(views: Sequence[Any], one: int, other: int) -> bool:
    """Whether two frames differ."""
    return any(choice[one] != choice[other] for view in views for choice in view["choices"])


def _picture(template: str, view: dict[str, Any], number: int) -> Picture:
    """One view of a frame: the template with what this frame has of its own."""
    alt = unescape((_ALT.search(template) or [""])[1] if _ALT.search(template) else "")
    rows = [
        (path, name, values[view["choices"][choice][number]])
        for path, name, values, choice in view["slots"]
    ]
    if template.startswith("<img"):
        sources = [value for _, name, value in rows if name == "src"]
        source = sources[0] if sources else re.search(r'src="([^"]*)"', template)[1]
        return Picture(_png(source), ".png", alt)
    root = ElementTree.fromstring(template.replace("<svg", f"<svg {_NAMESPACES}", 1))
    # Every path is of the template, so each is followed before anything is written.
    places = [(_follow(root, path), name, value) for path, name, value in rows]
    for node, name, value in places:
        _write(node, name, value)
    return Picture(standalone(root), ".svg", alt)


def _follow(root: ElementTree.Element, path: Sequence[int]) -> ElementTree.Element:
    for step in path:
        root = root[step]
    return root


def _write(node: ElementTree.Element, name: str, value: str | None) -> None:
    if not name:
        inside = ElementTree.fromstring(f"<g {_NAMESPACES}>{value or ''}</g>")
        node[:], node.text = list(inside), inside.text
    elif value is None:
        node.attrib.pop(name, None)
    else:
        node.set(name.replace("xlink:", f"{{{_XLINK}}}"), value)


def standalone(root: ElementTree.Element) -> bytes:
    """An SVG element of a page as a file: what only the page can use is left out."""
    for name in [name for name in root.attrib if name.startswith(("data-", "aria-", "role"))]:
        del root.attrib[name]
    root.attrib.pop("class", None)
    for parent in list(root.iter()):
        for child in list(parent):
            # A line that this frame does not have: a browser draws nothing, a validator objects.
            if child.tag == f"{{{SVG}}}path" and "d" not in child.attrib:
                parent.remove(child)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def inline_svg(markup: str) -> Picture:
    """An SVG that stands in a page, as a file of its own."""
    alt = _ALT.search(markup[: markup.index(">")])
    if "xmlns=" not in markup[: markup.index(">")]:
        markup = markup.replace("<svg", f"<svg {_NAMESPACES}", 1)
    # The colours of the page's style sheet are unknown in the file.
    markup = markup.replace("currentColor", "#222").replace("var(--ll)", "#888")
    markup = markup.replace('"inherit"', '"DejaVu Sans, sans-serif"')
    root = ElementTree.fromstring(markup)
    return Picture(standalone(root), ".svg", unescape(alt[1]) if alt else "")


def _png(source: str) -> bytes:
    """A picture given as a data address, in a format that every reader knows."""
    from PIL import Image

    file = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).save(file, "PNG")
    return file.getvalue()
