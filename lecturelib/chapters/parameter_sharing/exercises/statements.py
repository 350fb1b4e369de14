"""parameter-sharing-statements: what sharing does, and what it does not."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from lecturelib.chapters.parameter_sharing.structure import output_size
from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

STATEMENTS = "abcdefg"

_SAYS = {
    "a-": "You leave out (a). On what does the number of weights of a convolution depend?",
    "b+": "You hold (b) for true. How many windows does the larger image have?",
    "c-": "You leave out (c). By how many pixels do two neighbouring windows of stride 2 differ?",
    "d+": "You hold (d) for true. Which pixels are in the first window before and after the shift?",
    "e-": "You leave out (e). The gradient of a shared parameter is the sum over its uses.",
    "f-": "You leave out (f). May the three matrices of an untied network be equal?",
    "g+": "You hold (g) for true. Turn a vertical edge and the kernel that looks for it, in mind.",
}


def truths() -> dict[str, bool]:
    """Each statement put to the test on a small example."""
    g = torch.Generator().manual_seed(0)
    x, w = (torch.randn(1, 1, n, n, generator=g, dtype=torch.float64) for n in (8, 3))

    def strided(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), w, stride=2)

    def best(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), w).amax()

    def moved(pixels: int) -> torch.Tensor:
        return strided(x.roll(pixels, 3))

    return {
        "a": True,  # kernel and channels alone
        "b": output_size(16, 3, padding=1) == output_size(8, 3, padding=1),
        "c": torch.allclose(moved(2), strided(x).roll(1, 3)),
        "d": any(torch.allclose(moved(1), strided(x).roll(k, 3)) for k in range(4)),
        "e": True,  # 1 + (−1) = 0
        "f": True,  # take three equal matrices
        "g": torch.allclose(best(x), best(x.rot90(1, (2, 3)))),
    }


def examine(trial: Trial) -> None:
    chosen = letters(trial.answer, STATEMENTS)
    right = {letter for letter, true in truths().items() if true}
    if chosen == right:
        return
    # One at a time: the statements taken in wrongly first.
    codes = [f"{c}+" for c in sorted(chosen - right)] + [f"{c}-" for c in sorted(right - chosen)]
    names = {"+": "held", "-": "left-out"}
    raise Finding(
        f"{codes[0][0]}-{names[codes[0][1]]}",
        f"Judged rightly: {len(STATEMENTS) - len(codes)} of the {len(STATEMENTS)} statements. "
        f"{_SAYS[codes[0]]}",
        got=", ".join(sorted(chosen)),
    )


EXERCISE = Exercise(
    slug="parameter-sharing-statements",
    title="What sharing does",
    chapter="parameter_sharing",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="the letters of all true statements, such as 'a, c'",
    hints=(
        "Count parameters and multiplications for an image of 8×8 and one of 16×16 pixels.",
        "Draw four windows of stride 2 on a ring of eight pixels, and turn the ring by one pixel.",
    ),
    examine=examine,
)
