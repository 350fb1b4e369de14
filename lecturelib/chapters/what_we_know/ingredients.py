"""One ingredient of batch norm at a time, in one network that needs it.

Seeds are a leading tensor axis: activations have shape ``[S, D, B]`` (seeds, units, samples).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, normalize, sgd
from lecturelib.normalization import weight_norm

__all__ = ["KINDS", "IngredientNetworks", "losses_at"]

KINDS = {
    "none": "nothing, He's start",
    "start": "a start at which each unit has mean 0 and variance 1",
    "weight norm": "that start, and length and direction apart",
    "center": "the mean removed",
    "scale": "divided by the standard deviation, the mean kept",
    "layer norm": "statistics of the sample, not of the batch",
    "detached": "batch norm, no gradient through its statistics",
    "noisy": "batch norm, then noise that moves the units",
    "batch norm": "batch norm",
}
"""What each kind of network has, in words."""

_NORM = {"center": "center", "layer norm": "layer"}


class IngredientNetworks(NormalizedNetworks):
    """Multilayer perceptrons of ReLUs with batch norm, or with a part of it, before each ReLU.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        kind: one of :data:`KINDS`. All but ``"none"`` learn a γ and a β for each unit; under
            ``"start"`` they are folded into weight and bias.
    """

    def __init__(self, widths: Sequence[int], seeds: Sequence[int], *, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"IngredientNetworks: kind must be one of {(*KINDS,)}, got {kind!r}")
        plain = kind in ("none", "start", "weight norm")
        order = ("relu",) if plain else ("norm", "relu")
        super().__init__(widths, seeds, order=order, norm=_NORM.get(kind, "batch"))
        self.kind = kind

    def _linear(self, h: Tensor, i: int) -> Tensor:
        if self.kind != "weight norm":
            return super()._linear(h, i)
        v, g = self.weights[i], self.gains[i]
        w = weight_norm(v.flatten(0, 1), g.flatten(0, 1)).view(v.shape)
        return torch.baddbmm(self.biases[i], w, h)

    def _normalize(self, h: Tensor, i: int) -> Tensor:
        if self.kind == "scale":
            std = (h.var(-1, correction=0, keepdim=True) + self.eps).sqrt()
            return torch.addcmul(self.shifts[i], h / std, self.gains[i])
        if self.kind == "detached":
            with torch.no_grad():
                mean = h.mean(-1, keepdim=True)
                std = (h.var(-1, correction=0, keepdim=True) + self.eps).sqrt()
            return torch.addcmul(self.shifts[i], (h - mean) / std, self.gains[i])
        out = torch.addcmul(self.shifts[i], normalize(h, self.norm, self.eps), self.gains[i])
        return self._shaken(out) if self.kind == "noisy" else out

    def _shaken(self, a: Tensor) -> Tensor:
        """Noise of Santurkar et al. (2018): a shift and a scale for each unit, new at each step."""
        moves = []
        for generator in self.generators:
            unit = torch.rand(2, a.shape[1], 1, generator=generator)
            sample = torch.rand(a.shape[1:], generator=generator)
            normal = torch.randn(a.shape[1:], generator=generator)
            shift = unit[0] - 0.5 + 0.2 * (sample - 0.5)
            scale = 1 + 0.25 * unit[1] + 0.1 * normal
            moves.append(torch.stack([shift, scale]))
        shift, scale = torch.stack(moves, 1).to(a.device)
        return scale * a + shift

    @torch.no_grad()
    def standardize_units(self, x: Tensor) -> None:
        """Give each hidden unit mean 0 and variance 1 on the inputs ``[S, in, B]``."""
        h = x
        for i in range(len(self.gains)):
            self.biases[i].zero_()
            if self.kind == "weight norm":
                self.gains[i].fill_(1)
            t = self._linear(h, i)
            mean, std = t.mean(-1, keepdim=True), t.std(-1, keepdim=True, correction=0)
            scaled = self.gains[i] if self.kind == "weight norm" else self.weights[i]
            scaled.div_(std + self.eps)
            self.biases[i].copy_(-mean / (std + self.eps))
            h = self._linear(h, i).relu()


def losses_at(
    kind: str,
    rates: Sequence[float],
    seeds: Sequence[int],
    *,
    width: int,
    depth: int,
    steps: int,
    batch_size: int,
    device: str = "cpu",
) -> Tensor:
    """Mean training loss ``[rates, S]`` of the last tenth of the steps, on standardized digits.

    A run with a loss that is not finite, or above that of guessing, counts as guessing: ln 10.
    """
    data = load_digits(standardize=True)
    x, y = data.x_train.to(device), data.y_train.to(device)
    found = []
    for rate in rates:
        widths = [64] + [width] * depth + [10]
        networks = IngredientNetworks(widths, seeds, kind=kind).to(device)
        if kind in ("start", "weight norm"):
            networks.standardize_units(x[:batch_size].T.expand(len(seeds), -1, -1))
        losses = fit(networks, x, y, optimizer=sgd(rate), steps=steps, batch_size=batch_size)
        last = losses[-max(1, steps // 10) :].mean(0)
        chance = torch.full_like(last, 10).log()
        found.append(torch.where(last < chance, last, chance))
    return torch.stack(found)
