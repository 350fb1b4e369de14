r"""Experiments on initialization: settings and seeds in, one value per seed out.

Networks of all seeds stand side by side on a leading tensor axis, so activations have shape
``[S, D, B]`` (seeds, units, samples). What travels through a network at its start is measured in
float64, where a factor of 10⁻⁵⁵ over fifty layers is still a number.

Claims T9, T10, T11, A11, A12, A13, IN1, IN2 and IN3; explained in the chapter ``initialization``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib import initialization as init
from lecturelib.activations import ACTIVATIONS
from lecturelib.data import load_digits
from lecturelib.experiments.networks import NormalizedNetworks, accuracy, draws, fit
from lecturelib.normalization import batch_norm
from lecturelib.optimizers import clip_grad_norm_, clip_grad_value_

__all__ = [
    "CLIPS",
    "FACTORS",
    "SCHEMES",
    "accuracies",
    "activations_by_layer",
    "cliff_gradient",
    "cliff_loss",
    "cliff_run",
    "cliff_starts",
    "clipped_training",
    "factor_of",
    "jacobian_values",
    "power_norms",
    "powers",
    "product_spread",
    "registration",
    "residual_factors",
    "signals",
    "symmetry",
    "unit_lines",
    "weights",
]

F64 = torch.float64
Fill = Callable[[Tensor, torch.Generator], Tensor]

SCHEMES: dict[str, Fill] = {
    "constant": lambda w, g: init.constant_(w, 0.01),
    "small": lambda w, g: init.normal_(w, std=0.01, generator=g),
    "uniform": lambda w, g: init.kaiming_uniform_(w, a=math.sqrt(5), generator=g),  # ±1/√fan_in
    "xavier": lambda w, g: init.xavier_normal_(w, generator=g),
    "he": lambda w, g: init.kaiming_normal_(w, nonlinearity="relu", generator=g),
    "large": lambda w, g: init.normal_(w, std=0.2, generator=g),
    "orthogonal": lambda w, g: init.orthogonal_(w, generator=g),
    "orthogonal relu": lambda w, g: init.orthogonal_(w, math.sqrt(2), generator=g),
}
"""Fillings of a weight ``[out, in]``. ``"uniform"`` is what ``nn.Linear`` does by itself."""


def weights(
    scheme: str,
    sizes: Sequence[int],
    seeds: Sequence[int],
    *,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
) -> list[Tensor]:
    """Weights ``[S, out, in]`` of each layer, each seed from a generator of its own on the CPU.

    >>> [tuple(w.shape) for w in weights("he", (64, 20, 10), range(3))]
    [(3, 20, 64), (3, 10, 20)]
    """
    fill = SCHEMES[scheme]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return [
        torch.stack([fill(torch.empty(n_out, n_in, dtype=dtype), g) for g in generators]).to(device)
        for n_in, n_out in pairwise(sizes)
    ]


def _normalized(z: Tensor) -> Tensor:
    """Batch norm of ``[S, D, B]`` by the batch at hand, without γ, β and ε."""
    rows = z.reshape(1, -1, z.shape[-1])  # all units of all networks are its channels
    return batch_norm(rows, None, None, training=True, eps=0.0).view(z.shape)


# --- signals at the start ------------------------------------------------------------------------

# The factor of the rms gradient a layer in theory, for 128 ReLUs a layer.
FACTORS = {
    "uniform": 1 / math.sqrt(6),
    "xavier": 1 / math.sqrt(2),
    "he": 1.0,
    "large": 0.2 * math.sqrt(128 / 2),
    "he + batch norm": math.sqrt(math.pi / (math.pi - 1)),
}


def signals(
    seeds: Sequence[int],
    scheme: str = "he",
    activation: str = "relu",
    *,
    depth: int = 50,
    width: int = 128,
    batch_size: int = 128,
    norm: bool = False,
    residual: bool = False,
    branch: float = 1.0,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""Sizes of what goes up and what comes down a random network, layer by layer.

    Inputs are standard normal, all layers equally wide. At the top a standard normal cotangent
    stands for the gradient of a cost.

    Args:
        seeds: one network each.
        scheme: name in :data:`SCHEMES`.
        activation: name in ``activations.ACTIVATIONS``.
        depth: number of layers.
        width: units a layer.
        batch_size: samples.
        norm: whether batch norm precedes each activation.
        residual: whether a layer adds to its input, :math:`z_{l+1} = z_l + \alpha W f(z_l)`,
            instead of replacing it, :math:`z_{l+1} = W f(z_l)`.
        branch: :math:`\alpha`.
        device: where it runs.

    Returns:
        ``"forward"``, the rms of the sums z of each layer, and ``"backward"``, the rms of the
        gradient by them, both ``[depth, S]``; ``"activation"``, the standard deviation of the
        activations; ``"weight"``, the rms of the gradient by each layer's weights.
    """
    f = ACTIVATIONS[activation]
    layers = weights(scheme, [width] * (depth + 1), seeds, dtype=F64, device=device)
    generators = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]

    def normal() -> Tensor:
        draws = [torch.randn(width, batch_size, generator=g, dtype=F64) for g in generators]
        return torch.stack(draws).to(device)

    z = h = normal()
    sums, values = [], []
    for i, w in enumerate(layers):
        w.requires_grad_()
        z = z + branch * (w @ h) if residual and i else w @ h
        sums.append(z)
        h = f(_normalized(z) if norm else z)
        values.append(h)
    top = (h * normal()).sum() / batch_size
    gradients = torch.autograd.grad(top, [*sums, *layers])
    above, by_weight = gradients[:depth], gradients[depth:]

    def rms(tensors: Sequence[Tensor]) -> Tensor:
        sizes = [t.detach().square().mean((1, 2)).sqrt() for t in tensors]
        return torch.stack(sizes).cpu()

    spread = torch.stack([v.detach().std((1, 2), correction=0) for v in values]).cpu()
    return {
        "forward": rms(sums),
        "backward": rms(above),
        "activation": spread,
        "weight": rms(by_weight),
    }


