"""Claims of the chapter ``universal_approximation``: what is there, what is found.

The experiments are in :mod:`lecturelib.chapters.universal_approximation.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from lecturelib.chapters.universal_approximation import experiments
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
F64 = torch.float64


def _exact(name: str, label: str, expect: Any, threshold: float, reason: str) -> Measure:
    """A count, or an error over its proved bound: the same on every seed."""
    return Measure(
        name=name,
        label=label,
        expect=expect,
        threshold=threshold,
        reason=reason,
        tolerance=1e-3,
        wins=1.0,
    )


def approximation(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F6: errors of constructed networks against their bounds, for random functions."""
    units = settings["units"]
    x = torch.linspace(0, 1, settings["grid"], dtype=F64, device=device).cpu()
    found: Values = {"step": [], "sigmoid": [], "relu": [], "four times": []}
    for seed in seeds:
        f = experiments.random_lipschitz(seed)
        step, many, soft, relu = (
            (network - f(x)).abs().max().item()
            for network in (
                experiments.staircase(f, units, x),
                experiments.staircase(f, 4 * units + 3, x),
                experiments.staircase(f, units, x, steepness=10.0),
                experiments.interpolant(f, units, x),
            )
        )
        found["step"].append(step * 2 * (units + 1))
        found["sigmoid"].append(soft * (units + 1) / 1.014)
        found["relu"].append(relu * 2 * units)
        found["four times"].append(many / step)
    return found


APPROXIMATION = Claim(
    id="F6",
    slug="one-layer-suffices",
    sentence="One hidden layer is a universal approximator: some number of units comes as near as "
    "you like to any continuous function.",
    sources=(Source(lecture="FFN", keys=("hornik1989", "cybenko1989")),),
    protocol="Weights are written down, not learnt. Random functions on [0, 1] with Lipschitz "
    "constant 1 (20 slopes of +1 and 20 of −1 in random order) against one hidden layer of steps, "
    "sigmoids and ReLUs: largest error over the proved bound. One variable; for several the "
    "chapter has the proof.",
    experiment=approximation,
    quick={"units": 30, "grid": 20_001},
    full={"units": 30, "grid": 2_000_001},
    measures=(
        _exact(
            "step", "error of 30 steps, over the bound 1/62", "below", 1 + 1e-9, "the proved bound"
        ),
        _exact(
            "sigmoid",
            "error of 30 sigmoids, over the bound 1.014/31",
            "below",
            1 + 1e-9,
            "the proved bound",
        ),
        _exact(
            "relu", "error of 30 ReLUs, over the bound 1/60", "below", 1 + 1e-9, "the proved bound"
        ),
        _exact(
            "four times",
            "error with four times the treads, over that with 30 steps",
            "below",
            0.3,
            "the bound says a quarter",
        ),
    ),
    verdict="holds",
)


def depth(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """UA2: affine pieces, and the error for x², of deep networks and of one layer."""
    layers = settings["layers"]
    x = torch.linspace(0, 1, 2**14 + 1, dtype=F64, device=device).cpu()
    deep = float(experiments.pieces(lambda t: experiments.sawtooth(layers, t)))
    error = (experiments.deep_square(layers, x) - x**2).abs().max().item()
    best = 1 / (2 * (6 * layers + 1) ** 2)
    return {
        "deep": [deep] * len(seeds),
        "shallow": [float(experiments.one_shallow_network(s, 2 * layers)) for s in seeds],
        "two layers": [float(experiments.pieces(experiments.seven_pieces))] * len(seeds),
        "square": [error / best] * len(seeds),
        "drawn": [float(experiments.breakpoints_of_random_network(s, layers, 2)) for s in seeds],
    }


DEPTH = Claim(
    id="UA2",
    slug="depth-is-cheaper",
    sentence="Depth can be cheaper: for some functions a deep network takes exponentially fewer "
    "units than one with a single layer.",
    sources=(Source(),),
    protocol="Weights are written down; affine pieces on [0, 1] are counted. 8 layers of 2 ReLUs "
    "(the tent, iterated) and 2 layers of 2 against one layer of as many ReLUs with kinks drawn at "
    "random, of which the proof says that it has one piece more than units. x² by 8 layers of 3 "
    "against the best that one layer of 24 can do, which is proved. Reported: networks of 8 layers "
    "of 2 with random weights.",
    experiment=depth,
    quick={"layers": 8},
    full={"layers": 10},
    measures=(
        _exact("deep", "pieces of 8 layers of 2 ReLUs", "above", 255.5, "the proof says 2⁸ = 256"),
        _exact("shallow", "pieces of one layer of 16 ReLUs", "below", 17.5, "at most 16 + 1"),
        _exact(
            "two layers",
            "pieces of 2 layers of 2 (one layer of 4: 5)",
            "above",
            6.5,
            "7 can be had",
        ),
        _exact(
            "square",
            "error for x²: 8 layers of 3 over the best of one layer of 24",
            "below",
            0.1,
            "4⁻⁹ · 2 · 49² = 0.018",
        ),
        Measure(name="drawn", label="pieces of a random network of 8 layers of 2", digits=0),
    ),
    verdict="holds",
)


def _gain(name: str, label: str, limit: float) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=limit,
        reference=0.0,
        reason="about half the effect",
        tolerance=0.04,
        wins=0.8,
    )


