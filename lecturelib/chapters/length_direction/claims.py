"""Claims of the chapter ``length_direction``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lecturelib.chapters.length_direction.experiments import (
    best_multiple,
    cross_block,
    descent_steps,
    direction_path,
    halfspace,
    least_squares_path,
    normalized_steps,
    output_spread,
    path_distance,
    sampled_halfspace,
    shut_down,
    sign_agreement,
)
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]

KOHLER = (Source(lecture="LBN", keys=("kohler2019",)),)


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: tensor.tolist() for name, tensor in values.items()}


def same_path(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """W12: how far the directions on the way down three losses lie apart."""
    problem = halfspace(
        seeds, inputs=settings["inputs"], condition=settings["condition"], device=device
    )
    samples = sampled_halfspace(problem, seeds, settings["samples"])

    def apart(**options: Any) -> Tensor:
        losses = ("least squares", "logistic", "sigmoidal")
        first, *rest = (
            direction_path(problem, seeds, loss, steps=settings["steps"], **options)
            for loss in losses
        )
        return torch.stack([path_distance(first, other) for other in rest]).amax(0)

    return _lists(
        {
            "batch": apart(),
            "weight": apart(metric="weight"),
            "none": apart(metric="none"),
            "samples": apart(samples=samples),
        }
    )


SAME_PATH = Claim(
    id="W12",
    slug="one-direction-path",
    sentence="With batch norm's length and direction, the direction takes the same path whatever "
    "the loss: least squares, logistic and sigmoidal regression are the same problem.",
    sources=KOHLER,
    protocol="Gaussian halfspaces with ten inputs of condition number 30, expectations by "
    "quadrature, gradients by automatic differentiation. Sixty steps from the same start, of equal "
    "length for the three losses; largest distance between the unit vectors of two paths. The same "
    "with weight norm, without a norm, and with means over samples.",
    experiment=same_path,
    quick={"inputs": 10, "condition": 30.0, "samples": 1000, "steps": 60},
    full={"inputs": 100, "condition": 300.0, "samples": 100_000, "steps": 500},
    measures=(
        Measure(
            name="batch",
            label="distance of the paths with batch norm",
            expect="below",
            threshold=1e-10,
            reason="rounding in float64 over the steps",
            tolerance=1e-10,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="weight",
            label="the same with weight norm",
            expect="above",
            threshold=0.35,
            reference=0.01,
            reason="half the effect",
            tolerance=0.02,
            role="condition",
            digits=2,
        ),
        Measure(
            name="samples",
            label="the same with batch norm, means over the samples",
            expect="above",
            threshold=0.01,
            reference=1e-3,
            reason="a third of the effect; far above rounding",
            tolerance=2e-3,
            role="condition",
        ),
        Measure(name="none", label="the same without a norm", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Only in batch norm's metric: on weight norm's sphere the paths part.",
        "Only in expectation over Gaussian data: with 1,000 samples the paths lie some hundredths "
        "apart.",
    ),
)


def linear_rate(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """W13: steps of gradient descent over steps in normalized parameters."""
    problem = halfspace(
        seeds, inputs=settings["inputs"], condition=settings["condition"], device=device
    )
    options = {"tolerance": settings["tolerance"], "limit": settings["limit"]}
    # W12: the same number for each loss.
    normalized = normalized_steps(problem, seeds, "sigmoidal", **options)
    sigmoidal = descent_steps(
        problem, seeds, "sigmoidal", rates=tuple(settings["rates"]), **options
    )
    squares = descent_steps(
        problem, seeds, "least squares", rates=(best_multiple(problem),), **options
    )
    logistic = descent_steps(problem, seeds, "logistic", **options)
    return _lists(
        {
            "sigmoidal": sigmoidal / normalized,
            "least squares": squares / normalized,
            "logistic": logistic / normalized,
            "normalized": normalized,
        }
    )


LINEAR_RATE = Claim(
    id="W13",
    slug="normalized-descent-is-linear",
    sentence="Gradient descent in normalized parameters (GDNP) converges linearly where gradient "
    "descent is sublinear.",
    sources=KOHLER,
    protocol="The halfspaces of W12. Steps until the direction's gap 1 − ρ(w)/ρ(w*), with "
    "ρ = (uᵀw)²/wᵀSw, is at most 1e-6; 2,000 means never. Gradient descent has the rate 1/L; on "
    "the sigmoidal loss also 10/L and 100/L, the best counts; on least squares the best constant "
    "rate 2/(L + μ).",
    experiment=linear_rate,
    quick={
        "inputs": 10,
        "condition": 30.0,
        "tolerance": 1e-6,
        "limit": 2000,
        "rates": [1.0, 10.0, 100.0],
    },
    full={
        "inputs": 100,
        "condition": 300.0,
        "tolerance": 1e-6,
        "limit": 50_000,
        "rates": [1.0, 10.0, 100.0],
    },
    measures=(
        Measure(
            name="sigmoidal",
            label="steps of gradient descent over GDNP's, sigmoidal loss",
            expect="above",
            threshold=6.0,
            reference=1.0,
            reason="half the effect; the limit of 2,000 steps caps it",
            tolerance=1.0,
            digits=1,
        ),
        Measure(
            name="least squares",
            label="the same on least squares, best constant rate",
            expect="below",
            threshold=0.95,
            reference=1.0,
            reason="faster, by more than a twentieth",
            tolerance=0.05,
            role="condition",
            digits=2,
            wins=0.7,
        ),
        Measure(name="logistic", label="the same on the logistic loss, rate 1/L", digits=2),
        Measure(name="normalized", label="steps of GDNP, the same for each loss", digits=0),
    ),
    verdict="holds with a condition",
    runs=3,
    conditions=(
        "Only on the sigmoidal loss, which is not convex. On least squares, gradient descent with "
        "the best rate is faster than GDNP at its own step; on the logistic loss, at the rate 1/L, "
        "it needs a small multiple of the steps.",
    ),
)


def independence(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """W16: shutting a unit by γ and β, by a bias, by weights; signs from step to step."""
    on = {
        kind: shut_down(
            seeds,
            kind=kind,
            inputs=settings["inputs"],
            samples=settings["samples"],
            steps=settings["shut_steps"],
            device=device,
        )
        for kind in ("batch", "bias", "weights")
    }
    names = ("width", "depth", "steps", "batch_size")
    kept = sign_agreement(seeds, **{name: settings[name] for name in names}, device=device)
    return _lists(
        {
            "shut": on["weights"] - on["batch"],
            "signs": kept["gain"] - kept["weight"],
            "bias": on["bias"] - on["batch"],
            "gain": kept["gain"],
            "shift": kept["shift"],
            "weight": kept["weight"],
        }
    )


INDEPENDENCE = Claim(
    id="W16",
    slug="gain-and-shift-are-independent",
    sentence="γ and β are learnt independently of the layer before: shutting a unit becomes easy, "
    "where its weights would all have to move against the signs of their inputs.",
    sources=(Source(lecture="LBN", keys=("ioffe2015",)),),
    protocol="A ReLU with 20 centred normal inputs is told to become smaller on every sample, 100 "
    "steps of gradient descent at 0.1: share of samples on which it is still on, with weights "
    "alone, with weights and a bias, with batch norm's γ and β. And networks with batch norm on "
    "standardized digits: how often a gradient keeps its sign from one batch of 64 to the next.",
    experiment=independence,
    quick={
        "inputs": 20,
        "samples": 1000,
        "shut_steps": 100,
        "width": 64,
        "depth": 4,
        "steps": 100,
        "batch_size": 64,
    },
    full={
        "inputs": 512,
        "samples": 100_000,
        "shut_steps": 100,
        "width": 512,
        "depth": 8,
        "steps": 2000,
        "batch_size": 64,
    },
    measures=(
        Measure(
            name="shut",
            label="share of samples with the unit on: weights alone minus batch norm",
            expect="above",
            threshold=0.25,
            reference=0.0,
            reason="half the effect",
            tolerance=0.01,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="signs",
            label="share of steps that keep the gradient's sign: γ minus weights",
            expect="above",
            threshold=0.015,
            reference=0.0,
            reason="half the effect",
            tolerance=0.01,
        ),
        Measure(
            name="bias",
            label="share of samples with the unit on: weights and bias minus batch norm",
            expect="below",
            threshold=0.02,
            reference=0.05,
            reason="a tenth of the effect against weights alone",
            tolerance=0.005,
            role="condition",
        ),
        Measure(name="gain", label="share of kept signs, γ", digits=2),
        Measure(name="shift", label="share of kept signs, β", digits=2),
        Measure(name="weight", label="share of kept signs, weights", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "An ordinary bias is independent of the layer before too, and shuts the unit as fast. What "
        "batch norm adds is γ.",
        "The signs of γ's gradient are only a little steadier than those of the weights.",
    ),
)


def ellipsoid(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """N9: the unit's size over directions, and what weight norm can fit all the same."""
    problem = halfspace(
        seeds, inputs=settings["inputs"], condition=settings["condition"], device=device
    )
    excess = {
        metric: least_squares_path(
            problem, seeds, metric, steps=settings["steps"], lr=settings["lr"]
        )["excess"]
        for metric in ("batch", "weight")
    }
    share = {metric: path[-1].abs() / path[0] for metric, path in excess.items()}
    return _lists(
        {
            "spread": output_spread(problem, seeds, "weight"),
            "ellipsoid": (output_spread(problem, seeds, "batch") - 1).abs(),
            "fit": share["weight"],
            "batch fit": share["batch"],
        }
    )


