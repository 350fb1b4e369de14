r"""Experiments on bagging and dropout: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: activations have the shape ``[S, D, B]`` (seeds,
units, samples). What is tuned is tuned for each seed by itself, on validation data.

Claims R2, R11, R12, R13, R16, DO1 and DO2; explained in the chapter ``dropout``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.experiments.networks import Networks, cross_entropy, descend, fit, he, passes
from lecturelib.regularizers import Bag, bag, dropout, dropout2d

__all__ = [
    "ConvNetworks",
    "DroppingNetworks",
    "all_masks",
    "auroc",
    "autoencoders",
    "bag_sizes",
    "bagging",
    "best",
    "calibration",
    "calibration_error",
    "channels_and_pixels",
    "courses",
    "digits",
    "dropout_gain",
    "ensembles",
    "error_moments",
    "features",
    "geometric_mean",
    "grey_digits",
    "means_of_subnets",
    "member_errors",
    "neighbour_correlation",
    "paths",
    "predictions",
    "rates",
    "redundancy",
    "reliability",
    "smoothness",
    "softmax_regression",
    "total_variation",
    "train",
    "trained_maps",
    "tree",
    "tuned",
    "uncertainty",
    "used_filters",
    "walls",
]

F64 = torch.float64


# --- networks that drop --------------------------------------------------------------------------


class DroppingNetworks(Networks):
    """Networks side by side with dropout of inputs and of hidden units, in training mode.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        p: probability of dropping a hidden unit.
        p_input: probability of dropping an input.
        options: of :class:`Networks`.

    >>> networks = DroppingNetworks((4, 1000, 2), [0], p=0.5)
    >>> round((networks.hidden(torch.ones(1, 4, 1))[1] == 0).double().mean().item(), 1)
    0.7
    """

    def __init__(
        self,
        widths: Sequence[int],
        seeds: Sequence[int],
        *,
        p: float = 0.0,
        p_input: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(widths, seeds, **options)
        self.p, self.p_input = p, p_input

    def drop(self, h: Tensor, p: float) -> Tensor:
        """Inverted dropout of ``[S, D, B]``, each network with its own random numbers."""
        if not self.training or p == 0:
            return h
        draws = torch.stack([torch.rand(h.shape[1:], generator=g) for g in self.generators])
        return h * (draws >= p).to(h.device, h.dtype) / (1 - p)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Inputs ``[S, D, B]``, then the values of each hidden layer, with what is dropped at 0."""
        values = [self.drop(x, self.p_input)]
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values.append(self.drop(self.activate(torch.baddbmm(b, w, values[-1])), self.p))
        return values


@cache
def digits(seeds: tuple[int, ...], flip: float = 0.0) -> tuple[Tensor, ...]:
    """Standardized digits for each seed, ``[S, 64, N]`` and ``[S, N]``, for training and test.

    A share ``flip`` of the training labels is wrong; test labels are true.
    """
    splits = [load_digits(standardize=True, flip_labels=flip, seed=s) for s in seeds]
    x, y, x_test, y_test = (torch.stack(part) for part in zip(*splits, strict=True))
    return x.transpose(1, 2).contiguous(), y, x_test.transpose(1, 2).contiguous(), y_test


def train(
    seeds: Sequence[int],
    *,
    lr: float,
    p: float,
    flip: float,
    samples: int,
    width: int,
    epochs: int,
    batch_size: int,
    p_input: float = 0.0,
    device: str = "cpu",
    probe: Callable[[DroppingNetworks, int], None] | None = None,
) -> DroppingNetworks:
    """Train 64-width-width-10 on the first digits by SGD with momentum 0.9."""
    x, y, _, _ = (t.to(device) for t in digits(tuple(seeds), flip))
    widths = (64, width, width, 10)
    networks = DroppingNetworks(widths, seeds, p=p, p_input=p_input, device=device)
    fit(
        networks,
        x[:, :, :samples].contiguous(),
        y[:, :samples],
        optimizer=partial(torch.optim.SGD, lr=lr, momentum=0.9),
        steps=epochs * (samples // batch_size),
        batch_size=batch_size,
        probe=partial(probe, networks) if probe else None,
    )
    networks.eval()
    return networks


@torch.no_grad()
def scores(
    networks: DroppingNetworks, flip: float, seeds: Sequence[int], samples: int, held_out: int
) -> dict[str, Tensor]:
    """Accuracy and loss in evaluation mode on training, validation and test digits, ``[S]``."""
    x, y, x_test, y_test = (t.to(networks.device) for t in digits(tuple(seeds), flip))
    parts = {
        "train": (x[:, :, :samples], y[:, :samples]),
        "validation": (x[:, :, samples : samples + held_out], y[:, samples : samples + held_out]),
        "test": (x_test, y_test),
    }
    found = {}
    for name, (inputs, classes) in parts.items():
        outputs = networks(inputs)
        found[name] = (outputs.argmax(1) == classes).double().mean(1).cpu()
        found[f"{name} loss"] = cross_entropy(outputs, classes).double().cpu()
    return found


def best(runs: Sequence[dict[str, Tensor]], by: str = "validation") -> dict[str, Tensor]:
    """For each seed the run that a quantity prefers: values ``[S]``, and its number as ``"run"``.

    A run whose quantity is no number is never preferred.
    """
    number = torch.stack([run[by] for run in runs]).nan_to_num(-math.inf).argmax(0)
    picked = {
        name: torch.stack([run[name] for run in runs]).gather(0, number[None])[0]
        for name in runs[0]
    }
    return {**picked, "run": number}


def tuned(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float],
    p: float,
    flip: float,
    held_out: int,
    samples: int,
    **protocol: Any,
) -> dict[str, Tensor]:
    """The learning rate of the best validation accuracy, for each seed; values ``[S]``."""
    runs = []
    for lr in lrs:
        networks = train(seeds, lr=lr, p=p, flip=flip, samples=samples, **protocol)
        runs.append(scores(networks, flip, seeds, samples, held_out))
    return best(runs)