def factor_of(sizes: Tensor) -> Tensor:
    """Mean factor a layer on the way down, ``[S]``, from sizes ``[depth, S]``.

    >>> factor_of(torch.tensor([[8.0], [4.0], [2.0]]))
    tensor([2.])
    """
    return (sizes[0] / sizes[-1]) ** (1 / (len(sizes) - 1))


def residual_factors(
    seeds: Sequence[int], *, small: int = 20, deep: int = 50, width: int = 128, device: str = "cpu"
) -> dict[str, Tensor]:
    """A13: gradient at layer 1 over that at the top, with and without skips."""

    def ratio(scheme: str, depth: int, residual: bool, branch: float = 1.0) -> Tensor:
        found = signals(
            seeds,
            scheme,
            depth=depth,
            width=width,
            residual=residual,
            branch=branch,
            device=device,
        )["backward"]
        return found[0] / found[-1]

    return {
        "plain small": ratio("small", small, False),
        "skip small": ratio("small", small, True),
        "skip he": ratio("he", deep, True),
        "skip he scaled": ratio("he", deep, True, 1 / math.sqrt(deep)),
    }


# --- T9: powers of one matrix --------------------------------------------------------------------


def powers(
    seeds: Sequence[int],
    *,
    gain: float = 0.95,
    width: int = 64,
    power: int = 400,
    device: str = "cpu",
) -> dict[str, Tensor]:
    r"""T9: how :math:`W^P x` grows, for a random W of spectral radius ``gain``.

    Returns, each ``[S]``: ``"rate"``, the factor a layer over the second half of the layers,
    divided by the largest \|λ\|; ``"peak"``, the largest norm of :math:`W^p` over all p;
    ``"end"``, the norm of :math:`W^P`; ``"fresh"``, the factor a layer if every layer has a W of
    its own with the same variance.
    """
    found: dict[str, list[float]] = {n: [] for n in ("rate", "peak", "end", "fresh")}
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)

        def normal(*shape: int, g: torch.Generator = g) -> Tensor:
            return torch.randn(*shape, generator=g, dtype=F64).to(device)

        w = normal(width, width) / math.sqrt(width)
        radius = torch.linalg.eigvals(w).abs().max()
        w = w * (gain / radius)
        sizes, wp = [], torch.eye(width, dtype=F64, device=device)
        x = wp @ normal(width, 1)
        lengths = [x.norm()]
        for p in range(power):
            x = w @ x
            lengths.append(x.norm())
            if p < 60:
                wp = w @ wp
                sizes.append(torch.linalg.matrix_norm(wp, 2))
        half = power // 2
        rate = (lengths[-1] / lengths[half]) ** (1 / (power - half))
        y = normal(width, 1)
        start = y.norm()
        for _ in range(power):
            y = normal(width, width) @ y * (gain / math.sqrt(width))
        found["rate"].append((rate / gain).item())
        found["peak"].append(torch.stack(sizes).max().item())
        found["end"].append(torch.linalg.matrix_norm(torch.linalg.matrix_power(w, power), 2).item())
        found["fresh"].append(((y.norm() / start) ** (1 / power)).item() / gain)
    return {name: torch.tensor(values, dtype=F64) for name, values in found.items()}


