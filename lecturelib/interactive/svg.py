"""Matplotlib's SVG, made small and safe to stand in a page beside others.

A page shares one name space and one style sheet, so the ids that matplotlib gives get a prefix,
its ``<style>*{...}</style>`` (which would restyle the whole page) becomes inherited properties of
the one figure, and coordinates are rounded to hundredths of a point, which the eye cannot tell.
"""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from lecturelib.figures.palette import as_variables

_XLINK = "{http://www.w3.org/1999/xlink}"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PATH_TOKEN = re.compile(rf"[A-Za-z]|{_NUMBER}")
_TRANSLATE = re.compile(rf"translate\(\s*({_NUMBER})(?:[\s,]+({_NUMBER}))?\s*\)")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_COORDINATES = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"}
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}  # points that one path command takes


@dataclass
class Node:
    """One SVG element; ``key`` is the name by which the element is found again in other frames."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""
    key: str = ""

    def walk(self) -> Iterator[Node]:
        """The element and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def inner(self) -> str:
        """The markup between the element's tags."""
        return escape(self.text, quote=False) + "".join(child.markup() for child in self.children)

    def markup(self) -> str:
        """The element as markup.

        >>> Node("g", {"id": "a"}, [Node("path", {"d": "M0 0"})]).markup()
        '<g id="a"><path d="M0 0"/></g>'
        """
        attributes = "".join(f' {name}="{escape(v)}"' for name, v in self.attributes.items())
        inner = self.inner()
        if inner:
            return f"<{self.tag}{attributes}>{inner}</{self.tag}>"
        return f"<{self.tag}{attributes}/>"


def hundredths(value: int) -> str:
    """A whole number of hundredths as the shortest decimal.

    >>> [hundredths(v) for v in (1250, -5, 100, 0)]
    ['12.5', '-.05', '1', '0']
    """
    sign, (whole, part) = "-" if value < 0 else "", divmod(abs(value), 100)
    if not part:
        return f"{sign}{whole}" if whole else "0"
    return f"{sign}{whole or ''}.{part:02d}".rstrip("0")


def _rounded(number: str) -> str:
    return hundredths(round(float(number) * 100))


@lru_cache(maxsize=4096)  # glyphs and ticks come back in every frame
def shorten_path(path: str) -> str:
    """A path of absolute M, L, Q, C and z, rounded to hundredths and rewritten with relative steps.

    Steps are differences of the *rounded* points, so rounding errors do not add up along a line.

    >>> shorten_path("M 10.004 20 L 11.5 21 L 13 20.25 z")
    'M10 20l1.5 1 1.5-.75z'
    """
    tokens = _PATH_TOKEN.findall(path)
    parts: list[str] = []
    here = start = (0, 0)
    command = previous = ""
    i = 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
            if command in "zZ":
                parts.append("z")
                here, previous = start, ""
                continue
            if command not in _POINTS:  # nothing that matplotlib writes: keep it as it came
                return " ".join(path.split())
        n = 2 * _POINTS[command]
        values = [round(float(v) * 100) for v in tokens[i : i + n]]
        i += n
        if command == "M":
            here = start = (values[0], values[1])
            numbers, letter = values, "M"
        else:
            numbers = [v - here[k % 2] for k, v in enumerate(values)]
            here, letter = (values[-2], values[-1]), command.lower()
        text = "" if letter == previous and letter != "M" else letter
        for k, number in enumerate(numbers):
            step = hundredths(number)
            separated = step.startswith("-") or (k == 0 and text)
            parts.append((text if k == 0 else "") + ("" if separated else " ") + step)
        previous = letter
    return "".join(parts)


def _shorten(name: str, value: str) -> str:
    if name == "d":
        return shorten_path(value)
    if name in _COORDINATES:
        unit = value.lstrip("+-.0123456789")
        return (
            value if "e" in unit or not value else _rounded(value[: len(value) - len(unit)]) + unit
        )
    if name == "transform":
        return _TRANSLATE.sub(
            lambda m: "translate(" + " ".join(_rounded(v) for v in m.groups() if v) + ")", value
        )
    if name == "style":
        return re.sub(r"\s*([:;])\s*", r"\1", value.strip())
    if name in {"viewBox", "points"}:
        return " ".join(_rounded(v) for v in re.split(r"[\s,]+", value.strip()))
    return value


