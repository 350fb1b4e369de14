"""Draw the card that is shown where a link to the course is shared.

python -m tools.social_card    write book/_static/social_card.png
"""

from __future__ import annotations

import re
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
    """Write the card."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    ax.axis("off")
    ax.axvspan(0, 16, color="#0072b2")
    _logo(ax, left=790, top=120, size=340)
    text: dict[str, Any] = {"family": "sans-serif", "ha": "left", "va": "center"}
    for line, y in zip(("Deep Networks,", "Tested"), (140, 225), strict=True):
        ax.text(80, y, line, fontsize=50, fontweight="bold", color=INK, **text)
    for number, line in enumerate(LINES):
        ax.text(80, 330 + 56 * number, line, fontsize=24, color=MUTED, **text)
    address = str(config()["html"]["baseurl"]).removeprefix("https://").rstrip("/")
    ax.text(80, 555, address, fontsize=17, color="#00629b", **text)
    figure.savefig(target, metadata={"Software": None})
    plt.close(figure)


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
