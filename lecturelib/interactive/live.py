"""The live mode of ``explore``: ipywidgets 7.7 (as in Colab) or later call the figure function."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lecturelib.interactive.parameters import Parameter

if TYPE_CHECKING:
    from lecturelib.interactive.explorer import Explore

VIEW_MIME = "application/vnd.jupyter.widget-view+json"
_QUICK = 0.25  # seconds: a slower figure is redrawn only when the slider is let go


def _control(parameter: Parameter, continuous: bool) -> Any:
    import ipywidgets

    options = [(parameter.text(i), value) for i, value in enumerate(parameter.values)]
    start = parameter.values[parameter.start]
    common = {"description": parameter.label, "style": {"description_width": "initial"}}
    if len(options) == 1:
        return ipywidgets.fixed(start)
    if parameter.kind == "switch":
        return ipywidgets.Checkbox(value=start, indent=False, description=parameter.label)
    if parameter.kind == "choice":
        return ipywidgets.Dropdown(options=options, value=start, **common)
    return ipywidgets.SelectionSlider(
        options=options, value=start, continuous_update=continuous, **common
    )


class Live:
    """The live controls of a figure. Each view is a widget of its own: a cell may be run again."""

    def __init__(self, figure: Explore) -> None:
        self._figure = figure
        self._html = lru_cache(maxsize=256)(lambda values: figure.frame_html(dict(values)))
        began = time.perf_counter()
        # Here and not on display, where Jupyter would print an error and go on.
        self._html(tuple(figure.values[figure.start].items()))
        self._continuous = time.perf_counter() - began < _QUICK

    def bundle(self) -> dict[str, Any]:
        """A view of new controls, with the first frame in it, as a mime bundle."""
        panel = self._panel()
        _draw_first_frame(panel)
        return {VIEW_MIME: panel.get_view_spec()}

    def display(self, text: str) -> None:
        """Display new controls, with ``text`` for readers of text alone."""
        from IPython.display import display

        panel = self._panel()
        display({VIEW_MIME: panel.get_view_spec(), "text/plain": text}, raw=True)
        _draw_first_frame(panel)  # after the view, in the order of ipywidgets 7 itself

    def _panel(self) -> Any:
        import ipywidgets

        widgets = {p.name: _control(p, self._continuous) for p in self._figure.parameters}
        # ``interactive`` and not ``interact``: the cell's value is the figure, shown once.
        return ipywidgets.interactive(self._show, **widgets)

    def _show(self, **values: Any) -> None:
        from IPython.display import HTML, display

        display(HTML(self._html(tuple(values.items()))))


def _draw_first_frame(panel: Any) -> None:
    """Draw it where a new panel has not (ipywidgets 7 leaves that to its own display method)."""
    if not panel.kwargs:  # the values of the last frame
        panel.update()
