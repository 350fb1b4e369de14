"""What the build's kernels hand over of a figure: light, sharp, in two layouts."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import _mathtext, text, textpath
from matplotlib.figure import Figure

from lecturelib.figures import palette, published
from lecturelib.figures.formulas import one_reader_of_formulas
from tests.figures.test_style import contrast

GROUNDS = {False: "#FFFFFF", True: "#12171D"}  # the light and the dark page


def scatter(points: int) -> Figure:
    fig = Figure(figsize=(6.0, 3.0))
    x, y = np.random.default_rng(0).normal(size=(2, points))
    fig.subplots().scatter(x, y, color=palette.PALETTE["blue"])
    return fig


@pytest.mark.parametrize(("points", "pixels"), [(20, 0), (20_000, 1)])
def test_many_marks_become_pixels_and_text_stays_sharp(points: int, pixels: int) -> None:
    fig = scatter(points)
    svg = published.drawing(fig)
    assert svg.count("<image") == pixels
    assert '<g id="text_1">' in svg
    assert len(gzip.compress(svg.encode())) < 60_000
    assert not any(artist.get_rasterized() for artist in fig.findobj())


def test_what_goes_with_a_figure_comes_back() -> None:
    fig = scatter(5)
    fig.text(0.5, 0.5, "one")
    fig.text(0.5, 0.5, "two")
    svg = published.published(fig)
    found = published.parts(svg)
    assert found["collisions"] == [["one", "two"]]
    assert found["cut_off"] == []
    assert "narrow" not in found  # it would not fit there, either
    narrow = published.parts(published.published(scatter(5)))["narrow"]
    assert narrow.lstrip().startswith("<?xml")
    assert published.published(fig) == svg  # the same bytes each time


def test_a_shell_shows_figures_as_vector_graphics() -> None:
    shell = InteractiveShell.instance()
    published.load_ipython_extension(shell)
    data, _ = shell.display_formatter.format(scatter(5))
    assert published.parts(data["image/svg+xml"])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", palette.SHADES)
def test_text_and_marks_stand_out_on_the_page(name: str, dark: bool) -> None:
    shades, ground = palette.SHADES[name], GROUNDS[dark]
    assert contrast(shades.dark if dark else shades.ink, ground) >= 4.5
    assert contrast(shades.dark if dark else shades.mark, ground) >= 3
    assert contrast(shades.mark, ground) >= 3  # what is pixels has this shade on both


def test_every_colour_of_the_palette_has_its_shades() -> None:
    colors = {**palette.PALETTE, "text": palette.TEXT}
    for name, color in colors.items():
        for ink in (False, True):
            style = palette.as_variables(f"fill:{color.lower()}", ink=ink)
            variable = re.fullmatch(r"fill:var\((--lx-[\w-]+),#\w{6}\)", style)
            assert variable, name
            assert palette.style_sheet().count(f"{variable[1]}:") == 2
            dark = palette.resolved(style, dark=True)
            assert dark == f"fill:{palette.SHADES[name].dark.lower()}"
    assert palette.as_variables("fill:#123456", ink=False) == "fill:#123456"


def test_formulas_are_read_once_and_drawn_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parse = _mathtext.Parser.parse
    monkeypatch.setattr(
        _mathtext.Parser, "parse", lambda self, s, *rest: read.append(s) or parse(self, s, *rest)
    )

    def drawn() -> str:
        fig = Figure(figsize=(4.0, 3.0), layout="constrained")
        fig.subplots().loglog([1, 1e7], [1, 1e7])
        return published._svg(fig)

    alone = drawn()
    times_alone, labels = len(read), len(set(read))
    read.clear()
    with one_reader_of_formulas():
        assert drawn() == alone
    assert times_alone >= 2 * labels
    assert len(read) <= labels
    assert text.TextToPath is textpath.TextToPath
