"""``explore``: a figure that a reader can move, live in Jupyter and on the published page."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lecturelib.interactive import page
from lecturelib.interactive.frames import FigureFunction, draw, frames
from lecturelib.interactive.modes import mode
from lecturelib.interactive.parameters import (
    combinations,
    name_of,
    read_parameters,
    start_frame,
)

if TYPE_CHECKING:
    from lecturelib.interactive.live import Live


class BudgetWarning(UserWarning):
    """An interactive figure is heavier than a page may load."""


def explore(
    figure_function: FigureFunction,
    /,
    *,
    alt: str | Sequence[str],
    describe: Callable[..., str] | None = None,
    **parameters: Any,
) -> Explore:
    """A figure with a control for each parameter. Put the call last in a cell.

    In Jupyter and Colab the controls are ipywidgets and call ``figure_function``; in the built book
    all frames are computed beforehand and the page needs no kernel.

    Args:
        figure_function: takes the parameters by name and returns a matplotlib Figure, or a list of
            them that stand side by side where there is room. It must depend on its arguments
            alone (seed its randomness) and should fix the limits of its axes.
        alt: what the figure shows, for readers who do not see it; one text for each figure of a
            list, or one for all.
        describe: takes the parameters and returns the sentence under the figure, which is read out
            when it changes. By default it names the values.
        **parameters: a list of numbers, or ``(low, high, number of values)``, gives a slider; a
            list with strings a choice; ``True`` or ``False`` a check box that starts there; a
            lone string is fixed. The figure function's own default tells where a control starts.

    Returns:
        An object that shows the figure in a notebook.

    Raises:
        TypeError: no alt text, nothing to move, values that can't be hashed, arguments that the
            function does not take, or a function that does not return figures.
        ValueError: an empty alt text, repeated values, or more than 256 frames.

    A figure over 150 kB gzipped gives a :class:`BudgetWarning`, which fails the book's build.

    >>> from matplotlib.figure import Figure
    >>> def line(slope=1):
    ...     figure = Figure(figsize=(4, 3))
    ...     figure.subplots().plot([0, 1], [0, slope])
    ...     return figure
    >>> explore(line, alt="A line through the origin.", slope=[0, 1, 2])
    explore(line, slope: 0 | 1 | 2)
    """
    return Explore(figure_function, alt, describe, parameters)


class Explore:
    """What ``explore`` returns: shows itself in a notebook as the mode asks."""

    def __init__(
        self,
        function: FigureFunction,
        alt: str | Sequence[str],
        describe: Callable[..., str] | None,
        parameters: Mapping[str, Any],
    ) -> None:
        self.function = function
        self.parameters = read_parameters(function, parameters)
        self.describe = describe
        self.start = start_frame(self.parameters)
        self.values = combinations(self.parameters)
        self.uid = page.unique_id(name_of(function), alt, repr(self))
        self._alt = alt
        self._check_alt()
        self._live: Live | None = None
        # Here and not on display, where Jupyter would print an error and go on.
        self._bundle = {"static": self._static, "live": self._alive, "off": self._off}[mode()]()

    def __repr__(self) -> str:
        parameters = "; ".join(str(p) for p in self.parameters)
        return f"explore({name_of(self.function)}, {parameters})"

    def _ipython_display_(self, **options: Any) -> None:
        if self._live is None:
            raise NotImplementedError  # and IPython goes on to ask for the mime bundle
        self._live.display(repr(self))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return {**self._bundle(), "text/plain": repr(self)}

    def caption(self, values: Mapping[str, Any]) -> str:
        """The sentence under the frame of these values."""
        if self.describe is not None:
            text = self.describe(**values)
            if not isinstance(text, str):
                raise TypeError(
                    f"explore: describe must return a string; it returned "
                    f"{type(text).__name__} for {dict(values)}."
                )
            return text
        shown = (
            f"{p.label} = {p.text(p.values.index(values[p.name]))}"
            for p in self.parameters
            if len(p.values) > 1
        )
        return ", ".join(shown)

    def html(self) -> str:
        """The figure with all its frames as HTML for a page without a kernel."""
        many = frames(self.function, self.values)
        captions = [self.caption(values) for values in self.values]
        alts = self._alts(len(many[0]))

        def build(make: Callable[..., list[page.View]], files: list[list[bytes]]) -> str:
            views = make(files, self.start, alts, self.uid)
            return page.static_html(views, self.parameters, captions, self.start, self.uid)

        html = build(page.vector_views, many)
        if page.gzipped(html) > page.FIGURE_BUDGET:
            # Thousands of marks are lighter as pixels.
            raster = build(page.raster_views, frames(self.function, self.values, "png"))
            html = min(html, raster, key=page.gzipped)
        size = page.gzipped(html)
        if size > page.FIGURE_BUDGET:
            warnings.warn(
                f"{self!r} has {size / 1000:.0f} kB gzipped; the budget of a figure is "
                f"{page.FIGURE_BUDGET / 1000:.0f} kB. Give fewer values, draw fewer points, or use "
                f"imshow on a coarse grid.",
                BudgetWarning,
                stacklevel=4,
            )
        return html

    def frame_html(self, values: Mapping[str, Any]) -> str:
        """One frame, without controls."""
        files = draw(self.function, values)
        uid = page.unique_id(self.uid)
        views = page.vector_views([files], 0, self._alts(len(files)), uid)
        return page.plain_html(views, self.caption(values), uid)

    def _check_alt(self) -> None:
        texts = [self._alt] if isinstance(self._alt, str) else list(self._alt)
        if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
            raise ValueError(
                f"explore: alt={self._alt!r}; say in a sentence what {name_of(self.function)} "
                f"shows, for readers who do not see it."
            )

    def _alts(self, n: int) -> list[str]:
        if isinstance(self._alt, str):
            return [self._alt] * n
        if len(self._alt) != n:
            raise ValueError(
                f"explore: {len(self._alt)} alt texts for the {n} figures of "
                f"{name_of(self.function)}."
            )
        return list(self._alt)

    def _static(self) -> Callable[[], dict[str, Any]]:
        png = draw(self.function, self.values[self.start], "png")
        bundle = {"text/html": self.html(), "image/png": _side_by_side(png)}
        return lambda: bundle

    def _off(self) -> Callable[[], dict[str, Any]]:
        bundle = {"text/html": self.frame_html(self.values[self.start])}
        return lambda: bundle

    def _alive(self) -> Callable[[], dict[str, Any]]:
        from lecturelib.interactive.live import Live

        self._live = Live(self)
        return self._live.bundle


def _side_by_side(pngs: Sequence[bytes]) -> str:
    """The default frame as one picture, for a printed book."""
    from PIL import Image

    images = [Image.open(io.BytesIO(png)) for png in pngs]
    size = sum(image.width for image in images), max(image.height for image in images)
    sheet = Image.new("RGBA", size)
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
