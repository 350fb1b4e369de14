"""batch-norm-twenty-steps: train a deep network so briefly that its running statistics lag."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.88  # of the 360 test digits
FEWER = 5 / 360 + 1e-9  # at most, than in training mode
NORMS = 6


def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        out = model(x)
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    return (out.argmax(1) == y).double().mean().item()


def _norms(model: nn.Module) -> list[nn.Module]:
    """PyTorch's batch norm and the package's, which share the name and the statistics."""
    return [m for m in model.modules() if any(c.__name__ == "BatchNorm1d" for c in type(m).mro())]


@torch.no_grad()
def _has_a_say(norm: nn.Module, model: nn.Module, x: Tensor) -> bool:
    """Whether the outputs change where this norm gives each image what it has for another."""
    before = model(x)
    hook = norm.register_forward_hook(lambda module, given, out: out.flip(0))
    try:
        return not torch.equal(model(x), before)
    finally:
        hook.remove()


def _check_norms(model: nn.Module, x: Tensor) -> None:
    """A Finding unless six norms or more have a say, and none looks at the batch."""
    norms = _norms(model)
    if len(norms) < NORMS:
        raise Finding(
            "too-few-norms",
            f"The network has {len(norms)} layers of batch norm; wanted are {NORMS} or more.",
        )
    _accuracy(model, x, torch.zeros(len(x), device=x.device))  # outputs as they should be
    heard = sum(_has_a_say(norm, model, x) for norm in norms)
    if heard < NORMS:
        raise Finding(
            "beside-the-path",
            f"Of {len(norms)} layers of batch norm {heard} have a say in the outputs; wanted are"
            f" {NORMS} or more. Are the others called, and is what they return used?",
        )
    with torch.no_grad():
        together, in_parts = model(x), torch.cat([model(part) for part in x.split(90)])
    if not torch.allclose(together, in_parts, rtol=1e-3, atol=1e-3):
        raise Finding(
            "of-the-batch",
            "In evaluation mode its answer to an image depends on the other images in the batch."
            " Whose mean and variance do the norms use there? Wanted are running statistics.",
        )


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    answer = getattr(answer, "_orig_mod", answer)  # as it was before torch.compile
    model = copy.deepcopy(answer)
    parameter = next(model.parameters())
    data = load_digits()
    x, y = data.x_test.to(parameter), data.y_test.to(parameter.device)
    _check_norms(model.eval(), x)
    score = _accuracy(model, x, y)
    in_training = _accuracy(model.train(), x, y)
    if score >= WANTED and in_training - score <= FEWER:
        return
    got = f"test accuracy {score:.3f} in evaluation mode, {in_training:.3f} in training mode"
    if score >= WANTED:
        raise Finding(
            "lagging",
            "The accuracy suffices, and it is more than five digits below that in training mode: "
            "the statistics lag behind the weights. Let them keep up, or estimate them again.",
            got=got,
        )
    if in_training >= WANTED:
        raise Finding(
            "stale-statistics",
            "The weights have learnt the digits, but in evaluation mode the network does not show"
            " it. What does it divide by there?",
            got=got,
        )
    statistics = [s for m in _norms(answer) if isinstance(s := m.running_mean, Tensor)]
    if all(bool((s == 0).all()) for s in statistics):
        raise Finding(
            "not-trained",
            "The network has seen no batch in training mode: its running means are all 0.",
            got=got,
        )
    raise Finding(
        "not-learnt",
        f"Even with the statistics of the batch at hand the accuracy is below {WANTED}. Twenty"
        " steps are few: try other rates. The images are load_digits() as they come.",
        got=got,
    )


EXERCISE = Exercise(
    slug="batch-norm-twenty-steps",
    title="Train it: twenty steps",
    chapter="batch_norm",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the trained network: test accuracy of {WANTED} or more in evaluation mode, at most "
    "five digits below training mode",
    hints=(
        (
            "Look at the loss in training first. Is it low after twenty steps? If not, the rate is"
            " not the right one."
        ),
        "After twenty steps of momentum 0.1 the initial statistics still weigh 0.9**20.",
        (
            "You may choose the norms' momentum, or estimate the statistics again when training is"
            " over."
        ),
    ),
    examine=examine,
)