def regions(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F10: accuracy on new points by activation, each at its best rate."""

    def accuracy(data: str, activation: str) -> torch.Tensor:
        found = experiments.train_regions(
            data,
            seeds,
            activation=activation,
            width=experiments.WIDTHS[data],
            lr=experiments.BEST_RATES[data][activation],
            **settings,
            device=device,
        )
        return found["accuracy"]

    names = ("identity", "relu", "prelu", "tanh", "sigmoid")
    disc = {name: accuracy("disc", name) for name in names}
    spirals = {name: accuracy("spirals", name) for name in names[1:]}
    return {
        "prelu": (disc["prelu"] - disc["relu"]).tolist(),
        "tanh": (disc["tanh"] - disc["relu"]).tolist(),
        "identity": (disc["relu"] - disc["identity"]).tolist(),
        "spirals": (spirals["tanh"] - spirals["relu"]).tolist(),
        "sigmoid": (spirals["tanh"] - spirals["sigmoid"]).tolist(),
        "disc relu": disc["relu"].tolist(),
        "disc prelu": disc["prelu"].tolist(),
    }


REGIONS = Claim(
    id="F10",
    slug="decision-regions-by-activation",
    sentence="The activation function decides which decision regions a small network learns.",
    sources=(Source(lecture="FFN"),),
    protocol="200 points in the plane, Adam on all of them at once, 500 steps, its rate falling to "
    "zero along a cosine. The rate of each activation was tuned on seeds 0 to 9 by the accuracy on "
    "the training points (0.01, 0.03, 0.1, 0.3, 1, and 3 where 1 was best). Accuracy on 1,000 new "
    "points, a mean over 3 starts, paired by data set. A disc in a ring with 3 units in one "
    "hidden layer, spirals with 8. Eight in ten seeds are asked to agree; nine were before "
    "the chance of another verdict had been computed.",
    experiment=regions,
    quick={"samples": 200, "steps": 500, "starts": 3},
    full={"samples": 2_000, "steps": 5_000, "starts": 50},
    measures=(
        _gain("prelu", "disc, 3 units: accuracy of PReLU minus ReLU", 0.06),
        _gain("tanh", "disc, 3 units: accuracy of tanh minus ReLU", 0.05),
        _gain("identity", "disc, 3 units: accuracy of ReLU minus no activation", 0.15),
        _gain("spirals", "spirals, 8 units: accuracy of tanh minus ReLU", 0.06),
        Measure(name="sigmoid", label="spirals, 8 units: accuracy of tanh minus sigmoid"),
        Measure(name="disc relu", label="disc, 3 units: accuracy of ReLU"),
        Measure(name="disc prelu", label="disc, 3 units: accuracy of PReLU"),
    ),
    verdict="holds",
)


def capacity(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """UA1: share of the starts from which training separates the triangle, by width."""
    rate = {
        width: experiments.success(seeds, width, **settings, device=device)["rate"]
        for width in (2, 3, 4, 8, 16)
    }
    slow = experiments.success(seeds, 3, **{**settings, "lr": 0.03}, device=device)["rate"]
    return {
        "rate 3": rate[3].tolist(),
        "gain": (rate[16] - rate[3]).tolist(),
        "restarts": (1 - (1 - rate[3]) ** 10).tolist(),
        "slow": slow.tolist(),
        "rate 2": rate[2].tolist(),
        "rate 4": rate[4].tolist(),
        "rate 8": rate[8].tolist(),
        "rate 16": rate[16].tolist(),
    }


CAPACITY = Claim(
    id="UA1",
    slug="perfect-only-in-theory",
    sentence="A network that can describe the decision boundary perfectly does so only in theory: "
    "training is very unlikely to converge to that solution. The network must have larger "
    "capacity.",
    sources=(Source(lecture="JHU"),),
    protocol="200 points in and around a triangle, none near its lines. Three ReLUs, one for each "
    "line, classify all of them: the weights are written down. Then networks with one hidden layer "
    "are trained from 20 random starts a seed (Adam on all points, 600 steps, the rate falling to "
    "zero along a cosine); counted are those that end without a mistake on the training set. The "
    "rate, 0.3, was tuned for three units on seeds 0 to 9 (0.003, 0.01, 0.03, 0.1, 0.3, 1; four "
    "times the steps change little).",
    experiment=capacity,
    quick={"samples": 200, "lr": 0.3, "steps": 600, "starts": 20},
    full={"samples": 200, "lr": 0.3, "steps": 20_000, "starts": 200},
    measures=(
        Measure(
            name="rate 3",
            label="share of starts without a mistake, 3 units",
            expect="below",
            threshold=0.1,
            reference=0.5,
            reason="“very unlikely” is at most one in ten; less likely than not is the least",
            tolerance=0.1,
        ),
        Measure(
            name="gain",
            label="the share with 16 units minus that with 3",
            expect="above",
            threshold=0.1,
            reference=0.0,
            reason="about half the effect",
            tolerance=0.1,
            wins=0.8,
        ),
        Measure(name="restarts", label="chance that one of ten starts with 3 succeeds", digits=3),
        Measure(name="slow", label="share with 3 units at a tenth of the rate, 0.03", digits=2),
        Measure(name="rate 2", label="share without a mistake, 2 units", digits=2),
        Measure(name="rate 4", label="share without a mistake, 4 units", digits=2),
        Measure(name="rate 8", label="share without a mistake, 8 units", digits=2),
        Measure(name="rate 16", label="share without a mistake, 16 units", digits=2),
    ),
    verdict="not reproduced",
)


def speed(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """UA3: epochs until the spirals are learnt, by layers; not in time counts as the limit."""
    limit = settings["limit"]

    def epochs(activation: str, width: int, layers: int) -> torch.Tensor:
        found = experiments.epochs_to_learn(
            "spirals",
            seeds,
            width=width,
            depth=layers,
            activation=activation,
            lr=experiments.EPOCH_RATES[activation, ", ".join([str(width)] * layers)],
            **settings,
            device=device,
        )
        return found.clamp(max=limit)

    relu, tanh = (
        {shape: epochs(name, *shape) for shape in ((8, 1), (8, 2), (26, 1))}
        for name in ("relu", "tanh")
    )
    return {
        "deeper": (relu[8, 2] / relu[8, 1]).tolist(),
        "wider": (relu[26, 1] / relu[8, 2]).tolist(),
        "one of 8": relu[8, 1].tolist(),
        "two of 8": relu[8, 2].tolist(),
        "one of 26": relu[26, 1].tolist(),
        "tanh deeper": (tanh[8, 2] / tanh[8, 1]).tolist(),
        "tanh one of 8": tanh[8, 1].tolist(),
    }


SPEED = Claim(
    id="UA3",
    slug="more-layers-fewer-epochs",
    sentence="More layers: only 15 epochs to learn.",
    sources=(Source(lecture="FFN"),),
    protocol="Two spirals, 200 points, Adam on minibatches of 10: epochs until 95% of the training "
    "points are right; 100 where that did not happen in 100. One hidden layer of 8 ReLUs, two of "
    "8, one of 26 (which has as many weights as two of 8), and the same with tanh. The rate of "
    "each was tuned on seeds 0 to 19 (0.01 to 3, the best inside). A value is the median of five "
    "runs, and 20 seeds decide. Six in ten of them are asked to agree on the first measure; with "
    "eight, and ten seeds, chance would have had a say.",
    experiment=speed,
    quick={"samples": 200, "limit": 100},
    full={"samples": 2_000, "limit": 1_000},
    measures=(
        Measure(
            name="deeper",
            label="epochs with two layers of 8 ReLUs over those with one",
            expect="below",
            threshold=0.7,
            reference=1.0,
            reason="about half the effect",
            tolerance=0.25,
            wins=0.6,
            digits=2,
        ),
        Measure(
            name="wider",
            label="epochs with one layer of 26 ReLUs over those with two of 8",
            expect="below",
            threshold=0.6,
            reference=1.0,
            reason="about half the effect, in powers of two",
            tolerance=0.2,
            role="condition",
            wins=0.8,
            digits=2,
        ),
        Measure(name="one of 8", label="epochs, one layer of 8 ReLUs", digits=0),
        Measure(name="two of 8", label="epochs, two layers of 8 ReLUs", digits=0),
        Measure(name="one of 26", label="epochs, one layer of 26 ReLUs", digits=0),
        Measure(
            name="tanh deeper",
            label="tanh: epochs with two layers of 8 over those with one",
            expect="above",
            threshold=1.4,
            reference=1.0,
            reason="about half the effect, in powers of two",
            tolerance=0.3,
            role="condition",
            wins=0.8,
            digits=2,
        ),
        Measure(name="tanh one of 8", label="tanh: epochs, one layer of 8", digits=0),
    ),
    verdict="holds with a condition",
    conditions=(
        "One wider layer with as many weights as the two learns in fewer epochs still.",
        "With tanh, each network at its own best rate, one layer of 8 needs fewer epochs than two.",
    ),
    seeds=20,
    runs=5,
)

CLAIMS: tuple[Claim, ...] = (APPROXIMATION, DEPTH, REGIONS, SPEED, CAPACITY)