def dropout_gain(
    seeds: Sequence[int], *, lrs: Sequence[float], p: float, flip: float, **protocol: Any
) -> dict[str, Tensor]:
    """R2: test accuracy with dropout minus without, each with its own best rate, ``[S]`` each."""
    plain = tuned(seeds, lrs=lrs, p=0.0, flip=flip, **protocol)
    dropped = tuned(seeds, lrs=lrs, p=p, flip=flip, **protocol)
    return {
        "gain": dropped["test"] - plain["test"],
        "loss": dropped["test loss"] / plain["test loss"],
        "plain": plain["test"],
        "dropped": dropped["test"],
        "gap plain": plain["train"] - plain["validation"],
        "gap dropped": dropped["train"] - dropped["validation"],
        "rate plain": torch.tensor(lrs)[plain["run"]].double(),
        "rate dropped": torch.tensor(lrs)[dropped["run"]].double(),
    }


def rates(
    seeds: Sequence[int],
    *,
    hidden: Sequence[float],
    inputs: Sequence[float],
    lrs: Sequence[float],
    **protocol: Any,
) -> dict[tuple[float, float], Tensor]:
    """Test accuracy ``[S]`` by (p of hidden units, p of inputs), each with its best rate."""
    return {
        (p, p_input): tuned(seeds, lrs=lrs, p=p, p_input=p_input, **protocol)["test"]
        for p, p_input in product(hidden, inputs)
    }


