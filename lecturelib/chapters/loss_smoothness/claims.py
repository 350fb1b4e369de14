"""Claims of the chapter ``loss_smoothness``.

The experiments are in :mod:`lecturelib.chapters.loss_smoothness.experiments`, those on images in
:mod:`lecturelib.experiments.images`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lecturelib.chapters.loss_smoothness.experiments import (
    explosion,
    gradient_norm_bound,
    learning_rates,
    ramp,
    smoothness,
    surfaces,
)
from lecturelib.claims.record import Claim, Measure, Source
from lecturelib.experiments import images

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]

SANTURKAR = (
    Source(lecture="LBN", keys=("santurkar2018",)),
    Source(lecture="BLOG", keys=("santurkar2018",)),
    Source(lecture="FFN", keys=("santurkar2018",)),
)
PLAIN, BATCH = ("relu",), ("norm", "relu")


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.double().tolist() for name, value in values.items()}


def _gain(
    name: str, label: str, threshold: float, tolerance: float, reason: str = "half the effect"
) -> Measure:
    """A ratio that should lie above 1."""
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=threshold,
        reference=1.0,
        reason=reason,
        tolerance=tolerance,
        digits=1,
    )


def bound(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """W17: the two sides of theorem 4.1, and what stands in for the network without batch norm."""
    shapes = {name: settings[name] for name in ("samples", "inputs", "units")}
    exact = gradient_norm_bound(seeds, **shapes, device=device)
    eps = gradient_norm_bound(seeds, **shapes, eps=settings["eps"], device=device)
    small = gradient_norm_bound(seeds, **shapes, scale=settings["small"], device=device)
    total = exact["right"].sum(1)
    return _lists(
        {
            "equality": (exact["left"] - exact["right"]).abs().amax(1) / total,
            "with eps": (eps["left"] - eps["right"]).amax(1) / eps["right"].sum(1),
            "violations": (exact["left"] > exact["plain"]).double().mean(1),
            "small": small["left"].sum(1) / small["arriving"].sum(1),
            "usual": exact["left"].sum(1) / exact["arriving"].sum(1),
        }
    )


BOUND = Claim(
    id="W17",
    slug="gradient-norm-bound",
    sentence="Batch norm provably lowers the Lipschitz constant of the loss: "
    "‖∇L̂‖² ≤ (γ²/σ²)(‖∇L‖² − (1ᵀ∇L)²/m − (∇Lᵀŷ)²/m) for each unit.",
    sources=SANTURKAR,
    protocol="Random layers of 16 units with batch norm and a two-layer network above them, "
    "batches of 64, float64. Left side: gradient of the unit's pre-activations. Right side: from "
    "the gradient ∇L that arrives at the output of batch norm; and once more with the gradient "
    "of the network without batch norm in its place.",
    experiment=bound,
    quick={"samples": 64, "inputs": 20, "units": 16, "eps": 0.01, "small": 0.1},
    full={"samples": 4_096, "inputs": 512, "units": 256, "eps": 0.01, "small": 0.1},
    measures=(
        Measure(
            name="equality",
            label="difference of the two sides, ε = 0",
            expect="below",
            threshold=1e-12,
            reason="rounding in float64: the theorem is an equality for one layer",
            tolerance=1e-12,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="with eps",
            label="left side minus right side at its largest, ε = 0.01",
            expect="below",
            threshold=1e-12,
            reason="rounding; with ε the inequality is strict",
            tolerance=1e-2,
            wins=1.0,
            digits=5,
        ),
        Measure(
            name="violations",
            label="share of units beyond the bound, with the plain network's gradient in it",
            expect="above",
            threshold=0.2,
            reference=0.0,
            reason="about half the effect",
            tolerance=0.1,
            role="condition",
            digits=2,
        ),
        Measure(
            name="small",
            label="‖∇L̂‖²/‖∇L‖² with weights a tenth as large",
            expect="above",
            threshold=10.0,
            reference=1.0,
            reason="far above 1, as γ²/σ² is",
            tolerance=5.0,
            role="condition",
            digits=1,
        ),
        Measure(name="usual", label="‖∇L̂‖²/‖∇L‖² with weights of He's size", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "∇L is the gradient that arrives at the output of batch norm. Put the gradient of the same "
        "network without batch norm in its place, and it is no bound.",
        "The factor γ²/σ² may be large: where σ < γ the gradient of the weights before batch norm "
        "may grow. The Lipschitz constant is lower where the activations would be large.",
    ),
    vectorized=False,
)


def along(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A3: none over batch norm, along the gradient; and the same in deeper networks."""
    measure = smoothness if settings["model"] == "mlp" else images.smoothness
    common = {name: settings[name] for name in ("width", "lr", "training", "batch_size", "every")}
    ratios = []
    for depth, walks in ((settings["depth"], ("raw", "equal")), (settings["deep"], ("equal",))):
        none, batch = (
            measure(seeds, order=order, depth=depth, walks=walks, **common, device=device)
            for order in (PLAIN, BATCH)
        )
        ratios.append({name: none[name] / batch[name] for name in none})
    return _lists(ratios[0] | {"deep": ratios[1]["beta equal"]})


