"""Figures of the chapter hidden_units: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.hidden_units import experiments, figures

COURSE = {"steps": np.arange(3), "course": np.linspace(0, 0.5, 6).reshape(3, 2)}
CALLS = {
    "functions": lambda: figures.functions(["relu", "selu"]),
    "minima": lambda: figures.minima(),
    "through_layers": lambda: figures.through_layers(layers=(1, 3)),
    "gradients": lambda: figures.gradients(
        {"relu": experiments.through_layers([0, 1], torch.relu, layers=4, width=32)}
    ),
    "curves": lambda: figures.curves({"sigmoid": torch.rand(30, 2), "relu": torch.rand(30, 2)}),
    "xor": lambda: figures.xor([[0, 0], [1, 0], [1, 0], [2, 1]], [0, 1, 1, 0]),
    "cloud": lambda: figures.cloud(),
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
    assert any(ax.get_xlabel() for ax in figure.axes)


def test_single_units_of_deep_sigmoids_see_no_difference_between_samples() -> None:
    axes = figures.through_layers(("sigmoid",), layers=(1, 12)).axes
    spikes = [max(patch.get_data().values.max() for patch in ax.patches[-3:]) for ax in axes]
    assert spikes[0] < 1.0  # like a normal distribution, 0.4 at most but for sampling
    assert spikes[1] == 2.0  # cut off


def test_the_cloud_has_a_unit_that_is_alive_and_one_that_is_dead() -> None:
    alive, dead = (ax.get_title(loc="left") for ax in figures.cloud().axes)
    assert "0 of 120" in dead
    assert "0 of 120" not in alive.replace("10 of", "").replace("20 of", "")


def test_positive_inputs_move_both_weights_one_way() -> None:
    steps = experiments.zigzag(centred=False)["path"].diff(dim=0)
    assert (steps[:, 0] * steps[:, 1] >= 0).all()
    centred = experiments.zigzag(centred=True)["path"].diff(dim=0)
    assert (centred[:, 0] * centred[:, 1] < 0).any()


def test_swish_minimum_is_its_place_plus_one() -> None:
    place, value = experiments.minimum(experiments.ZOO["silu"])
    assert value == pytest.approx(place + 1, abs=1e-9)
    assert value == pytest.approx(-0.2784645, abs=1e-6)
