"""Claims of the chapter ``universal_approximation``: what is there, what is found.

The experiments are in :mod:`lecturelib.chapters.universal_approximation.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from lecturelib.chapters.universal_approximation import experiments
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
F64 = torch.float64


def approximation(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F6: errors of constructed networks against their bounds, and affine pieces counted."""
    units, layers, k = settings["units"], settings["layers"], settings["pieces"]
    x = torch.linspace(0, 1, settings["grid"], dtype=F64, device=device).cpu()
    wide = torch.linspace(-1, 1, settings["grid"], dtype=F64)
    deep = experiments.pieces(lambda t: experiments.sawtooth(layers, t))
    two = experiments.pieces(lambda t: experiments.sawtooth(2, t))
    fitted = (experiments.maxout_square(k, wide) - wide**2).abs().max().item()
    searched = experiments.best_affine_pieces(torch.square, k)
    found: Values = {
        "staircase": [],
        "deep pieces": [float(deep)] * len(seeds),
        "shallow pieces": [],
        "two layers": [],
        "random share": [],
        "maxout": [fitted * k**2] * len(seeds),
        "maxout searched": [searched * k**2] * len(seeds),
    }
    for seed in seeds:
        f = experiments.random_lipschitz(seed)
        error = (experiments.staircase(f, units, x) - f(x)).abs().max().item()
        found["staircase"].append(error * 2 * (units + 1))
        shallow = experiments.one_shallow_network(seed, 2 * layers)
        found["shallow pieces"].append(float(shallow))
        found["two layers"].append(float(two - experiments.one_shallow_network(seed, 4)))
        drawn = experiments.breakpoints_of_random_network(seed, layers, 2)
        found["random share"].append(drawn / deep)
    return found


