r"""Networks side by side: what the experiments share.

The seeds are carried as a **leading tensor axis**: ten networks train side by side in one batched
matrix product, activations have shape ``[S, D, B]`` (seeds, units, samples), and batch
normalization is the normalization of the last axis. Ten seeds cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.normalization import batch_norm, layer_norm

__all__ = ["NORMS", "Networks", "Optimizer", "fit", "normalize", "sgd"]

NORMS = ("batch", "layer", "l1", "l2", "linf", "center")


def normalize(h: Tensor, norm: str, eps: float = 1e-5) -> Tensor:
    """Normalize ``[S, D, B]`` by the values at hand.

    ``"l1"``, ``"l2"`` and ``"linf"`` follow Santurkar et al. (2018): divide by the mean-power norm
    of the uncentered unit, then remove the mean.
    """
    if norm == "batch":
        # All units of all networks are the channels of one batch norm.
        return batch_norm(h.reshape(1, -1, h.shape[-1]), None, None, training=True, eps=eps).view(
            h.shape
        )
    if norm == "layer":
        return layer_norm(h.transpose(1, 2), h.shape[1:2], eps=eps).transpose(1, 2)
    if norm == "center":
        return h - h.mean(-1, keepdim=True)
    sizes = {
        "l1": lambda: h.abs().mean(-1, keepdim=True),
        "l2": lambda: h.square().mean(-1, keepdim=True).sqrt(),
        "linf": lambda: h.abs().amax(-1, keepdim=True),
    }
    scaled = h / (sizes[norm]() + eps)
    return scaled - scaled.mean(-1, keepdim=True)


class Networks(nn.Module):
    """S multilayer perceptrons of one shape, side by side.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network; network ``s`` does not depend on which others run beside it.
        order: what follows each hidden weight matrix: ``"norm"``, ``"relu"``, ``"dropout"``.
        norm: which normalization ``"norm"`` means, one of ``NORMS``.
        dropout: probability of dropping a unit.
        dropout_everywhere: whether every block drops, or only the last, which no norm follows.
        momentum: weight of the newest batch in the running statistics of batch norm.
        device: where the networks live. All draws are made on the CPU, so that a seed means the
            same everywhere.
    """

    def __init__(
        self,
        widths: Sequence[int],
        seeds: Sequence[int],
        *,
        order: Sequence[str] = ("norm", "relu"),
        norm: str = "batch",
        dropout: float = 0.0,
        dropout_everywhere: bool = True,
        momentum: float = 0.1,
        eps: float = 1e-5,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        if norm not in NORMS:
            raise ValueError(f"Networks: norm must be one of {NORMS}, got {norm!r}")
        self.order, self.norm, self.dropout = tuple(order), norm, dropout
        self.dropout_everywhere, self.momentum, self.eps = dropout_everywhere, momentum, eps
        self.device = device
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        count, hidden = len(seeds), list(widths[1:-1])
        self.weights = nn.ParameterList()
        for n_in, n_out in pairwise(widths):  # He initialization
            draws = [torch.randn(n_out, n_in, generator=g) for g in self.generators]
            self.weights.append(nn.Parameter(torch.stack(draws).to(device) * math.sqrt(2 / n_in)))
        zeros, ones = partial(torch.zeros, device=device), partial(torch.ones, device=device)
        self.biases = nn.ParameterList(nn.Parameter(zeros(count, n, 1)) for n in widths[1:])
        self.gains = nn.ParameterList(nn.Parameter(ones(count, n, 1)) for n in hidden)
        self.shifts = nn.ParameterList(nn.Parameter(zeros(count, n, 1)) for n in hidden)
        self.running_mean = [zeros(count, n, 1) for n in hidden]
        self.running_var = [ones(count, n, 1) for n in hidden]

    def forward(self, x: Tensor, record: dict[str, list[Tensor]] | None = None) -> Tensor:
        """Map ``[S, in, B]`` to logits ``[S, out, B]``; ``record`` collects what enters."""
        h = x
        for i in range(len(self.gains)):
            h = self._linear(h, i)
            for name in self.order:
                if record is not None:
                    record.setdefault(name, []).append(h)
                h = self._place(name, h, i)
        return torch.baddbmm(self.biases[-1], self.weights[-1], h)

    def _place(self, name: str, h: Tensor, i: int) -> Tensor:
        """What stands at ``name`` in ``order`` of hidden layer ``i``; a subclass may add names."""
        if name == "relu":
            return h.relu()
        if name == "dropout":
            last = i == len(self.gains) - 1
            return self._drop(h) if self.dropout_everywhere or last else h
        return self._normalize(h, i)

    def _linear(self, h: Tensor, i: int) -> Tensor:
        if self.order[:1] == ("norm",) and self.norm in ("batch", "center"):
            return self.weights[i] @ h  # the mean would remove a bias
        return torch.baddbmm(self.biases[i], self.weights[i], h)

    def _normalize(self, h: Tensor, i: int) -> Tensor:
        if self.norm != "batch":
            return normalize(h, self.norm, self.eps) * self.gains[i] + self.shifts[i]
        # As above, with running statistics and γ, β; views share memory.
        statistics = self.running_mean[i].view(-1), self.running_var[i].view(-1)
        affine = self.gains[i].view(-1), self.shifts[i].view(-1)
        channels = h.reshape(1, -1, h.shape[-1])  # (1, S·D, B)
        return batch_norm(
            channels, *statistics, *affine, self.training, self.momentum, self.eps
        ).view(h.shape)

    def _drop(self, h: Tensor) -> Tensor:
        if not self.training or self.dropout == 0:
            return h
        noise = torch.stack([torch.rand(h.shape[1:], generator=g) for g in self.generators])
        return h * (noise >= self.dropout).to(self.device) / (1 - self.dropout)

    @torch.no_grad()
    def recalibrate(self, x: Tensor) -> None:
        """Replace the running statistics, layer after layer, by those of ``x`` without dropout."""
        self.eval()
        for i in range(len(self.gains)):
            entering: dict[str, list[Tensor]] = {}
            self(x, entering)
            h = entering["norm"][i]
            self.running_mean[i] = h.mean(-1, keepdim=True)
            self.running_var[i] = h.var(-1, keepdim=True)

    @torch.no_grad()
    def accuracy(self, x: Tensor, y: Tensor) -> Tensor:
        """Share of right answers of each network, in evaluation mode."""
        self.eval()
        return (self(x.T.expand(len(self.generators), -1, -1)).argmax(1) == y).double().mean(-1)


Optimizer = Callable[[list[nn.Parameter]], torch.optim.Optimizer]


def sgd(lr: float, momentum: float = 0.0) -> Optimizer:
    """Plain SGD, or SGD with momentum."""
    return lambda parameters: torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def fit(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    *,
    optimizer: Optimizer,
    steps: int,
    batch_size: int,
    probe: Callable[[int], None] | None = None,
) -> Tensor:
    """Train all networks, each on its own minibatches, and return the loss ``[steps, S]``.

    The losses are summed over the seeds, so no network sees another's gradient.
    """
    networks.train()
    update = optimizer(list(networks.parameters()))
    per_epoch, losses, order = len(x) // batch_size, [], torch.empty(0)
    for step in range(steps):
        if step % per_epoch == 0:
            order = torch.stack([torch.randperm(len(x), generator=g) for g in networks.generators])
        first = step % per_epoch * batch_size
        chosen = order[:, first : first + batch_size].to(x.device)
        logits = networks(x[chosen].transpose(1, 2))
        loss = F.cross_entropy(logits, y[chosen], reduction="none").mean(-1)
        update.zero_grad()
        loss.sum().backward()
        update.step()
        losses.append(loss.detach())
        if probe is not None:
            probe(step)
    return torch.stack(losses)
