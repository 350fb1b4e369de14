"""batch-norm-why-beta-outside: why the shift is added after the normalization."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

STATEMENTS = "abcdef"

_SAYS = {
    "a-": "You leave out (a). Compute the batch mean of Wx + b, and subtract it.",
    "b-": "You leave out (b). If the output is the same for every b, what is its derivative by b?",
    "c+": "You hold (c) for true. What does adding 5 to every number of a list do to its variance?",
    "d-": "You leave out (d). With β outside, what is the batch mean of the output?",
    "e-": (
        "You leave out (e). In evaluation mode a stored number is subtracted. Does it know of the"
        " new bias?"
    ),
    "f+": (
        "You hold (f) for true. Compare with a linear layer with bias: which mean could it not"
        " give?"
    ),
}


def truths() -> dict[str, bool]:
    """Each statement put to the test on a small batch, where it can be: measured, not listed."""
    z = torch.tensor([[1.0], [2.0], [4.0]], dtype=torch.float64)
    inside = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    y = F.batch_norm(z + inside, None, None, training=True)
    moved = F.batch_norm(z + 5.0, None, None, training=True)
    (gradient,) = torch.autograd.grad((y * torch.tensor([[1.0], [-3.0], [1.0]])).sum(), inside)
    stored = (z.mean(0), z.var(0))
    outside = F.batch_norm(z, None, None, None, torch.full((1,), 5.0).double(), training=True)
    return {
        "a": torch.allclose(moved, y),
        "b": gradient.abs().item() < 1e-9,
        "c": not torch.allclose((z + 5.0).var(0), z.var(0)),
        "d": torch.allclose(outside.mean(0), torch.full((1,), 5.0).double()),
        "e": not torch.allclose(F.batch_norm(z + 5.0, *stored), F.batch_norm(z, *stored)),
        # Any mean that β gives, the bias of a linear layer without batch norm gives as well.
        "f": not torch.allclose((z - z.mean(0) + 5.0).mean(0), outside.mean(0)),
    }


def examine(trial: Trial) -> None:
    chosen = letters(trial.answer, STATEMENTS)
    right = {letter for letter, true in truths().items() if true}
    if chosen == right:
        return
    # One at a time: the statements taken in wrongly first.
    codes = [f"{c}+" for c in sorted(chosen - right)] + [f"{c}-" for c in sorted(right - chosen)]
    settled = len(STATEMENTS) - len(codes)
    names = {"+": "held", "-": "left-out"}
    raise Finding(
        f"{codes[0][0]}-{names[codes[0][1]]}",
        f"Judged rightly: {settled} of the {len(STATEMENTS)} statements. {_SAYS[codes[0]]}",
        got=", ".join(sorted(chosen)),
    )


EXERCISE = Exercise(
    slug="batch-norm-why-beta-outside",
    title="Why β stands outside",
    chapter="batch_norm",
    kind="question",
    difficulty=1,
    minutes=5,
    wants="the letters of all true statements, such as 'a, c'",
    hints=(
        "Write the batch mean of Wx + b in terms of the batch mean of Wx.",
        (
            "For two of the statements the mode matters. What is subtracted in training, what in"
            " evaluation?"
        ),
    ),
    examine=examine,
)
