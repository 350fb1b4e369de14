"""Figures of the chapter initialization: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.initialization import experiments, figures
from lecturelib.chapters.initialization import explore as movable

SMALL = {"depth": 6, "width": 16, "batch_size": 8}
START = torch.tensor([[4.5, -2.6]], dtype=torch.float64)


def _signals(*names: str) -> dict[str, dict[str, torch.Tensor]]:
    return {name: experiments.signals([0, 1], name, **SMALL) for name in names}


def _runs() -> dict[str, dict[str, torch.Tensor]]:
    return {how: experiments.cliff_run(START, how=how, steps=4) for how in experiments.CLIPS}


def _curves() -> dict[tuple[str, float], torch.Tensor]:
    """Two seeds of 40 steps; He is best at 0.1, and at 1 its loss is no longer a number."""
    falling = torch.linspace(2.3, 0.5, 40).repeat(2, 1)
    return {("He", 0.1): falling, ("He", 1.0): falling * torch.nan, ("Xavier", 0.1): falling + 1}


CALLS = {
    "loss_by_start": lambda: figures.loss_by_start(_curves()),
    "unit_lines": lambda: figures.unit_lines({"a": experiments.unit_lines("constant", steps=2)}),
    "by_layer": lambda: figures.by_layer(_signals("xavier", "he")),
    "histograms": lambda: figures.histograms(
        {"a": experiments.activations_by_layer(0.1, width=20, layers=3)}, layers=(1, 3)
    ),
    "powers": lambda: figures.powers(experiments.power_norms(width=8, power=5), gain=0.95),
    "singular_values": lambda: figures.singular_values(
        experiments.jacobian_values(depth=3, width=8)
    ),
    "accuracies": lambda: figures.accuracies({("he", "relu"): [0.5, 0.6]}),
    "skips": lambda: figures.skips({"a": _signals("he")["he"]}),
    "cliff": lambda: figures.cliff(_runs()),
    "cliff_section": figures.cliff_section,
    "losses": lambda: figures.losses(_runs()),
    "signal_by_layer": lambda: movable.signal_by_layer(5, "He", "tanh")[0],
    "cliff_path": movable.cliff_path,
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_and_transparent(name: str) -> None:
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    assert figure.axes
    assert any(ax.get_xlabel() for ax in figure.axes)


def test_constant_lines_coincide_and_random_ones_do_not() -> None:
    constant = experiments.unit_lines("constant", steps=20)["after"]
    assert torch.equal(constant, constant[:1].expand_as(constant))
    random = experiments.unit_lines("random", steps=20)["after"]
    assert (random - random[:1]).abs().max() > 0.1


def test_the_edge_separates_high_and_low_loss() -> None:
    for w in (4.5, 5.5):
        b = figures.edge(w)
        at = torch.tensor([w, w, b - 0.1, b + 0.1], dtype=torch.float64)
        left, right = experiments.cliff_loss(at[:2], at[2:])
        assert left - right > 0.1


def test_the_section_has_a_spike_of_many_powers_of_ten() -> None:
    slopes = np.asarray(figures.cliff_section().axes[1].lines[0].get_ydata())
    assert slopes.max() > 1e4 * slopes[0]


@pytest.mark.parametrize("start", movable.STARTS)
def test_movable_signals_go_as_theory_says(start: str) -> None:
    scheme, norm = movable.STARTS[start]
    theory = {"small": 0.08, **experiments.FACTORS}["he + batch norm" if norm else scheme]
    found = torch.as_tensor(movable._signals(20, start, "relu")["backward"])
    assert experiments.factor_of(found[1:]).median().item() == pytest.approx(theory, rel=0.06)
    said = movable.describe_signal(20, start, "relu")
    assert said.startswith(f"20 layers of relu, {start}:")


@pytest.mark.parametrize("clipping", ["none", "norm", "value"])
def test_movable_cliff_names_its_longest_step(clipping: str) -> None:
    said = movable.describe_cliff(clipping, 0.1, 0.5)
    limit = {"none": 100.0, "norm": 0.0501, "value": 0.0708}[clipping]
    longest = movable._run(clipping, 0.1, 0.5)["move"].max().item()
    assert longest <= limit
    assert f"the longest of 60 steps is {longest:.2g} long" in said


def test_each_start_is_drawn_at_its_best_rate() -> None:
    labels = [text.get_text() for text in figures.loss_by_start(_curves()).axes[0].legend_.texts]
    assert labels == ["He, rate 0.1", "Xavier, rate 0.1"]


def test_the_second_panel_of_the_cliff_holds_the_clipped_paths_whole() -> None:
    runs = _runs()
    near = figures.cliff(runs).axes[1]
    (left, right), (bottom, top) = near.get_xlim(), near.get_ylim()
    for how in ("norm", "value"):
        w, b = runs[how]["path"][:, 0].T
        assert left < w.min()
        assert w.max() < right
        assert bottom < b.min()
        assert b.max() < top
    assert right - left < 1.5
