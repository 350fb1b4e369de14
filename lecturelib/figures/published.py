"""What a notebook's kernel gives to the book's pages of each figure; an IPython extension.

    %load_ext lecturelib.figures.published

A figure becomes an SVG, sharp at any size, with a second one for narrow screens in a comment at its
end, since a notebook's output holds one picture of a kind. Marks by the thousand are lighter as
pixels; those become a picture inside the SVG, and all text stays sharp. Texts that lie over each
other or leave the canvas are listed in the comment, too; the build of the book complains of them.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from lecturelib.figures.formulas import one_reader_of_formulas
from lecturelib.figures.layout import ease, illegible, narrowed

HEAVY = 30_000
"""Bytes, gzipped, from which on a figure may be lighter with its marks as pixels."""
MANY = 400
"""Points from which on an artist counts as many marks."""
RESOLUTION = 192
"""Dots per inch of what is pixels: two to each of a page's at matplotlib's size."""
_COMMENT = "<!--lecturelib {} -->"
_PARTS = re.compile(r"<!--lecturelib (\S+) -->\s*$")


def drawing(figure: Figure) -> str:
    """The figure as SVG without ground, its many marks as pixels where that is lighter."""
    vector = _svg(figure)
    if _weight(vector) <= HEAVY:
        return vector
    many = [a for a in figure.findobj() if _points(a) > MANY and not a.get_rasterized()]
    for artist in many:
        artist.set_rasterized(True)
    mixed = _svg(figure)
    for artist in many:
        artist.set_rasterized(False)
    return min(vector, mixed, key=_weight)


def _points(artist: Any) -> int:
    """How many points are drawn for an artist of marks or lines; 0 for all others."""
    if isinstance(artist, Line2D):
        return len(np.asarray(artist.get_xydata()))
    if isinstance(artist, Collection) and not isinstance(artist, AxesImage):
        paths = artist.get_paths()
        marks = max(len(paths), len(np.asarray(artist.get_offsets())))
        return marks * max((len(np.asarray(path.vertices)) for path in paths), default=0)
    return 0


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "lecturelib", "svg.fonttype": "path"}):
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(
            file, format="svg", dpi=RESOLUTION, metadata=nothing, facecolor="none", edgecolor="none"
        )
    return file.getvalue()


def _weight(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


def published(figure: Figure) -> str:
    """The SVG of a figure with its narrow layout and the texts that can't be read."""
    with one_reader_of_formulas():
        ease(figure)
        wide = drawing(figure)
        parts: dict[str, Any] = illegible(figure)._asdict()
        if narrow := narrowed(figure):
            parts["narrow"] = drawing(narrow)
    packed = base64.b64encode(gzip.compress(json.dumps(parts).encode(), 9, mtime=0)).decode()
    return wide.rstrip() + "\n" + _COMMENT.format(packed) + "\n"


def parts(svg: str) -> dict[str, Any]:
    """What goes with an SVG by :func:`published`; {} with any other.

    >>> parts("<svg/>")
    {}
    """
    found = _PARTS.search(svg)
    if not found:
        return {}
    unpacked: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return unpacked


def _bundle(figure: Figure, *_: Any, **__: Any) -> dict[str, str]:
    return {"image/svg+xml": published(figure), "text/plain": repr(figure)}


def load_ipython_extension(shell: Any) -> None:
    """Give SVG of every figure that a cell shows, beside what the notebook gives otherwise."""
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("matplotlib.figure", "Figure", _bundle)
