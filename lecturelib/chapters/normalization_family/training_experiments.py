r"""Experiments that train, or run through time, with the relatives of batch norm.

Seeds are a leading tensor axis: activations have shape ``[S, D, B]`` (seeds, units, samples).
Claims N6, N7, N8 and N11; explained in the chapter ``normalization_family``.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, sgd

__all__ = [
    "DetachNetworks",
    "detached_statistics",
    "lp_accuracy",
    "recurrent_signal",
    "steps_to_accuracy",
]


def recurrent_signal(
    seeds: Sequence[int],
    *,
    scale: float,
    layer_norm: bool,
    units: int = 64,
    steps: int = 50,
    samples: int = 32,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""N6: a random recurrent net of ReLUs, :math:`h_t = \max(0, \mathrm{LN}(W h_{t-1} + U x_t))`.

    W has normal entries of variance ``scale²/units``, U of variance 1/units; inputs are standard
    normal, all in float64. Returns the mean length of the last state, ``"state"``, and the root
    mean square length of :math:`J^\top r` for :math:`J = \partial h_T/\partial h_0` and random unit
    vectors r, ``"gradient"``, which is ``‖J‖_F/√units``; ``[S]`` each.
    """
    states, gradients = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        normal = [
            torch.randn(shape, generator=generator, dtype=torch.float64).to(device)
            for shape in (
                (units, units),
                (units, units),
                (samples, units),
                (steps, samples, units),
                (samples, units),
            )
        ]
        w, u = scale * normal[0] / units**0.5, normal[1] / units**0.5
        start = normal[2].relu().requires_grad_()
        h = start
        for x in normal[3]:
            a = h @ w.T + x @ u.T
            if layer_norm:
                a = (a - a.mean(1, keepdim=True)) / a.std(1, keepdim=True, correction=0)
            h = a.relu()
        direction = normal[4] / normal[4].norm(dim=1, keepdim=True)
        (back,) = torch.autograd.grad((h * direction).sum(), start)
        states.append(h.detach().norm(dim=1).mean())
        gradients.append(back.norm(dim=1).square().mean().sqrt())
    return {"state": torch.stack(states), "gradient": torch.stack(gradients)}


class DetachNetworks(NormalizedNetworks):
    """Networks with layer norm without γ and β; ``detach`` stops gradients of its statistics.

    ``detach`` holds ``"mean"``, ``"std"``, both or none.
    """

    detach: tuple[str, ...] = ()

    def _normalize(self, h: Tensor, i: int) -> Tensor:
        mean = h.mean(1, keepdim=True)
        mean = mean.detach() if "mean" in self.detach else mean
        # The spread as a function of its own: its gradient by way of the mean is 0 in any case.
        std = (h.var(1, keepdim=True, correction=0) + self.eps).sqrt()
        std = std.detach() if "std" in self.detach else std
        return (h - mean) / std


DETACHED = {"layer norm": (), "mean": ("mean",), "std": ("std",), "both": ("mean", "std")}


def detached_statistics(
    seeds: Sequence[int],
    *,
    optimizer: str,
    lr: float,
    width: int = 64,
    depth: int = 4,
    epochs: int = 5,
    batch_size: int = 32,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N7: mean training loss of the last epoch without a norm and with four kinds, ``[S]`` each.

    ``optimizer`` is ``"adam"`` or ``"sgd"``.
    """
    data = load_digits(standardize=True, device=device)
    steps = epochs * (len(data.x_train) // batch_size)
    result = {}
    for name in ("none", *DETACHED):
        order = ("relu",) if name == "none" else ("norm", "relu")
        widths = [64] + [width] * depth + [10]
        networks = DetachNetworks(widths, seeds, order=order, norm="layer", device=device)
        networks.detach = DETACHED.get(name, ())
        losses = fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr) if optimizer == "sgd" else lambda p: torch.optim.Adam(p, lr=lr),
            steps=steps,
            batch_size=batch_size,
        )
        result[name] = losses[-(steps // epochs) :].mean(0)
    return result


def lp_accuracy(
    seeds: Sequence[int],
    *,
    rates: Sequence[float],
    width: int = 64,
    depth: int = 4,
    epochs: int = 10,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N8: test accuracy with L1, L2 and L∞ norms, the best of the learning rates, ``[S]`` each.

    The rate is chosen by the accuracy on held-out training samples, once for all seeds. At test
    time the samples are normalized in one batch with all the training samples.
    """
    data = load_digits(device=device)
    kept = len(data.x_train) - 300
    x, y = data.x_train[:kept], data.y_train[:kept]
    held, labels = data.x_train[kept:], data.y_train[kept:]
    result = {}
    for norm in ("l1", "l2", "linf"):
        found = {}
        for rate in rates:
            networks = NormalizedNetworks(
                [64] + [width] * depth + [10], seeds, norm=norm, device=device
            )
            steps = epochs * (kept // batch_size)
            fit(networks, x, y, optimizer=sgd(rate), steps=steps, batch_size=batch_size)
            found[rate] = [
                _accuracy_beside(networks, x, *pair)
                for pair in ((held, labels), (data.x_test, data.y_test))
            ]
        best = max(found, key=lambda rate: float(found[rate][0].mean()))
        result[norm] = found[best][1]
    return result


@torch.no_grad()
def _accuracy_beside(networks: NormalizedNetworks, known: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Share of right answers on x, normalized in one batch with the known samples."""
    both = torch.cat([known, x]).T.expand(len(networks.generators), -1, -1)
    logits = networks(both)[:, :, len(known) :]
    return (logits.argmax(1) == y).double().mean(-1)


def steps_to_accuracy(
    seeds: Sequence[int],
    *,
    rates: Sequence[float],
    factors: Sequence[float],
    width: int = 64,
    depth: int = 8,
    steps: int = 600,
    every: int = 10,
    share: float = 0.98,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """N11: steps to the accuracy of the plain net, and best test accuracies, ``[S]`` each.

    The plain net gets the best of ``rates``, chosen once for all seeds by the mean of its best
    accuracy, and reaches ``share`` of that best accuracy after ``"none"`` steps. Batch norm gets
    the same rate times each of ``factors``; ``"steps <factor>"`` says when it is as accurate,
    ``steps`` meaning never.
    """
    data = load_digits(standardize=True, device=device)

    def curve(order: tuple[str, ...], rate: float) -> Tensor:
        networks = NormalizedNetworks(
            [64] + [width] * depth + [10], seeds, order=order, device=device
        )
        found = []

        def probe(step: int) -> None:
            if step % every == every - 1:
                found.append(networks.accuracy(data.x_test, data.y_test))
                networks.train()

        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(rate),
            steps=steps,
            batch_size=batch_size,
            probe=probe,
        )
        return torch.stack(found)

    plain = {rate: curve(("relu",), rate) for rate in rates}
    rate = max(plain, key=lambda rate: float(plain[rate].amax(0).mean()))
    best = plain[rate].amax(0)
    goal = share * best

    def first(accuracies: Tensor) -> Tensor:
        there = accuracies >= goal
        at = every * (there.double().argmax(0).double() + 1)
        return torch.where(there.any(0), at, torch.full_like(at, float(steps)))

    result = {"none": first(plain[rate]), "best none": best}
    for factor in factors:
        normed = curve(("norm", "relu"), factor * rate)
        result[f"steps {factor:g}"] = first(normed)
        result[f"best {factor:g}"] = normed.amax(0)
    result["rate"] = torch.full_like(best, rate)
    return result