def _small_image(uri: str) -> str:
    """A PNG inside the figure as lossless WebP where that is smaller."""
    head, _, data = uri.partition(",")
    if head != "data:image/png;base64":
        return uri
    from PIL import Image

    png, webp = base64.b64decode(data), io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGBA").save(
        webp, "WEBP", lossless=True, method=4, exact=True
    )
    if webp.tell() >= len(png):
        return f"{head},{base64.b64encode(png).decode()}"
    return f"data:image/webp;base64,{base64.b64encode(webp.getvalue()).decode()}"


def parse(svg: str) -> Node:
    """Matplotlib's SVG as a tree of nodes: no metadata, no comments, short numbers.

    The palette's colours become variables of the page, which have a shade for light and dark; of
    text (glyphs in a scaled group) the shade has more contrast.
    """

    def convert(element: ElementTree.Element) -> Node:
        node = Node(element.tag.rpartition("}")[2], text=(element.text or "").strip())
        for name, value in element.attrib.items():
            short = "href" if name == f"{_XLINK}href" else name.rpartition("}")[2]
            if node.tag == "image" and short == "href":
                value = _small_image(value.replace("\n", ""))
            node.attributes[short] = _shorten(short, value)
        if "style" in node.attributes:
            text = node.tag == "g" and "scale(" in node.attributes.get("transform", "")
            node.attributes["style"] = as_variables(node.attributes["style"], ink=text)
        node.key = f"{node.tag}:{re.sub(r'_?[0-9]+$', '', node.attributes.get('id', ''))}"
        kept = (c for c in element if isinstance(c.tag, str))
        node.children = [
            convert(c) for c in kept if c.tag.rpartition("}")[2] not in {"metadata", "style"}
        ]
        return node

    root = convert(ElementTree.fromstring(svg))
    root.attributes = {
        "viewBox": root.attributes["viewBox"],
        "width": root.attributes["width"],
        "height": root.attributes["height"],
        "style": "stroke-linejoin:round;stroke-linecap:butt",
    }
    return root


class Definitions:
    """The glyphs, markers and clip paths of all frames, each held once under a short id.

    Equal content has one id in every frame, so that a reference changes only if its target does.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._ids: dict[str, str] = {}
        self.nodes: list[Node] = []

    def add(self, frame: Node) -> Node:
        """Take the definitions out of ``frame`` and point its references at the shared ones."""
        found: dict[str, Node] = {}
        self._collect(frame, found)
        renamed: dict[str, str] = {}

        def new_id(old: str) -> str:
            if old not in renamed:
                renamed[old] = old  # a reference to itself ends here
                node = found[old]
                node.attributes.pop("id", None)
                for part in node.walk():
                    self._point(part, found, new_id)
                content = node.markup()
                if content not in self._ids:
                    name = f"{self.prefix}-{len(self._ids)}"
                    self._ids[content] = name
                    node.attributes = {"id": name, **node.attributes}
                    self.nodes.append(node)
                renamed[old] = self._ids[content]
            return renamed[old]

        for node in frame.walk():
            node.attributes.pop("id", None)
            self._point(node, found, new_id)
        return frame

    def _collect(self, node: Node, found: dict[str, Node]) -> None:
        kept = []
        for child in node.children:
            if child.tag == "defs":
                found.update(
                    {d.attributes["id"]: d for d in child.children if "id" in d.attributes}
                )
            else:
                self._collect(child, found)
                kept.append(child)
        node.children = kept

    @staticmethod
    def _point(node: Node, found: dict[str, Node], new_id: Callable[[str], str]) -> None:
        for name, value in node.attributes.items():
            if name == "href" and value[:1] == "#" and value[1:] in found:
                node.attributes[name] = "#" + new_id(value[1:])
            elif "url(#" in value:
                node.attributes[name] = _REFERENCE.sub(
                    lambda m: f"url(#{new_id(m[1])})" if m[1] in found else m[0], value
                )


def normalise(svgs: Sequence[str], prefix: str) -> tuple[Node, list[Node]]:
    """The shared ``<defs>`` of all frames, and the frames without definitions."""
    definitions = Definitions(prefix)
    frames = [definitions.add(parse(svg)) for svg in svgs]
    return Node("defs", children=definitions.nodes), frames
