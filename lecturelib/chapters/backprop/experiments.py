"""Experiments on automatic differentiation: settings and seeds in, one value per seed out.

The engine `lecturelib.autodiff` is compared with PyTorch, with central differences, and by training
a network with either. Claims F11 and BP1; explained in the chapter ``backprop``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lecturelib import autodiff as ad
from lecturelib.data import load_digits

__all__ = ["agreement", "difference_errors", "digits", "kink", "multiplications", "order_costs"]

Arrays = list[np.ndarray]


# --- F11: the gradient of a network, three ways --------------------------------------------------


def _problem(seed: int) -> tuple[np.ndarray, np.ndarray, Arrays]:
    """A batch of images, labels, and the weights of a small convolutional network."""
    rng = np.random.default_rng(seed)
    shapes = [(3, 1, 2, 2), (3,), (4, 27), (4,)]
    weights = [rng.normal(size=s) / np.prod(s[1:]) ** 0.5 for s in shapes]
    return rng.normal(size=(5, 1, 4, 4)), rng.integers(0, 4, 5), weights


def _engine_loss(x: Any, y: np.ndarray, w: Sequence[ad.Tensor]) -> ad.Tensor:
    """Convolution, tanh, a linear layer that joins the squares of its inputs, cross-entropy."""
    h = ad.conv2d(x, w[0], w[1]).tanh().reshape(len(y), -1)
    return ad.cross_entropy(ad.linear(h + h * h, w[2], w[3]), y)


def _torch_loss(x: torch.Tensor, y: torch.Tensor, w: Sequence[torch.Tensor]) -> torch.Tensor:
    h = F.conv2d(x, w[0], w[1]).tanh().reshape(len(y), -1)
    return F.cross_entropy(F.linear(h + h * h, w[2], w[3]), y)


def _relative(found: Sequence[Any], wanted: Sequence[Any]) -> float:
    """Largest difference over the largest entry."""
    gap = max(
        np.abs(np.asarray(a) - np.asarray(b)).max() for a, b in zip(found, wanted, strict=True)
    )
    return float(gap / max(np.abs(np.asarray(b)).max() for b in wanted))


def agreement(seeds: Sequence[int], *, step: float = 1e-5) -> dict[str, list[float]]:
    """Relative differences of the engine's derivatives of a convolutional network, in float64.

    Args:
        seeds: One network and one batch a seed.
        step: Of the central differences.

    Returns:
        By name, a value a seed: ``torch`` and ``numerical`` for the gradient, ``second`` for the
        product of the Hessian with a random vector, to PyTorch's.
    """
    found: dict[str, list[float]] = {"torch": [], "numerical": [], "second": []}
    for seed in seeds:
        x, y, arrays = _problem(seed)
        ours = [ad.Tensor(a, requires_grad=True) for a in arrays]
        theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
        direction = [np.random.default_rng([seed, 1]).normal(size=a.shape) for a in arrays]
        loss = _torch_loss(torch.tensor(x), torch.tensor(y), theirs)
        wanted = torch.autograd.grad(loss, theirs, create_graph=True)
        terms = [(g * torch.tensor(d)).sum() for g, d in zip(wanted, direction, strict=True)]
        product = torch.autograd.grad(torch.stack(terms).sum(), theirs)

        slopes = ad.grad(_engine_loss(x, y, ours), ours, create_graph=True)
        parts = [(g * d).sum() for g, d in zip(slopes, direction, strict=True)]
        second = ad.grad(sum(parts[1:], start=parts[0]), ours)
        gradient = [g.data for g in slopes]
        found["torch"].append(_relative(gradient, [g.detach().numpy() for g in wanted]))
        found["second"].append(_relative([g.data for g in second], [g.numpy() for g in product]))
        numerical = _central(partial(_value, x, y), arrays, step)
        found["numerical"].append(_relative(gradient, numerical))
    return found


@ad.no_grad()
def _value(x: np.ndarray, y: np.ndarray, arrays: Arrays) -> float:
    return float(_engine_loss(x, y, [ad.Tensor(a) for a in arrays]))


def _central(f: Callable[[Arrays], float], arrays: Arrays, step: float) -> Arrays:
    """Central differences of f by each number in turn."""
    slopes = [np.empty_like(a) for a in arrays]
    for k, a in enumerate(arrays):
        for i in np.ndindex(a.shape):
            values = []
            for sign in (1, -1):
                moved = [b.copy() if j == k else b for j, b in enumerate(arrays)]
                moved[k][i] += sign * step
                values.append(f(moved))
            slopes[k][i] = (values[0] - values[1]) / (2 * step)
    return slopes


def kink(seeds: Sequence[int]) -> list[float]:
    """Relative error of the engine's derivative of c·(relu(x) − relu(−x)) = c·x at x = 0."""
    errors = []
    for seed in seeds:
        c = 1 + np.random.default_rng(seed).random()
        x = ad.Tensor(0.0, requires_grad=True)
        (slope,) = ad.grad((x.relu() - (-x).relu()) * c, [x])
        errors.append(float(abs(slope.data - c) / c))
    return errors


