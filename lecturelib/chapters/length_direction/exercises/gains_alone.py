"""length-direction-gains-alone: a network of random directions, trained by γ and β."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.models import mlp

SLUG = "length-direction-gains-alone"
WIDTH, HIDDEN, WANTED = 256, 2, 0.85


def given(draws: Draws) -> Mapping[str, Any]:
    """A network with batch norm and random weights, of the same numbers for a key."""
    generator = torch.Generator().manual_seed(draws.choice(range(10_000)))
    with torch.random.fork_rng(devices=[]):  # the draws of the constructor are thrown away
        model = mlp(64, [WIDTH] * HIDDEN, 10, norm="batch")
    with torch.no_grad():
        for layer in _linears(model):
            weight = torch.randn(layer.weight.shape, generator=generator)
            layer.weight.copy_(weight * (2 / layer.in_features) ** 0.5)
            if layer.bias is not None:
                layer.bias.zero_()
    return {"model": model}


def _linears(model: nn.Module) -> list[nn.Linear]:
    return [m for m in model.modules() if isinstance(m, nn.Linear)]


@torch.no_grad()
def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    return float((model(x).argmax(1) == y).double().mean())


def _same_kind(answer: Any, model: nn.Module) -> bool:
    if not isinstance(answer, nn.Module):
        return False
    ours, theirs = model.state_dict(), answer.state_dict()
    return set(ours) == set(theirs) and all(ours[k].shape == theirs[k].shape for k in ours)


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    model = given(trial.draws)["model"]
    if not _same_kind(answer, model):
        raise Finding("not-the-network", "Wanted is the given network.", got=describe(answer))
    found = copy.deepcopy(answer).cpu().float()
    moved = [
        i
        for i, (a, b) in enumerate(zip(_linears(found), _linears(model), strict=True))
        if not all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))
    ]
    if moved:
        name = "output layer" if moved == [HIDDEN] else "linear layers"
        raise Finding(
            "output-moved" if moved == [HIDDEN] else "weights-moved",
            f"The {name} moved. γ and β alone may: the optimizer should get no other parameters.",
        )
    data = load_digits(standardize=True)
    score = _accuracy(found.eval(), data.x_test, data.y_test)
    if score >= WANTED:
        return
    got = f"test accuracy {score:.3f}"
    kept = dict(found.named_buffers())
    if all(int(kept[name]) == 0 for name in kept if name.endswith("num_batches_tracked")):
        raise Finding(
            "no-statistics",
            "The running statistics are those of the start: the network never ran in training"
            " mode, and the check asks it in evaluation mode.",
            got=got,
        )
    if score < 0.3:
        raise Finding(
            "not-trained",
            "It answers little better than chance. Do γ and β get gradients, and is the rate large"
            " enough? They stand for all weights here and have to go far.",
            got=got,
        )
    raise Finding(
        "not-enough", "γ and β have learnt something: train longer, or at a larger rate.", got=got
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Train and tune it: lengths alone",
    chapter="length_direction",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the network, trained by γ and β alone: test accuracy of {WANTED} or more",
    hints=(
        "for m in model.modules(): the batch norms have the parameters weight and bias.",
        "Give these alone to the optimizer. Standardize the digits.",
        "Try rates that would be far too large for weights: 0.05 with Adam.",
    ),
    examine=examine,
    given=given,
)
