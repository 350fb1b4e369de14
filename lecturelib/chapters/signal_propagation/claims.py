"""Claims of the chapter ``signal_propagation``: collapsing channels, and what moves the outputs.

The experiments are in :mod:`lecturelib.chapters.signal_propagation.experiments`, those on images in
:mod:`lecturelib.experiments.images`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lecturelib.chapters.signal_propagation.experiments import (
    collapse,
    perturbations,
    sharp_directions,
)
from lecturelib.claims.record import Claim, Measure, Source
from lecturelib.experiments import images

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]

PAGE = (Source(lecture="JHU", keys=("page2019",)),)


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.double().tolist() for name, value in values.items()}


def constant_channels(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A7: share of a unit's second moment that varies with the input, and the modal class."""
    found = collapse(seeds, **settings, device=device)
    return _lists(
        {
            "relu": found["variance relu"],
            "linear": found["variance linear"],
            "batch": found["variance batch"],
            "modal": found["modal relu"] - found["modal batch"],
            "modal relu": found["modal relu"],
            "modal linear": found["modal linear"],
            "modal batch": found["modal batch"],
        }
    )


def _kept(name: str, label: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        expect="above",
        threshold=0.9,
        reference=0.5,
        reason="all but constant parts are variance",
        tolerance=0.05,
    )


COLLAPSE = Claim(
    id="A7",
    slug="channels-collapse-to-constants",
    sentence="In deep ReLU networks with He's initialization every channel takes a constant value, "
    "and most inputs get the same class; without ReLU the problem disappears, and batch norm fixes "
    "it by design.",
    sources=PAGE,
    protocol="50 layers of 256 units with weights of He's size (gain 1 without ReLU), 512 inputs "
    "from N(0, 1). Variance of each unit of the last hidden layer over the inputs, before the "
    "activation, as a share of its second moment; share of the inputs that the most frequent of "
    "10 random outputs gets.",
    experiment=constant_channels,
    quick={"width": 256, "depth": 50, "samples": 512},
    full={"width": 4_096, "depth": 50, "samples": 10_000},
    measures=(
        Measure(
            name="relu",
            label="share of variance in the second moment, ReLU",
            expect="below",
            threshold=0.2,
            reference=0.5,
            reason="well below half; the effect is larger",
            tolerance=0.02,
        ),
        _kept("linear", "the same without ReLU"),
        _kept("batch", "the same with batch norm before the ReLU"),
        Measure(
            name="modal",
            label="share of the most frequent class, ReLU minus batch norm",
            expect="above",
            threshold=0.3,
            reference=0.0,
            reason="about half the effect",
            tolerance=0.15,
            digits=2,
        ),
        Measure(name="modal relu", label="share of the most frequent class, ReLU", digits=2),
        Measure(name="modal linear", label="the same without ReLU", digits=2),
        Measure(name="modal batch", label="the same with batch norm", digits=2),
    ),
    verdict="holds",
    runs=5,
    vectorized=False,
)


