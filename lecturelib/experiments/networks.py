r"""Networks side by side: what the experiments share.

The seeds are carried as a **leading tensor axis**: ten networks train side by side in one batched
matrix product, activations have shape ``[S, D, B]`` (seeds, units, samples), and batch
normalization is the normalization of the last axis. Ten seeds cost little more than one.

There is one network, :class:`Networks`, which :class:`NormalizedNetworks` extends, and one training
loop, :func:`descend`, which :func:`fit` gives its batches and its loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.normalization import batch_norm, layer_norm

__all__ = [
    "NORMS",
    "Networks",
    "NormalizedNetworks",
    "Optimizer",
    "Start",
    "accuracy",
    "batch_of",
    "cross_entropy",
    "descend",
    "draws",
    "fit",
    "he",
    "losses_of",
    "normalize",
    "passes",
    "sgd",
]

Start = Callable[[int, int, int, torch.Generator], tuple[Tensor, Tensor]]
"""(number of the layer, outputs, inputs, generator) -> weight ``[out, in]``, bias ``[out, 1]``."""

NORMS = ("batch", "layer", "l1", "l2", "linf", "center")


# --- networks ------------------------------------------------------------------------------------


def he(layer: int, n_out: int, n_in: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """He's start for ReLUs: weights of variance 2/inputs, biases 0."""
    weight = math.sqrt(2 / n_in) * torch.randn(n_out, n_in, generator=generator)
    return weight, torch.zeros(n_out, 1)


