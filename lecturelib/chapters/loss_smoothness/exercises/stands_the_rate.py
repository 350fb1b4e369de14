"""loss-smoothness-stands-the-rate: a plain deep network, with steps that are cut short."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial
from lecturelib.models import mlp

HIDDEN, WIDTH, BATCH, STEPS, WANTED = 8, 64, 128, 60, 0.5
FLAT = 0.3  # times the weights of the start: a place where the gradient is short and constant


def network(scale: float = 1.0) -> nn.Sequential:
    """The plain network of the chapter at one start, its weights times ``scale``."""
    model = mlp(64, [WIDTH] * HIDDEN, 10, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    return model


def _flat(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()])


def _walker(step: Callable[..., Any]) -> Callable[..., Any]:
    """Makes one step on each batch of the data; returns the parameters then, and the model's
    answers to the test data."""

    @functools.wraps(step)
    def walk(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, Any]:
        size = len(x) if len(x) % BATCH else BATCH  # all of the data is one batch
        for xs, ys in zip(x.split(size), y.split(size), strict=True):
            step(model, xs, ys)
        with torch.no_grad():
            return {"place": _flat(model), "out": model(load_digits().x_test)}

    return walk


def _one_step(trial: Trial, case: Case) -> tuple[float, float]:
    """The step of this case as a multiple of −g, and the length of g; a Finding if it is none."""
    model, x, y = case.arguments.values()
    loss = cross_entropy(model(x), y)
    g = torch.cat([p.reshape(-1) for p in torch.autograd.grad(loss, list(model.parameters()))])
    moved = trial.call(case, "tensor")["place"] - _flat(model)
    tried = trial.tried(case)
    if not moved.isfinite().all():
        raise Finding("not-finite", "After one step there are parameters that are no finite"
                      " numbers.", tried=tried)  # fmt: skip
    if not moved.any():
        raise Finding("no-step", "The parameters are what they were before. Change them in place,"
                      " by an optimizer or by p -= ….", tried=tried)  # fmt: skip
    share = float(-(moved @ g) / (g @ g))
    if (moved + share * g).norm() > 1e-2 * moved.norm():
        raise Finding(
            "other-direction",
            "The step is no multiple of the gradient of the cross-entropy on this batch. Is there"
            " a momentum, a penalty, or an optimizer other than SGD? Or is each parameter cut for"
            " itself? Wanted is one factor for all.",
            tried=tried,
            got=f"angle to −g: {torch.cosine_similarity(moved, -g, dim=0).acos().rad2deg():.0f}°",
        )
    if share < 0:
        raise Finding("uphill", "The step goes along +g, uphill.", tried=tried)
    return share, float(g.norm())


def examine(trial: Trial) -> None:
    trial.needs_function("model", "x", "y")
    data, name = load_digits(), trial.name
    trial.answer = _walker(trial.answer)
    trial.answer.__name__ = name
    harmless = Case(
        "all training digits, at weights so small that a whole step does no harm",
        {"model": network(FLAT), "x": data.x_train, "y": data.y_train},
    )
    share, length = _one_step(trial, harmless)
    got = f"{share:.3g} of a step of length {length:.2g}"
    if share > 1.01:
        raise Finding(
            "longer", "It is longer than a step at the rate 1. Shorten only.",
            tried=trial.tried(harmless), got=got,
        )  # fmt: skip
    if share < 0.99:
        raise Finding(
            "cut-without-need",
            "Here the whole step is short and lowers the loss, and still you cut it. A rule that"
            " cuts every step is a smaller rate: what tells the steps that go too far?",
            tried=trial.tried(harmless),
            got=got,
        )
    _train(trial)


def _train(trial: Trial) -> None:
    """A Finding unless the network learns the digits by these steps."""
    data, draw = load_digits(), torch.Generator().manual_seed(0)
    chosen = torch.randint(len(data.x_train), (STEPS * BATCH,), generator=draw)
    x, y = data.x_train[chosen], data.y_train[chosen]
    first = Case("the first batch", {"model": network(), "x": x[:BATCH], "y": y[:BATCH]})
    share, length = _one_step(trial, first)
    case = Case(f"{STEPS} batches of {BATCH}, from the start", {"model": network(), "x": x, "y": y})
    out = trial.call(case, "tensor")["out"]
    score = float((out.argmax(1) == data.y_test).double().mean()) if out.isfinite().all() else 0.0
    if score >= WANTED:
        return
    got = f"test accuracy {score:.3f}; the first step {share:.2g} of {length:.2g}"
    if score == 0.0 or (share > 0.99 and score < 0.2):
        raise Finding(
            "too-long",
            "It is lost: a step was long enough to multiply through all layers. Cut before the"
            " step is made, and look at the loss of the first twenty.",
            tried=trial.tried(case),
            got=got,
        )
    raise Finding(
        "too-slow-to-learn",
        f"It stands the rate, and after {STEPS} steps it answers less than half of the test digits."
        " Look at how short your steps are: allow longer ones.",
        tried=trial.tried(case),
        got=got,
    )


EXERCISE = Exercise(
    slug="loss-smoothness-stands-the-rate",
    title="Tune it: a plain network at the rate 1",
    chapter="loss_smoothness",
    kind="experiment",
    difficulty=3,
    minutes=40,
    wants="a function step(model, x, y) that makes one step of SGD at the rate 1, cut where it"
    " must be",
    hints=(
        "Print the loss and the length of the gradient at each of the first twenty steps.",
        "Two ways to cut a step: bound its length (clip the gradient), or halve it until the loss"
        " on the batch no longer rises.",
        "torch.nn.utils.clip_grad_norm_(model.parameters(), …) bounds the length of the gradient;"
        " the chapter's walks say how far a step may go.",
    ),
    examine=examine,
)
