"""signal-propagation-twenty-four: train a plain network of 24 ReLU layers."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

HIDDEN, WIDTH, WANTED = 24, 48, 0.85


@torch.no_grad()
def _passes(module: nn.Module) -> bool:
    """Whether a layer without parameters is a ReLU, or hands its input on."""
    probe = torch.tensor([[-1.5, -0.2, 0.0, 0.7], [2.0, -3.0, 0.1, 1.0]])
    try:
        out = module(probe)
    except (RuntimeError, ValueError, TypeError, IndexError):
        return False
    return isinstance(out, Tensor) and (torch.equal(out, probe.relu()) or torch.equal(out, probe))


def _check_plain(model: nn.Module) -> None:
    sizes, others = [], set()
    for module in model.modules():
        if isinstance(module, nn.Linear):
            sizes.append(module.out_features)
        elif not list(module.children()) and (
            next(module.parameters(recurse=False), None) is not None or not _passes(module)
        ):
            others.add(type(module).__name__)
    if others:
        raise Finding(
            "not-plain",
            "Only linear layers and ReLUs may stand in the network.",
            got=", ".join(sorted(others)),
        )
    if sizes != [WIDTH] * HIDDEN + [10]:
        raise Finding(
            "other-shape",
            f"Wanted are {HIDDEN} hidden layers of {WIDTH} units, and 10 outputs.",
            got=f"{len(sizes)} linear layers, with outputs {sorted(set(sizes))}",
        )


def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    try:
        with torch.no_grad():
            z = model(x)
    except (RuntimeError, TypeError, ValueError) as error:
        raise Finding(
            "wrong-inputs", "The network should take inputs of shape (N, 64).", got=str(error)[:80]
        ) from None
    if not isinstance(z, Tensor) or z.shape != (len(x), 10):
        raise Finding("wrong-outputs", "It should return logits (N, 10).", got=describe(z))
    if not z.isfinite().all():
        raise Finding(
            "exploded",
            "The logits are no finite numbers: the training diverged. Lower the rate, or look at"
            " the size of the first gradients.",
        )
    return float((z.argmax(1) == y).double().mean())


def _check_chain(model: nn.Module, x: Tensor) -> None:
    """Its layers, one after the other with ReLUs between, give what the network gives."""
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    h = x
    with torch.no_grad():
        for layer in linears[:-1]:
            h = layer(h).relu()
        z, chain = model(x), linears[-1](h)
    if (z - chain).abs().max() > 1e-3 * z.abs().max():
        raise Finding(
            "not-plain",
            "Only linear layers and ReLUs may stand in the network, in turn. Yours computes"
            " something else: look at its forward function.",
        )


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-network", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).eval().cpu().float()
    _check_plain(model)
    data = load_digits()
    right = _accuracy(model, data.x_test, data.y_test)
    _check_chain(model, data.x_test)
    if right >= WANTED:
        return
    got = f"test accuracy {right:.3f}"
    if right < 0.25:
        raise Finding(
            "still-constant",
            "It hardly tells digits apart. Look at the share of variance of the last hidden layer"
            " before training, and after it.",
            got=got,
        )
    raise Finding(
        "not-enough",
        "It has learnt something. Does the loss still fall? Then train longer, or try the rates"
        " beside yours; else change the start.",
        got=got,
    )


EXERCISE = Exercise(
    slug="signal-propagation-twenty-four",
    title="Tune it: twenty-four plain ReLU layers",
    chapter="signal_propagation",
    kind="experiment",
    difficulty=3,
    minutes=45,
    wants=f"the trained network: test accuracy of {WANTED} or more",
    hints=(
        "With which start is the map of correlations the identity, although ReLUs are there?",
        "max(a, 0) − max(−a, 0) = a. Give each unit a mirrored partner of opposite sign.",
        "Weights [[V, −V], [−V, V]] with V orthogonal, 24 × 24, make the network linear at its"
        " start. Train with SGD at a few rates.",
    ),
    examine=examine,
)
