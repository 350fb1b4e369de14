"""preprocessing-test-time: what to do at test time."""

from __future__ import annotations

import torch

from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial
from lecturelib.preprocessing import Standardize

STATEMENTS = "abcdef"

_SAYS = {
    "a-": (
        "You leave out (a). What is the mean of one sample, column by column, and what is left "
        "when it is subtracted?"
    ),
    "b+": (
        "You hold (b) for true. Equal distributions do not make two samples of them equal: their "
        "means differ, and so do the outputs."
    ),
    "c-": "You leave out (c). Standardizing and the first layer are two affine maps in a row.",
    "d+": (
        "You hold (d) for true. The labels are not the only thing that can leak: the held-out "
        "samples had a part in the transform that they are tested with."
    ),
    "e-": (
        "You leave out (e). Which number of another image enters when an image's own mean is "
        "subtracted?"
    ),
    "f+": (
        "You hold (f) for true. The training data have mean 0 after the transform. What do test "
        "data know of it?"
    ),
}


def truths() -> dict[str, bool]:
    """Each statement put to the test on a few numbers: measured, not listed."""
    g = torch.Generator().manual_seed(0)
    train, test = (torch.randn(30, 3, generator=g, dtype=torch.float64) + 2 for _ in range(2))
    W = torch.randn(2, 3, generator=g, dtype=torch.float64)
    scaler, own = Standardize().fit(train), Standardize().fit(test)
    z = scaler.transform(test)
    alone = Standardize().fit_transform(test[:1])
    raw = test @ (W / scaler.std).T - (W / scaler.std) @ scaler.mean
    fold, rest = train[:6], train[6:]
    seen, unseen = (Standardize().fit(known).transform(fold) for known in (train, rest))
    alike = test[3] - test[3].mean()
    return {
        "a": not alone.any(),
        "b": torch.allclose(own.transform(test) @ W.T, z @ W.T, atol=1e-6),
        "c": torch.allclose(raw, z @ W.T),
        "d": torch.allclose(seen, unseen, atol=1e-6),
        "e": torch.equal(alike, (test - test.mean(1, keepdim=True))[3]),
        "f": bool(z.mean(0).abs().max() < 1e-6),
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
    slug="preprocessing-test-time",
    title="What to do at test time?",
    chapter="preprocessing",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="the letters of all true statements, such as 'a, b'",
    hints=(
        "The transform and the network are one function. Whose numbers is it made of?",
        "For each statement ask: would it hold exactly, for any data?",
    ),
    examine=examine,
)