class Networks(nn.Module):
    """S multilayer perceptrons of one shape, side by side.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network; network ``s`` does not depend on which others run beside it.
        start: draws the weight and the bias of a layer.
        activation: of hidden layers, a function of ``[S, D, B]``.
        pieces: rows of the weight for a hidden unit, where the activation joins several (maxout).
        device: where the networks live. All draws are made on the CPU, so that a seed means the
            same everywhere.
    """

    def __init__(
        self,
        widths: Sequence[int],
        seeds: Sequence[int],
        *,
        start: Start = he,
        activation: Callable[[Tensor], Tensor] = torch.relu,
        pieces: int = 1,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        self.activation, self.device = activation, device
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        last = len(widths) - 2
        for i, (n_in, n_out) in enumerate(pairwise(widths)):
            rows = n_out * (pieces if i < last else 1)
            pairs = [start(i, rows, n_in, generator) for generator in self.generators]
            weight, bias = (torch.stack(part).to(device) for part in zip(*pairs, strict=True))
            self.weights.append(nn.Parameter(weight))
            self.biases.append(nn.Parameter(bias))

    def activate(self, z: Tensor) -> Tensor:
        """The activation of a hidden layer's sums ``[S, D, B]``."""
        return self.activation(z)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Inputs ``[S, D, B]``, then the values of each hidden layer."""
        values = [x]
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values.append(self.activate(torch.baddbmm(b, w, values[-1])))
        return values

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs ``[S, in, B]`` to outputs ``[S, out, B]``."""
        return torch.baddbmm(self.biases[-1], self.weights[-1], self.hidden(x)[-1])

    def parameters_each(self) -> int:
        """Number of weights and biases of one network."""
        return sum(p[0].numel() for p in (*self.weights, *self.biases))


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


class NormalizedNetworks(Networks):
    """Networks with a normalization, and dropout, at a place of one's choice in each hidden layer.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        order: what follows each hidden weight matrix: ``"norm"``, ``"relu"``, ``"dropout"``, or
            ``"activation"`` for the one that is given.
        norm: which normalization ``"norm"`` means, one of ``NORMS``.
        dropout: probability of dropping a unit.
        dropout_everywhere: whether every block drops, or only the last, which no norm follows.
        momentum: weight of the newest batch in the running statistics of batch norm.
        eps: added to the variance.
        options: of :class:`Networks`.
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
        **options: Any,
    ) -> None:
        if norm not in NORMS:
            raise ValueError(f"Networks: norm must be one of {NORMS}, got {norm!r}")
        super().__init__(widths, seeds, **options)
        self.order, self.norm, self.dropout = tuple(order), norm, dropout
        self.dropout_everywhere, self.momentum, self.eps = dropout_everywhere, momentum, eps
        count, hidden = len(seeds), list(widths[1:-1])
        zeros, ones = (partial(made, device=self.device) for made in (torch.zeros, torch.ones))
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
        return self.activate(h) if name == "activation" else self._normalize(h, i)

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
        """Share of right answers of each network on the same samples, in evaluation mode."""
        self.eval()
        return accuracy(self, x.T.expand(len(self.generators), -1, -1), y)


@torch.no_grad()
def accuracy(networks: Networks, x: Tensor, y: Tensor, *, finite: bool = False) -> Tensor:
    """Share of right answers ``[S]``.

    Args:
        networks: in the mode in which they stand.
        x: inputs ``[S, D, N]``.
        y: classes ``[S, N]``, or ``[N]``.
        finite: whether an answer that is no number counts as wrong; else it is the first class.
    """
    outputs = networks(x)
    right = outputs.argmax(1) == y
    return (right & outputs.isfinite().all(1) if finite else right).double().mean(1)


# --- training ------------------------------------------------------------------------------------

Optimizer = Callable[[list[nn.Parameter]], torch.optim.Optimizer]
Objective = Callable[[Tensor, Tensor], Tensor]


def sgd(lr: float, momentum: float = 0.0) -> Optimizer:
    """Plain SGD, or SGD with momentum."""
    return lambda parameters: torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def cross_entropy(outputs: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of each network, ``[S]``, of outputs ``[S, K, B]``, classes ``[S, B]``."""
    return F.cross_entropy(outputs, y, reduction="none").mean(-1)


def batch_of(networks: Networks, x: Tensor, y: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """A batch of its own for each network: inputs ``[S, in, size]`` and classes ``[S, size]``."""
    chosen = torch.stack([torch.randperm(len(x), generator=g)[:size] for g in networks.generators])
    chosen = chosen.to(x.device)
    return x[chosen].transpose(1, 2), y[chosen]


def losses_of(networks: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of each network, ``[S]``."""
    return cross_entropy(networks(x), y)


def passes(
    generators: Sequence[torch.Generator], count: int, batch_size: int, steps: int
) -> Iterator[Tensor]:
    """Indices ``[S, B]``: pass after pass, each network in an order of its own.

    A last incomplete batch is left out.
    """
    per_pass, order = count // batch_size, torch.empty(0)
    for step in range(steps):
        if step % per_pass == 0:
            order = torch.stack([torch.randperm(count, generator=g) for g in generators])
        first = step % per_pass * batch_size
        yield order[:, first : first + batch_size]


def draws(
    generators: Sequence[torch.Generator], count: int, batch_size: int, steps: int
) -> Iterator[Tensor]:
    """Indices ``[S, B]``, drawn with replacement."""
    for _ in range(steps):
        yield torch.stack([torch.randint(count, (batch_size,), generator=g) for g in generators])


def descend(
    objective: Callable[[Any], Tensor],
    batches: Iterable[Any],
    optimizer: torch.optim.Optimizer,
    *,
    schedule: Any = None,
    rate: Callable[[int], float] | None = None,
    before_step: Callable[[], None] | None = None,
    probe: Callable[[int], None] | None = None,
) -> Tensor:
    """The training loop of the experiments; the losses ``[steps, S]``.

    The losses are summed over the seeds, so no network sees another's gradient.

    Args:
        objective: from a batch to the loss of each network, ``[S]``.
        batches: whatever the objective takes, one a step.
        optimizer: of the parameters.
        schedule: one of torch's; makes a step after each of the optimizer's.
        rate: factor of the learning rates by the number of the step.
        before_step: called between the gradient and the step, as for clipping.
        probe: called with the number of the step, after it.
    """
    full, losses = [group["lr"] for group in optimizer.param_groups], []
    for step, batch in enumerate(batches):
        if rate is not None:
            for group, lr in zip(optimizer.param_groups, full, strict=True):
                group["lr"] = lr * rate(step)
        loss = objective(batch)
        optimizer.zero_grad()
        loss.sum().backward()
        if before_step is not None:
            before_step()
        optimizer.step()
        if schedule is not None:
            schedule.step()
        losses.append(loss.detach())
        if probe is not None:
            probe(step)
    return torch.stack(losses) if losses else torch.empty(0)


def fit(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    *,
    optimizer: Optimizer,
    steps: int,
    batch_size: int | None = None,
    loss: Objective = cross_entropy,
    indices: Callable[..., Iterator[Tensor]] = passes,
    schedule: Callable[[torch.optim.Optimizer], Any] | None = None,
    **hooks: Any,
) -> Tensor:
    """Train all networks in training mode, each on its own minibatches; losses ``[steps, S]``.

    Args:
        networks: what is trained.
        x: inputs ``[N, D]``, the same for all, or ``[S, D, N]``, each network's own.
        y: targets ``[N]`` or ``[S, N]``.
        optimizer: from the parameters to their optimizer.
        steps: number of steps.
        batch_size: samples a step; None: all of them, in their order.
        loss: from outputs ``[S, K, B]`` and targets ``[S, B]`` to ``[S]``.
        indices: how minibatches are chosen, :func:`passes` or :func:`draws`.
        schedule: from the optimizer to a schedule of its learning rate.
        hooks: of :func:`descend`.
    """
    networks.train()
    update = optimizer(list(networks.parameters()))
    count, own = x.shape[-1] if x.dim() == 3 else len(x), x.dim() == 3

    def objective(chosen: Tensor | None) -> Tensor:
        if chosen is None:
            return loss(networks(x), y)
        chosen = chosen.to(x.device)
        if own:
            batch = x.gather(2, chosen[:, None].expand(-1, x.shape[1], -1))
            return loss(networks(batch), y.gather(1, chosen))
        return loss(networks(x[chosen].transpose(1, 2)), y[chosen])

    batches: Iterable[Any] = [None] * steps
    if batch_size is not None:
        batches = indices(networks.generators, count, batch_size, steps)
    planned = schedule(update) if schedule is not None else None
    return descend(objective, batches, update, schedule=planned, **hooks)
