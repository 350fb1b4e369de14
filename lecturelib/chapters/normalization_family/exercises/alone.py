"""normalization-family-alone: a recurrent net that answers one sample as it does in company."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.85  # of the 360 test digits
NORMS = (
    "layer_norm", "rms_norm", "group_norm", "instance_norm", "batch_norm", "normalize",
    "_weight_norm", "norm", "vector_norm", "var", "var_mean", "std", "std_mean", "sqrt", "rsqrt",
)  # fmt: skip
"""Functions of PyTorch of which a normalization calls one, whoever has written it."""


def _logits(model: nn.Module, x: Tensor) -> Tensor:
    try:
        with torch.no_grad():
            out = model(x)
    except Exception as error:
        raise Finding(
            "cannot-read",
            f"The network cannot read a batch of shape {tuple(x.shape)}, samples, rows and columns:"
            f" {type(error).__name__}: {str(error)[:120]}",
        ) from None
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 8, 8) to (N, 10).", got=describe(out)
        )
    return out


class _Calls(TorchFunctionMode):
    """Notes the names of PyTorch's functions that are called within the block."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        root = "pow" in name and any(isinstance(a, float) and abs(a) == 0.5 for a in args)
        self.names.add("sqrt" if root else name)
        return func(*args, **(kwargs or {}))


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).train()
    parameter = next(model.parameters(), torch.zeros(1))
    data = load_digits(standardize=True)
    x, y = data.x_test.to(parameter).view(-1, 8, 8), data.y_test.to(parameter.device)
    with _Calls() as calls:
        logits = _logits(model, x)
    few = _logits(copy.deepcopy(answer).train(), x[:3])
    change = ((few - logits[:3]).norm() / logits[:3].norm()).item()
    if not change < 1e-3:
        raise Finding(
            "company-matters",
            "In training mode the answer to a digit depends on the other digits of its batch, or "
            "on chance. Which norm takes its statistics within a sample?",
            got=f"relative change of the logits {change:.2g} in a batch of 3",
        )
    score = (logits.argmax(1) == y).double().mean().item()
    got = f"test accuracy {score:.3f}"
    if score < 0.2:
        raise Finding("not-trained", "The network answers hardly better than chance.", got=got)
    if not calls.names & set(NORMS):
        raise Finding(
            "no-norm",
            "No normalization is computed when the network reads: neither one of PyTorch's is "
            "called, nor a standard deviation, a variance or a root. A layer that is declared and "
            "not called does nothing.",
        )
    if score >= WANTED:
        return
    raise Finding(
        "not-enough",
        f"It has learnt something, but less than {WANTED}. More steps, or Adam at 0.01?",
        got=got,
    )


EXERCISE = Exercise(
    slug="normalization-family-alone",
    title="Train it: read a digit row by row, alone as in company",
    chapter="normalization_family",
    kind="experiment",
    difficulty=2,
    minutes=40,
    wants=f"the trained network: accuracy of {WANTED} or more on the test digits, in training mode",
    hints=(
        "The state is a vector of, say, 64 numbers that starts at 0; each row changes it.",
        "h = torch.relu(norm(W(h) + U(row))), eight times; then a linear layer gives ten logits.",
        "Adam at 0.01, batches of 64 and 300 steps are enough.",
    ),
    examine=examine,
)