# --- training ------------------------------------------------------------------------------------


@cache
def _digits(device: str) -> tuple[Tensor, Tensor]:
    data = load_digits(standardize=True, device=device)
    return data.x_train.T.contiguous(), data.y_train


def _networks(
    seeds: Sequence[int],
    sizes: Sequence[int],
    scheme: str,
    activation: str,
    *,
    gain: float = 1.0,
    dropout: float = 0.0,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
) -> NormalizedNetworks:
    """S plain perceptrons side by side: weights by a scheme, biases that start at zero."""
    fill = SCHEMES["orthogonal" if scheme == "lsuv" else scheme]

    def start(
        layer: int, n_out: int, n_in: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        weight = fill(torch.empty(n_out, n_in, dtype=dtype), generator)
        return weight * (gain if layer < len(sizes) - 2 else 1.0), weight.new_zeros(n_out, 1)

    networks = NormalizedNetworks(
        sizes,
        seeds,
        start=start,
        order=("activation", "dropout"),
        activation=ACTIVATIONS[activation],
        dropout=dropout,
        device=device,
    )
    # The batches do not depend on how many numbers the weights took.
    networks.generators = [torch.Generator().manual_seed(20_000 + seed) for seed in seeds]
    if scheme == "lsuv":
        _rescale(networks, _digits(device)[0][:, :256].to(dtype))
    return networks


@torch.no_grad()
def _rescale(networks: NormalizedNetworks, x: Tensor) -> None:
    """LSUV: divide each layer by the standard deviation of its sums on a batch."""
    h = x.expand(len(networks.generators), -1, -1)
    for w in networks.weights:
        z = w @ h
        sd = z.std((1, 2), keepdim=True, correction=0)
        w.div_(sd)
        h = networks.activate(z / sd)


def _train(
    networks: NormalizedNetworks,
    x: Tensor,
    y: Tensor,
    *,
    lr: float,
    steps: int,
    batch_size: int,
    method: str = "SGD",
    clip: float = math.inf,
) -> Tensor:
    """Train on ``x`` ``[D, N]``, each network on its own batches; the losses ``[steps, S]``."""
    parameters = [*networks.weights, *networks.biases]
    made = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}[method]
    return fit(
        networks,
        x.T,
        y,
        optimizer=lambda _: made(parameters, lr=lr),
        steps=steps,
        batch_size=batch_size,
        indices=draws,
        before_step=partial(_clip_each, parameters, clip) if clip < math.inf else None,
    )


