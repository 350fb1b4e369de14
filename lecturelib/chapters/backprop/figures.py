"""Figures of the chapter ``backprop``, one function a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lecturelib import autodiff as ad
from lecturelib.autodiff.drawing import Drawing
from lecturelib.chapters.backprop.benchmark import LARGE, SMALL, TABLE
from lecturelib.chapters.backprop.price import Price
from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled

ENGINES = {"engine": ("vermillion", "s"), "torch": ("blue", "o")}


@styled
def prices(found: Sequence[Price]) -> Figure:
    """Time of a gradient against the number of parameters: nudged one by one, and walked back."""
    fig, ax = canvas(width=6.8)
    lines, parameters = {}, [price.parameters for price in found]
    for name, label, color in (
        ("nudging", "nudging", "orange"),
        ("gradient", "backprop", "vermillion"),
        ("evaluation", "the loss", "grey"),
    ):
        low, middle, high = np.transpose(
            [np.quantile(getattr(price, name), (0.25, 0.5, 0.75)) for price in found]
        )
        ax.fill_between(parameters, low, high, color=PALETTE[color], alpha=0.25, lw=0)
        (lines[label],) = ax.plot(parameters, middle, "o-", color=PALETTE[color])
    ax.set(xscale="log", yscale="log", xlabel="parameters (log scale)")
    ax.set_ylabel("CPU seconds (log scale)")
    label_ends(ax, lines)
    return fig


@styled
def xor_losses(losses: Mapping[int, Any]) -> Figure:
    """Loss by step of networks that learn XOR: a panel a width, a line a start."""
    fig, axes = canvas(1, len(losses), width=8.6, height=3.4, sharey=True)
    for ax, (hidden, values) in zip(axes, losses.items(), strict=True):
        ax.plot(np.asarray(values).T, color=PALETTE["blue"], alpha=0.45, lw=1.2)
        ax.set(title=f"{hidden} hidden units", xlabel="steps", yscale="log", ylim=(1e-12, 20))
    axes[0].set_ylabel("loss (log scale)")
    return fig


@styled
def windows() -> Figure:
    """A convolution in one dimension: three weights, each used by three windows of five pixels."""
    fig, ax = canvas(width=6.4, height=3.2)
    colors = [PALETTE[name] for name in ("blue", "orange", "green")]
    for q in range(5):
        ax.text(q, 0, f"$x_{q + 1}$", ha="center", va="center", fontsize=13)
    for k in range(3):
        ax.text(k + 1, 1.5, f"$y_{k + 1}$", ha="center", va="center", fontsize=13)
        for i, color in enumerate(colors):
            ends = {"xytext": (k + i, 0.2), "xy": (k + 1, 1.3)}
            ax.annotate("", **ends, arrowprops={"arrowstyle": "-|>", "color": color, "lw": 1.8})
    for i, color in enumerate(colors):
        ax.plot([], [], color=color, lw=1.8, label=f"$w_{i + 1}$, used three times")
    ax.legend(loc="upper right", bbox_to_anchor=(1.0, 1.02))
    ax.set(xlim=(-0.4, 6.6), ylim=(-0.3, 1.8))
    ax.set_axis_off()
    return fig


@styled
def order_costs(inputs: Sequence[int], costs: Mapping[str, Sequence[int]]) -> Figure:
    """Multiplications of both orders of the products against the number of inputs."""
    fig, ax = canvas(width=6.8)
    lines = {}
    for (name, values), color in zip(costs.items(), ("orange", "blue"), strict=True):
        (lines[f"{name} order"],) = ax.plot(inputs, values, "o-", color=PALETTE[color])
    ax.set(xscale="log", yscale="log", xlabel="inputs (log scale)")
    ax.set_ylabel("multiplications (log scale)")
    label_ends(ax, lines)
    return fig


@styled
def difference_errors(steps: Sequence[float], errors: Mapping[str, Any]) -> Figure:
    """Error of numerical derivatives against the step: median over seeds, and their range."""
    fig, ax = canvas(width=7.0)
    looks = {"forward": ("one-sided", "orange"), "central": ("central", "blue")}
    for name, values in errors.items():
        label, color = looks[name]
        v = np.maximum(np.asarray(values), 1e-16)
        ax.fill_between(steps, v.min(1), v.max(1), color=PALETTE[color], alpha=0.25, lw=0)
        ax.plot(steps, np.median(v, 1), "o-", color=PALETTE[color], label=label)
    ax.set(xscale="log", yscale="log", xlabel="step h (log scale)")
    ax.set_ylabel("relative error (log scale)")
    ax.legend(loc="upper center")
    return fig


@styled
def digits(accuracies: Mapping[str, Any]) -> Figure:
    """Test accuracy by epoch with both engines: median over seeds, and their range."""
    fig, ax = canvas(width=6.8)
    for name, values in accuracies.items():
        color, marker = ENGINES[name]
        v = np.asarray(values)
        epochs = np.arange(len(v))
        ax.fill_between(epochs, v.min(1), v.max(1), color=PALETTE[color], alpha=0.2, lw=0)
        label = "this engine" if name == "engine" else "PyTorch"
        (line,) = ax.plot(epochs, np.median(v, 1), color=PALETTE[color], marker=marker, label=label)
        if name == "torch":
            line.set(linestyle="--", markersize=11, markerfacecolor="none")
    ax.set(xlabel="epochs", ylabel="test accuracy", ylim=(0, 1))
    ax.legend(loc="lower right")
    return fig


@styled
def benchmark() -> Figure:
    """The stored benchmark: CPU time of a step over PyTorch's, with quartiles."""
    fig, axes = canvas(1, 2, width=8.6, height=3.6, sharey=True)
    for ax, network in zip(axes, (SMALL, LARGE), strict=True):
        rows = dict(reversed(TABLE[network].items()))
        for i, (name, r) in enumerate(rows.items()):
            color = PALETTE["vermillion" if name == "lecturelib" else "grey"]
            ax.barh(i, r.ratio, color=color, alpha=0.75, height=0.65)
            ax.plot([r.low, r.high], [i, i], color=PALETTE["blue"], lw=2)
        ax.set_yticks(range(len(rows)), rows)
        ax.axvline(1, color=TEXT, ls=":", lw=1.2)
        ax.set(xlabel="CPU time over PyTorch's", title=network)
        ax.title.set_fontsize(11)
    return fig


