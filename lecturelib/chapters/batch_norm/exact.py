r"""What the layer does exactly, as rounding errors in float64: one seed, one random case.

Claims BN4 to BN9; explained in the chapter ``batch_norm``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.experiments.random_layers import Case, error, over_seeds
from lecturelib.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    batch_norm,
    batch_norm_backward_chain_numpy,
    batch_norm_backward_numpy,
    batch_norm_forward_numpy,
    fold_batch_norm,
)

__all__ = [
    "bias_gradient",
    "convolution",
    "folding",
    "identity",
    "population_variance",
    "three_backward_passes",
]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def bias_gradient(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN4: a bias before batch norm changes no output and gets no gradient; one after it does."""

    def one(case: Case) -> dict[str, float]:
        before = case.normal(case.w.shape[0]).requires_grad_()
        after = torch.zeros_like(before, requires_grad=True)
        z = case.x @ case.w.T + before
        y = batch_norm(z, None, None, None, after, training=True, eps=0.0)
        (case.r * y).sum().backward()
        assert before.grad is not None
        assert after.grad is not None
        scale = case.r.abs().sum(0).max()
        return {
            "gradient": (before.grad.abs().max() / scale).item(),
            "output": error(y.detach(), case.output(case.w)),
            "shift": (after.grad.abs().max() / scale).item(),
        }

    return over_seeds(one, settings, seeds, device)


def identity(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN5: γ = √(σ² + ε) and β = μ give the input back; γ = σ², as one slide has it, does not."""

    def one(case: Case) -> dict[str, float]:
        z = 3 * case.x @ case.w.T + 1
        mean, var, eps = z.mean(0), z.var(0, correction=0), 1e-5

        def back(gamma: Tensor) -> float:
            return error(batch_norm(z, None, None, gamma, mean, training=True, eps=eps), z)

        return {"error": back((var + eps).sqrt()), "slide": back(var)}

    return over_seeds(one, settings, seeds, device)


def folding(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN6: a layer with folded weights equals the layer followed by batch norm at inference."""

    def one(case: Case) -> dict[str, float]:
        layer = nn.Linear(case.w.shape[1], case.w.shape[0], dtype=torch.float64, device=device)
        bn = BatchNorm1d(case.w.shape[0], dtype=torch.float64, device=device)
        with torch.no_grad():
            layer.weight.copy_(case.w)
            layer.bias.copy_(case.r[0])
            bn.load_state_dict({"weight": case.r[1], "bias": case.r[2]}, strict=False)
            bn(layer(case.x))  # fills the running statistics
            bn.eval()
            return {"error": error(fold_batch_norm(layer, bn)(case.x), bn(layer(case.x)))}

    return over_seeds(one, settings, seeds, device)


def convolution(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN7: for (N, C, H, W) every position is a sample: N·H·W of them a channel."""

    def one(case: Case) -> dict[str, float]:
        m, c = case.r.shape
        images = case.normal(m, c, 5, 4)
        with torch.no_grad():
            y = BatchNorm2d(c, dtype=torch.float64, device=device)(images)
            rows = images.permute(0, 2, 3, 1).reshape(-1, c)
            flat = BatchNorm1d(c, dtype=torch.float64, device=device)(rows)
        return {"error": error(y.permute(0, 2, 3, 1).reshape(-1, c), flat)}

    return over_seeds(one, settings, seeds, device)


def population_variance(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN8: running_var takes the unbiased variance; the batch is divided by the biased one."""

    def one(case: Case) -> dict[str, float]:
        z = case.x @ case.w.T
        mean, var = torch.zeros_like(z[0]), torch.ones_like(z[0])
        y = batch_norm(z, mean, var, training=True, momentum=1.0, eps=0.0)
        return {
            "running": error(var, (z - z.mean(0)).square().sum(0) / (len(z) - 1)),
            "output": error(y.square().mean(0), torch.ones_like(var)),
            "biased": error(var, (z - z.mean(0)).square().sum(0) / len(z)),
        }

    return over_seeds(one, settings, seeds, device)


def three_backward_passes(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN9: the chain of partial derivatives, the compact formula and autograd agree."""

    def one(case: Case) -> dict[str, float]:
        gamma, beta = case.normal(2, case.r.shape[1])
        leaves = [t.clone().requires_grad_() for t in (case.x @ case.w.T, gamma, beta)]
        z, g, b = leaves
        # Autograd through the definition, not through our own backward pass.
        x_hat = (z - z.mean(0)) / (z.var(0, correction=0) + 1e-5).sqrt()
        (case.r * (g * x_hat + b)).sum().backward()
        x, scale, shift = (t.detach().cpu().numpy() for t in leaves)
        _, cache = batch_norm_forward_numpy(x, scale, shift)
        r = case.r.cpu().numpy()
        chain, compact = (
            batch_norm_backward_chain_numpy(r, cache),
            batch_norm_backward_numpy(r, cache),
        )
        truth = [t.grad.cpu() for t in leaves if t.grad is not None]

        def worst(gradients: Sequence[Any]) -> float:
            pairs = zip(gradients, truth, strict=True)
            return max(error(torch.as_tensor(a), b) for a, b in pairs)

        return {"chain": worst([chain.dx, chain.dgamma, chain.dbeta]), "compact": worst(compact)}

    return over_seeds(one, settings, seeds, device)
