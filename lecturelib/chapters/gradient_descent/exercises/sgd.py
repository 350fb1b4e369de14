"""gradient-descent-sgd: the algorithm on least squares."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import leaves_arguments
from lecturelib.exercises.trial import Case, Trial


def oracle(X: Tensor, y: Tensor, theta: Tensor, batches: Tensor, lr: float) -> Tensor:
    """PyTorch's functional optimizer and automatic gradients."""
    weight = theta.clone().requires_grad_()
    for batch in batches:
        (g,) = torch.autograd.grad((X[batch] @ weight - y[batch]).square().mean() / 2, weight)
        with torch.no_grad():
            sgd([weight], [g], [None], weight_decay=0, momentum=0, lr=lr, dampening=0,
                nesterov=False, maximize=False, foreach=False)  # fmt: skip
    return weight.detach()


def formula(
    X: Tensor,
    y: Tensor,
    theta: Tensor,
    batches: Tensor,
    lr: float,
    *,
    divisor: str = "batch",
    sign: float = 1.0,
    half: bool = True,
    which: str = "each",
    stale: bool = False,
    predicts: bool = True,
    falls: bool = False,
    distinct: bool = False,
    averaged: bool = False,
    target: float = 1.0,
) -> Tensor:
    """The parameters at the end with an argument for each way to get them wrong."""
    if which == "solved":
        return torch.linalg.lstsq(X, y[:, None]).solution[:, 0]
    first = theta
    chosen = {
        "each": list(batches),
        "first": [batches[0]] * len(batches),
        "all": [torch.arange(len(X))] * len(batches),
        "skip": list(batches[:-1]),
        "late": list(batches[1:]),
        "once": [torch.arange(len(X))],
        "backwards": list(batches.flip(0)),
        "single": [sample[None] for batch in batches for sample in batch],
    }[which]
    path = []
    for t, batch in enumerate(chosen):
        batch = batch.unique() if distinct else batch
        at = first if stale else theta
        g = X[batch].T @ (X[batch] @ at * predicts - target * y[batch])
        g = g / {"batch": len(batch), "one": 1, "all": len(X)}[divisor]
        theta = theta - sign * (lr / (t + 1) if falls else lr) * (1 if half else 2) * g
        path.append(theta)
    return torch.stack(path).mean(0) if averaged else theta


SLIPS = (
    Slip(
        "sum-not-mean",
        "You add the gradients of a minibatch. The algorithm takes their mean, so that the rate "
        "need not change with B.",
        {"divisor": "one"},
    ),
    Slip(
        "divided-by-all",
        "You divide the sum over a minibatch by the number of *all* samples.",
        {"divisor": "all"},
    ),
    Slip("uphill", "You add the gradient, and walk uphill.", {"sign": -1.0}),
    Slip(
        "half-forgotten",
        "Your gradient is twice too long: the loss has the factor 1/2.",
        {"half": False},
    ),
    Slip(
        "first-batch-only",
        "You use the first minibatch in every step.",
        {"which": "first"},
    ),
    Slip(
        "whole-set",
        "You use all samples in every step. That is gradient descent without “stochastic”.",
        {"which": "all"},
    ),
    Slip(
        "one-step",
        "You make a single step with all samples. There is one step for each minibatch.",
        {"which": "once"},
    ),
    Slip(
        "solved",
        "You return the minimum. Wanted is where the steps of SGD lead, which is elsewhere.",
        {"which": "solved"},
    ),
    Slip(
        "prediction-forgotten",
        "Your residual is −y: the prediction Xθ is missing from it.",
        {"predicts": False},
    ),
    Slip("last-batch-left-out", "You leave out the last minibatch.", {"which": "skip"}),
    Slip(
        "gradient-at-the-start",
        "You compute all gradients at the first θ. Each step needs the gradient where it begins.",
        {"stale": True},
    ),
    Slip(
        "rate-falls",
        "Your rate falls with the steps; here it is constant.",
        {"falls": True},
    ),
    Slip("first-batch-left-out", "You leave out the first minibatch.", {"which": "late"}),
    Slip(
        "target-added",
        "You add the target to the prediction. The residual is Xθ − y.",
        {"target": -1.0},
    ),
    Slip(
        "path-averaged",
        "You return the mean of the parameters on the way. Asked are those after the last step.",
        {"averaged": True},
    ),
    Slip(
        "sample-by-sample",
        "You make a step for each sample of a minibatch. There is one step for each minibatch, "
        "with the mean of its gradients.",
        {"which": "single"},
    ),
    Slip(
        "repeats-dropped",
        "You use a sample once that a minibatch holds twice. It counts twice in the mean.",
        {"distinct": True},
    ),
    Slip(
        "backwards",
        "You go through the minibatches from the last to the first.",
        {"which": "backwards"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(
        special: str, n: int, d: int, batches: list[list[int]], lr: float, scale: float = 1.0
    ) -> Case:
        arguments = {
            "X": scale * draws.normal(n, d),
            "y": draws.normal(n),
            "theta": draws.normal(d),
            "batches": torch.tensor(batches),
            "lr": lr,
        }
        return Case(special, arguments)

    usual = [
        case("three minibatches of two", 6, 2, [[0, 3], [5, 1], [2, 4]], 0.2),
        case("single samples", 4, 3, [[2], [0], [3], [1], [2]], 0.1),
        case("a sample that comes twice", 5, 2, [[1, 1, 4], [0, 2, 3]], 0.3),
    ]
    edges = [
        case("one step with all samples", 4, 2, [[0, 1, 2, 3]], 0.4),
        case("one parameter", 5, 1, [[4, 0], [1, 3]], 0.3),
        case("small inputs and a large rate", 4, 2, [[0, 1], [2, 3]], 2e5, scale=1e-3),
        case("many steps", 6, 2, [[0, 1], [2, 3], [4, 5]] * 20, 0.1),
    ]
    parts = ("the last θ",)
    judge(trial, usual, oracle, parts=parts, formula=formula, slips=SLIPS)
    rules = (leaves_arguments(),)
    judge(trial, edges, oracle, parts=parts, formula=formula, slips=SLIPS, rules=rules)


EXERCISE = Exercise(
    slug="gradient-descent-sgd",
    title="The algorithm",
    chapter="gradient_descent",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function sgd(X, y, theta, batches, lr) that returns the parameters at the end",
    hints=(
        "For batch in batches: take these rows of X and y, compute the gradient at the present "
        "theta, and step.",
        "The gradient of ½ mean (Xθ − y)² is Xᵀ(Xθ − y) divided by the number of rows.",
    ),
    examine=examine,
)
