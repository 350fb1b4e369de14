"""Figures of ``dropout`` that a reader can move, for ``lecturelib.explore``.

The figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.chapters.dropout.experiments import all_masks, geometric_mean, total_variation
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled

UNITS, CLASSES = 4, 3
F64 = torch.float64
X = torch.tensor([1.0, 0.6, 1.0, 0.5], dtype=F64, device="cpu")
W = torch.tensor(
    [[2.0, -1.0, 0.5, -0.5], [-1.0, 1.0, 1.5, -1.0], [-0.5, 0.5, -1.5, 1.0]],
    dtype=F64,
    device="cpu",
)
HIDDEN = (
    torch.tensor(
        [[-2, -4, 1, -2], [0, -1, 2, -4], [4, -4, -1, 1], [-4, 1, 4, -4]], dtype=F64, device="cpu"
    )
    / 4
)


def logits(network: str, x: Tensor) -> Tensor:
    """Logits of inputs ``[..., 4]``: a softmax regression, or one with a layer of ReLUs before it.

    >>> logits("softmax regression", X).shape, logits("hidden ReLUs", X).shape
    (torch.Size([3]), torch.Size([3]))
    """
    if network == "hidden ReLUs":
        x = 2 * (x @ HIDDEN.T).relu()
    return x @ W.T


def subnets(network: str, p: float) -> dict[str, Tensor]:
    """Probabilities of the 16 subnets ``"each"``, the chances of their masks, and the means.

    ``"full"`` is the network without dropout; subnets have what survives divided by 1 − p.
    """
    masks = all_masks(UNITS)
    kept = masks.sum(1)
    chances = (1 - p) ** kept * p ** (UNITS - kept)
    each = logits(network, masks * X / (1 - p)).log_softmax(-1)
    uniform = torch.full_like(chances, 1 / len(masks))
    return {
        "each": each.exp(),
        "chances": chances,
        "full": logits(network, X).softmax(-1),
        "weighted": geometric_mean(each, chances),
        "uniform": geometric_mean(each, uniform),
    }


@styled
def means_of_subnets(p: float = 0.5, network: str = "softmax regression") -> Figure:
    """What 16 subnets say about three classes, their geometric means, and the full network.

    Args:
        p: probability of dropping one of the four inputs.
        network: ``"softmax regression"`` or ``"hidden ReLUs"``.
    """
    found = {name: value.numpy() for name, value in subnets(network, p).items()}
    fig, ax = canvas(width=5.4, height=3.8)
    place = np.arange(CLASSES)
    ax.bar(place, found["full"], 0.72, color=PALETTE["grey"], alpha=0.35, label="full network")
    shift = np.linspace(-0.3, 0.3, len(found["chances"]))
    for k in range(CLASSES):
        ax.scatter(
            k + shift,
            found["each"][:, k],
            s=6 + 220 * found["chances"],
            color=PALETTE["sky"],
            alpha=0.7,
            lw=0,
            label="a subnet; area: its chance" if k == 0 else None,
        )
    ax.plot(
        place, found["uniform"], "x", color=PALETTE["vermillion"], ms=9, mew=2.5,
        label="mean, all alike",
    )  # fmt: skip
    ax.plot(
        place, found["weighted"], "D", color=PALETTE["blue"], ms=8, label="mean, by their chances"
    )
    ax.set(xlabel="class", ylabel="probability", ylim=(-0.02, 1.35))
    ax.set_xticks(place, ["1", "2", "3"])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.axhline(1, color=TEXT, lw=0.5, ls=":")
    ax.legend(loc="upper center", ncols=2, fontsize=9)
    return fig


def describe_means(p: float, network: str) -> str:
    """The sentence under :func:`means_of_subnets`."""
    found = subnets(network, p)
    weighted, uniform = (
        total_variation(found[name], found["full"]).item() for name in ("weighted", "uniform")
    )
    return (
        f"Distance from the full network: {weighted:.3f} for the geometric mean with the masks' "
        f"chances, {uniform:.3f} with all masks alike."
    )
