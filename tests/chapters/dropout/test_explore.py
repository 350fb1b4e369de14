"""The movable figure of the chapter: it shows what the theorem says."""

from __future__ import annotations

import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.dropout import explore
from lecturelib.chapters.dropout.experiments import total_variation


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_softmax_regression_is_the_weighted_mean(p: float) -> None:
    found = explore.subnets("softmax regression", p)
    assert found["chances"].sum().item() == pytest.approx(1)
    assert total_variation(found["weighted"], found["full"]).item() < 1e-12
    off = total_variation(found["uniform"], found["full"]).item()
    assert off < 1e-12 if p == 0.5 else off > 0.01


def test_hidden_relus_are_not() -> None:
    found = explore.subnets("hidden ReLUs", 0.5)
    assert total_variation(found["weighted"], found["full"]).item() > 0.02
    torch.testing.assert_close(found["weighted"], found["uniform"])


@pytest.mark.parametrize("network", ["softmax regression", "hidden ReLUs"])
def test_figure_and_sentence(network: str) -> None:
    figure = explore.means_of_subnets(0.3, network)
    assert isinstance(figure, Figure)
    assert len(figure.axes[0].get_legend().get_texts()) == 4
    assert "Distance from the full network" in explore.describe_means(0.3, network)
