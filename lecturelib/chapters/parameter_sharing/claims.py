"""Claims of the chapter ``parameter_sharing``: across places, layers and tasks.

The experiments are in :mod:`lecturelib.chapters.parameter_sharing.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lecturelib.chapters.parameter_sharing import experiments
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = Mapping[str, Sequence[float]]

FFN, JHU = Source(lecture="FFN"), Source(lecture="JHU")
CANVAS = "digits of 8×8 pixels on a black canvas of 12×12"


# --- PS1 -----------------------------------------------------------------------------------------


def moved(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """PS1: what networks that saw digits in the middle lose when the digits lie elsewhere."""
    found = experiments.shift_drop(seeds, **settings, device=device)
    values = {}
    for name in ("perceptron", "pattern", "scan"):
        values[name] = (found[name] - found[f"{name} moved"]).tolist()
        values[f"middle {name}"] = found[name].tolist()
    values["price"] = (found["scan"] - found["perceptron"]).tolist()
    return values


def _middle(name: str, words: str) -> Measure:
    return Measure(name=f"middle {name}", label=f"test accuracy in the middle, {words}")


MOVED = Claim(
    id="PS1",
    slug="same-weights-everywhere",
    sentence="Multilayer perceptrons are not shift invariant. Where the location of a pattern does "
    "not matter, the same perceptron is applied at different locations, with the largest output.",
    sources=(JHU,),
    protocol=f"300 {CANVAS}, all in the middle; tested on 360 others in the middle and at random "
    "places. Perceptron 144-128-10; a perceptron 25-16-32 on each window of 5×5 (zeros around), "
    "the largest value of each output, a linear layer; the usual pattern, two blocks of 3×3 "
    "convolution (8 and 16 channels), ReLU and 2×2 pooling, and a linear layer. Adam, 100 steps of "
    "50; each picks its rate, for each seed, by accuracy on 400 more digits in the middle, from "
    "0.003, 0.01, 0.03 (windows: 0.005, 0.01, 0.02, 0.05; pattern also 0.1). Measured is accuracy "
    "in the middle minus elsewhere.",
    experiment=moved,
    quick={
        "samples": 300,
        "held_out": 400,
        "rates": {
            "perceptron": (0.003, 0.01, 0.03),
            "pattern": (0.003, 0.01, 0.03, 0.1),
            "scan": (0.005, 0.01, 0.02, 0.05),
        },
        "steps": 100,
        "batch_size": 50,
    },
    full={
        "samples": 1000,
        "held_out": 400,
        "rates": {
            "perceptron": (0.0003, 0.001, 0.003, 0.01),
            "pattern": (0.0003, 0.001, 0.003, 0.01),
            "scan": (0.001, 0.003, 0.01, 0.03),
        },
        "steps": 2000,
        "batch_size": 100,
    },
    measures=(
        Measure(
            name="perceptron",
            label="loss of accuracy elsewhere, perceptron",
            expect="above",
            threshold=0.4,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
        ),
        Measure(
            name="scan",
            label="the same, one small perceptron at all places",
            expect="below",
            threshold=0.003,
            reference=0.01,
            reason="one test digit of 360: rounding may turn a tie",
            tolerance=0.003,
            wins=1.0,
        ),
        Measure(
            name="pattern",
            label="the same, convolutions with a fully connected layer on top",
            expect="above",
            threshold=0.3,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            role="condition",
        ),
        Measure(
            name="price",
            label="accuracy in the middle, perceptron at all places minus one perceptron",
        ),
        _middle("perceptron", "perceptron"),
        _middle("scan", "perceptron at all places"),
        _middle("pattern", "convolutions and fully connected layer"),
    ),
    verdict="holds with a condition",
    conditions=(
        "Nothing behind the convolutions may depend on the place. A fully connected layer on their "
        "maps, as in the usual pattern, does: then most of the accuracy is lost, too.",
    ),
    seeds=5,
)


# --- PS2 -----------------------------------------------------------------------------------------


def few_digits(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """PS2: convolutions against a perceptron on few digits at random places."""
    found = experiments.small_data(seeds, **settings, device=device)
    return {
        "gain": (found["pattern"] - found["perceptron"]).tolist(),
        "mixed": (found["pattern, mixed"] - found["perceptron"]).tolist(),
        "perceptron": found["perceptron"].tolist(),
        "pattern": found["pattern"].tolist(),
        "parameters": (found["parameters perceptron"] / found["parameters pattern"]).tolist(),
    }


FEW = Claim(
    id="PS2",
    slug="structured-weights-generalize",
    sentence="A structured W, as in convolution, reduces overfitting and improves generalization.",
    sources=(FFN,),
    protocol=f"300 {CANVAS}, each at one random place; 400 more for validation and 360 for the "
    "test, likewise. Perceptron 144-128-10; the pattern of PS1. Adam, 100 steps of 50; the rate is "
    "picked for each seed by validation accuracy, from 0.003, 0.01, 0.03, 0.1 for the perceptron "
    "and from 0.003, 0.01, 0.03 for the convolutions. Condition: all pixels of all canvases are "
    "mixed by one permutation, which a perceptron does not notice.",
    experiment=few_digits,
    quick={
        "samples": 300,
        "held_out": 400,
        "rates": {"perceptron": (0.003, 0.01, 0.03, 0.1), "pattern": (0.003, 0.01, 0.03)},
        "steps": 100,
        "batch_size": 50,
    },
    full={
        "samples": 1000,
        "held_out": 400,
        "rates": {
            "perceptron": (0.0003, 0.001, 0.003, 0.01, 0.03),
            "pattern": (0.0003, 0.001, 0.003, 0.01, 0.03),
        },
        "steps": 3000,
        "batch_size": 100,
    },
    measures=(
        Measure(
            name="gain",
            label="test accuracy, convolutions minus perceptron",
            expect="above",
            threshold=0.08,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
        ),
        Measure(
            name="mixed",
            label="the same with mixed pixels",
            expect="below",
            threshold=-0.08,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            role="condition",
        ),
        Measure(name="perceptron", label="test accuracy, perceptron"),
        Measure(name="pattern", label="test accuracy, convolutions"),
        Measure(name="parameters", label="parameters, perceptron over convolutions", digits=1),
    ),
    verdict="holds with a condition",
    conditions=(
        "If the structure fits the data. With mixed pixels, where neighbours mean nothing, the "
        "same convolutions are worse than the perceptron.",
    ),
)


# --- PS3 -----------------------------------------------------------------------------------------


def layers(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """PS3: tied layers against untied ones."""
    found = experiments.tied_layers(seeds, **settings, device=device)
    return {
        "gain": (found["tied"] - found["untied"]).tolist(),
        "wide": (found["wide tied"] - found["untied"]).tolist(),
        "width": (found["wide untied"] - found["untied"]).tolist(),
        "untied": found["untied"].tolist(),
        "parameters": (found["parameters untied"] / found["parameters tied"]).tolist(),
    }


LAYERS = Claim(
    id="PS3",
    slug="tied-layers-generalize",
    sentence="Sharing parameters across layers reduces overfitting and improves generalization.",
    sources=(FFN,),
    protocol="600 digits, 40% of their labels wrong, 400 more for validation, 360 with true labels "
    "for the test. Perceptrons with 4 hidden layers of 64 ReLUs, with a matrix a layer or one for "
    "the last three; Adam, 120 steps of 60, the rate picked for each seed by validation accuracy "
    "from 0.0003, 0.001, 0.003, 0.01. Reported besides: the same with 99 units a layer; tied, "
    "these have as many parameters as the untied ones of 64.",
    experiment=layers,
    quick={
        "samples": 600,
        "held_out": 400,
        "width": 64,
        "wide": 99,
        "depth": 4,
        "rates": (0.0003, 0.001, 0.003, 0.01),
        "steps": 120,
        "batch_size": 60,
        "flip": 0.4,
    },
    full={
        "samples": 600,
        "held_out": 400,
        "width": 512,
        "wide": 865,
        "depth": 4,
        "rates": (0.0001, 0.0003, 0.001, 0.003),
        "steps": 600,
        "batch_size": 60,
        "flip": 0.4,
    },
    measures=(
        Measure(
            name="gain",
            label="test accuracy, tied minus untied",
            expect="above",
            threshold=0.02,
            reference=0.0,
            reason="as for other regularizers of this part on these data",
            tolerance=0.02,
        ),
        Measure(name="wide", label="99 units tied minus 64 untied, as many parameters"),
        Measure(name="width", label="99 units untied minus 64 untied"),
        Measure(name="untied", label="test accuracy, 64 units untied"),
        Measure(name="parameters", label="parameters, untied over tied, 64 units", digits=2),
    ),
    verdict="not reproduced",
)


# --- PS4 -----------------------------------------------------------------------------------------


def two_tasks(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """PS4: digits from few labels, alone and with a second task."""
    common = {k: v for k, v in settings.items() if not k.startswith(("few", "many"))}
    found, many = (
        experiments.tasks(
            seeds,
            labelled=settings[kind],
            helpers=settings[f"{kind}_helpers"],
            **common,
            device=device,
        )
        for kind in ("few", "many")
    )
    return {
        "gain": (found["parity and half"] - found["alone"]).tolist(),
        "many": (many["parity and half"] - many["alone"]).tolist(),
        "noise": (found["noise"] - found["alone"]).tolist(),
        "alone": found["alone"].tolist(),
        "alone many": many["alone"].tolist(),
    }


TASKS = Claim(
    id="PS4",
    slug="shared-tasks-generalize",
    sentence="Sharing parameters across tasks reduces overfitting and improves generalization.",
    sources=(FFN,),
    protocol="The class of 50 digits is known. Of 1,000 digits, these among them, it is known "
    "whether they are even and whether they are 5 or more. Perceptron 64-64-64 with the outputs of "
    "one task or of both; Adam, 100 steps of 50 images a task; by validation accuracy (400 digits) "
    "the rate is picked from 0.001, 0.003, 0.01, 0.03, 0.1 and the weight of the second loss from "
    "0, 1, 3, 10, 30. Condition: the same with 600 known classes, weights 0, 0.3, 1. Reported "
    "besides: a second task whose labels are thrown coins, weights 0, 0.3.",
    experiment=two_tasks,
    quick={
        "few": 50,
        "many": 600,
        "images": 1000,
        "held_out": 400,
        "width": 64,
        "rates": (0.001, 0.003, 0.01, 0.03, 0.1),
        "few_helpers": {"parity and half": (1.0, 3.0, 10.0, 30.0), "noise": (0.3,)},
        "many_helpers": {"parity and half": (0.3, 1.0)},
        "steps": 100,
        "batch_size": 50,
    },
    full={
        "few": 50,
        "many": 1000,
        "images": 1000,
        "held_out": 400,
        "width": 512,
        "rates": (0.0001, 0.0003, 0.001, 0.003, 0.01),
        "few_helpers": {"parity and half": (0.3, 1.0, 3.0, 10.0, 30.0), "noise": (0.3, 1.0)},
        "many_helpers": {"parity and half": (0.3, 1.0, 3.0)},
        "steps": 1000,
        "batch_size": 50,
    },
    measures=(
        Measure(
            name="gain",
            label="test accuracy on the classes, with the second task minus alone; 50 labels",
            expect="above",
            threshold=0.03,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.02,
        ),
        Measure(
            name="many",
            label="the same with 600 labels",
            expect="below",
            threshold=0.02,
            reference=0.03,
            reason="below half of the effect with 50",
            tolerance=0.015,
            wins=0.8,
            role="condition",
        ),
        Measure(name="noise", label="the same, 50 labels, the second task's labels thrown coins"),
        Measure(name="alone", label="test accuracy alone, 50 labels"),
        Measure(name="alone many", label="test accuracy alone, 600 labels"),
    ),
    verdict="holds with a condition",
    conditions=(
        "Where labels are few and the second task tells of the first: with 600 labels the gain "
        "is a fraction of that with 50.",
    ),
    seeds=20,
)


CLAIMS = (MOVED, FEW, LAYERS, TASKS)
