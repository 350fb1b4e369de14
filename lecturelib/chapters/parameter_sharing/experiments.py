r"""Experiments on shared parameters: settings and seeds in, one value per seed out.

Claims PS1 to PS4; explained in the chapter ``parameter_sharing``. Ten networks train side by side:
perceptrons by batched matrix products, convolutional networks by grouped convolutions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.experiments.networks import (
    Networks,
    accuracy,
    cross_entropy,
    descend,
    fit,
    he,
    passes,
)

__all__ = [
    "CANVAS",
    "HELPERS",
    "MIDDLE",
    "ConvNetworks",
    "Scanners",
    "TiedNetworks",
    "by_shift",
    "centred",
    "in_places",
    "middle_networks",
    "place",
    "shift_drop",
    "small_data",
    "tasks",
    "tied_layers",
]

CANVAS, SIDE = 12, 8
MIDDLE = (CANVAS - SIDE) // 2
PLACES = CANVAS - SIDE + 1


# --- networks with a seed axis -------------------------------------------------------------------


class _Layers(nn.Module):
    """Weights and biases of S networks side by side, by He's start; a convolution is a matrix."""

    def __init__(
        self, seeds: Sequence[int], sizes: Sequence[tuple[int, int]], device: str = "cpu"
    ) -> None:
        super().__init__()
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for i, (n_in, n_out) in enumerate(sizes):
            pairs = [he(i, n_out, n_in, g) for g in self.generators]
            weight, bias = (torch.stack(part).to(device) for part in zip(*pairs, strict=True))
            self.weights.append(nn.Parameter(weight))
            self.biases.append(nn.Parameter(bias))

    def convolve(self, h: Tensor, i: int, field: int, padding: int) -> Tensor:
        """Layer ``i`` as a convolution of ``[B, S·C, H, W]``: a group of channels a network."""
        s, n_out, _ = self.weights[i].shape
        kernel = self.weights[i].reshape(s * n_out, -1, field, field)
        return F.conv2d(h, kernel, self.biases[i].flatten(), padding=padding, groups=s)

    def parameters_each(self) -> int:
        """Number of weights and biases of one network."""
        return sum(p[0].numel() for p in (*self.weights, *self.biases))


def _as_images(x: Tensor) -> Tensor:
    """Pixels ``[S, side², B]`` as images ``[B, S, side, side]``, channels last for speed."""
    s, pixels, batch = x.shape
    side = math.isqrt(pixels)
    images = x.permute(2, 0, 1).reshape(batch, s, side, side)
    return images.contiguous(memory_format=torch.channels_last)


