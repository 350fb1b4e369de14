"""A figure with its frames as one piece of HTML that needs no kernel and no other host."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from lecturelib.figures.palette import style_sheet
from lecturelib.interactive.delta import Slot, encode, payload
from lecturelib.interactive.parameters import Parameter
from lecturelib.interactive.svg import normalise

FIGURE_BUDGET = 150_000
"""Bytes, gzipped, that one interactive figure may add to a page."""
PAGE_BUDGET = 400_000
"""Bytes, gzipped, that a page with interactive figures may have."""

_made: defaultdict[str, itertools.count[int]] = defaultdict(itertools.count)


@dataclass(frozen=True)
class View:
    """One figure of the page: the markup of the frame shown first, and the slots of the others."""

    markup: str
    slots: tuple[Slot, ...]


@cache
def asset(name: str) -> str:
    """The text of a file of this package."""
    return files("lecturelib.interactive").joinpath(name).read_text(encoding="utf-8")


def gzipped(text: str) -> int:
    """Bytes of a text as a server sends it.

    >>> gzipped("a" * 10_000) < 100
    True
    """
    return len(gzip.compress(text.encode(), 9, mtime=0))


def unique_id(*parts: object) -> str:
    """A short id, the same in each run of a notebook, different for each figure of it."""
    digest = "lx" + hashlib.sha256(repr(parts).encode()).hexdigest()[:7]
    number = next(_made[digest])
    return f"{digest}-{number}" if number else digest


def vector_views(
    frames: Sequence[Sequence[bytes]], shown: int, alts: Sequence[str], uid: str
) -> list[View]:
    """Views of frames that are SVG files, the shared definitions once in each."""
    views = []
    for n, (alt, svgs) in enumerate(zip(alts, zip(*frames, strict=True), strict=True)):
        definitions, trees = normalise([svg.decode() for svg in svgs], f"{uid}{'abcdefgh'[n % 8]}")
        template, slots = encode(trees, shown)
        template.children.append(definitions)  # last, so that it moves no path
        template.attributes = {
            "data-view": str(n),
            "role": "img",
            "aria-label": alt,
            "aria-describedby": f"{uid}-c",
            **template.attributes,
        }
        views.append(View(template.markup(), tuple(slots)))
    return views


def raster_views(
    frames: Sequence[Sequence[bytes]], shown: int, alts: Sequence[str], uid: str
) -> list[View]:
    """Views of frames that are PNG files, as WebP."""
    from PIL import Image

    views = []
    for n, (alt, pngs) in enumerate(zip(alts, zip(*frames, strict=True), strict=True)):
        images = [Image.open(io.BytesIO(png)) for png in pngs]
        sources = [_webp(image) for image in images]
        width, height = (round(side / 2) for side in images[shown].size)
        values = tuple(dict.fromkeys(sources))
        number = {source: i for i, source in enumerate(values)}
        markup = (
            f'<img data-view="{n}" class="dark-light" alt="{escape(alt)}" '
            f'aria-describedby="{uid}-c" width="{width}" height="{height}" '
            f'src="{sources[shown]}"/>'
        )
        views.append(View(markup, (Slot((), "src", values, tuple(number[s] for s in sources)),)))
    return views


def differing_pixels(one: Any, other: Any, tolerance: int = 32) -> float:
    """The share of pixels in which two PIL images differ by more than ``tolerance`` of 255.

    Transparent pixels have no colour: both are compared as they stand on black, and their opacity.
    """
    a, b = (np.asarray(image.convert("RGBa"), dtype=np.int16) for image in (one, other))
    return float((np.abs(a - b).max(axis=-1) > tolerance).mean())


def _webp(image: Any) -> str:
    """Lossy where at most one pixel in a hundred differs visibly, as in photographs; else exact."""
    from PIL import Image

    files = []
    for options in ({"quality": 85}, {"quality": 95}, {"lossless": True}):
        file = io.BytesIO()
        image.convert("RGBA").save(file, "WEBP", method=4, **options)
        if differing_pixels(Image.open(file), image) <= 0.01:
            files.append(file.getvalue())
    return "data:image/webp;base64," + base64.b64encode(min(files, key=len)).decode()


def _control(parameter: Parameter) -> str:
    n, start, label = len(parameter.values), parameter.start, escape(parameter.label)
    texts = [parameter.text(i) for i in range(n)]
    data = f"data-name='{escape(parameter.name)}' data-texts='{escape(json.dumps(texts))}'"
    if n < 2:
        return f"<input type=hidden value=0 {data}>"
    if parameter.kind == "switch":
        checked = " checked" if start else ""
        return (
            f"<label><input type=checkbox autocomplete=off{checked} {data}>"
            f"<span>{label}</span></label>"
        )
    if parameter.kind == "choice":
        options = "".join(
            f"<option value={i}{' selected' if i == start else ''}>{escape(text)}</option>"
            for i, text in enumerate(texts)
        )
        # Its own name, or a screen reader would read all options as part of the label.
        select = f"<select aria-label='{label}' autocomplete=off {data}>{options}</select>"
        return f"<label><span>{label}</span>{select}</label>"
    return (
        f"<label><span>{label}</span><input type=range autocomplete=off min=0 max={n - 1} "
        f"value={start} aria-valuetext='{escape(texts[start])}' {data}>"
        f"<b aria-hidden=true>{escape(texts[start])}</b></label>"
    )


def static_html(
    views: Sequence[View],
    parameters: Sequence[Parameter],
    captions: Sequence[str],
    start: int,
    uid: str,
) -> str:
    """The whole figure: pictures, controls (hidden until the script runs), caption, frames."""
    distinct = list(dict.fromkeys(captions))
    number = {caption: i for i, caption in enumerate(distinct)}
    data = {
        "start": start,
        "sizes": [len(p.values) for p in parameters],
        "captions": [distinct, [number[c] for c in captions]],
        "views": [payload(view.slots) for view in views],
    }
    return (
        f"<style>{style_sheet()}{asset('player.css').strip()}</style>"
        f'<lecture-explore class="lx" id="{uid}" role="group" style="display:block">'
        f'<div class="lx-views">{"".join(view.markup for view in views)}</div>'
        f'<div class="lx-controls" data-controls hidden>{"".join(map(_control, parameters))}'
        f"<button type=button data-reset>Reset</button></div>"
        f'<p class="lx-caption" role="status" id="{uid}-c">{escape(captions[start])}</p>'
        f'<script type="application/json">{script_json(data)}</script>'
        f"</lecture-explore><script>{asset('player.js').strip()}</script>"
    )


def plain_html(views: Sequence[View], caption: str, uid: str) -> str:
    """One frame without controls, as the live and the fast mode show it."""
    return (
        f"<style>{style_sheet()}{asset('player.css').strip()}</style>"
        f'<div class="lx" id="{uid}"><div class="lx-views">{"".join(v.markup for v in views)}</div>'
        f'<p class="lx-caption" role="status" id="{uid}-c">{escape(caption)}</p></div>'
    )


def script_json(data: object) -> str:
    """JSON that may stand inside ``<script>``: nothing in it can end the element.

    >>> script_json({"a": "</script>"})
    '{"a":"\\\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
