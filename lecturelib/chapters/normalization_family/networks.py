"""Networks that differ in their normalization alone, side by side on the page.

Seeds are a leading tensor axis: activations have shape ``[S, D, B]`` (seeds, units, samples).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, sgd
from lecturelib.normalization import norm_prop, normprop_constants, weight_norm

__all__ = ["KINDS", "FamilyNetworks", "company", "loss_by_rate"]

KINDS = ("none", "batch norm", "mean-only batch norm", "layer norm", "weight norm", "NormProp")
_BASE = {"batch norm": "batch", "mean-only batch norm": "center", "layer norm": "layer"}
_RELU = normprop_constants(torch.relu)


class FamilyNetworks(NormalizedNetworks):
    """Multilayer perceptrons of ReLUs whose hidden layers share one normalization.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        kind: one of :data:`KINDS`. Statistics and weight norm act before the ReLU, NormProp's
            constants after it; γ and β are learnt, under weight norm and NormProp as g and bias.
    """

    def __init__(self, widths: Sequence[int], seeds: Sequence[int], *, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"FamilyNetworks: kind must be one of {KINDS}, got {kind!r}")
        order = ("norm", "relu") if kind in _BASE else ("relu",)
        super().__init__(widths, seeds, order=order, norm=_BASE.get(kind, "batch"))
        self.kind = kind

    def _linear(self, h: Tensor, i: int) -> Tensor:
        if self.kind not in ("weight norm", "NormProp"):
            return super()._linear(h, i)
        v, g = self.weights[i], self.gains[i]
        w = weight_norm(v.flatten(0, 1), g.flatten(0, 1)).view(v.shape)
        return torch.baddbmm(self.biases[i], w, h)

    def _place(self, name: str, h: Tensor, i: int) -> Tensor:
        if self.kind == "NormProp":
            return norm_prop(h, torch.relu, constants=_RELU)
        return super()._place(name, h, i)

    @torch.no_grad()
    def start(self, x: Tensor) -> None:
        """Give each hidden unit mean 0 and variance 1 on the inputs ``[S, in, B]``: set g and b."""
        h = x
        for i in range(len(self.gains)):
            self.gains[i].fill_(1)
            self.biases[i].zero_()
            t = self._linear(h, i)
            mean, std = t.mean(-1, keepdim=True), t.std(-1, keepdim=True, correction=0)
            self.gains[i].copy_(1 / std)
            self.biases[i].copy_(-mean / std)
            h = self._linear(h, i).relu()


def loss_by_rate(
    kind: str,
    rates: Sequence[float],
    *,
    seeds: Sequence[int] = range(10),
    width: int = 64,
    depth: int = 8,
    steps: int = 110,
    batch_size: int = 128,
) -> dict[str, Tensor]:
    """Train on the standardized digits at each rate; mean and last training loss ``[rates, S]``.

    Weight norm gets its data-dependent start on the first 128 samples. A run counts as diverged,
    with loss nan, if some loss is not finite or its mean exceeds 10.
    """
    data = load_digits(standardize=True)
    found: dict[str, Any] = {"mean": [], "last": []}
    for rate in rates:
        networks = FamilyNetworks([64] + [width] * depth + [10], seeds, kind=kind)
        if kind == "weight norm":
            networks.start(data.x_train[:128].T.expand(len(seeds), -1, -1))
        losses = fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(rate),
            steps=steps,
            batch_size=batch_size,
        )
        mean = losses.mean(0)
        failed = ~(mean < 10)
        found["mean"].append(mean.masked_fill(failed, torch.nan))
        found["last"].append(losses[-10:].mean(0).masked_fill(failed, torch.nan))
    return {name: torch.stack(rows) for name, rows in found.items()}


@torch.no_grad()
def company(kind: str, *, seeds: Sequence[int] = range(10), batch_size: int = 8) -> Tensor:
    """Relative change ``[S]`` of one sample's logits when the others of its batch are exchanged.

    Networks of two hidden layers of 64 units at their start, in training mode.
    """
    x = load_digits(standardize=True).x_train
    networks = FamilyNetworks([64, 64, 64, 10], seeds, kind=kind).train()
    logits = []
    for others in (x[1:batch_size], x[batch_size : 2 * batch_size - 1]):
        batch = torch.cat([x[:1], others])
        logits.append(networks(batch.T.expand(len(seeds), -1, -1))[:, :, 0])
    return (logits[1] - logits[0]).norm(dim=1) / logits[0].norm(dim=1)
