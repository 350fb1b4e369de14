"""``widget``: the course's own small programs, each one ES module in the anywidget format.

The same module runs live (through anywidget, so that Python sees and sets its values) and on the
published page (through a host of half a kilobyte, with no kernel and no other host).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from lecturelib.figures.palette import style_sheet
from lecturelib.interactive.modes import mode
from lecturelib.interactive.page import asset, script_json, unique_id

_KIT = re.compile(r'^import \{[^}]*\} from "\./kit\.mjs";\n', re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """What a widget shows, for readers who cannot run it, and the values that it starts with."""

    summary: str
    values: dict[str, Any]


PROGRAMS = {
    "optimizer_paths": Program(
        "Paths of SGD, momentum, Nesterov, RMSProp and Adam on a loss surface, from a starting "
        "point that can be dragged.",
        {
            "surface": "narrow valley",
            "methods": ["SGD", "momentum", "Adam"],
            # SGD zigzags across the valley: its step is 0.9 of the largest that converges. With
            # momentum less than half of the steps are enough.
            "learning_rate": 0.18,
            "momentum": 0.5,
            "noise": 0.0,
            "steps": 100,
            "start": [-3.5, 1.5],
            "seed": 0,
        },
    ),
    "activation_zoo": Program(
        "An activation function with its derivative, and the region where it saturates.",
        {"activation": "sigmoid", "parameter": 0.1, "input": 1.0, "compare": "relu"},
    ),
    "network_playground": Program(
        "A small network trained in the page on points in the plane: decision region, loss and "
        "hidden units.",
        {
            "data": "two moons",
            "noise": 0.15,
            "depth": 2,
            "width": 6,
            "activation": "tanh",
            "normalize": False,
            "learning_rate": 0.1,
            "batch_size": 32,
            "seed": 0,
        },
    ),
    "norm_balls": Program(
        "A quadratic loss of two weights, a norm ball, and the point where the smallest contour "
        "touches the ball: the minimum of the loss with a penalty.",
        {
            "norm": "L1",
            "radius": 1.0,
            "strength": 0.227692,
            "minimum": [1.6, 0.8],
            "curvature": 4.0,
            "angle": 60.0,
        },
    ),
    "batch_norm_microscope": Program(
        "A batch of values as dots, their mean and variance, the normalized values, and the "
        "running statistics.",
        {
            "batch_size": 8,
            "values": [],
            "gamma": 1.0,
            "beta": 0.0,
            "momentum": 0.1,
            "mean": 2.0,
            "deviation": 1.5,
            "training": True,
            "seed": 0,
        },
    ),
    "who_averages": Program(
        "A batch of feature maps as blocks of cells; filled are those that share a mean and a "
        "deviation with a chosen one, under batch, layer, instance, group and RMS norm.",
        {
            "norm": "batch norm",
            "samples": 4,
            "channels": 4,
            "places": 3,
            "groups": 2,
            "sample": 1,
            "channel": 2,
            "place": 1,
            "seed": 0,
        },
    ),
    "loss_slice": Program(
        "A slice of a loss with a step of gradient descent, and the parabola that the smoothness "
        "on the way promises to lie above it.",
        {
            "loss": "sin θ cos 4θ",
            "depth": 4,
            "position": 0.25,
            "rate": 0.1,
            "reach": 0.3,
            "steps": 1,
        },
    ),
}
"""Name of a widget -> what it shows and its values with their defaults."""


@cache
def module(name: str) -> str:
    """The source of a widget as one module: what the widgets share, then its own file."""
    own, found = _KIT.subn("", asset(f"modules/{name}.mjs"))
    if found != 1:
        raise ValueError(f"modules/{name}.mjs must import from kit.mjs in one statement.")
    return asset("modules/kit.mjs") + own


def widget(name: str, /, **initial: Any) -> Widget:
    """One of the course's small programs; put the call last in a cell.

    Args:
        name: ``optimizer_paths``, ``activation_zoo``, ``network_playground``, ``norm_balls``,
            ``batch_norm_microscope``, ``who_averages`` or ``loss_slice``.
        **initial: values to start with, see ``PROGRAMS``.

    Returns:
        An object that shows the program. Live, its attribute ``model`` is an anywidget whose traits
        are the program's values: reading and setting them works in both directions.

    Raises:
        ValueError: an unknown name or value; the message lists the known ones.
        TypeError: a value of another type than the default.
        ImportError: live mode without the package anywidget.

    >>> widget("activation_zoo", activation="gelu")
    widget('activation_zoo', activation='gelu')
    """
    return Widget(name, initial)


class Widget:
    """What ``widget`` returns: shows itself in a notebook as the mode asks."""

    def __init__(self, name: str, initial: dict[str, Any]) -> None:
        if name not in PROGRAMS:
            raise ValueError(f"widget: there is no {name!r}; known are {', '.join(PROGRAMS)}.")
        program = PROGRAMS[name]
        for key, value in initial.items():
            if key not in program.values:
                raise ValueError(
                    f"widget: {name} has no value {key!r}; it has {', '.join(program.values)}."
                )
            if not _fits(value, program.values[key]):
                raise TypeError(
                    f"widget: {name} wants {key} like {program.values[key]!r}; it got {value!r}."
                )
        self.name, self.initial = name, dict(initial)
        self.values = {**program.values, **initial}
        self.model: Any = _live_model(name, self.values) if mode() == "live" else None

    def __repr__(self) -> str:
        return f"widget({', '.join([repr(self.name), *self._given()])})"

    def _given(self) -> list[str]:
        return [f"{key}={value!r}" for key, value in self.initial.items()]

    def _repr_mimebundle_(
        self, **options: Any
    ) -> dict[str, Any] | tuple[dict[str, Any], dict[str, Any]]:
        """Data by mime type; live, with anywidget's metadata, which tell Colab what can show it."""
        text = {"text/plain": repr(self)}
        if self.model is not None:
            data, metadata = self.model._repr_mimebundle_(**options)
            return {**data, **text}, metadata
        return text if mode() == "off" else {"text/html": self.html(), **text}

    def html(self) -> str:
        """The program as HTML for a page without a kernel."""
        uid = unique_id("widget", repr(self))
        return (
            f"<style>{style_sheet()}{asset('widget.css').strip()}</style>"
            f'<lecture-widget class="lw" id="{uid}" role="group" style="display:block">'
            f'<div class="lw-body"></div>'
            f'<p class="lw-fallback">{PROGRAMS[self.name].summary} (This figure needs '
            f"JavaScript.)</p>"
            f'<script type="application/json">{script_json(self.values)}</script>'
            f'<script type="text/plain">{module(self.name)}</script>'
            f"</lecture-widget><script>{asset('host.js').strip()}</script>"
        )


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    return isinstance(value, int | float if isinstance(default, float) else type(default))


def _live_model(name: str, values: dict[str, Any]) -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError(
            "widget: live widgets need the package anywidget: pip install anywidget"
        ) from error
    kinds = {
        bool: traitlets.Bool,
        int: traitlets.Int,
        float: traitlets.Float,
        str: traitlets.Unicode,
    }
    traits = {
        key: kinds.get(type(PROGRAMS[name].values[key]), traitlets.List)().tag(sync=True)
        for key in values
    }
    body = {"_esm": module(name), "_css": style_sheet() + asset("widget.css"), **traits}
    kind = type("".join(part.title() for part in name.split("_")), (anywidget.AnyWidget,), body)
    model = kind(**values)
    model.add_class("lw")
    return model