def courses(
    seeds: Sequence[int], *, lr: float, p: float, flip: float, samples: int, **protocol: Any
) -> dict[str, Tensor]:
    """One training, looked at after every epoch in evaluation mode; accuracies ``[T, S]``.

    ``"train"`` is on the training labels as they are, ``"test"`` on true ones.
    """
    seen = []

    def look(networks: DroppingNetworks, step: int) -> None:
        if (step + 1) % (samples // protocol["batch_size"]):
            return
        networks.eval()
        found = scores(networks, flip, seeds, samples, 0)
        seen.append(torch.stack([found["train"], found["test"]]))
        networks.train()

    train(seeds, lr=lr, p=p, flip=flip, samples=samples, probe=look, **protocol)
    return dict(zip(("train", "test"), torch.stack(seen, 1), strict=True))


# --- bagging -------------------------------------------------------------------------------------


def sine(generator: torch.Generator, *, samples: int, noise: float) -> tuple[Tensor, Tensor]:
    """Samples of sin(πx) with x uniform in [−1, 1] and normal noise: ``[N, 1]`` and ``[N]``."""
    x = 2 * torch.rand(samples, 1, generator=generator, dtype=F64) - 1
    return x, torch.sin(math.pi * x[:, 0]) + noise * torch.randn(
        samples, generator=generator, dtype=F64
    )


def tree(x: Tensor, y: Tensor) -> Callable[[Tensor], Tensor]:
    """A regression tree that is grown until each leaf holds one value, from scikit-learn."""
    from sklearn.tree import DecisionTreeRegressor

    fitted = DecisionTreeRegressor(random_state=0).fit(x.numpy(), y.numpy())
    return lambda x: torch.from_numpy(fitted.predict(x.numpy()))


def error_moments(errors: Tensor) -> tuple[Tensor, Tensor]:
    """Mean square v and mean product c of two members, of errors ``[k, m]``."""
    k = len(errors)
    v = errors.square().mean()
    return v, (errors.sum(0).square().mean() - k * v) / (k * (k - 1))


def member_errors(
    seed: int, *, members: int, samples: int, noise: float, points: int = 400
) -> dict[str, Tensor]:
    """Errors ``[members, points]`` of trees on bootstrap samples of one data set, and on fresh
    data sets."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.linspace(-1, 1, points, dtype=F64)[:, None]
    truth = torch.sin(math.pi * x[:, 0])
    draw = partial(sine, generator, samples=samples, noise=noise)
    ensemble = bag(tree, draw(), members, generator=generator)
    fresh = Bag([tree(*draw()) for _ in range(members)], ensemble.indices)
    return {
        "bootstrap": ensemble.predictions(x) - truth,
        "fresh": fresh.predictions(x) - truth,
    }


def bagging(
    seeds: Sequence[int], *, k: int, members: int, samples: int, noise: float
) -> dict[str, Tensor]:
    """R11: the error of a bag of k against v/k + (k−1)c/k from other members, ``[S]`` each.

    The first half of the members gives v and c, the second half the bags.
    """
    rows = []
    for seed in seeds:
        row: dict[str, Tensor] = {}
        for name, errors in member_errors(
            seed, members=members, samples=samples, noise=noise
        ).items():
            first, second = errors.chunk(2)
            v, c = error_moments(first)
            bags = second.reshape(-1, k, errors.shape[1]).mean(1).square().mean()
            row |= {
                f"ratio {name}": bags / v,
                f"formula {name}": bags / (v / k + (k - 1) / k * c),
                f"correlation {name}": c / v,
            }
            v, c = error_moments(errors)
            whole = errors.mean(0).square().mean()
            row[f"identity {name}"] = (
                whole / (v / members + (members - 1) / members * c) - 1
            ).abs()
        rows.append(row)
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


def bag_sizes(
    seeds: Sequence[int], sizes: Sequence[int], *, members: int, samples: int, noise: float
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Errors of bags of several sizes over that of a member, ``[sizes, S]``, and the formula's.

    The formula ``[sizes]`` has the mean over the seeds of c/v.
    """
    measured: dict[str, list[Tensor]] = {"bootstrap": [], "fresh": []}
    shares: dict[str, list[Tensor]] = {"bootstrap": [], "fresh": []}
    for seed in seeds:
        found = member_errors(seed, members=members, samples=samples, noise=noise)
        for name, errors in found.items():
            v, c = error_moments(errors)
            bags = [errors.unflatten(0, (-1, k)).mean(1).square().mean() / v for k in sizes]
            measured[name].append(torch.stack(bags))
            shares[name].append(c / v)
    k = torch.tensor(sizes, dtype=F64)
    theory = {
        name: 1 / k + (k - 1) / k * torch.stack(value).mean() for name, value in shares.items()
    }
    return {name: torch.stack(value, 1) for name, value in measured.items()}, theory


# --- the geometric mean --------------------------------------------------------------------------


def all_masks(units: int) -> Tensor:
    """All ways to keep or drop units, ``[2^units, units]`` of 0 and 1."""
    return torch.tensor(list(product((0.0, 1.0), repeat=units)), dtype=F64)


def geometric_mean(log_probabilities: Tensor, weights: Tensor) -> Tensor:
    """The weighted geometric mean of distributions ``[M, ..., K]``, made to sum to 1."""
    return torch.tensordot(weights, log_probabilities, 1).softmax(-1)


def total_variation(a: Tensor, b: Tensor) -> Tensor:
    """Half the sum of the differences of two distributions over the last axis."""
    return (a - b).abs().sum(-1) / 2


def softmax_regression(
    seeds: Sequence[int], *, units: int, classes: int, p: float, inputs: int = 20
) -> dict[str, Tensor]:
    """The mean over all masks against the network without dropout, for softmax regression.

    ``"weighted"`` gives each mask its probability, ``"uniform"`` all the same, ``"half"`` is the
    latter at p = 0.5; total variation ``[S]``, as a mean over random inputs.
    """
    masks = all_masks(units)
    kept = masks.sum(1)
    uniform = torch.full((len(masks),), 1 / len(masks), dtype=F64)
    cases = {
        "weighted": (p, (1 - p) ** kept * p ** (units - kept)),
        "uniform": (p, uniform),
        "half": (0.5, uniform),
    }
    found: dict[str, list[Tensor]] = {name: [] for name in cases}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        weight = torch.randn(classes, units, generator=generator, dtype=F64)
        x = torch.randn(inputs, units, generator=generator, dtype=F64)
        full = (x @ weight.T).softmax(-1)
        for name, (drop, chances) in cases.items():
            logits = (masks[:, None] * x / (1 - drop)) @ weight.T  # [masks, inputs, classes]
            mean = geometric_mean(logits.log_softmax(-1), chances)
            found[name].append(total_variation(mean, full).mean())
    return {name: torch.stack(values) for name, values in found.items()}


@torch.no_grad()
def ensembles(
    networks: DroppingNetworks, x: Tensor, *, draws: int, batch: int = 32
) -> dict[str, Tensor]:
    """Class probabilities ``[S, N, K]`` of networks 64-n-n-10 with dropout p of hidden units.

    ``"full"``: without dropout. ``"geometric"``: the mean over *all* masks, each with its
    probability. The mean of log-probabilities is, but for a constant, that of the logits; they are
    linear in the second layer's masks, whose mean is 1, so that the 2ⁿ masks of the first are all
    that must be counted. ``"arithmetic"`` and ``"one"`` are the mean, and the first, of random
    masks.
    """
    (w1, w2, w3) = (w.double() for w in networks.weights)
    (b1, b2, b3) = (b.double() for b in networks.biases)
    networks.eval()
    full = networks(x).double().softmax(1)
    p, units = networks.p, w1.shape[1]
    masks = all_masks(units)
    kept = masks.sum(1)
    chances = (1 - p) ** kept * p ** (units - kept)
    h = (w1 @ x.double() + b1).relu() / (1 - p)  # [S, n, N]
    mean = torch.zeros_like(h)
    for some, weights in zip(masks.split(batch), chances.split(batch), strict=True):
        second = (w2 @ (h[None] * some[:, None, :, None]) + b2).relu()
        mean += torch.tensordot(weights, second, 1)
    geometric = (w3 @ mean + b3).softmax(1)
    networks.train()
    sampled = torch.stack([networks(x).softmax(1) for _ in range(draws)]).double()
    networks.eval()
    found = {
        "full": full,
        "geometric": geometric,
        "arithmetic": sampled.mean(0),
        "one": sampled[0],
    }
    return {name: value.transpose(1, 2) for name, value in found.items()}


def means_of_subnets(
    seeds: Sequence[int],
    *,
    units: int,
    classes: int,
    p: float,
    p_network: float,
    draws: int,
    inputs: int,
    **protocol: Any,
) -> dict[str, Tensor]:
    """R12: softmax regression exactly, and trained networks with two hidden layers, ``[S]``."""
    found = softmax_regression(seeds, units=units, classes=classes, p=p)
    networks = train(seeds, p=p_network, **protocol)
    _, _, x, y = digits(tuple(seeds), protocol["flip"])
    x, y = x[:, :, :inputs], y[:, :inputs]
    predicted = ensembles(networks, x, draws=draws)
    found["hidden"] = total_variation(predicted["full"], predicted["geometric"]).mean(1)
    found["arithmetic"] = total_variation(predicted["full"], predicted["arithmetic"]).mean(1)
    for name, value in predicted.items():
        found[f"accuracy {name}"] = (value.argmax(-1) == y).double().mean(1)
    return found


# --- channels and pixels -------------------------------------------------------------------------


class ConvNetworks(nn.Module):
    """Convolutional networks side by side, as groups of one convolution: 3×3 to 8 maps, ReLU,
    pooling, 3×3 to 16 maps, ReLU, mean over the places, linear.

    Args:
        seeds: one seed a network.
        device: where the networks live.
    """

    def __init__(self, seeds: Sequence[int], *, device: str = "cpu") -> None:
        super().__init__()
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

        def start(*shape: int) -> nn.Parameter:
            scale = math.sqrt(2 / math.prod(shape[1:]))
            each = [scale * torch.randn(*shape, generator=g) for g in self.generators]
            return nn.Parameter(torch.stack(each).to(device))

        self.first, self.second, self.last = start(8, 1, 3, 3), start(16, 8, 3, 3), start(10, 16)
        zeros = partial(torch.zeros, device=device)
        self.biases = nn.ParameterList(zeros(len(seeds), n) for n in (8, 16))
        self.last_bias = nn.Parameter(zeros(len(seeds), 10, 1))

    @staticmethod
    def maps(h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Convolution and ReLU, from ``[B, S, C, H, W]`` to as many places."""
        count = len(weight)
        z = F.conv2d(h.flatten(1, 2), weight.flatten(0, 1), bias.flatten(), 1, 1, 1, count)
        return z.relu().unflatten(1, (count, -1))

    def first_maps(self, x: Tensor) -> Tensor:
        """The maps ``[B, S, 8, 8, 8]`` of images ``[S, 64, B]``."""
        return self.maps(x.permute(2, 0, 1).unflatten(2, (1, 8, 8)), self.first, self.biases[0])

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``[S, 64, B]`` to logits ``[S, 10, B]``."""
        h = self.first_maps(x)
        h = F.max_pool2d(h.flatten(1, 2), 2).unflatten(1, h.shape[1:3])
        h = self.maps(h, self.second, self.biases[1]).mean((3, 4))
        return torch.baddbmm(self.last_bias, self.last, h.permute(1, 2, 0))


def _explained(parts: Tensor, target: Tensor, half: int) -> Tensor:
    """R² of least squares on the rows after the first half, fitted to the first half."""
    basis = torch.cat([parts, torch.ones_like(parts[:, :1])], 1)
    w = torch.linalg.lstsq(basis[:half], target[:half, None]).solution[:, 0]
    rest = target[half:]
    return 1 - (rest - basis[half:] @ w).square().mean() / rest.var(correction=0)


def redundancy(maps: Tensor) -> tuple[Tensor, Tensor]:
    """How well a value of maps ``[B, C, H, W]`` is predicted, R² as a mean over the channels.

    From its 8 neighbours in its own map, and from the other maps at the same place.
    """
    batch, channels, height, width = maps.shape
    patches = F.unfold(maps.reshape(-1, 1, height, width), 3)  # [B·C, 9, places]
    patches = patches.unflatten(0, (batch, channels)).permute(1, 0, 3, 2).flatten(1, 2)
    middle = patches[:, :, 4]
    half = patches.shape[1] // 2
    around = [0, 1, 2, 3, 5, 6, 7, 8]
    alive = [c for c in range(channels) if middle[c, half:].var() > 1e-6]
    near = [_explained(patches[c][:, around], middle[c], half) for c in alive]
    others = [_explained(middle[[i for i in alive if i != c]].T, middle[c], half) for c in alive]
    return torch.stack(near).mean(), torch.stack(others).mean()


def trained_maps(
    seeds: Sequence[int],
    *,
    lr: float,
    samples: int,
    images: int,
    epochs: int,
    batch_size: int,
    device: str = "cpu",
) -> list[Tensor]:
    """The first maps of test digits, ``[images, C, 8, 8]`` for each seed, of trained networks.

    Maps that are 0 on all images are left out.
    """
    x, y, x_test, _ = (t.to(device) for t in digits(tuple(seeds)))
    networks = ConvNetworks(seeds, device=device)
    fit(
        networks,  # type: ignore[arg-type]
        x[:, :, :samples].contiguous(),
        y[:, :samples],
        optimizer=partial(torch.optim.SGD, lr=lr, momentum=0.9),
        steps=epochs * (samples // batch_size),
        batch_size=batch_size,
    )
    with torch.no_grad():
        maps = networks.first_maps(x_test[:, :, :images]).transpose(0, 1).cpu()
    return [one[:, one.amax((0, 2, 3)) > 0] for one in maps]


def channels_and_pixels(
    seeds: Sequence[int], *, p: float, draws: int, **protocol: Any
) -> dict[str, Tensor]:
    """R13: what dropout of pixels and of channels does to the maps of a trained layer, ``[S]``.

    ``"pixels"`` and ``"channels"``: standard deviation over masks of a map's mean, over that mean
    (median over maps and images). ``"near"`` and ``"others"``: R² of a pixel from its neighbours
    and from the other maps at its place.
    """
    rows: dict[str, list[Tensor]] = {}
    for maps, seed in zip(trained_maps(seeds, **protocol), seeds, strict=True):
        means = maps.mean((2, 3))
        generator = torch.Generator().manual_seed(seed)
        row = {}
        for kind, drop in (("pixels", dropout), ("channels", dropout2d)):
            moved = [drop(maps, p, generator=generator).mean((2, 3)) for _ in range(draws)]
            size = torch.stack(moved).std(0) / means
            row[kind] = size[means > 0].median().double()
        row["near"], row["others"] = redundancy(maps.double())
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    return {name: torch.stack(values) for name, values in rows.items()}


# --- dropout at test time ------------------------------------------------------------------------


def entropy(probabilities: Tensor) -> Tensor:
    """Entropy of distributions along axis 1."""
    return -torch.xlogy(probabilities, probabilities).sum(1)


def auroc(score: Tensor, positive: Tensor) -> Tensor:
    """Chance that a positive has the higher score than a negative, ties as half, ``[S]``."""
    rows = []
    for s, good in zip(score, positive, strict=True):
        difference = s[good][:, None] - s[~good]
        rows.append(((difference > 0).double() + 0.5 * (difference == 0)).mean())
    return torch.stack(rows)


def calibration(confidence: Tensor, right: Tensor, bins: int) -> tuple[Tensor, Tensor, Tensor]:
    """Mean confidence, accuracy and share of the answers in equally wide bins, ``[bins]``."""
    number = (confidence * bins).long().clamp_max(bins - 1)
    count = torch.bincount(number, minlength=bins).double()
    mean = torch.bincount(number, confidence.double(), minlength=bins) / count
    hits = torch.bincount(number, right.double(), minlength=bins) / count
    return mean, hits, count / count.sum()


def calibration_error(probabilities: Tensor, y: Tensor, bins: int = 10) -> Tensor:
    """Expected calibration error ``[S]`` of ``[S, K, N]``: mean of |accuracy − confidence|."""
    confidence, answer = probabilities.max(1)
    rows = []
    for c, right in zip(confidence, answer == y, strict=True):
        mean, hits, share = calibration(c, right, bins)
        rows.append((share * (hits - mean).abs().nan_to_num()).sum())
    return torch.stack(rows)


@torch.no_grad()
def predictions(networks: DroppingNetworks, x: Tensor, draws: int) -> tuple[Tensor, Tensor]:
    """Probabilities ``[S, K, N]``: in evaluation mode, and as a mean over masks."""
    full = networks.eval()(x).softmax(1)
    networks.train()
    mean = torch.zeros_like(full)
    for _ in range(draws):
        mean += networks(x).softmax(1) / draws
    networks.eval()
    return full, mean


def uncertainty(
    seeds: Sequence[int], *, p: float, draws: int, noise: float, **protocol: Any
) -> dict[str, Tensor]:
    """R16: entropy and calibration of plain networks, full ones and means over masks, ``[S]``.

    Names end in ``" noisy"`` where normal noise was added to the test digits.
    """
    _, _, x_test, y = digits(tuple(seeds), protocol["flip"])
    plain, dropping = train(seeds, p=0.0, **protocol), train(seeds, p=p, **protocol)
    found: dict[str, Tensor] = {}
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    error = torch.stack([torch.randn(x_test.shape[1:], generator=g) for g in generators])
    for end, x in (("", x_test), (" noisy", x_test + noise * error)):
        with torch.no_grad():
            methods = {"plain": plain(x).softmax(1)}
        methods["full"], methods["masks"] = predictions(dropping, x, draws)
        for name, q in methods.items():
            right = q.argmax(1) == y
            h = entropy(q)
            found |= {
                f"accuracy {name}{end}": right.double().mean(1),
                f"auroc {name}{end}": auroc(h, ~right),
                f"error {name}{end}": calibration_error(q, y),
                f"loss {name}{end}": -q.gather(1, y[:, None]).clamp_min(1e-12).log().mean((1, 2)),
                f"bias {name}{end}": (q.amax(1) - right.float()).mean(1),
            }
            if name == "masks":
                ratios = [s[~r].mean() / s[r].mean() for s, r in zip(h, right, strict=True)]
                found[f"ratio{end}"] = torch.stack(ratios)
    return {name: values.double() for name, values in found.items()}


def reliability(
    seeds: Sequence[int], *, p: float, draws: int, bins: int = 10, **protocol: Any
) -> dict[str, tuple[Tensor, Tensor, Tensor]]:
    """Confidence, accuracy and share of the answers in each bin, over all seeds' test digits."""
    _, _, x, y = digits(tuple(seeds), protocol["flip"])
    plain, dropping = train(seeds, p=0.0, **protocol), train(seeds, p=p, **protocol)
    full, masks = predictions(dropping, x, draws)
    _, one = predictions(dropping, x, 1)
    with torch.no_grad():
        methods = {"no dropout": plain(x).softmax(1), "no masks": full}
    methods |= {"one mask": one, "mean over masks": masks}
    found = {}
    for name, q in methods.items():
        confidence, answer = q.max(1)
        found[name] = calibration(confidence.flatten(), (answer == y).flatten(), bins)
    return found


# --- the path over the loss ----------------------------------------------------------------------


def _masks(networks: DroppingNetworks, batch: int, p: float, count: int) -> list[list[Tensor]]:
    """Sets of masks ``[S, D, B]`` of the hidden layers, already divided by 1 − p."""
    sizes = [b.shape[1] for b in networks.biases[:-1]]
    return [
        [
            torch.stack([torch.rand(n, batch, generator=g) >= p for g in networks.generators])
            / (1 - p)
            for n in sizes
        ]
        for _ in range(count)
    ]


def _loss(
    parameters: Sequence[Tensor], x: Tensor, y: Tensor, masks: Sequence[Tensor] | None
) -> Tensor:
    """Cross-entropy ``[S]`` of weights and biases in turn, with masks of the hidden layers."""
    h = x
    pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
    for i, (w, b) in enumerate(pairs[:-1]):
        h = torch.baddbmm(b, w, h).relu()
        h = h if masks is None else h * masks[i]
    return cross_entropy(torch.baddbmm(pairs[-1][1], pairs[-1][0], h), y)


def _gradient(
    parameters: Sequence[Tensor], x: Tensor, y: Tensor, sets: Sequence[Sequence[Tensor] | None]
) -> tuple[Tensor, Tensor]:
    """Loss ``[S]`` and gradient ``[S, P]``, as means over sets of masks."""
    leaves = [p.detach().requires_grad_() for p in parameters]
    loss = torch.stack([_loss(leaves, x, y, masks) for masks in sets]).mean(0)
    gradients = torch.autograd.grad(loss.sum(), leaves)
    return loss.detach(), torch.cat([g.flatten(1) for g in gradients], 1)


def _moved(parameters: Sequence[Tensor], step: Tensor) -> list[Tensor]:
    parts = step.split([p[0].numel() for p in parameters], 1)
    return [p.detach() + part.view_as(p) for p, part in zip(parameters, parts, strict=True)]


def smoothness(
    networks: DroppingNetworks,
    x: Tensor,
    y: Tensor,
    sets: Sequence[Sequence[Tensor] | None],
    lengths: Sequence[float],
) -> dict[str, Tensor]:
    """Along the negative gradient, steps of given lengths: ``[S]`` each.

    ``"beta"``: largest change of the gradient over the length. ``"relative"``: the same over the
    size of the gradient.
    """
    parameters = [p for pair in zip(networks.weights, networks.biases, strict=True) for p in pair]
    loss, g = _gradient(parameters, x, y, sets)
    size = g.norm(dim=1, keepdim=True)
    changes = []
    for length in lengths:
        _, there = _gradient(_moved(parameters, -length * g / size), x, y, sets)
        changes.append((there - g).norm(dim=1) / length)
    beta = torch.stack(changes).amax(0)
    return {"loss": loss, "gradient": size[:, 0], "beta": beta, "relative": beta / size[:, 0]}


def paths(
    seeds: Sequence[int],
    *,
    p: float,
    lr: float,
    lr_slow: float,
    masks: int,
    batch: int,
    checkpoints: Sequence[int],
    lengths: Sequence[float],
    **protocol: Any,
) -> dict[str, Tensor]:
    """DO1: smoothness of three losses on three paths, geometric means over checkpoints, ``[S]``.

    Names are ``"beta loss path"``: loss ``"plain"`` (no masks), ``"one"`` (one set of masks) or
    ``"mean"`` (over many), path ``"dropout"``, ``"none"`` (the same rate) or ``"slow"`` (no dropout
    and the rate ``lr_slow``).
    """
    found: dict[str, Tensor] = {}
    x, y, _, _ = digits(tuple(seeds), protocol["flip"])
    x, y = x[:, :, :batch].contiguous(), y[:, :batch]
    for path, drop, rate in (("dropout", p, lr), ("none", 0.0, lr), ("slow", 0.0, lr_slow)):
        seen: dict[str, list[Tensor]] = {}

        def probe(networks: DroppingNetworks, step: int) -> None:
            if step + 1 not in checkpoints:
                return
            states = [g.get_state() for g in networks.generators]
            sets = _masks(networks, batch, p, masks)
            for g, state in zip(networks.generators, states, strict=True):
                g.set_state(state)
            for name, some in (("plain", [None]), ("one", sets[:1]), ("mean", sets)):
                for key, value in smoothness(networks, x, y, some, lengths).items():
                    seen.setdefault(f"{key} {name} {path}", []).append(value)  # noqa: B023

        train(seeds, lr=rate, p=drop, probe=probe, **protocol)
        found |= {
            name: torch.stack(values).double().log().mean(0).exp() for name, values in seen.items()
        }
    return found


def walls(
    seed: int,
    *,
    p: float,
    lr: float,
    steps: int,
    sets: int,
    batch: int,
    lengths: Sequence[float],
    **protocol: Any,
) -> tuple[Tensor, Tensor]:
    """Loss of a batch along the downhill direction of the loss without masks.

    After so many steps of training with dropout: without masks ``[lengths]``, and with each of
    some sets of masks ``[lengths, sets]``.
    """
    found: list[tuple[Tensor, Tensor]] = []
    x, y, _, _ = digits((seed,), protocol["flip"])
    x, y = x[:, :, :batch].contiguous(), y[:, :batch]

    def probe(networks: DroppingNetworks, step: int) -> None:
        if step + 1 != steps:
            return
        masks = _masks(networks, batch, p, sets)
        pairs = zip(networks.weights, networks.biases, strict=True)
        parameters = [parameter for pair in pairs for parameter in pair]
        _, g = _gradient(parameters, x, y, [None])
        for length in lengths:
            there = _moved(parameters, -length * g / g.norm())
            with torch.no_grad():
                each = torch.cat([_loss(there, x, y, one) for one in masks])
                found.append((_loss(there, x, y, None)[0], each))

    train([seed], lr=lr, p=p, probe=probe, **protocol)
    plain, masked = zip(*found, strict=True)
    return torch.stack(plain), torch.stack(masked)


# --- autoencoders --------------------------------------------------------------------------------


@cache
def grey_digits(seeds: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Digits with values in [0, 1], ``[S, 64, N]``, for training and test."""
    splits = [load_digits(seed=s) for s in seeds]
    x, x_test = (torch.stack([split[i] for split in splits]) for i in (0, 2))
    return x.transpose(1, 2).contiguous(), x_test.transpose(1, 2).contiguous()


def _small(layer: int, n_out: int, n_in: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    weight, bias = he(layer, n_out, n_in, generator)
    return weight / 10, bias


def autoencoders(
    seeds: Sequence[int], *, p: float, units: int, lr: float, steps: int, batch_size: int
) -> DroppingNetworks:
    """Networks 64-units-64 with ReLUs that learn to return their input, by Adam.

    They start at a tenth of He's weights, so that what is seen in a filter was learnt.
    """
    x, _ = grey_digits(tuple(seeds))
    networks = DroppingNetworks((64, units, 64), seeds, p=p, start=_small)

    def objective(chosen: Tensor) -> Tensor:
        batch = x.gather(2, chosen[:, None].expand(-1, 64, -1))
        return (networks(batch) - batch).square().mean((1, 2))

    descend(
        objective,
        passes(networks.generators, x.shape[2], batch_size, steps),
        torch.optim.Adam(networks.parameters(), lr=lr),
    )
    networks.eval()
    return networks


def neighbour_correlation(filters: Tensor) -> Tensor:
    """Correlation of horizontal and vertical neighbours in each of the filters ``[S, D, 64]``.

    Near 0 for noise, near 1 for broad spots; each filter's mean is subtracted.
    """
    f = (filters - filters.mean(2, keepdim=True)).unflatten(2, (8, 8))
    across = (f[..., 1:] * f[..., :-1]).mean((2, 3))
    down = (f[..., 1:, :] * f[..., :-1, :]).mean((2, 3))
    return (across + down) / 2 / f.square().mean((2, 3)).clamp_min(1e-12)


@torch.no_grad()
def used_filters(networks: DroppingNetworks, x: Tensor) -> tuple[Tensor, Tensor]:
    """What each hidden unit adds to the output, ``[S, D, 64]``, and how much, ``[S, D]``.

    The second is the unit's mean value times the length of its weights.
    """
    filters = networks.weights[1].detach().transpose(1, 2)
    return filters, networks.hidden(x)[1].mean(2) * filters.norm(dim=2)


def features(
    seeds: Sequence[int], *, ps: Sequence[float], lrs: Sequence[Sequence[float]], **protocol: int
) -> dict[str, Tensor]:
    """DO2: what autoencoders with each p learn, at the rate of the smallest error, ``[P, S]``.

    Each p has rates of its own. The error is that on the test digits, without dropout, and the
    rate is picked by it.
    """
    _, x = grey_digits(tuple(seeds))
    found: dict[str, list[Tensor]] = {}
    for p, rates in zip(ps, lrs, strict=True):
        runs = []
        for lr in rates:
            networks = autoencoders(seeds, p=p, lr=lr, **protocol)
            filters, use = used_filters(networks, x)
            with torch.no_grad():
                h = networks.hidden(x)[1]
                error = (networks(x) - x).square().mean((1, 2))
            smooth = (neighbour_correlation(filters) * use).sum(1) / use.sum(1)
            runs.append(
                {
                    "error": error,
                    "negative": -error,
                    "activation": h.mean((1, 2)),
                    "active": (h > 0).float().mean((1, 2)),
                    "smooth": smooth,
                }
            )
        for name, value in best(runs, "negative").items():
            found.setdefault(name, []).append(value.double())
    return {name: torch.stack(values) for name, values in found.items()}