def graph(drawing: Drawing) -> Drawing:
    """The same picture in the book's mid-grey, which reads on a light and on a dark page.

    The page shows it as an image, in which a colour taken from the page's text would be black.
    """
    return Drawing(drawing.svg.replace('color="currentColor"', f'color="{TEXT}"'),
                   drawing.operations)  # fmt: skip


# --- a graph that is walked node by node ---------------------------------------------------------

# Three short rows, so that the numbers can be read on a telephone.
PLACES = {
    "w": (0.0, 2.6),
    "b": (1.7, 2.6),
    "x": (0.0, 1.3),
    "a": (1.7, 1.3),
    "z": (3.4, 1.3),
    "h": (3.4, 0.0),
    "s": (1.7, 0.0),
    "L": (0.0, 0.0),
}
FORMULAS = {"a": "w·x", "z": "a + b", "h": "tanh z", "s": "h + x", "L": "s²"}
EDGES = [
    ("w", "a"), ("x", "a"), ("a", "z"), ("b", "z"), ("z", "h"), ("h", "s"), ("x", "s"), ("s", "L"),
]  # fmt: skip
# Where the local derivative of each edge is written, clear of arrows and gradients.
SLOPES_AT = {
    ("w", "a"): (1.0, 2.12),
    ("x", "a"): (0.85, 1.13),
    ("a", "z"): (2.55, 1.13),
    ("b", "z"): (2.78, 2.12),
    ("z", "h"): (3.72, 0.55),
    ("h", "s"): (2.55, -0.17),
    ("x", "s"): (0.62, 0.60),
    ("s", "L"): (0.85, -0.17),
}
POINT = {"w": 0.5, "x": 2.0, "b": -0.4}
FORWARD = ["a", "z", "h", "s", "L"]
STEPS = 2 * len(FORWARD) + 1


def walk() -> tuple[dict[str, float], list[dict[str, float]]]:
    """Values of the graph, and the gradients after each node that backward has visited.

    Returns:
        The value of each node, and six snapshots: the seed, then one for each operation from the
        last to the first.

    >>> values, snapshots = walk()
    >>> round(values["L"], 3), [round(g["x"], 3) for g in snapshots if "x" in g]
    (6.437, [5.074, 5.074, 5.074, 6.879])
    """
    x, w, b = POINT["x"], POINT["w"], POINT["b"]
    a = w * x
    z = a + b
    h = float(np.tanh(z))
    s = h + x
    values = {**POINT, "a": a, "z": z, "h": h, "s": s, "L": s * s}
    slopes = local_slopes(values)
    gradients, snapshots = {"L": 1.0}, [{"L": 1.0}]
    for node in reversed(FORWARD):
        for parent, child in EDGES:
            if child == node:
                part = gradients[node] * slopes[parent, child]
                gradients[parent] = gradients.get(parent, 0.0) + part
        snapshots.append(dict(gradients))
    return values, snapshots


