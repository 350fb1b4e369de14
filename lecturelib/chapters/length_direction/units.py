r"""Units and small networks of the page: other inputs, shutting a unit, the identity, two units.

The claims of the chapter have their experiments in
:mod:`lecturelib.chapters.length_direction.experiments`. Seeds are a leading axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.chapters.length_direction.experiments import LOSSES, halfspace
from lecturelib.chapters.length_direction.halfspaces import angle, best_direction
from lecturelib.experiments.networks import Networks, draws, fit, normalize, sgd

__all__ = [
    "KINDS",
    "StackedBlocks",
    "angles_between_best",
    "identity",
    "shut",
]

F64 = torch.float64


# --- does the best direction depend on what follows? -------------------------------------------


def _corners(size: int, rare: float = 0.1) -> tuple[Tensor, Tensor]:
    """All points of independent skewed coordinates of mean 0 and variance 1, with their weights.

    Each coordinate is ``((1 - p)/p)^½`` with probability p, else ``-(p/(1 - p))^½``.
    """
    bits = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=F64)] * size)
    high, low = math.sqrt((1 - rare) / rare), -math.sqrt(rare / (1 - rare))
    weights = (bits * rare + (1 - bits) * (1 - rare)).prod(1)
    return bits * high + (1 - bits) * low, weights


def _best_pairs(seed: int, inputs: int) -> dict[str, tuple[Tensor, Tensor]]:
    """Best directions of a unit under two continuations, for each setting."""
    problem = halfspace([seed], inputs=inputs, condition=10.0)
    u, S, C = problem.u[0], problem.second[0], problem.C[0]
    g = torch.Generator().manual_seed(seed + 2**23)
    w0, w2 = torch.randn(2, inputs, generator=g, dtype=F64)
    w0 = torch.linalg.solve(S, -u) + 0.3 * w0 / S.diagonal().sqrt()
    w2 = w2 / (w2 @ S @ w2).sqrt()
    nodes = torch.linspace(-7, 7, 121, dtype=F64, device="cpu")
    bell = torch.exp(-nodes.square() / 2)
    bell = bell / bell.sum()
    e, chance = _corners(inputs)
    z = u + e @ torch.linalg.cholesky(C).T

    def gaussian(w: Tensor, loss: str) -> Tensor:
        return (LOSSES[loss](u @ w + (w @ C @ w).sqrt() * nodes) * bell).sum()

    def skewed(w: Tensor, loss: str) -> Tensor:
        return (LOSSES[loss](z @ w) * chance).sum()

    def beside(w: Tensor, v: float) -> Tensor:
        sd2 = (w2 @ C @ w2).sqrt()  # s₂ by its nodes, then s₁ given s₂
        slope = (w @ C @ w2) / sd2
        rest = ((w @ C @ w) - slope.square()).clamp_min(1e-12).sqrt()
        s2 = (u @ w2 + sd2 * nodes)[:, None]
        s1 = u @ w + slope * nodes[:, None] + rest * nodes
        return (torch.sigmoid(s1 + v * torch.tanh(s2)) * bell * bell[:, None]).sum()

    def pair(value: Callable[..., Tensor], *two: Any) -> tuple[Tensor, Tensor]:
        first, second = (best_direction(partial(value, **x), w0, S) for x in two)
        return first, second

    losses = ({"loss": "least squares"}, {"loss": "sigmoidal"})
    return {
        "gaussian": pair(gaussian, *losses),
        "skewed": pair(skewed, *losses),
        "two units": pair(beside, {"v": 1.0}, {"v": -1.0}),
    }


def angles_between_best(seeds: Sequence[int], *, inputs: int = 5) -> dict[str, Tensor]:
    r"""Angle in degrees between the best directions of one unit under two things that follow.

    ``"gaussian"`` and ``"skewed"``: one unit, normalized by its root mean square; what follows is
    the loss itself, least squares or sigmoidal. Gaussian inputs are exact by quadrature; skewed
    ones are sums of independent skewed coordinates with the same u and S. ``"two units"``: Gaussian
    inputs, and a second unit :math:`w_2` that stays where it is; what follows is the sigmoidal loss
    of :math:`s_1 + v\,\tanh s_2` with v = 1 or v = -1.
    """
    pairs = [_best_pairs(seed, inputs) for seed in seeds]
    return {name: torch.stack([angle(*p[name]) for p in pairs]) for name in pairs[0]}


# --- shutting a unit -----------------------------------------------------------------------------


def shut(
    seeds: Sequence[int],
    *,
    positive: bool,
    inputs: int = 20,
    samples: int = 1000,
    lr: float = 0.1,
    steps: int = 100,
) -> Tensor:
    """Share of samples ``[steps + 1, S]`` on which a ReLU without bias is on, told to be smaller.

    As in W16 with ``kind="weights"``; the inputs are centred normal numbers, or those that a ReLU
    passes on (``positive``), scaled to the mean square 1.
    """
    xs, ws = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        xs.append(torch.randn(inputs, samples, generator=generator, dtype=F64))
        ws.append(torch.randn(inputs, generator=generator, dtype=F64) / math.sqrt(inputs))
    x, w = torch.stack(xs), torch.stack(ws)
    if positive:
        x = x.relu() * math.sqrt(2)
    shares = []
    for _ in range(steps + 1):
        on = (torch.einsum("si,sib->sb", w, x) > 0).to(x)
        shares.append(on.mean(-1))
        # The cost is the mean of the unit; its gradient is the mean input where the unit is on.
        w = w - lr * torch.einsum("sb,sib->si", on, x) / samples
    return torch.stack(shares)


# --- the identity ------------------------------------------------------------------------------

KINDS = ("plain", "weight norm", "batch norm", "residual", "residual, batch norm")


class StackedBlocks(Networks):
    r"""S deep networks side by side: a first layer, M blocks of two layers, a linear output.

    A block makes :math:`F(h) = N(V \varphi(N(W \varphi(h) + b)) + c)` of what arrives, with a ReLU
    for :math:`\varphi`. Without skips it hands F(h) on, with them :math:`h + F(h)/\sqrt M`. N is
    nothing, or batch norm with γ and β; with weight norm each row of the weights is divided by its
    length and multiplied by g. ``"plain"`` and ``"residual"`` are the networks ``"plain"`` and
    ``"scaled"`` of the chapter on residual connections.

    Args:
        kind: one of ``KINDS``.
        blocks: M.
        width: units of each hidden layer.
        features: inputs, and outputs.
        seeds: one a network.
    """

    def __init__(
        self, kind: str, blocks: int, width: int, features: int, seeds: Sequence[int]
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"StackedBlocks: kind must be one of {KINDS}, got {kind!r}")
        super().__init__([features, *[width] * (2 * blocks + 1), features], seeds)
        self.skips, self.blocks, self.norm = "residual" in kind, blocks, kind.split(", ")[-1]
        lengths = [w.detach().norm(dim=2, keepdim=True) for w in self.weights[:-1]]
        starts = {
            "weight norm": lengths,  # so that it starts as the plain network
            "batch norm": [torch.ones_like(length) for length in lengths],
        }.get(self.norm, [])
        self.gains = nn.ParameterList(nn.Parameter(g) for g in starts)

    def sums(self, h: Tensor, i: int) -> Tensor:
        """The sums of hidden layer ``i``, normalized."""
        w, b = self.weights[i], self.biases[i]
        if self.norm == "weight norm":
            return torch.baddbmm(b, self.gains[i] * F.normalize(w, dim=2), h)
        if self.norm == "batch norm":
            return normalize(w @ h, "batch") * self.gains[i] + b
        return torch.baddbmm(b, w, h)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[S, D, B]`` to ``[S, D, B]``."""
        h = self.sums(x, 0)
        for i in range(1, 2 * self.blocks, 2):
            f = self.sums(self.sums(h.relu(), i).relu(), i + 1)
            h = h + f / math.sqrt(self.blocks) if self.skips else f
        return torch.baddbmm(self.biases[-1], self.weights[-1], h.relu())


