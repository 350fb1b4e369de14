"""initialization-lsuv: unit variance, layer after layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the first weight", "the second weight", "the third weight")


def oracle(x: Tensor, w1: Tensor, w2: Tensor, w3: Tensor) -> Parts:
    """Layers of PyTorch; for each, ask what scale its own output has, and undo it."""
    h, found = x, []
    for w in (w1, w2, w3):
        z = nn.functional.linear(h, w)
        scale = ((z - z.mean()) ** 2).mean() ** 0.5
        found.append(w / scale)
        h = nn.functional.relu(nn.functional.linear(h, found[-1]))
    return tuple(found)


def formula(
    x: Tensor,
    w1: Tensor,
    w2: Tensor,
    w3: Tensor,
    *,
    divide: str = "sd",
    activation: str = "relu",
    sequential: bool = True,
    of: str = "sums",
    each: bool = False,
    correction: int = 0,
    gain: float = 1.0,
    normalized: bool = False,
    layers: int = 3,
) -> Parts:
    """Three weights with an argument for each way to get them wrong."""
    h, found = (x - x.mean(0)) / x.std(0) if normalized else x, []
    for w in (w1, w2, w3):
        z = h @ w.T
        measured = z if of == "sums" else z.clamp(min=0)
        axes = 0 if each else (0, 1)
        var = measured.var(axes, correction=correction)
        if divide == "square":
            var = measured.square().mean(axes)
        scale = {
            "variance": var,
            "mean of deviations": measured.std(0, correction=0).mean(),
            "variance within units": measured.var(0, correction=0).mean().sqrt(),
            "variance within samples": measured.var(1, correction=0).mean().sqrt(),
        }.get(divide, var.sqrt())
        scale = scale[:, None] if each else scale
        found.append(w / scale * gain)
        z = h @ found[-1].T if sequential else z
        h = {
            "relu": z.clamp(min=0),
            "leaky": torch.where(z > 0, z, 0.01 * z),
            "tanh": z.tanh(),
        }.get(activation, z)
    return (*found[:layers], *(w1, w2, w3)[layers:])


SLIPS = (
    Slip(
        "variance",
        "You divide by the variance. Weights enter it squared: divide by its root.",
        {"divide": "variance"},
    ),
    Slip(
        "not-in-sequence",
        "Your later layers are measured on a network whose earlier weights are still unscaled."
        " Go on with the scaled ones.",
        {"sequential": False},
    ),
    Slip(
        "relu-lost",
        "The ReLU between the layers is missing: the next layer sees max(z, 0).",
        {"activation": "none"},
    ),
    Slip(
        "tanh",
        "Your activation is tanh. In this network it is max(z, 0).",
        {"activation": "tanh"},
    ),
    Slip(
        "leaky",
        "Your ReLU leaks. In this network it is max(z, 0).",
        {"activation": "leaky"},
    ),
    Slip(
        "mean-of-deviations",
        "You average the deviations of single units. The variance is taken over all values of a "
        "layer together, around their common mean.",
        {"divide": "mean of deviations"},
    ),
    Slip(
        "variance-within-units",
        "You average the variances of single units: how the units' means differ from each other is "
        "lost. Take the variance of all values of a layer together.",
        {"divide": "variance within units"},
    ),
    Slip(
        "variance-within-samples",
        "You average the variances inside single samples. Take the variance of all values of a "
        "layer together.",
        {"divide": "variance within samples"},
    ),
    Slip(
        "gain",
        "Your weights are √2 times too large. No gain is asked: the sums are measured.",
        {"gain": 2**0.5},
    ),
    Slip(
        "inputs-standardized",
        "You standardize the batch first. It is to be taken as it is.",
        {"normalized": True},
    ),
    Slip(
        "third-weight-left",
        "The third weight is left as it was. Its sums should have variance 1, too.",
        {"layers": 2},
    ),
    Slip(
        "first-weight-only",
        "Only the first weight is scaled.",
        {"layers": 1},
    ),
    Slip(
        "after-relu",
        "You measure after the ReLU. Asked are the sums z in front of it.",
        {"of": "activations"},
    ),
    Slip(
        "each-unit",
        "You scale each unit by a number of its own. That is another method; here one number"
        " serves a layer.",
        {"each": True},
    ),
    Slip(
        "mean-square",
        "You divide by the root of the mean square. The variance is taken around the mean.",
        {"divide": "square"},
    ),
    Slip(
        "unbiased",
        "You divide by the number of values less one. Asked is the number of values.",
        {"correction": 1},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, *sizes: int, scales: tuple[float, ...] = (1.0, 0.2, 3.0)) -> Case:
        n, *widths = sizes
        weights = [
            scale * draws.normal(b, a)
            for scale, a, b in zip(scales, widths[:-1], widths[1:], strict=True)
        ]
        x = 2 * draws.normal(n, widths[0]) + 1
        return Case(special, {"x": x, **dict(zip(("w1", "w2", "w3"), weights, strict=True))})

    usual = [case("eight samples", 8, 3, 4, 5, 2), case("six samples", 6, 3, 4, 5, 2)]
    edges = [
        case("a single sample", 1, 3, 8, 8, 4),
        case("one output", 9, 2, 6, 6, 1),
        case("weights of very different size", 7, 3, 6, 6, 3, scales=(1e3, 1e-4, 1.0)),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="initialization-lsuv",
    title="Layer after layer",
    chapter="initialization",
    kind="code",
    difficulty=3,
    minutes=35,
    wants="a function lsuv(x, w1, w2, w3) that returns the scaled (w1, w2, w3)",
    hints=(
        "The first layer: z = x W₁ᵀ, then divide W₁ by the standard deviation of all of z.",
        "The second layer sees max(z, 0) of the *scaled* first one.",
    ),
    examine=examine,
)
