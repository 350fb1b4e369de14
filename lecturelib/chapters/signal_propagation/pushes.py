r"""Steps of a share of the parameters' length: towards an output, and at random.

The networks are those of claim A8. The step towards class k goes along the gradient of the mean of
logit k over the test set; all batches are seen in training mode, as one batch.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import cache

import torch
from torch import Tensor

from lecturelib.chapters.signal_propagation.experiments import per_network, random_steps
from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, losses_of, sgd
from lecturelib.instruments import displaced

__all__ = [
    "NETWORKS",
    "gaps",
    "mean_gradients",
    "one_percent",
    "response",
    "stages",
    "trained",
    "where",
]

NETWORKS = {
    "none": (("relu",), 0.05),
    "batch": (("norm", "relu"), 1.0),
    "batch, 0.05": (("norm", "relu"), 0.05),
}
"""What follows each weight matrix, and the rate of SGD."""

EPOCHS = (0, 1, 10, 30)


def stages(
    kind: str,
    epochs: Sequence[int],
    seeds: Sequence[int] = range(5),
    *,
    width: int = 96,
    depth: int = 12,
) -> Iterator[tuple[NormalizedNetworks, Tensor, Tensor]]:
    """The same networks after more and more epochs, with the test set ``[S, 64, N]``, ``[S, N]``.

    Args:
        kind: name in ``NETWORKS``.
        epochs: when to stop, rising; 0 is before training.
        seeds: one a network.
        width: units in a layer.
        depth: hidden layers.
    """
    order, lr = NETWORKS[kind]
    data = load_digits(device="cpu")
    networks = NormalizedNetworks([64, *[width] * depth, 10], seeds, order=order)
    x = data.x_test.T.expand(len(seeds), -1, -1)
    y = data.y_test.expand(len(seeds), -1)
    done = 0
    for stop in epochs:
        steps = (stop - done) * (len(data.x_train) // 128)
        if steps:
            fit(
                networks,
                data.x_train,
                data.y_train,
                optimizer=sgd(lr),
                steps=steps,
                batch_size=128,
            )
        done = stop
        yield networks.train(), x, y


def mean_gradients(networks: NormalizedNetworks, x: Tensor) -> list[list[Tensor]]:
    """For each class, the gradient of its mean logit, a list like the parameters."""
    parameters = list(networks.parameters())
    means = networks(x).mean(-1).sum(0)
    return [
        list(
            torch.autograd.grad(
                m, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
            )
        )
        for m in means
    ]


def _scaled(networks: NormalizedNetworks, g: Sequence[Tensor], size: float) -> list[Tensor]:
    length, slope = (per_network(t).norm(dim=1) for t in (list(networks.parameters()), g))
    factor = (size * length / slope)[:, None, None]
    return [(factor * d).detach() for d in g]


def response(
    networks: NormalizedNetworks, x: Tensor, y: Tensor, sizes: Sequence[float]
) -> dict[str, Tensor]:
    """What steps of several sizes do, mean over the ten classes, ``[sizes, S]``.

    Returns:
        ``target``, the share predicted as the class that the step aims at; ``flips``, the share of
        predictions that a random step changes; ``loss`` and ``random loss``, after these steps.
    """
    parameters = list(networks.parameters())
    gradients = mean_gradients(networks, x)
    directions = [random_steps(networks, 1.0) for _ in gradients]
    rows: dict[str, list[Tensor]] = {n: [] for n in ("target", "flips", "loss", "random loss")}
    with torch.no_grad():
        before = networks(x).argmax(1)
        for size in sizes:
            found: dict[str, list[Tensor]] = {name: [] for name in rows}
            for k, (g, r) in enumerate(zip(gradients, directions, strict=True)):
                with displaced(parameters, _scaled(networks, g, size)):
                    found["target"].append((networks(x).argmax(1) == k).double().mean(-1))
                    found["loss"].append(losses_of(networks, x, y))
                with displaced(parameters, [size * d for d in r]):
                    found["flips"].append((networks(x).argmax(1) != before).double().mean(-1))
                    found["random loss"].append(losses_of(networks, x, y))
            for name, values in found.items():
                rows[name].append(torch.stack(values).mean(0))
    return {name: torch.stack(values) for name, values in rows.items()}


@cache
def trained(kind: str, epochs: int) -> tuple[NormalizedNetworks, Tensor, Tensor]:
    """Networks of the seeds 0 to 4 after 0, 1, 10 or 30 epochs; with the test set, as in stages."""
    stops = EPOCHS if epochs == EPOCHS[-1] else EPOCHS[:-1]
    return _snapshots(kind, stops)[epochs]


@cache
def _snapshots(
    kind: str, epochs: tuple[int, ...]
) -> dict[int, tuple[NormalizedNetworks, Tensor, Tensor]]:
    found = zip(epochs, stages(kind, epochs), strict=True)
    return {stop: (copy.deepcopy(networks), x, y) for stop, (networks, x, y) in found}


def one_percent(kind: str, epochs: int) -> dict[str, Tensor]:
    """``target``, ``flips`` and ``accuracy``, ``[S]``, of steps of 1% after that many epochs."""
    networks, x, y = trained(kind, epochs)
    found = {name: v[0] for name, v in response(networks, x, y, [0.01]).items()}
    with torch.no_grad():
        found["accuracy"] = (networks(x).argmax(1) == y).double().mean(-1)
    return found


def gaps(networks: NormalizedNetworks, x: Tensor, *, size: float = 0.01) -> dict[str, Tensor]:
    """Mean distance of the target's logit below the largest one, before and after the step.

    Returns:
        Means over samples and classes, ``[S]``: ``before`` and ``after``; ``rise``, by how much the
        mean logit should rise to first order, the step's length times that of the gradient; and
        ``random``, the standard deviation of this rise for a random step of the same length.
    """
    parameters = list(networks.parameters())
    length = per_network(parameters).norm(dim=1)
    rows: dict[str, list[Tensor]] = {n: [] for n in ("before", "after", "rise", "random")}
    with torch.no_grad():
        z = networks(x)
    for k, g in enumerate(mean_gradients(networks, x)):
        slope = per_network(g).norm(dim=1)
        rows["before"].append((z.amax(1) - z[:, k]).mean(-1))
        with torch.no_grad(), displaced(parameters, _scaled(networks, g, size)):
            moved = networks(x)
            rows["after"].append((moved.amax(1) - moved[:, k]).mean(-1))
        rows["rise"].append(size * length * slope)
        rows["random"].append(size * length * slope / per_network(g).shape[1] ** 0.5)
    return {name: torch.stack(values).mean(0).detach() for name, values in rows.items()}


def where(networks: NormalizedNetworks, x: Tensor) -> dict[str, Tensor]:
    """Shares of the squared gradient of a mean logit, mean over classes, ``[S]``.

    ``output`` is the output layer, ``last`` what follows the last hidden weight matrix (γ and β),
    and ``below`` everything else.
    """
    outputs = {id(networks.weights[-1]), id(networks.biases[-1])}
    last = {id(networks.gains[-1]), id(networks.shifts[-1])}
    rows: dict[str, list[Tensor]] = {"below": [], "last": [], "output": []}
    for g in mean_gradients(networks, x):
        squares = {name: torch.zeros(len(networks.generators)) for name in rows}
        for p, d in zip(networks.parameters(), g, strict=True):
            name = "output" if id(p) in outputs else "last" if id(p) in last else "below"
            squares[name] = squares[name] + d.flatten(1).square().sum(1)
        total = sum(squares.values())
        for name in rows:
            rows[name].append(squares[name] / total)
    return {name: torch.stack(values).mean(0) for name, values in rows.items()}