def identity(
    seeds: Sequence[int],
    *,
    kinds: Sequence[str] = KINDS,
    blocks: int = 4,
    width: int = 16,
    features: int = 4,
    rates: Sequence[float] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    steps: int = 200,
    batch_size: int = 32,
) -> dict[str, Tensor]:
    """Error of stacks that are asked for their input, ``[rates, S]``, on 1,000 fresh inputs.

    Standard normal inputs, so that the answer 0 has the error 1. Batch norm takes the statistics
    of the batch at hand, in the test too (1,000 samples). inf where a network diverged.
    """
    g = torch.Generator().manual_seed(77)
    x, fresh = torch.randn(4_000, features, generator=g), torch.randn(1_000, features, generator=g)

    def error(outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs - targets.transpose(1, 2)).square().mean((1, 2))

    found = {}
    for kind in kinds:
        networks = StackedBlocks(kind, blocks, width, features, list(seeds) * len(rates))
        rate = torch.tensor(rates).repeat_interleave(len(seeds))[:, None, None]

        def scale(networks: Any = networks, rate: Tensor = rate) -> None:
            for p in networks.parameters():
                if p.grad is not None:
                    p.grad.mul_(rate)

        fit(
            networks, x, x, optimizer=sgd(1.0), steps=steps, batch_size=batch_size, loss=error,
            indices=draws, before_step=scale,
        )  # fmt: skip
        many = fresh.expand(len(networks.generators), -1, -1)
        with torch.no_grad():
            errors = error(networks(many.transpose(1, 2)), many)
        found[kind] = errors.nan_to_num(nan=math.inf).view(len(rates), -1)
    return found
