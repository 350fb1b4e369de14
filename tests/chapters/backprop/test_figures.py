"""Figures of ``backprop``: the walked graph has the engine's gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib import autodiff as ad
from lecturelib.chapters.backprop import benchmark as stored
from lecturelib.chapters.backprop import figures
from lecturelib.chapters.backprop.price import Price


def test_the_walk_ends_with_the_gradients_of_the_engine_and_of_torch():
    values, snapshots = figures.walk()
    t = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in
         figures.POINT.items()}  # fmt: skip
    loss = (torch.tanh(t["w"] * t["x"] + t["b"]) + t["x"]) ** 2
    loss.backward()
    assert values["L"] == pytest.approx(loss.item(), rel=1e-12)
    for name, gradient in figures.engine_gradients().items():
        assert snapshots[-1][name] == pytest.approx(gradient, rel=1e-12)
        assert snapshots[-1][name] == pytest.approx(t[name].grad.item(), rel=1e-12)


def test_the_gradient_of_x_is_not_complete_before_its_last_edge():
    _, snapshots = figures.walk()
    assert snapshots[2]["x"] != pytest.approx(snapshots[-1]["x"])


@pytest.mark.parametrize("step", range(figures.STEPS + 1))
def test_each_step_is_drawn_and_described(step):
    figure = figures.step_graph(step)
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert sum(t.startswith("∂L") for t in texts) == (0 if step < 6 else
        len(figures.walk()[1][step - 6]))  # fmt: skip
    assert len(figures.describe_step(step)) > 20


def test_steps_differ_from_each_other():
    assert len({figures.describe_step(i) for i in range(figures.STEPS + 1)}) == 12


def test_other_figures_are_drawn():
    assert isinstance(figures.order_costs([1, 2], {"forward": [1, 4], "reverse": [1, 2]}), Figure)
    errors = {"forward": np.ones((2, 3)), "central": np.full((2, 3), 0.1)}
    assert isinstance(figures.difference_errors([0.1, 0.2], errors), Figure)
    both = {"engine": np.full((3, 2), 0.9), "torch": np.full((3, 2), 0.9)}
    assert isinstance(figures.digits(both), Figure)
    assert len(figures.benchmark().axes) == 2
    seconds = np.ones(3)
    assert isinstance(figures.prices([Price(n, seconds, 3 * seconds) for n in (10, 99)]), Figure)
    assert len(figures.xor_losses({2: np.ones((3, 4)), 4: np.ones((3, 4))}).axes) == 2


def test_each_weight_of_the_drawn_convolution_has_three_arrows_of_its_colour():
    arrows = [t.arrow_patch for t in figures.windows().axes[0].texts if hasattr(t, "arrow_patch")]
    colors = [tuple(a.get_edgecolor()) for a in arrows if a is not None]
    assert sorted(colors.count(c) for c in set(colors)) == [3, 3, 3]


def test_each_edge_has_its_local_derivative_when_its_result_is_there():
    for step in range(figures.STEPS + 1):
        texts = [t.get_text() for t in figures.step_graph(step).axes[0].texts]
        done = figures.FORWARD[: min(step, 5)]
        assert sum(t.startswith("×") for t in texts) == sum(c in done for _, c in figures.EDGES)


def test_the_stored_benchmark_is_consistent():
    for rows in stored.TABLE.values():
        assert rows["PyTorch"].ratio == 1
        assert all(r.low <= r.ratio <= r.high for r in rows.values())
    assert stored.DATE in stored.table()


def test_a_graph_takes_no_colour_from_the_page():
    x = ad.Tensor(1.0, requires_grad=True)
    drawing = ad.draw(x * x, {"x": x})
    shown = figures.graph(drawing)
    assert shown.operations == drawing.operations
    assert 'color="#7F7F7F"' in shown.svg
    assert 'color="currentColor"' not in shown.svg