APPROXIMATION = Claim(
    id="F6",
    slug="one-layer-suffices-depth-is-cheaper",
    sentence="One hidden layer suffices to approximate any continuous function; depth is cheaper.",
    sources=(Source(lecture="FFN", keys=("hornik1989", "cybenko1989")),),
    chapter="universal_approximation",
    protocol="Weights are written down, not learnt. Random functions on [0, 1] with Lipschitz "
    "constant 1 against a staircase of step units. Affine pieces, counted: 8 layers of 2 ReLUs "
    "(the tent map, iterated) against one layer of 16 ReLUs with kinks drawn at random. x² on "
    "[−1, 1] against 4 affine pieces. Conditions: 2 layers; deep networks with random weights.",
    experiment=approximation,
    quick={"units": 30, "layers": 8, "pieces": 4, "grid": 20_001},
    full={"units": 30, "layers": 8, "pieces": 4, "grid": 2_000_001},
    measures=(
        Measure(
            name="deep pieces",
            label="affine pieces of 8 layers of 2 ReLUs",
            expect="above",
            threshold=255.5,
            reason="the proof says 2⁸ = 256",
            tolerance=0.0,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="shallow pieces",
            label="affine pieces of one layer of 16 ReLUs",
            expect="below",
            threshold=17.5,
            reason="the proof says 16 + 1 = 17 at most",
            tolerance=0.0,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="staircase",
            label="sup error of 30 step units, over the proved bound 1/62",
            expect="below",
            threshold=1 + 1e-9,
            reason="the bound, and rounding",
            tolerance=1e-3,
            wins=1.0,
        ),
        Measure(
            name="maxout",
            label="sup error · k² of the constructed maxout unit with k = 4 pieces for x²",
            expect="below",
            threshold=0.5 + 1e-9,
            reason="the proof says 1/2, and rounding",
            tolerance=1e-6,
            wins=1.0,
        ),
        Measure(
            name="maxout searched",
            label="the same for the best 4 affine pieces, by search over all breakpoints",
            expect="above",
            threshold=0.5 - 1e-3,
            reason="no 4 pieces should beat 1/2; the grid costs less than 0.001",
            tolerance=1e-3,
            wins=1.0,
        ),
        Measure(
            name="two layers",
            label="pieces of 2 layers of 2 ReLUs minus those of one layer of 4",
            expect="below",
            threshold=-0.5,
            reference=0.0,
            reason="2² − (4 + 1) = −1",
            tolerance=0.0,
            role="condition",
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="random share",
            label="pieces of a random network of 8 layers of 2, over 2⁸",
            expect="below",
            threshold=0.1,
            reference=1.0,
            reason="a tenth of what depth makes possible",
            tolerance=0.02,
            role="condition",
            wins=1.0,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "At equal numbers of units the deep sawtooth has more pieces only from three layers on.",
        "Depth makes many pieces possible, it does not make them: a deep network with random "
        "weights has a few.",
    ),
)


def regions(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F10: accuracy on new points by activation, width and depth."""

    def accuracy(data: str, activation: str, width: int, depth: int = 1) -> torch.Tensor:
        found = experiments.train_regions(
            data,
            seeds,
            activation=activation,
            width=width,
            depth=depth,
            **settings,
            device=device,
        )
        return found["accuracy"]

    spirals = {
        (name, *shape): accuracy("spirals", name, *shape)
        for name in ("relu", "tanh")
        for shape in ((2, 1), (8, 1), (8, 2))
    }
    disc = {name: accuracy("disc", name, 3) for name in ("relu", "tanh", "identity")}
    return {
        "width": (spirals["relu", 8, 1] - spirals["relu", 2, 1]).tolist(),
        "depth": (spirals["relu", 8, 2] - spirals["relu", 8, 1]).tolist(),
        "tanh": (disc["tanh"] - disc["relu"]).tolist(),
        "identity": (disc["relu"] - disc["identity"]).tolist(),
        "tanh width": (spirals["tanh", 8, 1] - spirals["tanh", 2, 1]).tolist(),
        "tanh depth": (spirals["tanh", 8, 2] - spirals["tanh", 8, 1]).tolist(),
    }


def _gain(name: str, label: str, limit: float) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=limit,
        reference=0.0,
        reason="about half the effect",
        tolerance=0.04,
    )


REGIONS = Claim(
    id="F10",
    slug="decision-regions-by-activation",
    sentence="The decision regions of a small network depend on its activation; more width or "
    "depth helps.",
    sources=(Source(lecture="FFN"),),
    chapter="universal_approximation",
    protocol="200 points in the plane, Adam on all of them at once, 500 steps with a rate of 0.03 "
    "that falls to zero, the same data and rate for all. Accuracy on 1,000 new points, a mean over "
    "3 starts, paired by data set (a single start says little: see the chapter). Spirals with 2 "
    "and 8 units in one layer and 8 in two; a disc with 3 units.",
    experiment=regions,
    quick={"samples": 200, "steps": 500, "starts": 3},
    full={"samples": 2_000, "steps": 5_000, "starts": 50},
    measures=(
        _gain("width", "spirals, ReLU: accuracy with 8 units minus 2", 0.15),
        Measure(name="depth", label="spirals, ReLU: accuracy with two layers of 8 minus one"),
        replace(
            _gain("tanh", "disc, 3 units: accuracy of tanh minus ReLU", 0.06),
            reason="about a third of the effect",
            wins=0.7,
        ),
        _gain("identity", "disc, 3 units: accuracy of ReLU minus no activation", 0.15),
        Measure(name="tanh width", label="spirals, tanh: 8 units minus 2"),
        Measure(name="tanh depth", label="spirals, tanh: two layers of 8 minus one"),
    ),
    verdict="holds",
    runs=5,
    conditions=(
        "Reported, not asked: a second layer of ReLUs. It helps on most data sets, not on all; on "
        "ten of them chance decides whether it shows.",
    ),
)


def capacity(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """UA1: share of the starts from which training separates the triangle, by width."""
    found = {
        width: experiments.success(seeds, width, **settings, device=device)
        for width in (2, 3, 4, 8, 16)
    }
    rate = {width: result["rate"] for width, result in found.items()}
    return {
        "rate 3": rate[3].tolist(),
        "gain": (rate[16] - rate[3]).tolist(),
        "written": found[3]["constructed"].tolist(),
        "restarts": (1 - (1 - rate[3]) ** 10).tolist(),
        "rate 2": rate[2].tolist(),
        "rate 4": rate[4].tolist(),
        "rate 8": rate[8].tolist(),
        "rate 16": rate[16].tolist(),
    }


CAPACITY = Claim(
    id="UA1",
    slug="perfect-only-in-theory",
    sentence="“This network can perfectly describe the decision boundary” only in theory: "
    "training is unlikely to find it. The network must have larger capacity.",
    sources=(Source(lecture="JHU"),),
    chapter="universal_approximation",
    protocol="200 points in and around a triangle, none near its lines. Three ReLUs, one for each "
    "line, classify all of them: the weights are written down and run. Then networks with one "
    "hidden layer are trained from 20 random starts a seed (Adam on all points, 600 steps); "
    "counted are those that end without a mistake on the training set.",
    experiment=capacity,
    quick={"samples": 200, "steps": 600, "starts": 20},
    full={"samples": 200, "steps": 20_000, "starts": 200},
    measures=(
        Measure(
            name="rate 3",
            label="share of starts without a mistake, 3 units",
            expect="below",
            threshold=0.5,
            reference=1.0,
            reason="“unlikely”: less than half, although a solution exists",
            tolerance=0.1,
            wins=0.9,
        ),
        Measure(
            name="gain",
            label="the share with 16 units minus that with 3",
            expect="above",
            threshold=0.35,
            reference=0.0,
            reason="about half the effect",
            tolerance=0.1,
            wins=0.9,
        ),
        Measure(
            name="written",
            label="mistakes of the three units that are written down",
            expect="below",
            threshold=0.5,
            reason="not one mistake is allowed",
            tolerance=0.0,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="restarts",
            label="chance that one of ten starts succeeds with 3 units",
            expect="above",
            threshold=0.6,
            reference=0.5,
            reason="more often than not, with room",
            tolerance=0.1,
            role="condition",
            digits=2,
            wins=0.6,
        ),
        Measure(name="rate 2", label="share without a mistake, 2 units", digits=2),
        Measure(name="rate 4", label="share without a mistake, 4 units", digits=2),
        Measure(name="rate 8", label="share without a mistake, 8 units", digits=2),
        Measure(name="rate 16", label="share without a mistake, 16 units", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Unlikely from one start, not from many: for so small a problem ten restarts with three "
        "units find the solution on most data sets, too.",
    ),
)

CLAIMS: tuple[Claim, ...] = (APPROXIMATION, REGIONS, CAPACITY)
