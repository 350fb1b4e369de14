"""Draw the cards that are shown where a link to the course, or to a chapter, is shared.

python -m tools.social_card    write book/_static/social_card.png

The cards of the chapters are drawn while the book is built (``book/_ext/metadata.py``).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tools.course import ROOT, config

LOGO = ROOT / "book" / "_static" / "logo.svg"
CARD = ROOT / "book" / "_static" / "social_card.png"
WIDTH, HEIGHT, DPI = 1200, 630, 100
INK, MUTED = "#101a24", "#516070"
LINES = ("Every formula derived.", "Every number computed.", "Every claim tested.")
_SVG = "{http://www.w3.org/2000/svg}"


def polylines(path: str) -> list[list[tuple[float, float]]]:
    """The corners of the lines of an SVG path that only moves and draws straight lines.

    >>> polylines("M10 34 30 14M0 1 2 3")
    [[(10.0, 34.0), (30.0, 14.0)], [(0.0, 1.0), (2.0, 3.0)]]
    """
    pieces = ([float(n) for n in re.findall(r"[\d.]+", piece)] for piece in path.split("M")[1:])
    return [list(zip(numbers[::2], numbers[1::2], strict=True)) for numbers in pieces]


def draw(target: Path = CARD) -> None:
    """Write the card of the course."""
    with _sheet(target) as ax:
        _logo(ax, left=790, top=120, size=340)
        _write(ax, 140, 85, 50, INK, ("Deep Networks,", "Tested"), fontweight="bold")
        _write(ax, 330, 56, 24, MUTED, LINES)


def draw_chapter(target: Path, number: str, title: str) -> None:
    """Write the card of a chapter: its number, its title, the course.

    Raises:
        ValueError: if the title needs more than four lines.
    """
    lines = textwrap.wrap(title, 26)
    if len(lines) > 4:
        raise ValueError(f"draw_chapter: the title has room for 4 lines, got {lines}")
    with _sheet(target) as ax:
        _logo(ax, left=985, top=50, size=150)
        _write(ax, 100, 0, 24, MUTED, [f"Chapter {number}" if number else "Chapter"])
        _write(ax, 190, 78, 46, INK, lines, fontweight="bold")
        _write(ax, 495, 0, 24, MUTED, ["Deep Networks, Tested"])


@contextmanager
def _sheet(target: Path) -> Iterator[Any]:
    """An empty card with the course's address, written when it is filled."""
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    ax.axis("off")
    ax.axvspan(0, 16, color="#0072b2")
    address = str(config()["html"]["baseurl"]).removeprefix("https://").rstrip("/")
    _write(ax, 555, 0, 17, "#00629b", [address])
    yield ax
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    with Image.open(drawn) as picture:  # few colours: a third of the bytes
        picture.convert("RGB").quantize(64).save(target, format="PNG", optimize=True)


def _write(
    ax: Any, top: int, step: int, size: int, ink: str, lines: Iterable[str], **style: Any
) -> None:
    """Lines of text from the left margin, ``step`` pixels apart."""
    place: dict[str, Any] = {"family": "sans-serif", "ha": "left", "va": "center"}
    for at, line in enumerate(lines):
        ax.text(80, top + step * at, line, fontsize=size, color=ink, **place, **style)


def _logo(ax: Any, left: float, top: float, size: float) -> None:
    """The logo's lines and dots, at a place of the card."""
    scale = size / 64
    points = 72 / DPI * scale
    for group in ElementTree.parse(LOGO).getroot().findall(f"{_SVG}g"):
        for path in group.findall(f"{_SVG}path"):
            for corners in polylines(path.attrib["d"]):
                ax.plot(
                    [left + scale * x for x, _ in corners],
                    [top + scale * y for _, y in corners],
                    color=path.attrib["stroke"],
                    alpha=float(path.attrib.get("stroke-opacity", 1)),
                    linewidth=float(path.attrib["stroke-width"]) * points,
                    solid_capstyle="round",
                    solid_joinstyle="round",
                )
        for dot in group.findall(f"{_SVG}circle"):
            x, y, radius = (float(dot.attrib[name]) for name in ("cx", "cy", "r"))
            ax.plot(
                left + scale * x,
                top + scale * y,
                "o",
                color=group.attrib["fill"],
                markersize=2 * radius * points,
                markeredgewidth=0,
                zorder=3,
            )


if __name__ == "__main__":
    draw()
    print(f"{CARD.relative_to(ROOT)}: written")
