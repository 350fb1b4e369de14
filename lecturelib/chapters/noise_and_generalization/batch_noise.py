r"""The noise of batch statistics, separated from everything else: claims NG1 and NG2.

All networks see the whole training set at every step, so that the gradient of the loss has no
sampling noise. What may be random is batch norm's statistics alone: they are taken over random
groups of the samples (ghost batches), or over all, or replaced by a noise of equal size.

Explained in the chapter ``noise_and_generalization``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, accuracy, cross_entropy, descend
from lecturelib.experiments.wrong_labels import flip_labels

__all__ = [
    "KINDS",
    "GroupedNetworks",
    "UnitNoiseNetworks",
    "cancelling",
    "noise_that_arrives",
    "standardize_groups",
    "trained",
    "with_statistics",
]

KINDS = ("none", "frozen", "whole", "groups", "injected")
"""No batch norm; statistics of the start, of all samples, of groups, of all with noise."""


def standardize_groups(h: Tensor, size: int, eps: float = 1e-5) -> Tensor:
    """Standardize ``[..., B]`` within groups of so many samples: each B/size-th is of one group."""
    groups = h.unflatten(-1, (size, -1))
    centred = groups - groups.mean(-2, keepdim=True)
    return (centred / (centred.square().mean(-2, keepdim=True) + eps).sqrt()).flatten(-2)


class GroupedNetworks(NormalizedNetworks):
    """Networks with batch norm whose statistics are of a kind of :data:`KINDS`.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        kind: which statistics are used in training.
        size: samples of a group, or of the group whose noise is injected.
        options: of :class:`~lecturelib.experiments.networks.NormalizedNetworks`.
    """

    def __init__(
        self,
        widths: Sequence[int],
        seeds: Sequence[int],
        *,
        kind: str = "groups",
        size: int = 8,
        **options: Any,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"GroupedNetworks: kind must be one of {KINDS}, got {kind!r}")
        order = ("relu",) if kind == "none" else ("norm", "relu")
        super().__init__(widths, seeds, order=order, **options)
        self.kind, self.size = kind, size

    def _normalize(self, h: Tensor, i: int) -> Tensor:
        if not self.training or self.kind == "whole":
            return super()._normalize(h, i)
        if self.kind == "groups":
            x_hat = standardize_groups(h, self.size, self.eps)
        elif self.kind == "frozen":
            x_hat = (h - self.running_mean[i]) / (self.running_var[i] + self.eps).sqrt()
        else:
            x_hat = self._disturb(standardize_groups(h, h.shape[-1], self.eps))
        return x_hat * self.gains[i] + self.shifts[i]

    def _disturb(self, x_hat: Tensor) -> Tensor:
        """Shift and scale standardized values as a group of normal values would do by chance."""
        n = self.size
        shape = (x_hat.shape[1], 1, x_hat.shape[2] // n)  # one draw a unit and group
        mean = torch.stack([torch.randn(shape, generator=g) for g in self.generators]) / n**0.5
        degrees = torch.full(shape, (n - 1) / 2)
        chi2 = [2 * torch._standard_gamma(degrees, generator=g) for g in self.generators]
        sd = (torch.stack(chi2) / n + self.eps).sqrt()
        groups = x_hat.unflatten(-1, (n, -1))
        return ((groups - mean.to(x_hat)) / sd.to(x_hat)).flatten(-2)


def _orders(networks: NormalizedNetworks, count: int, steps: int) -> Iterator[Tensor]:
    """The whole training set in a new order at each step, ``[S, N]``."""
    for _ in range(steps):
        yield torch.stack([torch.randperm(count, generator=g) for g in networks.generators])


def _labels(y: Tensor, wrong: float, seeds: Sequence[int]) -> Tensor:
    """Training labels ``[S, N]``, a share of them wrong; the same for all networks of a seed."""
    generators = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]
    return flip_labels(y.expand(len(seeds), -1), wrong, generators)


def trained(
    seeds: Sequence[int],
    *,
    kind: str,
    size: int = 8,
    lr: float,
    wrong: float = 0.2,
    train_size: int = 512,
    width: int = 64,
    depth: int = 2,
    steps: int = 100,
    device: str = "cpu",
    **options: Any,
) -> tuple[GroupedNetworks, Tensor, Tensor]:
    """Train networks on digits with wrong labels; the networks, inputs and labels ``[S, N]``.

    SGD with momentum 0.9 and a rate that falls along a cosine, on all samples at every step.
    Afterwards the running statistics are those of the training set; frozen ones stay.
    """
    data = load_digits(standardize=True, device=device)
    x, y = data.x_train[:train_size], data.y_train[:train_size]
    labels = _labels(y, wrong, seeds)
    widths = [64] + [width] * depth + [10]
    networks = GroupedNetworks(widths, seeds, kind=kind, size=size, device=device, **options)
    inputs = x.T.expand(len(seeds), -1, -1)
    if kind == "frozen":
        networks.recalibrate(inputs)
    networks.train()
    rows = torch.arange(len(seeds), device=device)[:, None]

    def objective(order: Tensor) -> Tensor:
        order = order.to(device)
        return cross_entropy(networks(x[order].transpose(1, 2)), labels[rows, order])

    update = torch.optim.SGD(networks.parameters(), lr=lr, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(update, steps)
    descend(objective, _orders(networks, len(x), steps), update, schedule=schedule)
    if kind not in ("none", "frozen"):
        networks.recalibrate(inputs)
    networks.eval()
    return networks, inputs, labels


@torch.no_grad()
def with_statistics(seeds: Sequence[int] = range(10), **settings: Any) -> dict[str, Tensor]:
    """NG1: ``test`` accuracy, accuracy on the ``train`` labels, and both losses, ``[S]`` each.

    Settings are those of :func:`trained`; accuracies and losses are of evaluation mode.
    """
    with torch.enable_grad():
        networks, inputs, labels = trained(seeds, **settings)
    data = load_digits(standardize=True, device=networks.device)
    x = data.x_test.T.expand(len(seeds), -1, -1)
    y = data.y_test.expand(len(seeds), -1)
    return {
        "test": accuracy(networks, x, y),
        "train": accuracy(networks, inputs, labels),
        "test loss": cross_entropy(networks(x), y),
        "train loss": cross_entropy(networks(inputs), labels),
    }


@torch.no_grad()
def noise_that_arrives(
    seeds: Sequence[int] = range(10), *, size: int = 8, draws: int = 30, **settings: Any
) -> dict[str, Tensor]:
    """How much of the statistics' noise reaches the logits, for real groups and for injected noise.

    Per seed the standard deviation of a logit over draws, root mean square over samples and
    classes, after the mean over classes is taken off (softmax does not see it), over the standard
    deviation of the logits over samples.
    """
    with torch.enable_grad():
        networks, inputs, _ = trained(seeds, size=size, **settings)
    found = {}
    signal = _centred(networks(inputs)).std(-1).square().mean(1).sqrt()
    networks.train()
    for kind in ("groups", "injected"):
        networks.kind, networks.size = kind, size
        logits = []
        for order in _orders(networks, inputs.shape[-1], draws):
            shuffled = inputs.gather(2, order[:, None].expand_as(inputs))
            back = order.argsort(1)[:, None].expand(-1, 10, -1)
            logits.append(_centred(networks(shuffled)).gather(2, back))
        spread = torch.stack(logits).std(0).square().mean((1, 2)).sqrt()
        found[kind] = spread / signal
    return found


def _centred(logits: Tensor) -> Tensor:
    """Logits ``[S, K, B]`` without their mean over the classes."""
    return logits - logits.mean(1, keepdim=True)


# --- noise on the units, and weights that cancel it ----------------------------------------------


class UnitNoiseNetworks(NormalizedNetworks):
    """Networks whose last hidden values get Gaussian noise in training.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        noise: ``"none"``, ``"shared"``, the same value for all units of a sample, or ``"own"``.
        std: standard deviation of the noise.
    """

    def __init__(
        self, widths: Sequence[int], seeds: Sequence[int], *, noise: str, std: float, **options: Any
    ) -> None:
        super().__init__(widths, seeds, order=("relu", "noise"), **options)
        self.noise, self.std = noise, std

    def _place(self, name: str, h: Tensor, i: int) -> Tensor:
        if name != "noise":
            return super()._place(name, h, i)
        last = i == len(self.gains) - 1
        if not (self.training and last) or self.noise == "none":
            return h
        units = 1 if self.noise == "shared" else h.shape[1]
        draws = [torch.randn(units, h.shape[2], generator=g) for g in self.generators]
        return h + self.std * torch.stack(draws).to(h)

    def share_that_passes(self) -> Tensor:
        r"""What a noise that all units share does to the logits, over noises of their own, ``[S]``.

        With the columns :math:`v_j` of the output weights, means over classes taken off:
        :math:`\lVert\sum_j v_j\rVert / \sqrt{\sum_j\lVert v_j\rVert^2}`.
        """
        v = self.weights[-1].detach()
        v = v - v.mean(1, keepdim=True)
        return v.sum(2).norm(dim=1) / v.square().sum((1, 2)).sqrt()


def cancelling(
    seeds: Sequence[int] = range(10),
    *,
    std: float = 2.0,
    width: int = 64,
    lr: float = 0.1,
    steps: int = 200,
    batch_size: int = 128,
    train_size: int = 1437,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    """NG2: networks trained with no noise, with a shared one, and with noises of their own.

    For each the test accuracy under the ``own`` and the ``shared`` noise and without noise
    (``clean``), and the share of shared noise that passes the output weights, at the ``start`` and
    after training.
    """
    data = load_digits(standardize=True, device=device)
    x, y = data.x_train[:train_size], data.y_train[:train_size]
    tests = data.x_test.T.expand(len(seeds), -1, -1)
    result = {}
    for kind in ("none", "shared", "own"):
        networks = UnitNoiseNetworks(
            [64, width, 10], seeds, noise=kind, std=std, device=device
        )  # fmt: skip
        found = {"start": networks.share_that_passes()}
        update = torch.optim.SGD(networks.parameters(), lr=lr, momentum=0.9)
        rows = (order[:, :batch_size] for order in _orders(networks, len(x), steps))
        networks.train()
        descend(
            _on(networks, x, y),
            rows,
            update,
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(update, steps),
        )
        found["after"] = networks.share_that_passes()
        for name in ("none", "shared", "own"):
            networks.noise = name
            found["clean" if name == "none" else name] = accuracy(networks, tests, data.y_test)
        result[kind] = found
    return result


def _on(networks: NormalizedNetworks, x: Tensor, y: Tensor) -> Any:
    """The loss of each network on the samples that are named, ``[S]``."""

    def objective(chosen: Tensor) -> Tensor:
        chosen = chosen.to(x.device)
        return cross_entropy(networks(x[chosen].transpose(1, 2)), y[chosen])

    return objective