def difference_errors(seeds: Sequence[int], steps: Sequence[float]) -> dict[str, np.ndarray]:
    """Errors of numerical directional derivatives against the engine's, ``[len(steps), S]``.

    Returns:
        By name: ``forward`` and ``central`` differences in float64, relative.
    """
    errors = {name: np.empty((len(steps), len(seeds))) for name in ("forward", "central")}
    for s, seed in enumerate(seeds):
        x, y, arrays = _problem(seed)
        d = [np.random.default_rng([seed, 1]).normal(size=a.shape) for a in arrays]
        leaves = [ad.Tensor(a, requires_grad=True) for a in arrays]
        _engine_loss(x, y, leaves).backward()
        exact = float(sum((leaf.grad * v).sum() for leaf, v in zip(leaves, d, strict=True)))

        def along(t: float, x=x, y=y, arrays=arrays, d=d) -> float:  # type: ignore[no-untyped-def]
            return _value(x, y, [a + t * v for a, v in zip(arrays, d, strict=True)])

        for i, h in enumerate(steps):
            slopes = {
                "forward": (along(h) - along(0.0)) / h,
                "central": (along(h) - along(-h)) / (2 * h),
            }
            for name, slope in slopes.items():
                errors[name][i, s] = abs(slope - exact) / abs(exact)
    return errors


# --- the order of the products -------------------------------------------------------------------


def multiplications(widths: Sequence[int], order: str) -> int:
    """Multiplications in the product of the Jacobians of a chain, counted factor by factor.

    Args:
        widths: Sizes of the chain, input first: Jacobian p has shape (widths[p], widths[p − 1]).
        order: ``"forward"`` starts at the input, ``"reverse"`` at the output.

    Returns:
        How many numbers are multiplied.

    >>> multiplications([100, 50, 1], "forward"), multiplications([1000, 50, 20, 1], "reverse")
    (5000, 51000)
    """
    if order not in ("forward", "reverse"):
        raise ValueError(f"multiplications: order {order!r} is neither 'forward' nor 'reverse'")
    first, *rest = widths if order == "forward" else widths[::-1]
    return sum(first * a * b for a, b in itertools.pairwise(rest))


def order_costs(
    inputs: Sequence[int], *, width: int = 64, layers: int = 4, outputs: int = 1
) -> dict[str, list[int]]:
    """Multiplications of both orders for chains with more and more inputs."""
    chains = [[n, *[width] * layers, outputs] for n in inputs]
    return {o: [multiplications(c, o) for c in chains] for o in ("forward", "reverse")}


# --- BP1: a network learns digits ----------------------------------------------------------------


def digits(
    seeds: Sequence[int], *, hidden: int = 32, epochs: int = 12, lr: float = 0.3, batch: int = 64
) -> dict[str, np.ndarray]:
    """Train a network on digits with the engine and with PyTorch, from equal starts, in float32.

    The networks of all seeds train side by side: weights have shape ``[S, out, in]``, activations
    ``[S, B, units]``. One hidden layer of ReLUs, gradient descent on minibatches.

    Returns:
        ``engine`` and ``torch``: test accuracies, ``[epochs + 1, S]``.
    """
    split = load_digits()
    x, x_test = split.x_train.numpy(), split.x_test.numpy()
    y, y_test = split.y_train.numpy(), split.y_test.numpy()
    rngs = [np.random.default_rng(seed) for seed in seeds]
    shapes = [(hidden, 64), (10, hidden)]
    start: Arrays = []
    for out, width in shapes:
        weight = np.stack([r.normal(size=(out, width)) * (2 / width) ** 0.5 for r in rngs])
        start += [weight.astype(np.float32), np.zeros((len(rngs), 1, out), np.float32)]
    per_epoch = len(x) // batch
    orders = [
        np.stack([r.permutation(len(x))[: per_epoch * batch] for r in rngs]) for _ in range(epochs)
    ]
    batches = [o.reshape(len(rngs), per_epoch, batch).swapaxes(0, 1) for o in orders]
    results = {}
    for name, run in (("engine", _EngineNetworks), ("torch", _TorchNetworks)):
        network = run(start, lr)
        accuracies = [network.accuracy(x_test, y_test)]
        for chosen_of_epoch in batches:
            for chosen in chosen_of_epoch:
                network.step(x[chosen], y[chosen])
            accuracies.append(network.accuracy(x_test, y_test))
        results[name] = np.stack(accuracies)
    return results


class _EngineNetworks:
    """Networks side by side, differentiated by the engine."""

    def __init__(self, start: Arrays, lr: float) -> None:
        self.weights = [ad.Tensor(a, requires_grad=True) for a in start]
        self.optimizer = ad.SGD(self.weights, lr=lr)

    def logits(self, x: Any) -> Any:
        w, b, v, c = self.weights
        h = (ad.Tensor(x) @ w.swapaxes(1, 2) + b).relu()
        return h @ v.swapaxes(1, 2) + c

    def step(self, x: np.ndarray, y: np.ndarray) -> None:
        z = self.logits(x)
        loss = ad.cross_entropy(z.reshape(-1, 10), y.ravel()) * len(y)  # a mean for each seed
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        with ad.no_grad():
            return (self.logits(x).data.argmax(-1) == y).mean(-1)


class _TorchNetworks:
    """The same, differentiated by PyTorch."""

    def __init__(self, start: Arrays, lr: float) -> None:
        self.weights = [torch.tensor(a, requires_grad=True) for a in start]
        self.optimizer = torch.optim.SGD(self.weights, lr=lr)

    def logits(self, x: np.ndarray) -> torch.Tensor:
        w, b, v, c = self.weights
        h = (torch.from_numpy(x) @ w.mT + b).relu()
        return h @ v.mT + c

    def step(self, x: np.ndarray, y: np.ndarray) -> None:
        z = self.logits(x)
        loss = F.cross_entropy(z.reshape(-1, 10), torch.from_numpy(y.ravel())) * len(y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    @torch.no_grad()
    def accuracy(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.asarray((self.logits(x).argmax(-1).numpy() == y).mean(-1))