ALONG = Claim(
    id="A3",
    slug="smoother-along-the-gradient",
    sentence="Batch norm makes the loss smoother: along the gradient the loss varies less, the "
    "gradient changes less, and the effective smoothness β is lower.",
    sources=SANTURKAR,
    protocol="Networks of 8 × 64 units on digits, SGD 0.1, 200 steps. Every 40 steps, on a batch "
    "of 128: loss and gradient at θ − ηg for η = 0.05 to 0.4 (raw steps), and at the distances "
    "0.05 to 0.4 along g (equal steps). Range of the loss, largest change of the gradient, and "
    "largest change over distance, β; each without batch norm over with it. The same at 16 × 64.",
    experiment=along,
    quick={
        "model": "mlp",
        "width": 64,
        "depth": 8,
        "deep": 16,
        "lr": 0.1,
        "training": 200,
        "batch_size": 128,
        "every": 40,
    },
    full={
        "model": "vgg",
        "width": 64,
        "depth": 11,
        "deep": 16,
        "lr": 0.01,
        "training": 10_000,
        "batch_size": 128,
        "every": 100,
    },
    short={"training": 300, "every": 50},
    tiny={"width": 2, "batch_size": 10, "depth": 11, "deep": 11, "training": 2, "every": 2},
    measures=(
        _gain("variation raw", "range of the loss, none over batch norm, raw steps", 25.0, 25.0),
        _gain("change raw", "change of the gradient, raw steps", 9.0, 9.0),
        _gain("beta raw", "effective smoothness β, raw steps", 1.5, 0.5),
        _gain("variation equal", "range of the loss, equal steps", 5.0, 4.0),
        _gain("change equal", "change of the gradient, equal steps", 4.0, 3.0),
        _gain("beta equal", "effective smoothness β, equal steps", 1.8, 0.7),
        Measure(
            name="deep",
            label="effective smoothness β, equal steps, 16 layers",
            expect="below",
            threshold=1.3,
            reference=1.8,
            reason="less than half of the effect at 8 layers",
            tolerance=0.4,
            role="condition",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "Depth matters, and so does how steps are compared: at 16 layers and equal distances β is "
        "no lower with batch norm.",
        "It did not come out in VGG-11 on images, in the first three hundred steps at rate "
        "0.01: there the ratios lie near 1, and at equal distances batch norm is the rougher "
        "one.",
    ),
)


def rates(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A4: test accuracy at each learning rate, without and with batch norm."""
    measure = learning_rates if settings["model"] == "mlp" else images.learning_rates
    own = ("model", "early", "shared")
    others = {name: value for name, value in settings.items() if name not in own}
    found = measure(seeds, **others, device=device)
    none, batch = found["none"], found["batch"]
    shared = settings["rates"].index(settings["shared"])
    short = {"rates": settings["rates"][:1], "epochs": settings["early"]}
    early = measure(seeds, **{**others, **short}, device=device)
    return _lists(
        {
            "best": batch.amax(0) - none.amax(0),
            "largest": batch[-1] - batch[: shared + 1].amax(0),
            "fails": none[-1],
            "same": batch[0] - none[0],
            "early": early["batch"][0] - early["none"][0],
            "shared": batch[shared] - none[shared],
            "batch": batch[-1],
            "none": none.amax(0),
        }
    )


RATES = Claim(
    id="A4",
    slug="larger-learning-rates",
    sentence="Batch norm allows larger learning rates, and that is where it generalizes better; "
    "at the same small rate it does not.",
    sources=(
        Source(lecture="BLOG", keys=("bjorck2018",)),
        Source(lecture="LBN", keys=("bjorck2018",)),
    ),
    protocol="Residual networks of 6 blocks of two layers, 32 units, on digits; SGD with momentum "
    "0.9 and weight decay 5e-4, batches of 128, 40 epochs, the rate a tenth after half and after "
    "three quarters. Test accuracy at the rates 0.001, 0.003, 0.01, 0.03 and 0.1, without and with "
    "batch norm; each network's best is taken seed by seed, on the test digits. Seeds 0 to 9 were "
    "seen before thresholds were set; on them 0.01 was the plain network's best rate. (An earlier "
    "protocol left out 0.01 and 0.03, and so that rate.) The condition was chosen when the seeds "
    "of this card had been seen; on seeds 2000 to 2019 it came out as well.",
    experiment=rates,
    quick={
        "model": "mlp",
        "rates": [0.001, 0.003, 0.01, 0.03, 0.1],
        "blocks": 6,
        "width": 32,
        "shared": 0.01,
        "epochs": 40,
        "early": 10,
        "batch_size": 128,
    },
    full={
        "model": "resnet",
        "rates": [0.0001, 0.003, 0.1],
        "blocks": 18,
        "width": 16,
        "shared": 0.003,
        "epochs": 165,
        "early": 10,
        "batch_size": 128,
    },
    tiny={
        "width": 2,
        "batch_size": 10,
        "blocks": 1,
        "epochs": 1,
        "early": 1,
        "rates": [0.001, 0.01],
        "shared": 0.001,
    },
    measures=(
        Measure(
            name="best",
            label="test accuracy at the best rate, batch norm minus none",
            expect="above",
            threshold=0.02,
            reference=0.0,
            reason="half the effect",
            tolerance=0.01,
        ),
        Measure(
            name="largest",
            label="with batch norm, rate 0.1 minus the best of the rates up to the plain network's",
            expect="above",
            threshold=0.012,
            reference=0.0,
            reason="half the effect",
            tolerance=0.01,
        ),
        Measure(
            name="fails",
            label="test accuracy without batch norm at rate 0.1",
            expect="below",
            threshold=0.5,
            reference=0.9,
            reason="far below what the other rates reach",
            tolerance=0.3,
            digits=2,
        ),
        Measure(
            name="shared",
            label="batch norm minus none at the plain network's best rate",
            expect="above",
            threshold=0.007,
            reference=0.0,
            reason="half the effect",
            tolerance=0.01,
            role="condition",
            wins=0.6,
        ),
        Measure(name="same", label="batch norm minus none at rate 0.001"),
        Measure(name="early", label="the same after a training of ten epochs"),
        Measure(name="batch", label="test accuracy with batch norm at rate 0.1"),
        Measure(name="none", label="test accuracy without batch norm at its best rate"),
    ),
    verdict="holds with a condition",
    conditions=(
        "The larger rate is one part of the gain. At the plain network's own best rate batch norm "
        "is ahead as well. At the smallest rate it depends on how long one trains: batch norm is "
        "ahead in the median after ten epochs, and level or behind after forty, with wide ranges.",
    ),
    seeds=20,
)


def blow_up(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A5: the largest step along the gradient, and the largest rate, batch norm over none."""
    quick = settings["model"] == "mlp"
    largest, rising = (explosion, ramp) if quick else (images.explosion, images.ramp)
    shape = {name: settings[name] for name in ("width", "depth", "batch_size")}

    def ratio(updates: int) -> Tensor:
        none, batch = (
            largest(seeds, order=order, updates=updates, lr=settings["lr"], **shape, device=device)
            for order in (PLAIN, BATCH)
        )
        return batch / none

    none, batch = (
        rising(seeds, order=order, steps=settings["ramp"], **shape, device=device)
        for order in (PLAIN, BATCH)
    )
    return _lists(
        {
            "step": ratio(settings["updates"]),
            "rate": batch / none,
            "start": ratio(0),
            "none": none,
            "batch": batch,
        }
    )


BLOW_UP = Claim(
    id="A5",
    slug="loss-explodes-along-the-gradient",
    sentence="Without batch norm the loss explodes along the gradient at small steps; batch norm "
    "stands larger ones.",
    sources=(Source(lecture="BLOG", keys=("bjorck2018",)),),
    protocol="Networks of 8 × 64 units on digits, SGD 0.1 on batches of 128. After 16 steps: the "
    "largest of 120 step sizes η from 1e-4 to 1e3 up to which L(θ − ηg) ≤ L(θ) on one batch; the "
    "same before the first step. And a rate that rises from 0.001 to 30 in 150 steps: the rate at "
    "which the loss, as a mean of five steps, is lowest.",
    experiment=blow_up,
    quick={
        "model": "mlp",
        "width": 64,
        "depth": 8,
        "lr": 0.1,
        "updates": 16,
        "ramp": 150,
        "batch_size": 128,
    },
    full={
        "model": "vgg",
        "width": 64,
        "depth": 16,
        "lr": 0.03,
        "updates": 100,
        "ramp": 1_500,
        "batch_size": 128,
    },
    short={"updates": 30, "ramp": 200},
    tiny={"width": 2, "batch_size": 10, "depth": 11, "updates": 1, "ramp": 8},
    measures=(
        _gain(
            "step",
            "largest step after the first updates, batch norm over none",
            3.5,
            4.0,
            reason="a quarter of the effect",
        ),
        _gain("rate", "rate at which a rising rate does best, batch norm over none", 3.5, 3.0),
        Measure(
            name="start",
            label="largest step at initialization, batch norm over none",
            expect="below",
            threshold=5.0,
            reference=11.0,
            reason="half of the effect after the first updates",
            tolerance=1.5,
            role="condition",
            digits=1,
        ),
        Measure(name="none", label="rate that does best without batch norm", digits=3),
        Measure(name="batch", label="rate that does best with batch norm", digits=3),
    ),
    verdict="holds with a condition",
    runs=3,
    conditions=(
        "The difference arises in the first steps of training: at initialization it is a fraction "
        "of it, and absent for some starts.",
        "It did not come out in VGG-16 on images after thirty updates at rate 0.03: only at "
        "initialization does batch norm stand the larger step.",
    ),
)


def landscape(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A6: shape of the loss surface without skip connections over that with them."""
    measure = surfaces if settings["model"] == "mlp" else images.surfaces
    others = {name: value for name, value in settings.items() if name != "model"}
    found = measure(seeds, **others, device=device)

    def ratio(number: str, statistics: str) -> Tensor:
        skip = found[f"{number} skip {statistics}"]
        if number == "negative":
            skip = skip.clamp_min(1e-4)  # a plane may have no negative curvature at all
        return found[f"{number} plain {statistics}"] / skip

    return _lists(
        {
            "negative": ratio("negative", "running"),
            "curvature": ratio("curvature", "running"),
            "area": 1 / ratio("area", "running"),
            "minima": found["minima plain batch"] - found["minima skip batch"],
            "area batch": 1 / ratio("area", "batch"),
            "negative batch": ratio("negative", "batch"),
            "minima running": found["minima plain running"] - found["minima skip running"],
            "accuracy": found["accuracy skip"] - found["accuracy plain"],
        }
    )


LANDSCAPE = Claim(
    id="A6",
    slug="skip-connections-smooth-the-surface",
    sentence="Residual connections make the loss surface smoother.",
    sources=(Source(lecture="FFN", keys=("li2018",)), Source(lecture="LBN", keys=("li2018",))),
    protocol="Residual networks of 10 blocks of two layers, 32 units, batch norm, on digits, SGD "
    "0.1, 30 epochs of batches of 128, with and without the skip connections. Loss of 128 training "
    "images over the plane of two random filter-normalized directions, 17 × 17 points up to a "
    "distance of 1, with the running statistics and with those of the batch at each point. From "
    "second differences: share of negative curvature |min(λ₁, 0)|/max|λ|, mean over the plane, and "
    "curvature at the centre (spacing 0.05), the sum of both directions.",
    experiment=landscape,
    quick={
        "model": "mlp",
        "blocks": 10,
        "width": 32,
        "lr": 0.1,
        "epochs": 30,
        "batch_size": 128,
        "samples": 128,
        "points": 17,
        "radius": 1.0,
    },
    full={
        "model": "resnet",
        "blocks": 9,
        "width": 16,
        "lr": 0.1,
        "epochs": 150,
        "batch_size": 128,
        "samples": 2_000,
        "points": 251,
        "radius": 1.0,
    },
    short={"epochs": 1, "samples": 500, "points": 9},
    tiny={"width": 2, "batch_size": 10, "blocks": 1, "epochs": 1, "samples": 10, "points": 3},
    measures=(
        _gain(
            "negative",
            "share of negative curvature, no skips over skips, running statistics",
            2.5,
            3.0,
        ),
        Measure(
            name="minima",
            label="minima in the plane, no skips minus skips, batch statistics",
            expect="above",
            threshold=3.0,
            reference=0.0,
            reason="about half the effect",
            tolerance=3.0,
            digits=0,
        ),
        Measure(
            name="negative batch",
            label="share of negative curvature, no skips over skips, batch statistics",
            expect="below",
            threshold=2.0,
            reference=3.0,
            reason="far below the effect with running statistics",
            tolerance=0.3,
            role="condition",
            digits=2,
        ),
        Measure(
            name="minima running",
            label="minima in the plane, no skips minus skips, running statistics",
            expect="below",
            threshold=2.0,
            reference=3.0,
            reason="fewer than with batch statistics",
            tolerance=1.5,
            role="condition",
            digits=0,
        ),
        Measure(
            name="curvature",
            label="curvature at the centre, no skips over skips, running statistics",
            digits=1,
        ),
        Measure(
            name="area",
            label="area below the centre's loss + 1, skips over no skips, running statistics",
            digits=2,
        ),
        Measure(name="area batch", label="the same area with batch statistics", digits=2),
        Measure(name="accuracy", label="test accuracy, skips minus no skips"),
    ),
    verdict="holds with a condition",
    conditions=(
        "What one sees depends on the statistics of batch norm. With the running ones the plane is "
        "a bowl with one minimum; with those of the batch at each point "
        "there are several minima without skips, and the shares of negative curvature are alike.",
        "In ResNet-56 after one epoch on images the share of negative curvature is larger "
        "without skips too, by less; there are no further minima.",
    ),
)

CLAIMS: tuple[Claim, ...] = (BOUND, ALONG, RATES, BLOW_UP, LANDSCAPE)
