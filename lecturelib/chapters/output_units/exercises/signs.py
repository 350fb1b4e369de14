"""output-units-signs: the slide's Lagrangian, statement by statement."""

from __future__ import annotations

import torch

from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial
from lecturelib.output_units import max_entropy_probabilities, softmax

STATEMENTS = "abcdef"

_SAYS = {
    "a+": "You count (a) as true. Compute Σ s log s for probabilities ½ and ½. Which sign has it?",
    "b-": "You leave out (b). Σ s log s is minus the entropy: where one is largest, the other…",
    "c+": "You count (c) as true. λ₀ may be any number: what changes if you write −λ₀ for it?",
    "d+": "You count (d) as true. A multiplier enforces one equation. How many samples are there?",
    "e-": "You leave out (e). In λ·z a factor of z can be taken up by λ. Do the constraints agree?",
    "f+": "You count (f) as true. Take z twice as large: does softmax(z) meet the constraints?",
}


def truths() -> dict[str, bool]:
    """Each statement put to the test on a small problem: measured, not listed."""
    s = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64)
    p, multiplier = max_entropy_probabilities(s, 1.0)
    turned, opposite = max_entropy_probabilities(-s, -1.0)
    other = torch.tensor([2 / 3, 0.0, 1 / 3], dtype=torch.float64)  # the same mean
    doubled, half = max_entropy_probabilities(2 * s, 2.0)
    z = torch.tensor([[1.0, 0.2], [-0.5, 0.3]], dtype=torch.float64)
    common = torch.exp(z) / torch.exp(z).sum(1).mean()  # one factor for both samples

    def negative(q: torch.Tensor) -> float:
        return torch.special.xlogy(q, q).sum().item()

    return {
        "a": negative(p) >= 0,
        "b": negative(p) < negative(other),
        "c": not (torch.allclose(turned, p) and torch.allclose(opposite, -multiplier)),
        "d": torch.allclose(common.sum(1), torch.ones(2, dtype=z.dtype)),
        "e": torch.allclose(doubled, p) and torch.allclose(half, multiplier / 2),
        "f": abs((softmax(s) @ s).item() - 1.0) < 1e-6,
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
    slug="output-units-signs",
    title="The signs of the slide",
    chapter="output_units",
    kind="question",
    difficulty=2,
    minutes=15,
    wants="the letters of all true statements, such as 'a, c'",
    hints=(
        "Put ½ and ½ into the slide's entropy, then 1 and 0.",
        "Count the constraints, and count the multipliers.",
        "Scale z by 2 in the constraints, on both sides. Which λ gives the same probabilities?",
    ),
    examine=examine,
)
