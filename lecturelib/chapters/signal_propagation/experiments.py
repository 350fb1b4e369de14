r"""Experiments on what arrives at the output, and on the directions that move it.

Claims A7 and A8; explained in the chapter ``signal_propagation``. Seeds are carried along a leading
tensor axis, see :mod:`lecturelib.experiments.networks`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, fit, normalize, sgd
from lecturelib.instruments import displaced, targeted_perturbation

__all__ = [
    "PooledNetworks",
    "collapse",
    "leading_eigenvectors",
    "overlap",
    "perturbations",
    "sharp_directions",
]


def collapse(
    seeds: Sequence[int] = range(10),
    *,
    width: int = 256,
    depth: int = 50,
    classes: int = 10,
    samples: int = 512,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""A7: how constant are the units of deep He-initialized networks on N(0, 1) inputs?

    For ``relu``, ``linear`` and ``batch`` (batch norm before the ReLU), with the same draws of the
    weights (a linear layer has gain 1 in the place of 2): ``variance``, the share of a
    pre-activation's second moment that is variance within the unit, over the last hidden layer;
    ``modal``, the share of the inputs that the most frequent class of the output gets.
    """
    rows: dict[str, list[Tensor]] = {}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        start = torch.randn(width, samples, generator=generator).to(device)
        h = dict.fromkeys(("relu", "linear", "batch"), start)
        z = h
        for _ in range(depth):
            w = torch.randn(width, width, generator=generator).to(device) / math.sqrt(width)
            z = {
                "relu": math.sqrt(2) * w @ h["relu"],
                "linear": w @ h["linear"],
                "batch": normalize((w @ h["batch"])[None], "batch")[0],
            }
            h = {name: y if name == "linear" else y.relu() for name, y in z.items()}
        out = torch.randn(classes, width, generator=generator).to(device)
        for name, y in z.items():
            share = y.var(1, correction=0).mean() / y.square().mean()
            counts = torch.bincount((out @ h[name]).argmax(0), minlength=classes)
            rows.setdefault(f"variance {name}", []).append(share)
            rows.setdefault(f"modal {name}", []).append(counts.max() / samples)
    return {name: torch.stack(values) for name, values in rows.items()}


def random_steps(networks: NormalizedNetworks, size: float) -> list[Tensor]:
    """A random step for each network from its own generator, ``size`` times as long as it is."""
    parameters = list(networks.parameters())
    steps = [
        torch.stack([torch.randn(p.shape[1:], generator=g) for g in networks.generators]).to(p)
        for p in parameters
    ]
    length, drawn = (per_network(t).norm(dim=1)[:, None, None] for t in (parameters, steps))
    return [(size * length / drawn * d).detach() for d in steps]


