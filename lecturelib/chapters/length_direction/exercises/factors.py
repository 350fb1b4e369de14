"""length-direction-factors: how fast does the gap shrink, if u has a place of its own?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "length-direction-factors"
NAMES = ("large", "small", "white", "longer")
TOLERANCE = 0.01
_SAYS = {
    "large": "the error is S-orthogonal to w*, here to the first axis. Which eigenvalue that is"
    " left shrinks most slowly?",
    "small": "the error is S-orthogonal to w*, here to the last axis. So the smallest eigenvalue"
    " has no error to shrink.",
    "white": "all eigenvalues are equal. What is I − S/λmax?",
    "longer": "with the rate 2/(λmax + λmin) an eigenvalue λ leaves |1 − 2λ/(λmax + λmin)| of"
    " its error. Which eigenvalues are left, and which of them is slowest?",
}


def given(draws: Draws) -> Mapping[str, Any]:
    """Four eigenvalues of S, from large to small."""
    top = draws.choice((1.0, 2.0))
    rest = [draws.choice((0.5, 0.6)), draws.choice((0.2, 0.25)), draws.choice((0.04, 0.05))]
    return {"eigenvalues": torch.tensor([top, *(top * r for r in rest)], dtype=torch.float64)}


def right_factors(eigenvalues: torch.Tensor) -> dict[str, float]:
    """Factor of the gap in a late step, for each setting."""
    first, _, third, last = eigenvalues.tolist()
    rate = 2 / (first + last)
    longer = max(abs(1 - rate * x) for x in eigenvalues.tolist()[1:])
    return {
        "large": (1 - last / first) ** 2,
        "small": (1 - third / first) ** 2,
        "white": 0.0,
        "longer": longer**2,
    }


def _read(answer: Any) -> dict[str, float]:
    if isinstance(answer, Mapping) and set(answer) == set(NAMES):
        answer = [answer[name] for name in NAMES]
    values = to_tensor(answer)
    if values is None or values.numel() != len(NAMES):
        raise Finding(
            "not-four-numbers",
            f"Wanted are four numbers, in the order {', '.join(NAMES)}.",
            got=describe(answer),
        )
    return dict(zip(NAMES, (float(v) for v in values.reshape(-1)), strict=True))


def examine(trial: Trial) -> None:
    right, got = right_factors(given(trial.draws)["eigenvalues"]), _read(trial.answer)

    def near(name: str, wanted: float) -> bool:
        return abs(got[name] - wanted) <= TOLERANCE

    wrong = [name for name in NAMES if not near(name, right[name])]
    if not wrong:
        return
    if len(wrong) > 1 and all(near(name, right[name] ** 0.5) for name in wrong):
        raise Finding(
            "of-the-sine",
            "These are the factors of the sine of the angle. The gap is its square.",
        )
    if wrong == ["small"] and near("small", right["large"]):
        raise Finding(
            "bound-for-small",
            "small: that is the bound of the theorem. It holds, but the gap shrinks faster:"
            f" {_SAYS['small']}",
        )
    name = wrong[0]
    count = f"Right: {4 - len(wrong)} of the 4. " if len(wrong) < 4 else ""
    raise Finding(f"{name}-wrong", f"{count}{name}: {_SAYS[name]}", got=f"{got[name]:g}")


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: four factors",
    chapter="length_direction",
    kind="experiment",
    difficulty=3,
    minutes=30,
    wants="four numbers: the factors for large, small, white and longer, in this order",
    hints=(
        "Near the end, θ is small and the triangle is nearly flat: the error r is multiplied by"
        " I − S/λmax, and it stays S-orthogonal to w*.",
        "If u is an eigenvector, so is w*, and S-orthogonal to it are the other eigenvectors.",
        "To measure: run the chapter's step with S diagonal and divide the gap of a late step by"
        " the one before, before rounding sets in.",
    ),
    examine=examine,
    given=given,
)