ELLIPSOID = Claim(
    id="N9",
    slug="ellipsoid-and-sphere",
    sentence="Batch norm holds a unit's weights on the ellipsoid wᵀSw = 1 and so accounts for "
    "correlated inputs; weight norm holds them on the unit sphere and cannot.",
    sources=(Source(lecture="LBN", keys=("kohler2019", "salimans2016")),),
    protocol="Inputs of condition number 30, ten of them. Root mean square of the normalized unit "
    "over 200 random directions, largest over smallest. Then least squares by gradient descent on "
    "direction and length together: excess loss after 1,500 steps over that at the start.",
    experiment=ellipsoid,
    quick={"inputs": 10, "condition": 30.0, "steps": 1500, "lr": 0.5},
    full={"inputs": 100, "condition": 300.0, "steps": 20_000, "lr": 0.5},
    measures=(
        Measure(
            name="spread",
            label="root mean square over directions, largest over smallest, weight norm",
            expect="above",
            threshold=1.9,
            reference=1.0,
            reason="half the effect",
            tolerance=0.1,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="ellipsoid",
            label="the same minus 1, batch norm",
            expect="below",
            threshold=1e-12,
            reason="rounding in float64",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="fit",
            label="excess loss that weight norm leaves, as a share of the start's",
            expect="below",
            threshold=1e-6,
            reference=1e-3,
            reason="the least-squares solution is reached",
            tolerance=1e-6,
            role="condition",
            digits=-1,
        ),
        Measure(name="batch fit", label="the same, batch norm", digits=-1),
    ),
    verdict="holds with a condition",
    conditions=(
        "It is the size of the unit that weight norm does not control. What it can represent is "
        "the same: descent on direction and length reaches the least-squares solution of the "
        "correlated inputs.",
        "In a hundred dimensions the size of weight norm's unit depends less on the direction.",
    ),
)