def perturbations(
    seeds: Sequence[int] = range(10),
    *,
    order: Sequence[str] = ("relu",),
    lr: float = 0.05,
    epochs: int = 10,
    width: int = 128,
    depth: int = 12,
    strength: float = 0.01,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""A8: steps of 1% of the length of the parameters, along a gradient and at random.

    The targeted step goes along the gradient of the mean of one output channel over the test set
    (Page 2019). ``target``: share of the test set then predicted as that class, mean over the ten
    classes. ``flips``: share of the predictions that a random step of the same length changes, mean
    over ten steps. NormalizedNetworks see the test set as one batch in training mode, as Page's do.
    """
    data = load_digits(device=device)
    networks = NormalizedNetworks([64] + [width] * depth + [10], seeds, order=order, device=device)
    if epochs:
        fit(
            networks,
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=epochs * (len(data.x_train) // batch_size),
            batch_size=batch_size,
        )
    networks.train()
    x = data.x_test.T.expand(len(seeds), -1, -1)
    parameters = list(networks.parameters())

    @torch.no_grad()
    def predicted() -> Tensor:
        return networks(x).argmax(1)

    before = predicted()
    hits, flips = [], []
    for channel in range(10):

        def mean_output(channel: int = channel) -> Tensor:
            return networks(x)[:, channel].mean(-1)

        with displaced(parameters, targeted_perturbation(mean_output, parameters, size=strength)):
            hits.append((predicted() == channel).double().mean(-1))
        with displaced(parameters, random_steps(networks, strength)):
            flips.append((predicted() != before).double().mean(-1))
    return {
        "target": torch.stack(hits).mean(0),
        "flips": torch.stack(flips).mean(0),
        "accuracy": (before == data.y_test).double().mean(-1),
    }


class PooledNetworks(nn.Module):
    """S small convolutional networks side by side, for images of 8×8 pixels.

    Two 3×3 convolutions with ReLU, each followed by 2×2 max pooling, a third, then the mean over
    the places and a linear layer. A convolution is a matrix product with the unfolded image.

    Args:
        seeds: one a network.
        channels: channels of the convolutions.
        normalized: batch norm before each ReLU.
        device: where the networks live.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        *,
        channels: Sequence[int] = (8, 16, 16),
        normalized: bool = False,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        self.normalized, self.frozen = normalized, False
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        count, sizes = len(seeds), [1, *channels]
        self.weights = nn.ParameterList()
        for n_in, n_out in [(9 * a, b) for a, b in pairwise(sizes)] + [(channels[-1], 10)]:
            draws = [torch.randn(n_out, n_in, generator=g) for g in self.generators]
            self.weights.append(nn.Parameter(torch.stack(draws).to(device) * math.sqrt(2 / n_in)))
        widths = [*channels, 10]
        self.biases = nn.ParameterList(
            nn.Parameter(torch.zeros(count, n, 1, device=device)) for n in widths
        )
        self.gains = nn.ParameterList(
            nn.Parameter(torch.ones(count, n, 1, device=device)) for n in channels if normalized
        )
        self.statistics: list[tuple[Tensor, Tensor]] = []

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``[S, B, 8·8]``, transposed to ``[S, 64, B]``, to logits ``[S, 10, B]``."""
        count, _, batch = x.shape
        h = x.transpose(1, 2).reshape(count * batch, 1, 8, 8)
        seen = []
        for i, weight in enumerate(self.weights[:-1]):
            side = h.shape[-1]
            columns = F.unfold(h, 3, padding=1)  # (S·B, 9·C, side²)
            columns = columns.view(count, batch, -1, side**2).permute(0, 2, 1, 3)
            z = weight @ columns.reshape(count, weight.shape[2], -1)  # [S, C, B·side²]
            if self.normalized:
                if self.frozen:
                    mean, sd = self.statistics[i]
                else:
                    mean = z.mean(-1, keepdim=True)
                    sd = ((z - mean).square().mean(-1, keepdim=True) + 1e-5).sqrt()
                seen.append((mean.detach(), sd.detach()))
                z = self.gains[i] * (z - mean) / sd
            z = (z + self.biases[i]).relu()
            z = z.view(count, -1, batch, side, side).transpose(1, 2)
            h = z.reshape(count * batch, -1, side, side)
            if i < len(self.weights) - 2:
                h = F.max_pool2d(h, 2)
        if not self.frozen:
            self.statistics = seen
        pooled = h.mean((2, 3)).view(count, batch, -1).transpose(1, 2)
        return torch.baddbmm(self.biases[-1], self.weights[-1], pooled)


Product = Callable[[Tensor], Tensor]


def leading_eigenvectors(
    product: Product,
    size: tuple[int, int],
    *,
    k: int,
    steps: int,
    generators: Sequence[torch.Generator],
    device: str = "cpu",
) -> tuple[Tensor, Tensor]:
    """Lanczos with full reorthogonalization for S symmetric matrices side by side.

    Args:
        product: maps vectors ``[S, P]`` to the matrix products.
        size: (S, P).
        k: how many eigenvalues, the largest ones.
        steps: dimension of the Krylov space, more than k.
        generators: one for each start vector.
        device: where the matrices live.

    Returns:
        Eigenvalues ``[S, k]`` from the largest down, and eigenvectors ``[S, k, P]``.
    """
    start = torch.stack([torch.randn(size[1], generator=g) for g in generators]).to(device)
    rows, diagonal, off = [], [], []
    q = start / start.norm(dim=1, keepdim=True)
    for step in range(steps):
        rows.append(q)
        w = product(q)
        diagonal.append((w * q).sum(1))
        basis = torch.stack(rows, 1)  # [S, step + 1, P]
        for _ in range(2):
            w = w - torch.einsum("sk,skp->sp", torch.einsum("skp,sp->sk", basis, w), basis)
        off.append(w.norm(dim=1))
        q = w / off[-1].clamp_min(1e-30)[:, None]
        if step == steps - 1:
            break
    t = torch.diag_embed(torch.stack(diagonal, 1).double())
    side = torch.stack(off[:-1], 1).double()
    t = t + torch.diag_embed(side, 1) + torch.diag_embed(side, -1)
    values, vectors = torch.linalg.eigh(t)
    vectors = torch.einsum("skj,skp->sjp", vectors.float(), torch.stack(rows, 1))
    return values.flip(1)[:, :k], vectors.flip(1)[:, :k]


def overlap(vectors: Tensor, directions: Tensor) -> Tensor:
    """Mean squared length of the projections of ``[S, k, P]`` on the span of ``[S, m, P]``."""
    q, _ = torch.linalg.qr(directions.double().transpose(1, 2))
    return (vectors.double() @ q).square().sum(2).mean(1)


def per_network(tensors: Sequence[Tensor]) -> Tensor:
    """All parameters of each network in one vector, ``[S, P]``."""
    return torch.cat([t.flatten(1) for t in tensors], 1)


def moment_gradients(networks: nn.Module, x: Tensor) -> Tensor:
    """Gradients of mean, variance and skewness of each output channel, ``[S, 3·10, P]``.

    The first ten are those of the means.
    """
    parameters = list(networks.parameters())
    z = networks(x)
    centred = z - z.mean(-1, keepdim=True)
    variance = centred.square().mean(-1)
    skewness = centred.pow(3).mean(-1) / variance.pow(1.5)
    targets = torch.cat([z.mean(-1), variance, skewness], 1).sum(0)
    return torch.stack(
        [
            per_network(torch.autograd.grad(target, parameters, retain_graph=True))
            for target in targets
        ],
        1,
    )


def sharp_directions(
    seeds: Sequence[int] = range(10),
    *,
    channels: Sequence[int] = (8, 16, 16),
    lr: float = 0.1,
    epochs: int = 10,
    batch_size: int = 128,
    samples: int = 512,
    k: int = 9,
    krylov: int = 40,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""A8: the largest eigenvalues of the Hessian, and where their eigenvectors lie.

    Without batch norm (``none``), with it (``batch``) and with its statistics held fixed
    (``frozen``), on the loss of ``samples`` training images: ``lambda``, the largest eigenvalue;
    ``mean``, the mean squared cosine between the k leading eigenvectors and the span of the
    gradients of the ten mean outputs; ``moments``, the same with the gradients of their variances
    and skewnesses added; ``residual``, the largest :math:`\|Hv - \lambda v\| / \lambda_1`.
    """
    data = load_digits(device=device)
    result = {}
    for kind in ("none", "batch"):
        networks = PooledNetworks(
            seeds, channels=channels, normalized=kind == "batch", device=device
        )
        fit(
            cast(NormalizedNetworks, networks),
            data.x_train,
            data.y_train,
            optimizer=sgd(lr),
            steps=epochs * (len(data.x_train) // batch_size),
            batch_size=batch_size,
        )
        x = data.x_train[:samples].T.expand(len(seeds), -1, -1)
        y = data.y_train[:samples].expand(len(seeds), -1)
        with torch.no_grad():
            networks(x)  # the statistics of these images are those that are held fixed
        for name in ("none",) if kind == "none" else ("batch", "frozen"):
            networks.frozen = name == "frozen"
            for number, value in hessian_numbers(networks, x, y, k=k, krylov=krylov).items():
                result[f"{number} {name}"] = value
    return result


def hessian_numbers(
    networks: PooledNetworks, x: Tensor, y: Tensor, *, k: int, krylov: int
) -> dict[str, Tensor]:
    """What :func:`sharp_directions` reports, for one kind of network."""
    parameters = list(networks.parameters())
    loss = F.cross_entropy(networks(x), y, reduction="none").mean(-1).sum()
    gradient = per_network(torch.autograd.grad(loss, parameters, create_graph=True))

    def product(v: Tensor) -> Tensor:
        return per_network(torch.autograd.grad((gradient * v).sum(), parameters, retain_graph=True))

    values, vectors = leading_eigenvectors(
        product,
        (len(gradient), gradient.shape[1]),
        k=k,
        steps=krylov,
        generators=networks.generators,
        device=str(x.device),
    )
    residual = torch.stack(
        [(product(v) - values[:, i, None] * v).norm(dim=1) for i, v in enumerate(vectors.unbind(1))]
    )
    directions = moment_gradients(networks, x)
    return {
        "lambda": values[:, 0],
        "mean": overlap(vectors, directions[:, :10]),
        "moments": overlap(vectors, directions),
        "residual": residual.amax(0) / values[:, 0],
    }
