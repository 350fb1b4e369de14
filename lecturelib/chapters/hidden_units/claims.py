"""Claims of the chapter ``hidden_units``: activation functions.

The experiments are in :mod:`lecturelib.chapters.hidden_units.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lecturelib.activations import Activation, leaky_relu
from lecturelib.chapters.hidden_units import experiments
from lecturelib.claims.published import ACTIVATIONS_CAFFENET
from lecturelib.claims.record import Claim, Measure, PublishedFigure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
FFN, JHU = Source(lecture="FFN"), Source(lecture="JHU")


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.tolist() for name, value in values.items()}


def stacked(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F5: distance of a linear stack to one layer, and what a ReLU or a bottleneck changes."""
    return _lists(experiments.collapse(seeds, **settings, device=device))


COLLAPSE = Claim(
    id="F5",
    slug="linear-layers-collapse",
    sentence="Multiple linear layers are equivalent to a single linear layer.",
    sources=(FFN,),
    chapter="hidden_units",
    protocol="Six random linear layers with biases, 20 inputs, 10 outputs, 40 units between them, "
    "float64; outputs on 200 inputs against the one layer with the product of the weights. The "
    "same stack with ReLUs against its best affine approximation. Condition: the best that a stack "
    "with a layer of 3 units can do for a random linear map of 20 inputs to 10 outputs.",
    experiment=stacked,
    quick={"features": 20, "outputs": 10, "width": 40, "bottleneck": 3, "layers": 6},
    full={"features": 200, "outputs": 100, "width": 400, "bottleneck": 30, "layers": 20},
    measures=(
        Measure(
            name="stack",
            label="relative distance of the stack to one layer",
            expect="below",
            threshold=1e-12,
            reason="float64 arithmetic; the statement is exact",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="relu",
            label="the same with ReLUs between the layers, to the best affine map",
            expect="above",
            threshold=0.2,
            reference=1e-12,
            reason="a bit less than half of the effect",
            tolerance=0.05,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="bottleneck",
            label="relative distance of a linear map to the best stack with a bottleneck",
            expect="above",
            threshold=0.3,
            reference=1e-12,
            reason="half of the effect",
            tolerance=0.05,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        Measure(name="rank", label="rank of what passes the bottleneck", digits=0),
    ),
    verdict="holds with a condition",
    conditions=(
        "Every stack is one layer. The converse needs every hidden layer to have at least as many "
        "units as the map has rank: through 3 units pass maps of rank 3 at most.",
    ),
)


def facts(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F7: numbers of the recommended tanh and of the functions that dip below zero."""
    return _lists(experiments.recommended_tanh(seeds, **settings, device=device))


ZOO_FACTS = Claim(
    id="F7",
    slug="recommended-tanh",
    sentence="The recommended tanh, 1.7159 tanh(2z/3), maps 1 to 1, bends most near 1, and keeps "
    "the variance of a standardized input near 1.",
    sources=(Source(lecture="JHU", keys=("lecun2012",)),),
    chapter="hidden_units",
    protocol="Computed from the definition in float64: f(1), the place of the largest second "
    "derivative on a grid of step 1e-5, and the mean of f² over 100,000 standard normal draws a "
    "seed. Reported besides: the minima of GELU, SiLU and Mish, and the largest error of GELU's "
    "tanh form.",
    experiment=facts,
    quick={"samples": 100_000},
    full={"samples": 10_000_000},
    measures=(
        Measure(
            name="f(1)",
            label="distance of f(1) to 1",
            expect="below",
            threshold=1e-5,
            reason="the constant has five digits",
            tolerance=1e-7,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="peak",
            label="distance of the largest second derivative to 1",
            expect="below",
            threshold=0.02,
            reason="near 1, as the authors say; not at 1",
            tolerance=1e-4,
            wins=1.0,
            digits=4,
        ),
        Measure(
            name="square",
            label="mean of f² for a standard normal input",
            expect="below",
            threshold=0.8,
            reference=1.0,
            reason="sampling error is below 0.01",
            tolerance=0.01,
            role="condition",
            wins=1.0,
            digits=4,
        ),
        Measure(name="E f² by integration", label="the same by integration", digits=5),
        Measure(name="gelu minimum", label="minimum of GELU", digits=4),
        Measure(name="silu minimum", label="minimum of SiLU (Swish)", digits=4),
        Measure(name="mish minimum", label="minimum of Mish", digits=4),
        Measure(name="gelu approximation", label="largest error of GELU's tanh form", digits=6),
    ),
    verdict="holds with a condition",
    conditions=(
        "The variance of a normal input falls to three quarters. It is 1 for inputs that are ±1.",
    ),
)


def dying(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F8: dead units at four learning rates, and what a leak and a positive bias change."""

    def run(activation: str | Activation = "relu", **changes: float) -> dict[str, Tensor]:
        return experiments.death(seeds, activation, **{**settings, **changes}, device=device)

    relu = {lr: run(lr=lr) for lr in (0.01, 0.1, 0.3, 1.0)}
    leaky = {lr: run(partial(leaky_relu, negative_slope=0.1), lr=lr) for lr in (0.3, 1.0)}
    bias = run(lr=0.3, bias=0.1)
    return _lists(
        {
            "dead .3": relu[0.3]["dead"],
            "dead 1": relu[1.0]["dead"],
            "accuracy 1": relu[1.0]["accuracy"],
            "dead .01": relu[0.01]["dead"] - relu[0.01]["start"],
            "dead .1": relu[0.1]["dead"],
            "accuracy .1": relu[0.1]["accuracy"],
            "leaky gap": relu[0.1]["accuracy"] - leaky[0.3]["accuracy"],
            "leaky accuracy 1": leaky[1.0]["accuracy"],
            "leaky gain": leaky[0.3]["accuracy"] - relu[0.3]["accuracy"],
            "bias gain": relu[0.3]["dead"] - bias["dead"],
        }
    )


DYING = Claim(
    id="F8",
    slug="relus-die",
    sentence="ReLUs can die: a large step pushes a unit to where no input activates it, and no "
    "gradient brings it back.",
    sources=(JHU, FFN),
    chapter="hidden_units",
    protocol="Digits, pixels from 0 to 1. Two hidden layers of 128 ReLUs, normal weights, SGD with "
    "momentum 0.9, batches of 64, 3 epochs. A unit of the first layer is dead if it is positive "
    "for no training sample. Compared under the same seed: leaky ReLU with slope 0.1, and biases "
    "that start at 0.1.",
    experiment=dying,
    quick={"epochs": 3, "width": 128, "batch_size": 64},
    full={"epochs": 30, "width": 512, "batch_size": 64},
    measures=(
        Measure(
            name="dead .3",
            label="share of dead units at learning rate 0.3",
            expect="above",
            threshold=0.2,
            reference=0.05,
            reason="half of the effect",
            tolerance=0.1,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="dead 1",
            label="at learning rate 1",
            expect="above",
            threshold=0.5,
            reference=0.05,
            reason="half of the effect",
            tolerance=0.1,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="accuracy 1",
            label="test accuracy at learning rate 1",
            expect="below",
            threshold=0.5,
            reference=0.9,
            reason="half way to guessing",
            tolerance=0.1,
            wins=0.95,
            digits=2,
        ),
        Measure(
            name="dead .01",
            label="share of units that die at learning rate 0.01, beyond those dead at the start",
            expect="below",
            threshold=0.02,
            reference=0.05,
            reason="a tenth of what is asked at rate 0.3",
            tolerance=0.02,
            role="condition",
            wins=1.0,
        ),
        Measure(name="dead .1", label="at learning rate 0.1"),
        Measure(name="accuracy .1", label="test accuracy at learning rate 0.1"),
        Measure(
            name="leaky gap",
            label="accuracy of ReLU at rate 0.1 minus that of leaky ReLU (0.1) at rate 0.3",
        ),
        Measure(
            name="leaky accuracy 1",
            label="test accuracy of leaky ReLU at learning rate 1",
            expect="below",
            threshold=0.5,
            reference=0.9,
            reason="half way to guessing",
            tolerance=0.1,
            role="condition",
            wins=0.95,
            digits=2,
        ),
        Measure(name="leaky gain", label="leaky ReLU minus ReLU in accuracy, both at rate 0.3"),
        Measure(name="bias gain", label="dead units that biases of 0.1 save at rate 0.3 (share)"),
    ),
    verdict="holds with a condition",
    conditions=(
        "It takes too large a step: at learning rate 0.01 hardly a unit dies.",
        "A leak keeps the gradient alive and does not repair the damage: at rate 1 leaky ReLU "
        "fails as ReLU does. At rate 0.3 it stays below plain ReLU at rate 0.1 on most seeds, "
        "not on all.",
    ),
)


def signs(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T7: share of units whose weights get gradients of one sign."""
    sigmoid, tanh = (
        experiments.same_sign(seeds, name, **settings, device=device)
        for name in ("sigmoid", "tanh")
    )
    return _lists(
        {
            "positive": sigmoid["sample"],
            "centred": tanh["sample"],
            "batch": sigmoid["batch"],
            "batch centred": tanh["batch"],
        }
    )


ONE_SIGN = Claim(
    id="T7",
    slug="positive-inputs-one-sign",
    sentence="If all inputs of a unit are positive, its weights get gradients that are all "
    "positive or all negative.",
    sources=(JHU,),
    chapter="hidden_units",
    protocol="Hidden layers of 16 and 128 units on the digits, at the start of training. Counted "
    "are the units of the second layer whose 16 weights all get gradients of one sign: sigmoids "
    "below (values in (0, 1)) against tanh units below (values in (−1, 1)), for each of 128 "
    "samples by itself, and for the mean gradient of the 128.",
    experiment=signs,
    quick={"width": 16, "units": 128, "samples": 128},
    full={"width": 16, "units": 4_096, "samples": 1_024},
    measures=(
        Measure(
            name="positive",
            label="share of one sign, sigmoids below, sample by sample",
            expect="above",
            threshold=0.999999,
            reference=0.99,
            reason="the statement is exact",
            tolerance=1e-6,
            wins=1.0,
            digits=4,
        ),
        Measure(
            name="centred",
            label="the same with tanh below",
            expect="below",
            threshold=0.01,
            reference=0.5,
            reason="sixteen random signs agree with probability 2⁻¹⁵",
            tolerance=0.005,
            wins=1.0,
            digits=4,
        ),
        Measure(
            name="batch",
            label="sigmoids below, gradient of a batch of 128",
            expect="below",
            threshold=0.9,
            reference=1.0,
            reason="a third of the effect, which is near 0.3",
            tolerance=0.15,
            role="condition",
            wins=0.9,
            digits=2,
        ),
        Measure(name="batch centred", label="tanh below, gradient of a batch of 128", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "It holds for the gradient of one sample. In the mean over a batch, samples with positive "
        "and with negative error weigh the inputs differently, and signs can differ.",
    ),
)


def comparison(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F9: accuracies by activation, less that of ReLU under the same seed."""
    settings = dict(settings)
    splits = settings.pop("splits")
    found = experiments.accuracies(seeds, **settings, device=device)
    relu = found["relu"]
    # On one split chance is as large as this difference: several, each with its own networks.
    more = [seed + split * 100_000 for seed in seeds for split in range(splits)]
    pair = experiments.accuracies(more, ("relu", "identity"), **settings, device=device)
    linear = (pair["relu"] - pair["identity"]).unflatten(0, (-1, splits)).mean(1)
    others = torch.stack([found[n] for n in found if n not in ("relu", "identity")])
    leaders = ("leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "mish", "maxout")
    gains = {f"{name} gain": found[name] - relu for name in leaders}
    return _lists(
        {
            "best other": others.max(0).values - relu,
            "relu": relu,
            "linear": linear,
            "sigmoid": relu - found["sigmoid"],
            "tanh": relu - found["tanh"],
            **gains,
        }
    )


def _gain(name: str, label: str) -> Measure:
    return Measure(name=f"{name} gain", label=f"{label} minus ReLU", digits=4)


LIMITED_GAINS = Claim(
    id="F9",
    slug="limited-gains",
    sentence="ReLU is a good standard; other non-linearities bring limited gains.",
    sources=(Source(lecture="FFN", keys=("mishkin2017",)),),
    chapter="hidden_units",
    protocol="Standardized digits, two hidden layers of 64 units, Adam with a rate that falls "
    "along a cosine, two rates tried for each of 15 activations; the rate is chosen on a fifth of "
    "the training samples that is held out. Weights are scaled to each activation's second "
    "moment. Differences of test accuracy under the same seed; without activation, the mean over "
    "five splits of the data.",
    experiment=comparison,
    quick={"lrs": (3e-3, 1e-2), "epochs": 10, "width": 64, "batch_size": 128, "splits": 5},
    full={
        "lrs": (3e-4, 1e-3, 3e-3, 1e-2),
        "epochs": 60,
        "width": 256,
        "batch_size": 128,
        "splits": 5,
    },
    measures=(
        Measure(
            name="best other",
            label="the best of 13 others on each seed, minus ReLU",
            expect="below",
            threshold=0.02,
            reference=0.03,
            reason="7 of 360 test images; the best of 13 is above ReLU by luck alone",
            tolerance=0.01,
        ),
        Measure(
            name="linear",
            label="ReLU minus no activation",
            expect="above",
            threshold=0.006,
            reference=0.0,
            reason="a third of the effect",
            tolerance=0.01,
        ),
        Measure(name="relu", label="test accuracy of ReLU"),
        Measure(name="sigmoid", label="ReLU minus sigmoid", digits=4),
        Measure(name="tanh", label="ReLU minus tanh", digits=4),
        _gain("leaky_relu", "leaky ReLU (0.01)"),
        _gain("prelu", "PReLU"),
        _gain("elu", "ELU"),
        _gain("selu", "SELU"),
        _gain("gelu", "GELU"),
        _gain("silu", "SiLU (Swish)"),
        _gain("mish", "Mish"),
        _gain("maxout", "maxout of full width"),
    ),
    verdict="holds",
    published=tuple(
        PublishedFigure(
            text=f"{name}: top-1 accuracy {ACTIVATIONS_CAFFENET.column('accuracy')[name]}",
            key="mishkin2017",
            where="repository caffenet-benchmark, Activations.md",
        )
        for name in ("none (linear)", "tanh", "ReLU", "ELU, α = 1", "maxout, 2 pieces, full width")
    ),
)

CLAIMS: tuple[Claim, ...] = (COLLAPSE, ONE_SIGN, ZOO_FACTS, DYING, LIMITED_GAINS)