class ConvNetworks(_Layers):
    """S convolutional networks side by side, after the usual pattern.

    Twice a convolution (3×3, zeros around), ReLU and 2×2 max pooling; then a linear layer.

    Args:
        seeds: one seed a network.
        channels: output channels of both convolutions.
        side: height and width of the images.
        device: where the networks live; all draws are made on the CPU.

    >>> ConvNetworks([0, 1], (4, 6))(torch.zeros(2, 144, 5)).shape
    torch.Size([2, 10, 5])
    """

    def __init__(
        self,
        seeds: Sequence[int],
        channels: tuple[int, int] = (8, 16),
        *,
        side: int = CANVAS,
        device: str = "cpu",
    ) -> None:
        first, second = channels
        sizes = (9, first), (9 * first, second), (second * (side // 4) ** 2, 10)
        super().__init__(seeds, sizes, device)

    def forward(self, x: Tensor) -> Tensor:
        """Map pixels ``[S, side², B]`` to logits ``[S, 10, B]``."""
        h = _as_images(x)
        for i in range(2):
            h = F.max_pool2d(self.convolve(h, i, 3, padding=1).relu(), 2)
        features = h.reshape(len(h), len(self.generators), -1).permute(1, 2, 0)
        return torch.baddbmm(self.biases[2], self.weights[2], features)


class Scanners(_Layers):
    """S networks that apply one small perceptron at every place and keep the largest answers.

    The perceptron sees ``field`` × ``field`` pixels and has one hidden layer: two convolutions, the
    second 1×1. Zeros are put around the image so that each window that touches it has its turn.
    The largest value of each output over all places goes into a ReLU and a linear layer.

    Args:
        seeds: one seed a network.
        field: side of the perceptron's window.
        units: its hidden units and its outputs.
        device: where the networks live.

    >>> scan, digit = Scanners([0]), torch.rand(1, 64, 1)
    >>> on_canvas = place(digit[:, :, 0], torch.tensor([1]), torch.tensor([3]))[..., None]
    >>> torch.allclose(scan(digit), scan(on_canvas), atol=1e-5)
    True
    """

    def __init__(
        self,
        seeds: Sequence[int],
        field: int = 5,
        units: tuple[int, int] = (16, 32),
        *,
        device: str = "cpu",
    ) -> None:
        hidden, outputs = units
        super().__init__(seeds, ((field**2, hidden), (hidden, outputs), (outputs, 10)), device)
        self.field = field

    def forward(self, x: Tensor) -> Tensor:
        """Map pixels ``[S, side², B]``, of any side, to logits ``[S, 10, B]``."""
        h = self.convolve(_as_images(x), 0, self.field, padding=self.field - 1).relu()
        best = self.convolve(h, 1, 1, padding=0).amax((2, 3)).relu()
        features = best.view(len(best), len(self.generators), -1).permute(1, 2, 0)
        return torch.baddbmm(self.biases[2], self.weights[2], features)


class TiedNetworks(Networks):
    """Perceptrons whose square hidden layers share one weight matrix and one bias.

    Args:
        width: units of each hidden layer.
        depth: hidden layers; all but the first are tied.
        seeds: one seed a network.
        tied: whether they are; else each has its own, as in :class:`Networks`.

    >>> [TiedNetworks(8, 4, [0], tied=tied).parameters_each() for tied in (True, False)]
    [682, 826]
    """

    def __init__(
        self, width: int, depth: int, seeds: Sequence[int], *, tied: bool = True, **options: Any
    ) -> None:
        hidden = [width] * (2 if tied and depth > 1 else depth)
        super().__init__([64, *hidden, 10], seeds, **options)
        self.depth = depth

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Inputs ``[S, D, B]``, then the values of each hidden layer."""
        values = [x]
        for layer in range(self.depth):
            own = min(layer, len(self.weights) - 2)  # a tied network has two: its first, the tied
            z = torch.baddbmm(self.biases[own], self.weights[own], values[-1])
            values.append(self.activate(z))
        return values


# --- digits on a canvas --------------------------------------------------------------------------


def place(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Put images of 8×8 pixels on a black canvas of 12×12, at places from 0 to 4.

    Args:
        images: ``[N, 64]``.
        down: first row of each, ``[N]``, whole numbers.
        right: first column of each.

    Returns:
        The canvases, ``[N, 144]``.
    """
    line = torch.arange(SIDE)
    canvas = images.new_zeros(len(images), CANVAS, CANVAS)
    n = torch.arange(len(images))[:, None, None]
    rows, columns = down[:, None, None] + line[:, None], right[:, None, None] + line
    canvas[n, rows, columns] = images.view(-1, SIDE, SIDE)
    return canvas.view(len(images), -1)


def centred(images: Tensor) -> Tensor:
    """All images in the middle of their canvas."""
    middle = torch.full((len(images),), MIDDLE)
    return place(images, middle, middle)


def in_places(images: Tensor, generator: torch.Generator) -> Tensor:
    """Each image at a random place."""
    down, right = (torch.randint(PLACES, (len(images),), generator=generator) for _ in range(2))
    return place(images, down, right)


@cache
def _splits(
    seeds: tuple[int, ...], samples: int, held_out: int, flip: float = 0.0
) -> tuple[tuple[Tensor, Tensor], ...]:
    """Training, validation and test data of each seed: images ``[S, N, 64]``, labels ``[S, N]``."""
    sets = [load_digits(seed=seed, flip_labels=flip) for seed in seeds]
    x, y = torch.stack([s.x_train for s in sets]), torch.stack([s.y_train for s in sets])
    last = samples + held_out
    test = torch.stack([s.x_test for s in sets]), torch.stack([s.y_test for s in sets])
    return (x[:, :samples], y[:, :samples]), (x[:, samples:last], y[:, samples:last]), test


def _canvases(x: Tensor, how: Callable[[Tensor], Tensor]) -> Tensor:
    """Images ``[S, N, 64]`` to canvases ``[S, 144, N]``."""
    return torch.stack([how(images) for images in x]).transpose(1, 2).contiguous()


def _scattered(x: Tensor, seeds: Sequence[int], part: int) -> Tensor:
    """Each image ``[S, N, 64]`` at a random place; training, validation and test differ."""
    generators = [torch.Generator().manual_seed(10 * seed + part) for seed in seeds]
    pairs = zip(x, generators, strict=True)
    return torch.stack([in_places(*pair) for pair in pairs]).transpose(1, 2).contiguous()


def _adam(lr: float) -> Callable[[list[nn.Parameter]], torch.optim.Optimizer]:
    return lambda parameters: torch.optim.Adam(parameters, lr=lr)


def _best(validation: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Of settings ``[G, S]`` the one that is best on validation data, for each seed.

    Returns:
        Its test accuracy ``[S]`` and its number in the grid ``[S]``.
    """
    chosen = validation.argmax(0)
    return test.gather(0, chosen[None])[0], chosen


# --- PS1: trained in the middle, tested elsewhere ------------------------------------------------


def middle_networks(
    seeds: Sequence[int],
    *,
    samples: int,
    rates: Mapping[str, float],
    steps: int,
    batch_size: int,
    device: str = "cpu",
) -> dict[str, Any]:
    """Three kinds of networks, each trained on digits in the middle of the canvas.

    The scanners learn from the 8×8 images without the canvas: it would add windows that see
    nothing, and of the largest value these change nothing either.
    """
    seeds = tuple(seeds)
    (x, y), _, _ = _splits(seeds, samples, 0)
    canvas, y = _canvases(x, centred).to(device), y.to(device)
    made: dict[str, Any] = {
        "perceptron": Networks([CANVAS**2, 128, 10], seeds, device=device),
        "pattern": ConvNetworks(seeds, device=device),
        "scan": Scanners(seeds, device=device),
    }
    made = {name: networks for name, networks in made.items() if name in rates}
    for name, networks in made.items():
        images = x.transpose(1, 2).contiguous().to(device) if name == "scan" else canvas
        fit(networks, images, y, optimizer=_adam(rates[name]), steps=steps, batch_size=batch_size)
    return made


def shift_drop(
    seeds: Sequence[int],
    *,
    samples: int,
    held_out: int,
    rates: Mapping[str, Sequence[float]],
    device: str = "cpu",
    **training: Any,
) -> dict[str, Tensor]:
    """PS1: accuracy in the middle and at random places, of networks that saw the middle alone.

    Each kind picks its rate, for each seed, by the accuracy on ``held_out`` other digits in the
    middle. ``"chosen …"`` is the number of that rate in the grid.
    """
    seeds = tuple(seeds)
    _, (x_val, y_val), (x, y) = _splits(seeds, samples, held_out)
    sets = [(_canvases(x_val, centred), y_val), (_canvases(x, centred), y)]
    sets.append((_scattered(x, seeds, 2), y))
    parts = [(images.to(device), labels.to(device)) for images, labels in sets]
    found: dict[str, Tensor] = {}
    for name, grid in rates.items():
        scores = []
        for lr in grid:
            made = middle_networks(
                seeds, samples=samples, rates={name: lr}, device=device, **training
            )
            scores.append([accuracy(made[name], *part) for part in parts])
        validation, middle, moved = map(torch.stack, zip(*scores, strict=True))
        found[name], found[f"chosen {name}"] = _best(validation, middle)
        found[f"{name} moved"] = _best(validation, moved)[0]
    return found


def by_shift(networks: Any, seeds: Sequence[int], shifts: Sequence[int]) -> Tensor:
    """Test accuracy ``[len(shifts), S]`` with every digit moved right by so many pixels."""
    x, y = _splits(tuple(seeds), 1, 0)[2]
    rows = []
    for right in shifts:

        def moved(images: Tensor, right: int = right) -> Tensor:
            row = torch.full((len(images),), MIDDLE)
            return place(images, row, row + right)

        rows.append(accuracy(networks, _canvases(x, moved), y))
    return torch.stack(rows)


# --- PS2: few digits at random places ------------------------------------------------------------


def small_data(
    seeds: Sequence[int],
    *,
    samples: int,
    held_out: int,
    rates: Mapping[str, Sequence[float]],
    steps: int,
    batch_size: int,
    kinds: Sequence[str] = ("perceptron", "pattern", "pattern, mixed"),
    device: str = "cpu",
) -> dict[str, Tensor]:
    """PS2: test accuracy of networks that learn from digits at random places, all tuned.

    Args:
        seeds: one seed a network.
        samples: training images, each at one random place.
        held_out: validation images, by which the rate is picked for each seed.
        rates: learning rates of Adam, for ``"perceptron"`` and for ``"pattern"``.
        steps: number of steps.
        batch_size: images a step.
        kinds: ``"perceptron"``, ``"pattern"``; ``", mixed"`` moves all pixels of the canvas by one
            random permutation, the same for all images.
        device: where it runs.
    """
    seeds = tuple(seeds)
    parts = _splits(seeds, samples, held_out)
    canvases = [_scattered(x, seeds, i).to(device) for i, (x, _) in enumerate(parts)]
    y, y_val, y_test = (labels.to(device) for _, labels in parts)
    order = torch.randperm(CANVAS**2, generator=torch.Generator().manual_seed(0)).to(device)
    found: dict[str, Tensor] = {}
    for kind in kinds:
        mixed = kind.endswith("mixed")
        x, x_val, x_test = (c[:, order] if mixed else c for c in canvases)
        scores = []
        for lr in rates[kind.removesuffix(", mixed")]:
            networks: Any = (
                ConvNetworks(seeds, device=device)
                if kind.startswith("pattern")
                else Networks([CANVAS**2, 128, 10], seeds, device=device)
            )
            fit(networks, x, y, optimizer=_adam(lr), steps=steps, batch_size=batch_size)
            scores.append((accuracy(networks, x_val, y_val), accuracy(networks, x_test, y_test)))
        validation, test = (torch.stack(part) for part in zip(*scores, strict=True))
        found[kind], found[f"chosen {kind}"] = _best(validation, test)
        found[f"parameters {kind}"] = torch.full((len(seeds),), float(networks.parameters_each()))
    return found


# --- PS3: layers that share their weights --------------------------------------------------------


def _columns(part: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return part[0].transpose(1, 2), part[1]


def tied_layers(
    seeds: Sequence[int],
    *,
    samples: int,
    held_out: int,
    width: int,
    wide: int,
    depth: int,
    rates: Sequence[float],
    steps: int,
    batch_size: int,
    flip: float,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """PS3: networks with tied layers against those with a matrix a layer, all tuned.

    Args:
        seeds: one seed a network.
        samples: training images.
        held_out: validation images, by which the rate is picked for each seed.
        width: units a layer.
        wide: the same of wider networks: tied, these have about as many parameters as the untied
            ones of ``width``.
        depth: hidden layers.
        rates: learning rates of Adam.
        steps: number of steps.
        batch_size: images a step.
        flip: share of wrong labels in training and validation data.
        device: where it runs.
    """
    seeds = tuple(seeds)
    parts = _splits(seeds, samples, held_out, flip=flip)
    (x, y), (x_val, y_val), (x_test, y_test) = ([t.to(device) for t in _columns(p)] for p in parts)
    found: dict[str, Tensor] = {}
    for name, units, tied in (
        ("untied", width, False),
        ("tied", width, True),
        ("wide untied", wide, False),
        ("wide tied", wide, True),
    ):
        scores = []
        for lr in rates:
            networks = TiedNetworks(units, depth, seeds, tied=tied, device=device)
            fit(networks, x, y, optimizer=_adam(lr), steps=steps, batch_size=batch_size)
            scores.append((accuracy(networks, x_val, y_val), accuracy(networks, x_test, y_test)))
        validation, test = (torch.stack(part) for part in zip(*scores, strict=True))
        found[name], found[f"chosen {name}"] = _best(validation, test)
        found[f"parameters {name}"] = torch.full((len(seeds),), float(networks.parameters_each()))
    return found


# --- PS4: tasks that share their layers ----------------------------------------------------------

HELPERS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "parity": lambda x, y: y % 2,
    "parity and half": lambda x, y: y % 2 + 2 * (y >= 5),
    "ink": lambda x, y: (x.mean(-1) > x.mean(-1).median(-1, keepdim=True).values).long(),
    "noise": lambda x, y: _coins(y),
}
"""Second tasks, of two answers or four, from images ``[S, N, 64]`` and classes ``[S, N]``."""


def _coins(y: Tensor) -> Tensor:
    g = torch.Generator().manual_seed(0)
    return torch.randint(2, y.shape, generator=g).to(y.device)


def tasks(
    seeds: Sequence[int],
    *,
    labelled: int,
    images: int,
    held_out: int,
    helpers: Mapping[str, Sequence[float]],
    width: int,
    rates: Sequence[float],
    steps: int,
    batch_size: int,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """PS4: digits from few labels, alone or with a second task whose labels are many.

    A network has two hidden layers and, with a helper, four more outputs for the second task. A
    step takes a batch of the labelled images for the classes, and one of all images for the helper.

    Args:
        seeds: one seed a network.
        labelled: images whose class is known.
        images: images whose second label is known.
        held_out: validation images.
        helpers: by the names of :data:`HELPERS` the weights of the second loss to try. The weight
            0 is always tried as well: it is the network that learns the classes alone.
        width: units of both hidden layers.
        rates: learning rates of Adam.
        steps: number of steps.
        batch_size: images a step and task, at most ``labelled``.
        device: where it runs.

    Returns:
        Test accuracy on the classes ``[S]``: ``"alone"``, and one a helper.
    """
    seeds = tuple(seeds)
    parts = _splits(seeds, images, held_out)
    (x, y), (x_val, y_val), test = ([t.to(device) for t in _columns(p)] for p in parts)
    found: dict[str, Tensor] = {}
    without: list[list[Tensor]] = []
    for name, strengths in {"alone": (0.0,), **helpers}.items():
        second = None if name == "alone" else HELPERS[name](x.transpose(1, 2), y)
        scores = list(without)
        for strength in strengths:
            for lr in rates:
                networks = Networks([64, width, width, 10 if second is None else 14], seeds)
                networks.to(device)
                g = networks.generators
                batches = zip(
                    passes(g, labelled, min(batch_size, labelled), steps),
                    passes(g, images, batch_size, steps),
                    strict=True,
                )
                loss = partial(_two_losses, networks, x, y, second, strength)
                descend(loss, batches, _adam(lr)(list(networks.parameters())))
                scores.append([_right(networks, *part) for part in ((x_val, y_val), test)])
        without = without or scores
        found[name], found[f"chosen {name}"] = _best(*map(torch.stack, zip(*scores, strict=True)))
    return found


def _two_losses(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    second: Tensor | None,
    strength: float,
    chosen: tuple[Tensor, Tensor],
) -> Tensor:
    """The loss of the classes on the first batch, and of the second task on the other one."""
    few, many = (c.to(x.device) for c in chosen)
    if second is None:
        return cross_entropy(networks(_take(x, few)), y.gather(1, few))
    outputs = networks(_take(x, torch.cat([few, many], 1)))
    first, other = outputs[:, :10, : few.shape[1]], outputs[:, 10:, few.shape[1] :]
    return cross_entropy(first, y.gather(1, few)) + strength * cross_entropy(
        other, second.gather(1, many)
    )


@torch.no_grad()
def _right(networks: Networks, x: Tensor, y: Tensor) -> Tensor:
    """Accuracy on the classes, the first ten outputs."""
    return (networks(x)[:, :10].argmax(1) == y).double().mean(1)


def _take(x: Tensor, chosen: Tensor) -> Tensor:
    return x.gather(2, chosen[:, None].expand(-1, x.shape[1], -1))
