"""Figures of the chapter residual_connections: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.residual_connections import experiments, figures
from lecturelib.chapters.residual_connections import explore as movable


def _losses() -> dict[tuple[str, int], torch.Tensor]:
    falling = torch.tensor([[2.0, 2.1], [0.5, 0.6], [torch.inf, 1.0]])
    return {("plain", 5): falling, ("plain", 15): falling + 1, ("scaled", 5): falling / 2}


def _planes() -> dict[str, torch.Tensor]:
    axis = torch.linspace(-1, 1, 9)
    bowl = axis[:, None] ** 2 + axis**2
    return {"surface plain": 20 * bowl[None], "surface scaled": bowl[None]}


CALLS = {
    "loss_by_rate": lambda: figures.loss_by_rate(_losses(), (0.1, 0.3, 1.0)),
    "block": figures.block,
    "identity": lambda: figures.identity(
        {m: {"plain": torch.tensor([0.5, 0.6]), "scaled": torch.tensor([0.1, 0.2])} for m in (1, 4)}
    ),
    "singular_values": lambda: figures.singular_values(
        {"plain": experiments.at_the_start([0], "plain", blocks=2, width=6, samples=4)}
    ),
    "surfaces": lambda: figures.surfaces(_planes(), kinds=("plain", "scaled"), radius=1.0),
    "gradient": lambda: movable.highway(5, "1")[0],
    "singular": lambda: movable.highway(5, "1/M")[1],
}


@pytest.mark.parametrize("name", list(CALLS))
def test_figure_is_returned_and_transparent(name: str) -> None:
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    assert figure.axes


@pytest.mark.parametrize("scale", list(movable.SCALES))
def test_the_sentence_under_the_highway_counts_singular_values(scale: str) -> None:
    said = movable.describe_highway(5, scale)
    values = movable._found(5, scale)["values"][0]
    assert said.startswith("5 blocks")
    assert f"{(values > values[0] / 10).sum()} of {movable.WIDTH} singular values" in said


def test_branches_of_one_over_m_keep_all_singular_values() -> None:
    values = movable._found(15, "1/M")["values"]
    assert values.min() > 0.4
    assert values.max() < 4
