r"""What batch norm does exactly in a network, as rounding errors in float64.

Claims BN1 to BN3 and BN10; explained in the chapter ``batch_norm_in_networks``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from lecturelib.experiments.random_layers import Case, error, over_seeds
from lecturelib.normalization import batch_norm

__all__ = [
    "gradient_of_scale",
    "orthogonal_gradient",
    "scale_invariance",
    "two_batches",
]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def scale_invariance(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN1: BN(cWx) = BN(Wx) for c > 0 without ε; not for c < 0, nor with ε."""

    def one(case: Case) -> dict[str, float]:
        y = case.output(case.w)
        return {
            "error": max(error(case.output(c * case.w), y) for c in settings["scales"]),
            "negative": error(case.output(-2 * case.w), y),
            "with eps": error(case.output(0.1 * case.w, 1e-5), case.output(case.w, 1e-5)),
        }

    return over_seeds(one, settings, seeds, device)


def gradient_of_scale(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN2: the gradient at cW is 1/c times that at W for c > 0; for c < 0 the sign is wrong."""

    def one(case: Case) -> dict[str, float]:
        g = case.gradient(case.w)
        return {
            "error": max(error(c * case.gradient(c * case.w), g) for c in settings["scales"]),
            "negative": error(-2 * case.gradient(-2 * case.w), g),
            "with eps": error(0.1 * case.gradient(0.1 * case.w, 1e-5), case.gradient(case.w, 1e-5)),
        }

    return over_seeds(one, settings, seeds, device)


def orthogonal_gradient(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN3: wᵀ∇w = 0 for each unit, as the largest |cosine| over units."""

    def one(case: Case) -> dict[str, float]:
        g = case.gradient(case.w)
        cosine = (case.w * g).sum(1) / (case.w.norm(dim=1) * g.norm(dim=1))
        step = case.w - g
        growth = (step.norm(dim=1) / case.w.norm(dim=1)).min().item()
        return {"cosine": cosine.abs().max().item(), "growth": growth}

    return over_seeds(one, settings, seeds, device)


def two_batches(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN10: a batch and its shifted, stretched copy leave batch norm alike, sample by sample."""

    def one(case: Case) -> dict[str, float]:
        stretch, shift = 0.5 + case.r[0].abs(), 9 + case.r[1].abs()
        other = case.x @ case.w.T * stretch + shift
        y = case.output(case.w)
        puzzle = torch.tensor([[0.0, 9.0], [1.0, 10.0], [2.0, 11.0]]).double().to(case.device)
        middle = batch_norm(puzzle, None, None, training=True, eps=0.0)[1]
        return {
            "error": error(batch_norm(other, None, None, training=True, eps=0.0), y),
            "puzzle": middle.abs().max().item(),
            "apart": (other - case.x @ case.w.T).mean().item(),
        }

    return over_seeds(one, settings, seeds, device)