def dependence(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A9: dependence of the middle layer's gradient on the others, none over batch norm."""
    names = ("width", "lr", "steps", "samples", "probes")
    rest = {name: settings[name] for name in names}

    def ratios(depth: int, activation: str) -> dict[str, Tensor]:
        found = [
            cross_block(seeds, norm=norm, depth=depth, activation=activation, **rest, device=device)
            for norm in (False, True)
        ]
        return {name: found[0][name] / found[1][name] for name in ("hessian", "turn")}

    shallow, deep = ratios(settings["depth"], "relu"), ratios(settings["deep"], "relu")
    tanh = ratios(settings["depth"], "tanh")
    return _lists(
        {
            "hessian": shallow["hessian"],
            "turn": shallow["turn"],
            "deep": deep["hessian"],
            "tanh": tanh["turn"],
            "deep turn": deep["turn"],
            "tanh hessian": tanh["hessian"],
        }
    )


DEPENDENCE = Claim(
    id="A9",
    slug="dependence-between-layers",
    sentence="Batch norm lowers the dependence between layers: moving the others changes the "
    "gradient of a layer less.",
    sources=KOHLER,
    protocol="ReLU networks with six hidden layers of 50, full-batch gradient descent at 0.05 for "
    "150 steps on 512 digits. Frobenius norm of the Hessian's blocks between the middle weight "
    "matrix and the others; and 1 − cosine of its gradient before and after the others moved by "
    "5% of their length along their gradients. Ratio none over batch norm, batch statistics.",
    experiment=dependence,
    quick={
        "width": 50,
        "depth": 6,
        "deep": 12,
        "lr": 0.05,
        "steps": 150,
        "samples": 512,
        "probes": 8,
    },
    full={
        "width": 256,
        "depth": 6,
        "deep": 12,
        "lr": 0.05,
        "steps": 2000,
        "samples": 1437,
        "probes": 64,
    },
    measures=(
        Measure(
            name="hessian",
            label="norm of the Hessian's cross blocks, none over batch norm",
            expect="above",
            threshold=3.5,
            reference=1.0,
            reason="half the effect",
            tolerance=1.5,
            digits=1,
        ),
        Measure(
            name="turn",
            label="turn of the gradient, none over batch norm",
            expect="above",
            threshold=1.3,
            reference=1.0,
            reason="half the effect",
            tolerance=0.2,
            digits=2,
        ),
        Measure(
            name="deep",
            label="norm of the cross blocks at twelve layers",
            expect="below",
            threshold=1.5,
            reference=3.5,
            reason="less than half of what six layers ask",
            tolerance=0.6,
            role="condition",
            digits=2,
        ),
        Measure(
            name="tanh",
            label="turn of the gradient with tanh",
            expect="below",
            threshold=1.2,
            reference=1.3,
            reason="less than what the ReLU networks ask",
            tolerance=0.15,
            role="condition",
            digits=2,
            wins=0.7,
        ),
        Measure(name="deep turn", label="turn of the gradient at twelve layers", digits=2),
        Measure(name="tanh hessian", label="norm of the cross blocks with tanh", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Not at twelve layers, where the cross blocks of the Hessian are no smaller with batch "
        "norm.",
        "Not for the turn of the gradient in tanh networks.",
    ),
)

CLAIMS = (ELLIPSOID, SAME_PATH, LINEAR_RATE, INDEPENDENCE, DEPENDENCE)
