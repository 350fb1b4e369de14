"""The live mode of ``explore``: ipywidgets that call the figure function."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lecturelib.interactive.parameters import Parameter

if TYPE_CHECKING:
    from lecturelib.interactive.explorer import Explore

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


def controls(figure: Explore) -> Callable[[], dict[str, Any]]:
    """Draw the first frame, and return what makes the mime bundle of live controls for it."""
    import ipywidgets
    from IPython.display import HTML, display

    @lru_cache(maxsize=256)
    def html(values: tuple[Any, ...]) -> str:
        return figure.frame_html(dict(values))

    began = time.perf_counter()
    html(tuple(figure.values[figure.start].items()))
    continuous = time.perf_counter() - began < _QUICK

    def show(**values: Any) -> None:
        display(HTML(html(tuple(values.items()))))

    def bundle() -> dict[str, Any]:
        widgets = {p.name: _control(p, continuous) for p in figure.parameters}
        # ``interactive`` and not ``interact``: the cell's value is the figure, shown once.
        return dict(ipywidgets.interactive(show, **widgets)._repr_mimebundle_())

    return bundle
