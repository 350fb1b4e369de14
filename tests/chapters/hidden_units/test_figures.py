"""Figures of the chapter hidden_units: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.hidden_units import experiments, figures

COURSE = {"steps": np.arange(3), "course": np.linspace(0, 0.5, 6).reshape(3, 2)}
CALLS = {
    "functions": lambda: figures.functions(["relu", "selu"]),
    "minima": lambda: figures.minima(),
    "vanishing": lambda: figures.vanishing(["sigmoid", "relu"], layers=6, width=32),
    "one_sign": lambda: figures.one_sign(
        experiments.zigzag(centred=False), experiments.zigzag(centred=True)
    ),
    "dying": lambda: figures.dying({"a": COURSE, "b": COURSE}),
    "ranking": lambda: figures.ranking({"relu": [0.9, 0.95], "maxout narrow": [0.8, 0.9]}),
    "maxout_pieces": lambda: figures.maxout_pieces({"a": [(0, 0), (1, 0)], "b": [(1, 0)]}),
    "costs": lambda: figures.costs({"relu": 1.0, "mish": 7.0}),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_and_transparent(name: str) -> None:
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    assert all(ax.get_xlabel() for ax in figure.axes)


def test_sigmoid_gradients_fall_with_depth() -> None:
    line = figures.vanishing(["sigmoid"], layers=6, width=64).axes[0].lines[0]
    sizes = np.asarray(line.get_ydata())
    assert (sizes[:-1] < 0.5 * sizes[1:]).all()


def test_positive_inputs_move_both_weights_one_way() -> None:
    steps = experiments.zigzag(centred=False)["path"].diff(dim=0)
    assert (steps[:, 0] * steps[:, 1] >= 0).all()
    centred = experiments.zigzag(centred=True)["path"].diff(dim=0)
    assert (centred[:, 0] * centred[:, 1] < 0).any()


def test_swish_minimum_is_its_place_plus_one() -> None:
    place, value = experiments.minimum(experiments.ZOO["silu"])
    assert value == pytest.approx(place + 1, abs=1e-9)
    assert value == pytest.approx(-0.2784645, abs=1e-6)