def local_slopes(values: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """The derivative of each node with respect to each of its inputs, at these values."""
    return {
        ("s", "L"): 2 * values["s"],
        ("h", "s"): 1.0,
        ("x", "s"): 1.0,
        ("z", "h"): 1 - values["h"] ** 2,
        ("a", "z"): 1.0,
        ("b", "z"): 1.0,
        ("w", "a"): values["x"],
        ("x", "a"): values["w"],
    }


def engine_gradients() -> dict[str, float]:
    """Gradients of the same graph by the engine."""
    t = {name: ad.Tensor(value, requires_grad=True) for name, value in POINT.items()}
    s = (t["w"] * t["x"] + t["b"]).tanh() + t["x"]
    (s * s).backward()
    return {name: float(leaf.grad) for name, leaf in t.items()}


@styled
def step_graph(step: int = 0) -> Figure:
    """The graph of L = (tanh(w·x + b) + x)² after a number of steps, forward and then back.

    Args:
        step: 0 shows the inputs, 5 the whole forward pass, 6 the seed, 11 all gradients.
    """
    values, snapshots = walk()
    slopes = local_slopes(values)
    done = FORWARD[: min(step, len(FORWARD))]
    back = step - len(FORWARD) - 1  # operations that backward has visited; −1 before the seed
    gradients = snapshots[back] if back >= 0 else {}
    current = FORWARD[step - 1] if 0 < step <= 5 else FORWARD[-back] if back > 0 else ""
    fig, ax = canvas(width=5.4, height=4.6)
    boxes = {}
    for name, (x, y) in PLACES.items():
        edge = PALETTE["vermillion" if back > 0 else "blue"] if name == current else TEXT
        boxes[name] = FancyBboxPatch(
            (x - 0.55, y - 0.29),
            1.1,
            0.58,
            boxstyle="round,pad=0.02",
            fc="none",
            ec=edge,
            lw=2.6 if name == current else 1.2,
        )
        ax.add_patch(boxes[name])
        label = f"{name} = {FORMULAS[name]}" if name in FORMULAS else name
        ax.text(x, y + 0.13, label, ha="center", va="center", weight="bold", fontsize=11)
        if name in POINT or name in done:
            ax.text(x, y - 0.13, f"{values[name]:.2f}", ha="center", va="center", fontsize=11)
        if name in gradients:
            place = y - 0.47 if y == 0 else y + 0.47  # clear of the arrow from z to h
            text = f"∂L/∂{name} = {gradients[name]:.2f}"
            color = PALETTE["vermillion"]
            right = x + 0.16 * (name in "az")  # clear of the arrows from w and b
            ax.text(right, place, text, ha="center", va="center", color=color, fontsize=11)
    for parent, child in EDGES:
        active = child == current
        ends = [child, parent] if active and back > 0 else [parent, child]
        color = PALETTE["vermillion" if back > 0 else "blue"] if active else TEXT
        arrow = FancyArrowPatch(
            PLACES[ends[0]],
            PLACES[ends[1]],
            patchA=boxes[ends[0]],
            patchB=boxes[ends[1]],
            shrinkA=3,
            shrinkB=3,
            arrowstyle="-|>",
            mutation_scale=14,
            color=color,
            lw=2.6 if active else 1.2,
        )
        ax.add_patch(arrow)
        if child in done:
            x, y = SLOPES_AT[parent, child]
            ax.text(x, y, f"×{slopes[parent, child]:.2f}", ha="center", va="center", fontsize=10)
    ax.set(xlim=(-0.75, 4.15), ylim=(-0.7, 3.25))
    ax.set_axis_off()
    return fig


def describe_step(step: int) -> str:
    """The sentence under :func:`step_graph`."""
    values, snapshots = walk()
    if step == 0:
        return "Before the forward pass: the three leaves have values."
    if step <= len(FORWARD):
        name = FORWARD[step - 1]
        return f"Forward: {name} = {FORMULAS[name]} = {values[name]:.2f}."
    back = step - len(FORWARD) - 1
    if back == 0:
        return "The backward pass starts with its seed, ∂L/∂L = 1."
    node = FORWARD[-back]
    before, after = snapshots[back - 1], snapshots[back]
    parts = []
    for parent, child in EDGES:
        if child == node:
            verb = "grows to" if parent in before else "becomes"
            parts.append(f"∂L/∂{parent} {verb} {after[parent]:.2f}")
    return f"Backward through {node} = {FORMULAS[node]}: {', '.join(parts)}."
