"""Claims of the chapter ``backprop``: the chain rule, and an engine that applies it.

The experiments are in :mod:`lecturelib.chapters.backprop.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lecturelib.chapters.backprop.experiments import agreement, digits, kink
from lecturelib.claims.record import Claim, Measure, Source

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
FFN, JHU = Source(lecture="FFN"), Source(lecture="JHU")


def gradients(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """F11: the engine against PyTorch and central differences, and at a kink."""
    return {**agreement(seeds, **settings), "kink": kink(seeds)}


GRADIENTS = Claim(
    id="F11",
    slug="chain-rule-on-graphs",
    sentence="Applying the chain rule node by node to a computational graph, shared weights "
    "included, gives the gradient of arbitrarily complex functions.",
    sources=(FFN, JHU),
    protocol="A convolutional network with tanh, a branch that joins again, and cross-entropy; "
    "random weights and five random images a seed, float64. The engine's gradient against "
    "PyTorch's and against central differences, its product of the Hessian with a random vector "
    "against PyTorch's: largest difference over largest entry. Condition: the engine's derivative "
    "of c·(relu(x) − relu(−x)) = c·x at x = 0. It runs on the CPU, as NumPy does.",
    experiment=gradients,
    quick={"step": 1e-5},
    full={"step": 1e-5},
    measures=(
        Measure(
            name="torch",
            label="gradient, engine against PyTorch",
            expect="below",
            threshold=1e-12,
            reason="a few thousand roundings of float64",
            tolerance=1e-13,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="numerical",
            label="gradient, engine against central differences",
            expect="below",
            threshold=1e-7,
            reason="rounding over the step, 1e-16/1e-5, with room for the size of the loss",
            tolerance=1e-8,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="second",
            label="Hessian times a vector, engine against PyTorch",
            expect="below",
            threshold=1e-12,
            reason="a few thousand roundings of float64",
            tolerance=1e-13,
            wins=1.0,
            digits=-1,
        ),
        Measure(
            name="kink",
            label="relative error of the derivative of c·(relu(x) − relu(−x)) at 0",
            expect="above",
            threshold=0.5,
            reference=0.0,
            reason="half of the whole derivative",
            tolerance=1e-12,
            role="condition",
            wins=1.0,
            digits=1,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "Each node must be differentiable where it is evaluated. At the kink of a ReLU the rule "
        "can give a wrong number even where the whole function is smooth.",
    ),
)


def training(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """BP1: test accuracies after training with the engine and with PyTorch."""
    found = digits(seeds, **settings)
    engine, torch = found["engine"][-1], found["torch"][-1]
    return {"engine": engine.tolist(), "torch": torch.tolist(), "gap": abs(engine - torch).tolist()}


TRAINING = Claim(
    id="BP1",
    slug="engine-trains-like-pytorch",
    sentence="Batched gradient descent with backward propagation through the graph trains a "
    "network, whichever engine computes the gradients.",
    sources=(JHU,),
    protocol="Digits of 8×8 pixels, one hidden layer of ReLUs, gradient descent on minibatches of "
    "64, float32; the NumPy engine and PyTorch from the same start on the same batches.",
    experiment=training,
    quick={"hidden": 32, "epochs": 12, "lr": 0.3, "batch": 64},
    full={"hidden": 128, "epochs": 60, "lr": 0.3, "batch": 64},
    measures=(
        Measure(
            name="gap",
            label="difference of the test accuracies, engine and PyTorch",
            expect="below",
            threshold=0.006,
            reason="two of the 360 test images: roundings differ, mathematics does not",
            tolerance=0.006,
        ),
        Measure(
            name="engine",
            label="test accuracy with the engine",
            expect="above",
            threshold=0.9,
            reference=0.1,
            reason="far from chance, 0.1",
            tolerance=0.02,
            wins=1.0,
        ),
        Measure(name="torch", label="test accuracy with PyTorch"),
    ),
    verdict="holds",
)

CLAIMS: tuple[Claim, ...] = (GRADIENTS, TRAINING)
