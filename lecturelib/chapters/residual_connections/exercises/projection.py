"""residual-connections-projection: the block of the first paper, for two widths."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(x: Tensor, W: Tensor, b: Tensor, V: Tensor, c: Tensor, P: Tensor) -> Tensor:
    """PyTorch's linear layers."""
    return F.relu(F.linear(x, P) + F.linear(F.relu(F.linear(x, W, b)), V, c))


def formula(
    x: Tensor,
    W: Tensor,
    b: Tensor,
    V: Tensor,
    c: Tensor,
    P: Tensor,
    *,
    first: bool = False,
    inner: bool = True,
    last: str = "sum",
    skip: bool = True,
    biases: str = "bc",
    of: str = "x",
) -> Tensor:
    """The block with an argument for each way to get it wrong."""
    start = x.clamp(min=0) if first else x
    u = start @ W.T + (b if "b" in biases else 0)
    u = u.clamp(min=0) if inner else u
    f = u @ V.T + (c if "c" in biases else 0)
    way = (x.clamp(min=0) if of == "relu" else x) @ P.T
    if last == "branch":
        return way + f.clamp(min=0)
    total = way + f if skip else f
    return total.clamp(min=0) if last == "sum" else total


SLIPS = (
    Slip(
        "no-skip",
        "This is the plain block: P x is not added.",
        {"skip": False},
    ),
    Slip(
        "no-last-relu",
        "The sum of both ways passes a ReLU in this block; yours is returned as it is.",
        {"last": "none"},
    ),
    Slip(
        "relu-on-the-branch",
        "You take the last ReLU of the branch alone, and add P x after it. Here it stands behind "
        "the sum.",
        {"last": "branch"},
    ),
    Slip(
        "pre-activation",
        "You begin the branch with a ReLU, as the chapter's block does. This one begins with W.",
        {"first": True},
    ),
    Slip(
        "no-inner-relu",
        "There is no ReLU between W and V, so they are one layer.",
        {"inner": False},
    ),
    Slip("b-lost", "The bias b of the first layer is missing.", {"biases": "c"}),
    Slip("c-lost", "The bias c of the second layer is missing.", {"biases": "b"}),
    Slip(
        "relu-on-the-skip",
        "You take a ReLU of x before P. The skip connection takes x as it is.",
        {"of": "relu"},
    ),
)


def _case(name: str, draws: Draws, n: int, inputs: int, hidden: int, outputs: int) -> Case:
    """Random weights of these sizes."""
    return Case(
        name,
        {
            "x": draws.signed(n, inputs),
            "W": draws.normal(hidden, inputs),
            "b": draws.signed(hidden),
            "V": draws.normal(outputs, hidden),
            "c": draws.signed(outputs),
            "P": draws.normal(outputs, inputs),
        },
    )


def examine(trial: Trial) -> None:
    cases = [
        _case("a batch of five", trial.draws, 5, 3, 4, 6),
        _case("equal widths", trial.draws, 4, 3, 3, 3),
        _case("a single sample", trial.draws, 1, 2, 5, 3),
        _case("a wider hidden layer", trial.draws, 7, 4, 9, 2),
    ]
    judge(trial, cases, oracle, parts=("the output",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="residual-connections-projection",
    title="The first block, and two widths",
    chapter="residual_connections",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function block(x, W, b, V, c, P) that returns the outputs, a sample a row",
    hints=(
        "Write down the shape of each product: x is (N, inputs), a weight (outputs, inputs).",
        "Both ways start at x. One of them has the ReLU between W and V.",
        "The last ReLU acts on the sum of both ways.",
    ),
    examine=examine,
)
