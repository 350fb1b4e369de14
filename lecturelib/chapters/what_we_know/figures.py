"""Figures of the closing chapter ``what_we_know``."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lecturelib.chapters.what_we_know.ingredients import KINDS
from lecturelib.claims import get, stored
from lecturelib.claims.results import ResultError
from lecturelib.figures.style import METHODS, TEXT, canvas, styled

__all__ = ["ingredients"]


@styled
def ingredients() -> Figure:
    """Loss with each ingredient of batch norm alone: the stored seeds of claim WK1.

    Raises:
        ResultError: if the claim has no stored result.
    """
    result = stored(get("WK1"))
    if result is None:
        raise ResultError("figures.ingredients: claim WK1 has no stored result")
    loss = {kind: np.asarray(result.values[kind]) for kind in KINDS}
    order = sorted(KINDS, key=lambda kind: -float(np.median(loss[kind])))
    fig, ax = canvas(height=3.6)
    for place, kind in enumerate(order):
        v = loss[kind]
        color = METHODS["batch norm" if kind == "batch norm" else "none"].color
        ax.plot(v, np.full(len(v), place), "o", color=color, alpha=0.35, ms=5, mec="none")
        ax.plot([np.median(v)] * 2, [place - 0.3, place + 0.3], color=color, lw=2.5)
    ax.axvline(np.log(10), color=TEXT, lw=0.8, ls=":")
    ax.text(np.log(10), len(order) - 0.6, "guessing ", ha="right", va="bottom", color=TEXT)
    ax.set_yticks(range(len(order)), order)
    ax.set(xlabel="training loss, mean of the last ten steps", xlim=(0, 2.4))
    ax.invert_yaxis()
    return fig