def _clip_each(parameters: Sequence[Tensor], max_norm: float) -> None:
    """Clip the gradient of each network by the norm of its own."""
    grads = [p.grad for p in parameters if p.grad is not None]
    total = torch.stack([g.square().sum((1, 2)) for g in grads]).sum(0).sqrt()
    factor = (max_norm / (total + 1e-6)).clamp(max=1)[:, None, None]
    for g in grads:
        g.mul_(factor)


def accuracies(
    seeds: Sequence[int],
    runs: Sequence[tuple[str, str]],
    *,
    depth: int = 20,
    width: int = 64,
    lr: float = 0.05,
    steps: int = 150,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[tuple[str, str], Tensor]:
    """Training accuracy ``[S]`` on the digits of deep networks, by (scheme, activation)."""
    x, y = _digits(device)
    found = {}
    for scheme, activation in runs:
        sizes = [64, *[width] * depth, 10]
        networks = _networks(seeds, sizes, scheme, activation, device=device)
        _train(networks, x, y, lr=lr, steps=steps, batch_size=batch_size)
        found[scheme, activation] = _accuracy(networks, x, y)
    return found


def clipped_training(
    seeds: Sequence[int],
    *,
    clip: float = 1.0,
    lr: float = 0.1,
    depth: int = 16,
    width: int = 48,
    steps: int = 120,
    batch_size: int = 64,
    scale: float = 0.26,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T11: training accuracy with and without clipping by norm, each network by its own norm.

    ``"exploding"`` starts from N(0, ``scale``²), ``"vanishing"`` from Xavier's weights, both with
    ReLU. A network whose loss is no longer a number has accuracy 0.
    """
    x, y = _digits(device)
    sizes = [64, *[width] * depth, 10]
    found = {}
    for name, scheme, gain in (("exploding", "large", scale / 0.2), ("vanishing", "xavier", 1.0)):
        for label, limit in (("plain", math.inf), ("clipped", clip)):
            networks = _networks(seeds, sizes, scheme, "relu", gain=gain, device=device)
            _train(networks, x, y, lr=lr, steps=steps, batch_size=batch_size, clip=limit)
            found[f"{name} {label}"] = _accuracy(networks, x, y)
    return found


def _accuracy(networks: NormalizedNetworks, x: Tensor, y: Tensor) -> Tensor:
    inputs = x.expand(len(networks.generators), -1, -1)
    return accuracy(networks.eval(), inputs, y, finite=True).cpu()


# --- T10: constant weights -----------------------------------------------------------------------


def symmetry(
    seeds: Sequence[int],
    *,
    value: float = 0.05,
    width: int = 32,
    steps: int = 100,
    batch_size: int = 64,
    lr: float = 0.1,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T10: how far hidden units differ after training from constant weights, and what breaks it.

    Two hidden layers of ReLUs on the digits, float64. The spread is the largest distance of an
    incoming weight to that of the layer's first unit. ``"SGD"``, ``"Adam"``, ``"zero"`` (all
    weights 0) start from constants; ``"output"`` has a random output layer above constant hidden
    ones, ``"dropout"`` drops half of the units. ``"accuracy ..."`` is that on the training set.
    """
    x, y = _digits(device)
    x, sizes, found = x.double(), [64, width, width, 10], {}
    runs: dict[str, tuple[float, str, float]] = {
        "SGD": (value, "SGD", 0.0),
        "Adam": (value, "Adam", 0.0),
        "zero": (0.0, "SGD", 0.0),
        "output": (value, "SGD", 0.0),
        "dropout": (value, "SGD", 0.5),
        "random": (1.0, "SGD", 0.0),
    }
    for name, (c, method, dropout) in runs.items():
        scheme = "he" if name == "random" else "constant"
        networks = _networks(
            seeds, sizes, scheme, "relu", dropout=dropout, dtype=F64, device=device
        )
        with torch.no_grad():
            for i, w in enumerate(networks.weights if name != "random" else []):
                w.fill_(c)
                if name == "output" and i == 2:
                    w.copy_(weights("he", sizes[-2:], seeds, dtype=F64, device=device)[0])
        rate = 0.01 if method == "Adam" else lr
        _train(networks, x, y, lr=rate, steps=steps, batch_size=batch_size, method=method)
        rows = [w.detach() for w in networks.weights[:-1]]
        spreads = [(w - w[:, :1]).abs().amax((1, 2)) for w in rows]
        found[name] = torch.stack(spreads).amax(0).cpu()
        found[f"accuracy {name}"] = _accuracy(networks, x, y)
        found[f"moved {name}"] = (rows[0] - c).abs().amax((1, 2)).cpu()
    return found


# --- A12: a cliff --------------------------------------------------------------------------------


def cliff_loss(w: Tensor, b: Tensor, *, length: int = 50) -> Tensor:
    r"""Loss of a recurrent net of one unit, :math:`x_{t+1} = w\,\sigma(x_t) + b`, from x = 0.5.

    After ``length`` steps :math:`\sigma(x)` should be 0.7; the loss is the squared distance.

    >>> cliff_loss(torch.tensor(0.0), torch.tensor(0.0)).round(decimals=4)  # (1/2 - 0.7)²
    tensor(0.0400)
    """
    x = torch.full_like(w, 0.5)
    for _ in range(length):
        x = w * torch.sigmoid(x) + b
    return (torch.sigmoid(x) - 0.7).square()


def cliff_gradient(w: Tensor, b: Tensor, *, length: int = 50) -> tuple[Tensor, Tensor]:
    """Gradient of :func:`cliff_loss` by w and b."""
    w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
    by_w, by_b = torch.autograd.grad(cliff_loss(w, b, length=length).sum(), (w, b))
    return by_w, by_b


def cliff_starts(seeds: Sequence[int]) -> Tensor:
    """A start (w, b) for each seed, uniform in [4.5, 6.5] × [-3.2, -2.2], ``[S, 2]``."""
    rows = []
    for seed in seeds:
        u = torch.rand(2, generator=torch.Generator().manual_seed(seed), dtype=F64)
        rows.append(torch.stack([4.5 + 2 * u[0], u[1] - 3.2]))
    return torch.stack(rows)


CLIPS: dict[str, Callable[[Tensor, float], Any]] = {
    "none": lambda p, bound: None,
    "norm": clip_grad_norm_,
    "value": clip_grad_value_,
}


def cliff_run(
    starts: Tensor,
    *,
    how: str = "norm",
    bound: float = 0.1,
    lr: float = 0.5,
    steps: int = 300,
    length: int = 50,
) -> dict[str, Tensor]:
    """Gradient descent on the cliff from each start ``[S, 2]``, clipped or not.

    Args:
        starts: (w, b), one row a run.
        how: ``"none"``, ``"norm"`` or ``"value"``.
        bound: of the norm, or of each entry.
        lr: learning rate.
        steps: number of steps.
        length: time steps of the recurrent net.

    Returns:
        ``"path"`` ``[steps + 1, S, 2]``, ``"loss"`` ``[steps + 1, S]``, and ``"move"``, the
        length of each step ``[steps, S]``.
    """
    points = [row.clone() for row in starts]
    path, losses = [torch.stack(points)], []
    for _ in range(steps):
        at = path[-1].T
        losses.append(cliff_loss(at[0], at[1], length=length))
        gradient = torch.stack(cliff_gradient(at[0], at[1], length=length), 1)
        for p, g in zip(points, gradient, strict=True):
            p.grad = g.clone()
            CLIPS[how](p, bound)  # each run by its own norm
            p -= lr * p.grad
        path.append(torch.stack(points))
    at = path[-1].T
    losses.append(cliff_loss(at[0], at[1], length=length))
    whole = torch.stack(path)
    return {"path": whole, "loss": torch.stack(losses), "move": whole.diff(dim=0).norm(dim=2)}


# --- IN3: orthogonal weights ---------------------------------------------------------------------


def product_spread(
    seeds: Sequence[int], *, depth: int = 50, width: int = 64, device: str = "cpu"
) -> dict[str, Tensor]:
    r"""IN3: how many directions pass a deep network, as a share of its width, ``[S]``.

    With the singular values :math:`s_i` of the Jacobian this is
    :math:`(\sum_i s_i^2)^2 / (D \sum_i s_i^4)`: 1 if all are equal, :math:`1/D` if one is left.
    ``"linear ..."`` is a product of ``depth`` matrices, ``"relu ..."`` the Jacobian at a normal
    input.
    """
    found = {}
    for name in _JACOBIANS:
        jacobian = _jacobian(name, seeds, depth, width, device)
        squares = torch.linalg.svdvals(jacobian).square()
        squares = squares / squares.amax(1, keepdim=True)
        found[name] = (squares.sum(1).square() / (width * squares.square().sum(1))).cpu()
    return found


_JACOBIANS = {
    "linear orthogonal": ("orthogonal", False),
    "linear normal": ("xavier", False),
    "relu orthogonal": ("orthogonal relu", True),
    "relu normal": ("he", True),
}


def _jacobian(name: str, seeds: Sequence[int], depth: int, width: int, device: str) -> Tensor:
    """Jacobian ``[S, width, width]`` of a deep random net at a normal input."""
    scheme, relu = _JACOBIANS[name]
    layers = weights(scheme, [width] * (depth + 1), seeds, dtype=F64, device=device)
    jacobian = torch.eye(width, dtype=F64, device=device).expand(len(seeds), -1, -1)
    generators = [torch.Generator().manual_seed(30_000 + seed) for seed in seeds]
    h = torch.stack([torch.randn(width, 1, generator=g, dtype=F64) for g in generators])
    h = h.to(device)
    for w in layers:
        jacobian, h = w @ jacobian, w @ h
        if relu:
            jacobian, h = (h > 0) * jacobian, h.clamp(min=0)
    return jacobian


# --- what the chapter draws ----------------------------------------------------------------------


def unit_lines(
    start: str, *, seed: int = 0, units: int = 8, steps: int = 400, samples: int = 300
) -> dict[str, Tensor]:
    """The lines w·x + b = 0 of a hidden layer before and after training to find a triangle.

    Args:
        start: ``"constant"``, all weights into the units (0, 1), or ``"random"``.
        seed: of data and weights.
        units: hidden tanh units.
        steps: steps of Adam at 0.03 on all samples.
        samples: points, uniform in [-1, 1]².

    Returns:
        ``"before"`` and ``"after"``, (w₁, w₂, b) of each unit, ``[units, 3]``; the points ``"x"``
        ``[samples, 2]``, their classes ``"y"``, and the ``"accuracy"``.
    """
    g = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(samples, 2, generator=g, dtype=F64) - 1
    y = ((x[:, 1] > -0.6) & (x[:, 1] < 0.8 - 2 * x[:, 0].abs())).to(F64)
    w = torch.tensor([0.0, 1.0], dtype=F64).repeat(units, 1)
    v = torch.full((units,), 0.1, dtype=F64)
    b = torch.zeros(units, dtype=F64)
    if start == "random":
        w, v = (
            torch.randn(w.shape, generator=g, dtype=F64),
            torch.randn(units, generator=g).double(),
        )
        b = 0.5 * torch.randn(units, generator=g, dtype=F64)
    c = torch.zeros(1, dtype=F64)
    parameters = [p.requires_grad_() for p in (w, b, v, c)]
    before = torch.cat([w, b[:, None]], 1).detach().clone()
    optimizer = torch.optim.Adam(parameters, lr=0.03)

    def logits() -> Tensor:
        return torch.tanh(x @ w.T + b) @ v + c

    for _ in range(steps):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(logits(), y).backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = ((logits() > 0) == (y > 0)).double().mean()
    after = torch.cat([w, b[:, None]], 1).detach()
    return {"before": before, "after": after, "x": x, "y": y, "accuracy": accuracy}


def activations_by_layer(
    scale: float, *, activation: str = "tanh", layers: int = 10, width: int = 500, seed: int = 0
) -> list[Tensor]:
    """Activations of each layer of a random net, weights normal with standard deviation ``scale``.

    Inputs are standard normal; each entry has shape ``[width, 100]``.
    """
    g, f = torch.Generator().manual_seed(seed), ACTIVATIONS[activation]
    h = torch.randn(width, 100, generator=g, dtype=F64)
    found = []
    for _ in range(layers):
        h = f(scale * torch.randn(width, width, generator=g, dtype=F64) @ h)
        found.append(h)
    return found


def registration(
    start: Tensor, *, width: float = 0.02, lr: float = 0.002, steps: int = 300
) -> Tensor:
    r"""Shifts ``[S]`` that gradient descent finds between a profile of ridges and its copy.

    The profile has ridges :math:`e^{-(t-c)^2/2w^2}` at c = 0.35, 0.45 and 0.6 on 200 points of
    [0, 1]; the cost is the mean squared difference to the profile that is not shifted.

    Args:
        start: shifts to start from, ``[S]``.
        width: w, the width of a ridge; a larger one stands for a blurred profile.
        lr: learning rate.
        steps: number of steps.

    >>> registration(torch.tensor([0.004, 0.1], dtype=torch.float64)).abs() < 0.005
    tensor([ True, False])
    """
    t = torch.linspace(0, 1, 200, dtype=F64)

    def profile(shift: Tensor) -> Tensor:
        places = (c + shift[:, None] for c in (0.35, 0.45, 0.6))
        return torch.stack([torch.exp(-(((t - c) / width) ** 2) / 2) for c in places]).sum(0)

    shift, fixed = start.detach().to(F64), profile(torch.zeros(1, dtype=F64))
    for _ in range(steps):
        shift.requires_grad_()
        cost = (profile(shift) - fixed).square().mean(1).sum()
        (slope,) = torch.autograd.grad(cost, shift)
        shift = (shift - lr * slope).detach()
    return shift


def power_norms(
    *, gain: float = 0.95, width: int = 64, power: int = 120, seed: int = 0
) -> dict[str, Tensor]:
    r"""Norms of W, W², … and of :math:`W^p x` for a random W and its symmetric relative.

    ``"normal"`` is a normal random matrix, ``"symmetric"`` one with orthogonal eigenvectors; both
    have the largest \|λ\| ``gain``. Each value holds the spectral norms, ``[power]``.
    """
    g = torch.Generator().manual_seed(seed)
    w = torch.randn(width, width, generator=g, dtype=F64)
    found = {}
    for name, matrix in (("normal", w), ("symmetric", w + w.T)):
        m = matrix * (gain / torch.linalg.eigvals(matrix).abs().max())
        p, norms = torch.eye(width, dtype=F64), []
        for _ in range(power):
            p = m @ p
            norms.append(torch.linalg.matrix_norm(p, 2))
        found[name] = torch.stack(norms)
    return found


def jacobian_values(*, depth: int = 50, width: int = 64, seed: int = 0) -> dict[str, Tensor]:
    """Singular values, largest first, of the Jacobians of :func:`product_spread`, largest = 1."""
    found = {}
    for name in _JACOBIANS:
        values = torch.linalg.svdvals(_jacobian(name, [seed], depth, width, "cpu"))[0]
        found[name] = values / values[0]
    return found
