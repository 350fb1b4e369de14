"""universal-approximation-decision-line: why is that decision line hard to find?"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

STATEMENTS = "abcdef"

_SAYS = {
    "a+": (
        "You count (a) as true. Three units are written down in the chapter; how many mistakes do "
        "they make?"
    ),
    "b-": (
        "You leave out (b). Write the gradient of a hidden unit's weights by the chain rule: which "
        "factor comes first after the error?"
    ),
    "c-": "You leave out (c). What is the slope of a ReLU where it is off?",
    "d+": (
        "You count (d) as true. Look at the card of UA1: which share of the starts with three "
        "units succeeds?"
    ),
    "e-": "You leave out (e). Look at the figure with the number of hidden units.",
    "f+": (
        "You count (f) as true. What does the theorem on bounded regions say about two units, "
        "whatever their weights?"
    ),
}


def truths() -> dict[str, bool]:
    """Each statement put to the test: computed here, or taken from the stored run of UA1."""
    from lecturelib.chapters.universal_approximation.experiments import (
        triangle_data,
        triangle_distances,
    )
    from lecturelib.claims.registry import get
    from lecturelib.claims.results import stored

    x, y = triangle_data([0], 100)
    x, y = x[0], y[0]
    written = 0.025 - (-triangle_distances(x)).relu().sum(1)
    a = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)
    W = torch.tensor([[1.0, 0.5], [1.0, 0.5], [-1.0, 1.0]], requires_grad=True)
    b = torch.tensor([0.1, 0.1, -100.0])  # the third unit is off at every point
    cost = F.binary_cross_entropy_with_logits((x @ W.T + b).relu() @ a, y)
    (slope,) = torch.autograd.grad(cost, W)
    result = stored(get("UA1"))
    assert result is not None, "the package ships with it"
    rate = {w: torch.tensor(result.values[f"rate {w}"]).median().item() for w in (2, 3, 16)}
    return {
        "a": bool(((written > 0) != (y > 0.5)).any()),
        "b": bool(slope[0].norm() > 0) and bool(slope[1].norm() == 0),
        "c": bool(slope[2].norm() == 0),
        "d": rate[3] >= 0.5,
        "e": rate[16] > rate[3],
        "f": rate[2] > 0,
    }


def examine(trial: Trial) -> None:
    chosen = letters(trial.answer, STATEMENTS)
    right = {letter for letter, true in truths().items() if true}
    if chosen == right:
        return
    codes = [f"{c}+" for c in sorted(chosen - right)] + [f"{c}-" for c in sorted(right - chosen)]
    settled = len(STATEMENTS) - len(codes)
    names = {"+": "held", "-": "left-out"}
    raise Finding(
        f"{codes[0][0]}-{names[codes[0][1]]}",
        f"Judged rightly: {settled} of the {len(STATEMENTS)} statements. {_SAYS[codes[0]]}",
        got=", ".join(sorted(chosen)),
    )


EXERCISE = Exercise(
    slug="universal-approximation-decision-line",
    title="Why is that decision line hard to find?",
    chapter="universal_approximation",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="the letters of all true statements, such as 'a, d'",
    hints=(
        "Write down the gradient of the cost with respect to the weights of one hidden unit.",
        "Which of the statements are about what exists, which about what is found?",
    ),
    examine=examine,
)
