"""parameter-sharing-autoencoder: the gradient of a matrix that is used twice, once transposed."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial


def loss(W: Tensor, x: Tensor) -> Tensor:
    """Half the squared distance of x from what encoder and decoder make of it."""
    return ((x @ W.T).relu() @ W - x).square().sum() / 2


def oracle(W: Tensor, x: Tensor) -> Tensor:
    """By automatic differentiation."""
    leaf = W.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(leaf, x), leaf)
    return gradient


def formula(
    W: Tensor,
    x: Tensor,
    *,
    uses: str = "both",
    mask: bool = True,
    target: bool = True,
    share: float = 1.0,
    mean: bool = False,
) -> Tensor:
    """The sum over both uses with an argument for each way to get it wrong."""
    z = x @ W.T
    e = z.relu() @ W - (x if target else 0)
    decoder = z.relu().T @ e
    encoder = ((e @ W.T) * ((z > 0) if mask else 1)).T @ x
    total = {"both": decoder + encoder, "decoder": decoder, "encoder": encoder}[uses]
    return share * total / (len(x) if mean else 1)


SLIPS = (
    Slip(
        "decoder-only",
        "This is the gradient of the decoder's use alone. The encoder uses W, too.",
        {"uses": "decoder"},
    ),
    Slip(
        "encoder-only",
        "This is the gradient of the encoder's use alone. The decoder uses W, too.",
        {"uses": "encoder"},
    ),
    Slip(
        "mask-lost",
        "On its way to the encoder the gradient passes the ReLU as if it were not there.",
        {"mask": False},
    ),
    Slip("target-lost", "What arrives from the loss is x̂ − x, not x̂.", {"target": False}),
    Slip("averaged", "You average over both uses. Gradients of uses are summed.", {"share": 0.5}),
    Slip("factor", "The loss has a factor ½, so the square's 2 is gone.", {"share": 2.0}),
    Slip("mean", "You divide by the number of samples. The loss is a sum.", {"mean": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, units: int, inputs: int) -> Case:
        return Case(special, {"W": draws.normal(units, inputs), "x": draws.normal(n, inputs)})

    usual = [case("five samples", 5, 3, 4), case("more units than inputs", 4, 5, 3)]
    edges = [
        case("one sample", 1, 2, 3),
        case("one unit", 6, 1, 4),
        Case("units that are all off", {"W": -draws.uniform(2, 3), "x": draws.uniform(4, 3)}),
    ]
    for cases in (usual, edges):
        judge(
            trial, cases, oracle, parts=("the gradient",), formula=formula, slips=SLIPS,
            rules=(no_autograd(),),
        )  # fmt: skip


EXERCISE = Exercise(
    slug="parameter-sharing-autoencoder",
    title="One matrix, used twice",
    chapter="parameter_sharing",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function gradient(W, x) that returns dL/dW, of the shape of W",
    hints=(
        "Give the decoder a matrix V of its own for a while. What are dL/dW and dL/dV?",
        "V = W, so the two gradients are added: have they the same shape?",
        "The encoder's part passes the ReLU: only units that are on hand it on.",
    ),
    examine=examine,
)
