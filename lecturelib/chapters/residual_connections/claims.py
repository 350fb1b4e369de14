"""Claims of the chapter ``residual_connections``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lecturelib.chapters.residual_connections import experiments
from lecturelib.claims.record import Claim, Measure, PublishedFigure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.tolist() for name, value in values.items()}


def asked_for_the_identity(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """RC1: error of networks that are asked for their own input, each at its best rate."""
    found = experiments.identity(seeds, **settings, device=device)
    best = {name: experiments.at_best_rate(errors)[1] for name, errors in found.items()}
    gaps = {"gap": best["plain"] - best["scaled"], "control": best["plain"] - best["linear"]}
    return _lists({**best, **gaps})


IDENTITY = Claim(
    id="RC1",
    slug="identity-is-hard",
    sentence="It is not trivial to learn the identity with non-linearities; residual networks are "
    "good at it.",
    sources=(
        Source(lecture="FFN", keys=("he2016",)),
        Source(lecture="LBN"),
    ),
    protocol="Networks of 8 blocks of two layers, 16 ReLUs a layer, 4 standard normal inputs, are "
    "asked for their own input: mean squared error on 1,000 fresh inputs after 200 steps of plain "
    "SGD in batches of 32. Without skips, the same without its ReLUs (weights of variance one over "
    "their number of inputs), with skips and branches divided by √8, with skips and branches that "
    "start at 0. Each at the best of the rates 0.003, 0.01, 0.03, 0.1, 0.3 and 1 by the mean over "
    "the seeds. The answer 0 has the error 1.",
    experiment=asked_for_the_identity,
    quick={
        "blocks": 8,
        "features": 4,
        "width": 16,
        "rates": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        "steps": 200,
        "batch_size": 32,
    },
    full={
        "blocks": 16,
        "features": 32,
        "width": 128,
        "rates": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        "steps": 3_000,
        "batch_size": 128,
    },
    measures=(
        Measure(
            name="gap",
            label="error without skips minus error with scaled branches",
            expect="above",
            threshold=0.3,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.1,
            digits=2,
        ),
        Measure(
            name="control",
            label="error without skips minus that of the same without ReLUs",
            expect="above",
            threshold=0.3,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.1,
            digits=2,
        ),
        Measure(name="linear", label="error without skips and without ReLUs", digits=4),
        Measure(name="plain", label="error without skips", digits=2),
        Measure(name="scaled", label="error with skips, branches divided by √8", digits=3),
        Measure(name="zero", label="error with skips, branches that start at 0", digits=3),
    ),
    verdict="holds",
)


def depth_a_hundred(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """RC2: loss of networks of a hundred layers, each at its best rate."""
    best = {
        kind: experiments.at_best_rate(
            experiments.depth_and_rate(seeds, kind, **settings, device=device)
        )[1]
        for kind in experiments.KINDS
    }
    lost = {kind: losses.clamp_max(math.log(10)) for kind, losses in best.items()}
    return _lists(
        {
            "gain": lost["plain"] - lost["scaled"],
            "He": lost["He"],
            **{kind: best[kind] for kind in ("plain", "scaled", "zero")},
        }
    )


DEPTH = Claim(
    id="RC2",
    slug="a-hundred-layers-without-normalization",
    sentence="With residual connections a network of a hundred layers can be trained, where the "
    "same network without them cannot.",
    sources=(Source(keys=("he2016", "zhang2019")),),
    protocol="Networks of 50 blocks of two layers, 16 ReLUs a layer, no normalization, on 600 "
    "standardized digits: 60 steps of plain SGD in batches of 32. Mean loss of the last 20 steps, "
    "each network at the best of the rates 0.01, 0.03, 0.1, 0.3 and 1 by the mean over the "
    "seeds. He's weights without skips; with skips and branches divided by √50; with skips and "
    "branches that start at 0. Condition: He's weights with skips. Guessing costs 2.30; a network "
    "that diverged counts as guessing.",
    experiment=depth_a_hundred,
    quick={
        "blocks": 50,
        "width": 16,
        "rates": (0.01, 0.03, 0.1, 0.3, 1.0),
        "steps": 60,
        "batch_size": 32,
    },
    full={
        "blocks": 500,
        "width": 64,
        "rates": (0.01, 0.03, 0.1, 0.3, 1.0),
        "steps": 1_000,
        "batch_size": 64,
    },
    measures=(
        Measure(
            name="gain",
            label="loss without skips minus loss with scaled branches",
            expect="above",
            threshold=0.9,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.15,
            digits=2,
        ),
        Measure(
            name="zero",
            label="loss with skips, branches that start at 0",
            expect="below",
            threshold=1.4,
            reference=2.0,
            reason="half of the way from guessing",
            tolerance=0.15,
            digits=2,
        ),
        Measure(
            name="He",
            label="loss with skips and He's weights, at most that of guessing",
            expect="above",
            threshold=2.2,
            reference=2.0,
            reason="not better than guessing",
            tolerance=0.1,
            role="condition",
            digits=2,
        ),
        Measure(name="plain", label="loss without skips", digits=2),
        Measure(name="scaled", label="loss with skips, branches divided by √50", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "The branches must be small at the start, or normalized. With He's weights in the branches "
        "the network diverges at each of these rates.",
    ),
)


def surface_and_gradient(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """R14: shape of the surface without skips against that with them, and the Jacobian's rank."""
    start = {"blocks": settings["deep"], "width": settings["width"], "device": device}
    rest = {name: value for name, value in settings.items() if name != "deep"}
    found = experiments.surfaces(seeds, **rest, device=device)
    plain, scaled, he = (
        experiments.at_the_start(seeds, kind, **start) for kind in ("plain", "scaled", "He")
    )

    def ratio(number: str) -> Tensor:
        return found[f"{number} plain"] / found[f"{number} scaled"]

    return _lists(
        {
            "area": 1 / ratio("area"),
            "area same rate": found["area same rate"] / found["area plain"],
            "negative": found["negative plain"] - found["negative scaled"],
            "share": scaled["share"],
            "share plain": plain["share"],
            "share He": he["share"],
            "gradient": (plain["backward"][0] / plain["backward"][-1]).log10(),
            "growth": (he["backward"][0] / he["backward"][-1]).log10(),
            "curvature": ratio("curvature"),
            "minima": found["minima plain"] - found["minima scaled"],
            "loss plain": found["loss plain"],
            "loss scaled": found["loss scaled"],
            "loss same rate": found["loss same rate"],
        }
    )


