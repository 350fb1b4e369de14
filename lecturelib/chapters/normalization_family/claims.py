"""Claims of the chapter ``normalization_family``: the relatives of batch norm.

The experiments are in :mod:`lecturelib.chapters.normalization_family.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.normalization_family import experiments
from lecturelib.chapters.normalization_family import (
    training_claims as normalization_family_training,
)
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: tensor.tolist() for name, tensor in values.items()}


def _exact(name: str, label: str, *, threshold: float = 1e-12) -> Measure:
    """An error that must be rounding alone, on every seed."""
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=threshold,
        reason="rounding in float64, with room for larger cases",
        tolerance=threshold,
        wins=1.0,
        digits=-1,
    )


def norm_prop(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N3: statistics and gradients through depth, one layer's spectrum, training one by one."""
    options = {name: settings[name] for name in ("width", "depth", "samples")}
    deep = experiments.propagation(seeds, **options, device=device)
    spectrum = experiments.relu_spectrum(seeds, width=settings["spectrum_width"], device=device)
    accuracy = experiments.batch_of_one(
        seeds, width=settings["trained_width"], epochs=settings["epochs"], device=device
    )
    a_layer = deep["growth"] ** (1 / settings["depth"])
    return _lists(
        {
            "mean": deep["mean"].abs(),
            "std": (deep["std"] - 1).abs(),
            "gain": (a_layer / experiments.RELU.gain - 1).abs(),
            "accuracy": accuracy,
            "growth": deep["growth"],
            "near": ((spectrum > 1.1) & (spectrum < 1.3)).double().mean(1),
            "a layer": a_layer,
            "zero": (spectrum < 1e-3).double().mean(1),
            "largest": spectrum.amax(1),
            "spread": deep["spread"],
        }
    )