def vulnerable(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """A8: steps along gradients of mean outputs, and where the Hessian's eigenvectors lie."""
    quick = settings["model"] == "mlp"
    step, hessian = (
        (perturbations, sharp_directions)
        if quick
        else (images.perturbations, images.sharp_directions)
    )
    shape = {name: settings[name] for name in ("width", "depth", "batch_size")}
    plain = {"order": ("relu",), "lr": settings["lr"]}
    normalized = {"order": ("norm", "relu"), "lr": settings["lr_batch"]}
    epochs = settings["epochs"]
    none = step(seeds, **plain, epochs=epochs, **shape, device=device)
    batch = step(seeds, **normalized, epochs=epochs, **shape, device=device)
    start = step(seeds, **normalized, epochs=0, **shape, device=device)
    sharp = hessian(
        seeds,
        channels=settings["channels"],
        lr=settings["lr_hessian"],
        epochs=settings["epochs_hessian"],
        samples=settings["samples"],
        krylov=settings["krylov"],
        batch_size=settings["batch_size"],
        device=device,
    )
    return _lists(
        {
            "target": none["target"] - batch["target"],
            "random": none["flips"],
            "eigenvalue": sharp["lambda none"] / sharp["lambda batch"],
            "overlap": sharp["mean none"] - sharp["mean batch"],
            "at the start": start["target"],
            "almost entirely": sharp["mean none"],
            "target none": none["target"],
            "target batch": batch["target"],
            "frozen eigenvalue": sharp["lambda frozen"] / sharp["lambda batch"],
            "frozen overlap": sharp["mean frozen"],
            "batch overlap": sharp["mean batch"],
            "moments none": sharp["moments none"],
        }
    )


VULNERABLE = Claim(
    id="A8",
    slug="mean-outputs-are-sharp-directions",
    sentence="Without batch norm a step of 1% along the gradient of a channel's mean makes a "
    "network predict that class, and a random step does not; the Hessian's leading eigenvectors "
    "lie almost entirely in the span of these gradients. Batch norm prevents both.",
    sources=PAGE,
    protocol="Networks of 12 × 96 units on digits, SGD at rate 0.05 without batch norm and 1 with "
    "it, 10 epochs. Steps of 1% of the length of the parameters along the gradient of each mean "
    "logit over the test set, and at random; batch statistics. Hessian: convolutional networks "
    "with three layers and mean pooling, SGD 0.1, 8 epochs, loss of 256 images; mean squared "
    "cosine between the 9 leading eigenvectors and the span of the 10 gradients of the mean "
    "logits: without batch norm, with it, and with its statistics held fixed.",
    experiment=vulnerable,
    quick={
        "model": "mlp",
        "width": 96,
        "depth": 12,
        "lr": 0.05,
        "lr_batch": 1.0,
        "epochs": 10,
        "batch_size": 128,
        "channels": [6, 12, 12],
        "lr_hessian": 0.1,
        "epochs_hessian": 8,
        "samples": 256,
        "krylov": 30,
    },
    full={
        "model": "vgg",
        "width": 64,
        "depth": 11,
        "lr": 0.02,
        "lr_batch": 0.1,
        "epochs": 30,
        "batch_size": 128,
        "channels": [32, 64, 128],
        "lr_hessian": 0.1,
        "epochs_hessian": 30,
        "samples": 5_000,
        "krylov": 100,
    },
    short={"epochs": 1, "epochs_hessian": 1, "samples": 1_000, "krylov": 60},
    tiny={
        "width": 2,
        "batch_size": 10,
        "depth": 11,
        "epochs": 1,
        "channels": [2, 3],
        "epochs_hessian": 1,
        "samples": 10,
        "krylov": 40,
    },
    measures=(
        Measure(
            name="target",
            label="share predicted as the target after a targeted step, none minus batch norm",
            expect="above",
            threshold=0.45,
            reference=0.0,
            reason="half the effect",
            tolerance=0.1,
            digits=2,
        ),
        Measure(
            name="random",
            label="share of predictions that a random step changes, without batch norm",
            expect="below",
            threshold=0.03,
            reference=0.1,
            reason="far below the effect of a targeted step",
            tolerance=0.01,
        ),
        Measure(
            name="eigenvalue",
            label="largest eigenvalue of the Hessian, none over batch norm",
            digits=1,
        ),
        Measure(
            name="overlap",
            label="overlap with the gradients of mean logits, none minus batch norm",
            expect="above",
            threshold=0.33,
            reference=0.0,
            reason="half the effect",
            tolerance=0.15,
            digits=2,
        ),
        Measure(
            name="at the start",
            label="share predicted as the target with batch norm at initialization",
            expect="above",
            threshold=0.5,
            reference=0.1,
            reason="about half the effect",
            tolerance=0.1,
            role="condition",
            digits=2,
        ),
        Measure(
            name="almost entirely",
            label="overlap with the gradients of mean logits, without batch norm",
            expect="below",
            threshold=0.95,
            reference=0.98,
            reason="a part of 5% lies elsewhere",
            tolerance=0.1,
            role="condition",
            digits=2,
            wins=0.7,
        ),
        Measure(name="target none", label="share predicted as the target, none", digits=2),
        Measure(name="target batch", label="share predicted as the target, batch norm", digits=2),
        Measure(
            name="frozen eigenvalue",
            label="largest eigenvalue, statistics held fixed over batch norm",
            digits=1,
        ),
        Measure(name="frozen overlap", label="overlap, statistics held fixed", digits=2),
        Measure(name="batch overlap", label="overlap, batch norm", digits=2),
        Measure(
            name="moments none",
            label="overlap without batch norm, gradients of variances and skewnesses added",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "Batch norm protects a trained network. At initialization the targeted step works on it "
        "too.",
        "“Almost entirely” is too much here: without batch norm a part of the leading "
        "eigenvectors lies elsewhere, even if gradients of variances and skewnesses are added.",
        "In VGG-11 after one epoch on images the targeted step works on the network with batch "
        "norm nearly as often. That the leading eigenvectors lie elsewhere with batch norm came "
        "out there too.",
    ),
)

CLAIMS: tuple[Claim, ...] = (COLLAPSE, VULNERABLE)