SURFACE = Claim(
    id="R14",
    slug="residual-connections-smooth-and-carry",
    sentence="Residual connections smooth the loss surface and carry the gradient.",
    sources=(Source(lecture="FFN", keys=("li2018",)),),
    protocol="No normalization anywhere. Surface: networks of 5 blocks of two layers, 32 ReLUs a "
    "layer, on 600 standardized digits, 400 steps of plain SGD in batches of 64, without skips at "
    "rate 0.03 and with skips (branches divided by √5) at 0.3. Of 0.01, 0.03, 0.1, 0.3 and 1 these "
    "are the rates with the smallest mean loss over twenty other seeds of which none stayed above "
    "a loss of 1. Besides: with skips at rate 0.03, which ends at the plain network's loss. Loss "
    "of 128 training images over the plane of two random filter-normalized directions, 17 × 17 "
    "points up to a distance of 0.5; area with a loss below that of the centre plus 1, and the "
    "share of negative curvature |min(λ₁, 0)|/max|λ|, mean over the plane. Gradient: at the start "
    "of networks of 50 blocks, the share of directions (Σs²)²/(nΣs⁴), of the singular values s of "
    "the derivative of the last block's output by the first one's input, for one normal input. "
    "Condition: the same share with skips and He's weights.",
    experiment=surface_and_gradient,
    quick={
        "blocks": 5,
        "width": 32,
        "rates": (0.03, 0.3),
        "steps": 400,
        "batch_size": 64,
        "samples": 128,
        "points": 17,
        "radius": 0.5,
        "deep": 50,
    },
    full={
        "blocks": 8,
        "width": 128,
        "rates": (0.03, 0.3),
        "steps": 4_000,
        "batch_size": 128,
        "samples": 600,
        "points": 101,
        "radius": 0.5,
        "deep": 200,
    },
    measures=(
        Measure(
            name="area",
            label="area below the centre's loss + 1, skips over no skips",
            expect="above",
            threshold=3.0,
            reference=1.0,
            reason="about half of the effect",
            tolerance=0.8,
            digits=1,
        ),
        Measure(
            name="area same rate",
            label="the same with both trained at the rate 0.03, to like losses",
            expect="above",
            threshold=2.0,
            reference=1.0,
            reason="about half of the effect",
            tolerance=0.6,
            digits=1,
        ),
        Measure(
            name="share",
            label="share of directions that the gradient passes, skips with scaled branches",
            expect="above",
            threshold=0.15,
            reference=0.05,
            reason="half of the effect; one direction of 32 is 0.031",
            tolerance=0.03,
        ),
        Measure(
            name="share He",
            label="the same share, skips with He's weights",
            expect="below",
            threshold=0.07,
            reference=0.15,
            reason="one or two directions of 32",
            tolerance=0.01,
            role="condition",
        ),
        Measure(
            name="negative", label="share of negative curvature, no skips minus skips", digits=3
        ),
        Measure(name="share plain", label="the same share, no skips"),
        Measure(
            name="gradient",
            label="powers of ten of the gradient from the last block to the first, no skips",
            digits=1,
        ),
        Measure(name="growth", label="the same, skips with He's weights", digits=1),
        Measure(name="curvature", label="curvature at the centre, no skips over skips", digits=1),
        Measure(name="minima", label="minima in the plane, no skips minus skips", digits=0),
        Measure(name="loss plain", label="training loss without skips", digits=4),
        Measure(name="loss scaled", label="training loss with skips", digits=4),
        Measure(name="loss same rate", label="training loss with skips at rate 0.03", digits=4),
    ),
    verdict="holds with a condition",
    conditions=(
        "The branches must be small. With skips and He's weights the gradient of fifty blocks "
        "passes in one or two directions of 32, as without skips, and explodes besides.",
    ),
    published=(
        PublishedFigure(
            text="test error in % with and without skips: ResNet-20 7.37 and 8.18, ResNet-56 5.89 "
            "and 13.31, ResNet-110 5.79 and 16.44",
            key="li2018",
            where="figures of surfaces, CIFAR-10",
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (IDENTITY, SURFACE, DEPTH)