NORM_PROP = Claim(
    id="N3",
    slug="norm-prop",
    sentence="Two constants of the activation keep hidden layers at mean 0 and variance 1, for any "
    "batch size; the singular values of a ReLU layer's Jacobian are then about 1.2.",
    sources=(Source(lecture="NT", keys=("arpit2016",)),),
    protocol="Ten NormProp layers of 512 ReLUs at random, 256 standard normal inputs: mean and "
    "standard deviation of all outputs of the last layer, and growth of a random gradient on its "
    "way back to the input. One layer of 256 units with orthonormal weight rows: singular values "
    "of its Jacobian at one input. Network 64-64-64-10 on standardized digits, SGD 0.01 with one "
    "sample a step, one epoch: test accuracy.",
    experiment=norm_prop,
    quick={
        "width": 512,
        "depth": 10,
        "samples": 256,
        "spectrum_width": 256,
        "trained_width": 64,
        "epochs": 1,
    },
    full={
        "width": 4096,
        "depth": 10,
        "samples": 4096,
        "spectrum_width": 2048,
        "trained_width": 512,
        "epochs": 10,
    },
    measures=(
        Measure(
            name="mean",
            label="|mean| of the outputs of layer 10",
            expect="below",
            threshold=0.04,
            reference=0.1,
            reason="a tenth of what one ReLU adds without its constant",
            tolerance=0.01,
            wins=1.0,
        ),
        Measure(
            name="std",
            label="|standard deviation − 1| of the outputs of layer 10",
            expect="below",
            threshold=0.1,
            reference=0.2,
            reason="a ReLU without its constant multiplies it by 0.58 in each layer",
            tolerance=0.01,
            wins=1.0,
        ),
        Measure(
            name="gain",
            label="growth of a gradient by layer, relative distance to √(π/(π−1)) = 1.211",
            expect="below",
            threshold=0.01,
            reference=0.05,
            reason="sampling error is a few thousandths",
            tolerance=0.003,
            wins=1.0,
        ),
        Measure(
            name="accuracy",
            label="test accuracy when trained on one sample a step",
            expect="above",
            threshold=0.8,
            reference=0.5,
            reason="far from guessing, 0.1; batch norm can't do this at all",
            tolerance=0.03,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="near",
            label="share of a layer's singular values between 1.1 and 1.3",
            expect="below",
            threshold=0.05,
            reference=0.5,
            reason="none is expected",
            tolerance=0.01,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="growth",
            label="growth of the gradient over ten layers",
            expect="above",
            threshold=3.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=0.3,
            role="condition",
            wins=1.0,
            digits=1,
        ),
        Measure(name="a layer", label="growth of the gradient by layer"),
        Measure(name="zero", label="share of a layer's singular values that are 0", digits=2),
        Measure(name="largest", label="a layer's largest singular value"),
        Measure(
            name="spread",
            label="standard deviation over units of their mean in layer 10",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "1.2 is the root of the mean square of the singular values. With orthonormal weights about "
        "half of them are 0, where the ReLU is off, and the others 1.71: none is near 1.2.",
        "1.2 is not 1: the gradient grows sevenfold in ten layers.",
    ),
)


def weight_normalization(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N4: identities, and the angle between weights and step for three optimizers."""
    sizes = {name: settings[name] for name in ("samples", "inputs", "units")}
    exact = experiments.weight_norm_identities(seeds, **sizes, device=device)
    paths = {
        name: experiments.weight_norm_path(seeds, name, **settings, device=device)
        for name in experiments.OPTIMIZERS
    }
    return _lists(
        {
            **exact,
            "cosine": paths["sgd"]["cosine"],
            "growth": paths["sgd"]["growth"],
            "momentum": paths["momentum"]["cosine"],
            "adam": paths["adam"]["cosine"],
            "adam length": paths["adam"]["length"],
        }
    )


def _not_orthogonal(name: str, label: str, threshold: float) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=threshold,
        reference=1e-9,
        reason="about half of the effect; plain steps give rounding",
        tolerance=0.1,
        role="condition",
        wins=1.0,
        digits=2,
        bound=0.0,
    )


WEIGHT_NORM = Claim(
    id="N4",
    slug="weight-norm-steps",
    sentence="Under weight normalization a step is orthogonal to the weights, w ⊥ Δw, so that with "
    "c = ‖Δw‖/‖w‖ their length becomes √(1+c²)‖w‖.",
    sources=(Source(lecture="NT", keys=("salimans2016",)),),
    protocol="Float64. One layer of 5 tanh units with 20 inputs, regression on 64 samples, 50 "
    "steps of SGD 0.1, the same with momentum 0.9, and Adam 0.01, on v and g: the largest |cosine| "
    "between a unit's v and its step. Besides: the paper's gradients against autograd, the "
    "data-dependent start, and mean-only batch norm against batch norm times the standard "
    "deviation.",
    experiment=weight_normalization,
    quick={"samples": 64, "inputs": 20, "units": 5, "steps": 50},
    full={"samples": 1024, "inputs": 20, "units": 256, "steps": 500},
    measures=(
        _exact("cosine", "largest |cosine| of v and its step, SGD", threshold=1e-9),
        _exact("growth", "relative distance of the new length to √(1+c²) times the old, SGD"),
        _exact("gradients", "the paper's formulas for the gradients against autograd"),
        _exact("start", "mean and variance after the data-dependent start against 0 and 1"),
        _exact("mean only", "mean-only batch norm against σ times batch norm"),
        _not_orthogonal("momentum", "largest |cosine| with momentum 0.9", 0.15),
        _not_orthogonal("adam", "largest |cosine| with Adam", 0.1),
        Measure(
            name="adam length",
            label="last over first length of v with Adam",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "Exact for plain gradient steps on v. Momentum adds old gradients, which were orthogonal "
        "to the old v; Adam divides each component by its own size: both leave the right angle, "
        "and v can become shorter.",
    ),
)


def invariances(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N5: for each norm the largest change where there should be none, the smallest elsewhere."""
    table = experiments.invariance_table(seeds, **settings, device=device)
    found: dict[str, Tensor] = {}
    for norm, row in experiments.INVARIANT.items():
        cells: dict[bool, list[Tensor]] = {True: [], False: []}
        for change, invariant in zip(experiments.CHANGES, row, strict=True):
            cells[invariant].append(table[norm, change])
        found[f"{norm} invariant"] = torch.stack(cells[True]).amax(0)
        found[f"{norm} changed"] = torch.stack(cells[False]).amin(0)
    found.update(experiments.layer_norm_conditions(seeds, **settings, device=device))
    return _lists(found)


def _changed(name: str, label: str, *, condition: bool = False) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=0.2,
        reference=0.01,
        reason="about half of the effect; an invariant cell has rounding alone",
        tolerance=1e-6,
        role="condition" if condition else "claim",
        wins=1.0,
        digits=2,
        bound=0.0,
    )


INVARIANCES = Claim(
    id="N5",
    slug="invariance-table",
    sentence="Batch norm is invariant to rescaling of the weight matrix, of a weight vector and of "
    "the data, and to a shift of the data; weight norm to the first two; layer norm to rescaling "
    "and a common shift of the weights, to rescaling of the data and of a single case; each to "
    "nothing else in the table.",
    sources=(Source(lecture="NT", keys=("ba2016",)),),
    protocol="Float64, ε = 0. A random layer of 5 units with 6 inputs on 16 samples, no bias "
    "before the norm. Six changes of weights or data, by a factor of 3 or a shift that all rows "
    "share: relative change of the output, the largest over the cells that should be invariant, "
    "and the smallest over the others. Condition: layer norm with a bias before it, of the "
    "size of the pre-activations, data times 3.",
    experiment=invariances,
    quick={"samples": 16, "inputs": 6, "units": 5, "factor": 3.0},
    full={"samples": 1024, "inputs": 128, "units": 64, "factor": 3.0},
    measures=(
        _exact("batch invariant", "batch norm, largest change of four that it should not see"),
        _changed("batch changed", "batch norm, smallest change of the other two"),
        _exact("weight invariant", "weight norm, largest change of two that it should not see"),
        _changed("weight changed", "weight norm, smallest change of the other four"),
        _exact("layer invariant", "layer norm, largest change of four that it should not see"),
        _changed("layer changed", "layer norm, smallest change of the other two"),
        _changed("bias", "layer norm with a bias before it, data times 3", condition=True),
        Measure(
            name="two units",
            label="layer norm of two units: largest distance of |output| to 1",
            digits=-1,
        ),
    ),
    verdict="holds with a condition",
    runs=5,
    conditions=(
        "For positive factors and ε = 0.",
        "Layer norm sees a rescaling of the data or of a case if there is a bias before it.",
    ),
)

CLAIMS: tuple[Claim, ...] = (
    NORM_PROP,
    WEIGHT_NORM,
    INVARIANCES,
    *normalization_family_training.CLAIMS,
)
