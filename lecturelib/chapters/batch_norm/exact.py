r"""What batch norm does exactly, as rounding errors in float64: one seed, one random case.

Every error is the largest absolute difference of the two sides over the largest absolute value of
the second one. Losses are :math:`\sum r_{ij} y_{ij}` with random :math:`r`, as a plain sum of a
normalized output has no gradient at all.

Claims BN1 to BN10; explained in the chapter ``batch_norm``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

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
    "gradient_of_scale",
    "identity",
    "orthogonal_gradient",
    "population_variance",
    "scale_invariance",
    "three_backward_passes",
    "two_batches",
]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


class Case:
    """A random layer: inputs x (m, d), weights w (k, d) and cotangents r (m, k), all float64."""

    def __init__(self, settings: Settings, seed: int, device: str) -> None:
        m, d, k = settings["samples"], settings["inputs"], settings["units"]
        self.generator = torch.Generator().manual_seed(seed)
        self.device = device
        self.x = self.normal(m, d)
        self.w = self.normal(k, d)
        self.r = self.normal(m, k)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers; drawn on the CPU, so that a seed means the same everywhere."""
        draw = torch.randn(*shape, generator=self.generator, dtype=torch.float64)
        return draw.to(self.device)

    def output(self, w: Tensor, eps: float = 0.0) -> Tensor:
        """BN(w x)."""
        return batch_norm(self.x @ w.T, None, None, training=True, eps=eps)

    def gradient(self, w: Tensor, eps: float = 0.0) -> Tensor:
        """Gradient of Σ r·BN(w x) with respect to w."""
        w = w.detach().clone().requires_grad_()
        (self.r * self.output(w, eps)).sum().backward()
        assert w.grad is not None
        return w.grad


def error(a: Tensor, b: Tensor) -> float:
    """Largest difference over the largest value of ``b``."""
    return ((a - b).abs().max() / b.abs().max()).item()


def _over_seeds(
    one: Callable[[Case], dict[str, float]], settings: Settings, seeds: Sequence[int], device: str
) -> Values:
    rows = [one(Case(settings, seed, device)) for seed in seeds]
    return {name: [row[name] for row in rows] for name in rows[0]}


def scale_invariance(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN1: BN(cWx) = BN(Wx) for c > 0 without ε; not for c < 0, nor with ε."""

    def one(case: Case) -> dict[str, float]:
        y = case.output(case.w)
        return {
            "error": max(error(case.output(c * case.w), y) for c in settings["scales"]),
            "negative": error(case.output(-2 * case.w), y),
            "with eps": error(case.output(0.1 * case.w, 1e-5), case.output(case.w, 1e-5)),
        }

    return _over_seeds(one, settings, seeds, device)


def gradient_of_scale(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN2: the gradient at cW is 1/c times that at W for c > 0; for c < 0 the sign is wrong."""

    def one(case: Case) -> dict[str, float]:
        g = case.gradient(case.w)
        return {
            "error": max(error(c * case.gradient(c * case.w), g) for c in settings["scales"]),
            "negative": error(-2 * case.gradient(-2 * case.w), g),
            "with eps": error(0.1 * case.gradient(0.1 * case.w, 1e-5), case.gradient(case.w, 1e-5)),
        }

    return _over_seeds(one, settings, seeds, device)


def orthogonal_gradient(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN3: wᵀ∇w = 0 for each unit, as the largest |cosine| over units."""

    def one(case: Case) -> dict[str, float]:
        g = case.gradient(case.w)
        cosine = (case.w * g).sum(1) / (case.w.norm(dim=1) * g.norm(dim=1))
        step = case.w - g
        growth = (step.norm(dim=1) / case.w.norm(dim=1)).min().item()
        return {"cosine": cosine.abs().max().item(), "growth": growth}

    return _over_seeds(one, settings, seeds, device)


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

    return _over_seeds(one, settings, seeds, device)


def identity(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BN5: γ = √(σ² + ε) and β = μ give the input back; γ = σ², as one slide has it, does not."""

    def one(case: Case) -> dict[str, float]:
        z = 3 * case.x @ case.w.T + 1
        mean, var, eps = z.mean(0), z.var(0, correction=0), 1e-5

        def back(gamma: Tensor) -> float:
            return error(batch_norm(z, None, None, gamma, mean, training=True, eps=eps), z)

        return {"error": back((var + eps).sqrt()), "slide": back(var)}

    return _over_seeds(one, settings, seeds, device)


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

    return _over_seeds(one, settings, seeds, device)


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

    return _over_seeds(one, settings, seeds, device)


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

    return _over_seeds(one, settings, seeds, device)


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

    return _over_seeds(one, settings, seeds, device)


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

    return _over_seeds(one, settings, seeds, device)
