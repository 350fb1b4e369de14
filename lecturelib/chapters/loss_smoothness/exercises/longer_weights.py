"""loss-smoothness-longer-weights: make a loss smoother without changing the function."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.instruments import effective_smoothness

SLUG = "loss-smoothness-longer-weights"
WANTED = 0.01
EPS = 1e-12  # PyTorch wants a positive one


def given(draws: Draws) -> Mapping[str, Any]:
    """A network with batch norm, with a tiny ε, and a batch for it."""
    linear = partial(nn.utils.skip_init, nn.Linear)  # draws no weights: they are set below
    output = linear(8, 3)
    model = nn.Sequential(
        linear(5, 8, bias=False),
        nn.BatchNorm1d(8, eps=EPS),
        nn.ReLU(),
        linear(8, 8, bias=False),
        nn.BatchNorm1d(8, eps=EPS),
        nn.ReLU(),
        output,
    ).double()
    with torch.no_grad():
        for p in model.parameters():
            if p.ndim > 1:
                p.copy_(0.7 * draws.normal(*p.shape))
        nn.init.zeros_(output.bias)
    return {"model": model, "x": draws.normal(24, 5), "y": torch.arange(24) % 3}


def smoothness(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Effective smoothness with respect to the weights in front of batch norm, at distance 0.1."""
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)][:-1]
    return float(
        effective_smoothness(
            lambda: cross_entropy(model(x), y), weights, steps=[0.1], equal_length=True
        )
    )


def _shape(model: nn.Module) -> list[str]:
    return [type(m).__name__ for m in model]  # type: ignore[attr-defined]


def examine(trial: Trial) -> None:
    data = given(trial.draws)
    answer: Any = trial.answer
    if not isinstance(answer, nn.Sequential) or _shape(answer) != _shape(data["model"]):
        raise Finding(
            "not-the-network",
            "Wanted is the network, with the same layers in the same order.",
            got=describe(answer),
        )
    x, y = data["x"], data["y"]
    model = copy.deepcopy(answer).double().train().requires_grad_(True)  # it may be frozen
    for m in model.modules():
        if isinstance(m, nn.BatchNorm1d) and m.eps != EPS:
            raise Finding("eps-changed", "Leave ε as it is: change the weights alone.")
    with torch.no_grad():
        got, want = model(x), data["model"].train()(x)
    if not torch.allclose(got, want, rtol=1e-3, atol=1e-4):
        worst = float((got - want).abs().max())
        raise Finding(
            "other-function",
            "Your network computes something else: the outputs on the batch have changed. Which"
            " changes of the weights does batch norm undo?",
            got=f"largest difference {worst:.3g}",
        )
    before, after = smoothness(data["model"], x, y), smoothness(model, x, y)
    share = after / before
    if share <= WANTED:
        return
    shown = f"effective smoothness {before:.3g} before, {after:.3g} after"
    if share > 0.999:
        raise Finding(
            "not-smoother",
            "The function is the same, but the loss is no smoother. Does it become smoother with"
            " longer weights, or with shorter ones?",
            got=shown,
        )
    raise Finding(
        "not-enough",
        f"Smoother, but not by the factor {1 / WANTED:.0f}. How does the effective smoothness"
        " depend on the factor? And does every layer in front of a batch norm have it?",
        got=shown,
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Break it: the smoothest network of the class",
    chapter="loss_smoothness",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="the network, changed: the same outputs, a hundredth of the effective smoothness",
    hints=(
        "Which change of the first layer's weights leaves the normalized values as they are?",
        "With weights c times as long, second derivatives are divided by c². Both hidden layers"
        " count.",
        "with torch.no_grad(): model[0].weight.mul_(…) changes a weight in place.",
    ),
    examine=examine,
    given=given,
)
