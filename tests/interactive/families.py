"""Random families of figures: what changes from frame to frame is drawn by hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Look:
    """All that may differ between two frames of a family."""

    lines: int = 1
    points: int = 0
    bars: int = 0
    legend: bool = False
    title: str = ""
    limit: float = 1.0
    log: bool = False
    image: int = 0
    filled: bool = False
    hatch: str = ""
    size: tuple[float, float] = (4.0, 3.0)
    axes: int = 1
    seed: int = 0
    note: str = ""

    def figure(self) -> Figure:
        rng = np.random.default_rng(self.seed)
        figure = Figure(figsize=self.size, layout="constrained")
        for ax in np.ravel(figure.subplots(1, self.axes)):
            self._draw(ax, rng)
        return figure

    def _draw(self, ax, rng) -> None:
        x = np.linspace(0.01, 1, 40)
        for n in range(self.lines):
            ax.plot(x, self.limit * np.abs(rng.normal(size=40)), label=f"line {n}", marker=".")
        if self.points:
            ax.scatter(*rng.random((2, self.points)), c=rng.random(self.points), label="points")
        if self.bars:
            ax.bar(np.arange(self.bars) / self.bars, rng.random(self.bars), 0.1, hatch=self.hatch)
        if self.filled:
            ax.fill_between(x, 0, rng.random(40), alpha=0.3, label="area")
        if self.image:
            ax.imshow(rng.random((self.image, self.image)), extent=(0, 0.5, 0, 0.5), aspect="auto")
        if self.note:
            ax.annotate(self.note, (0.5, 0.5), (0.2, 0.8), arrowprops={"arrowstyle": "->"})
        ax.set(title=self.title, xlim=(0, 1.1), ylim=(0.01, 1.2 * self.limit))
        if self.log:
            ax.set_yscale("log")
        if self.legend and ax.get_legend_handles_labels()[0]:
            ax.legend(loc="upper left")


looks = st.builds(
    Look,
    lines=st.integers(0, 4),
    points=st.integers(0, 12),
    bars=st.integers(0, 5),
    legend=st.booleans(),
    title=st.sampled_from(["", "n = 8", "a longer title", r"$\sigma^2 = \frac{1}{n}$", "<&\"'>"]),
    limit=st.sampled_from([1.0, 10.0, 0.5]),
    log=st.booleans(),
    image=st.sampled_from([0, 0, 3, 8]),
    filled=st.booleans(),
    hatch=st.sampled_from(["", "//", "x"]),
    size=st.sampled_from([(4.0, 3.0), (3.0, 3.0)]),
    axes=st.sampled_from([1, 1, 2]),
    seed=st.integers(0, 3),
    note=st.sampled_from(["", "here"]),
)

families = st.lists(looks, min_size=2, max_size=5)


@dataclass
class Family:
    """A figure function over a list of looks, to be explored by their number."""

    looks: list[Look] = field(default_factory=list)
    __qualname__ = "family"

    def __call__(self, n: int = 0) -> Figure:
        return self.looks[n].figure()


def many_points(n: int = 1) -> Figure:
    """A figure that is lighter as pixels than as vectors."""
    figure = Figure(figsize=(3, 2))
    rng = np.random.default_rng(n)
    figure.subplots().scatter(*rng.normal(size=(2, 8000)), s=1, color="black")
    return figure
