"""loss-smoothness-powers: with which power does the loss grow far out?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "loss-smoothness-powers"
TOLERANCE = 0.1
NAMES = ("plain", "one norm", "residual", "tanh")

_SAYS = {
    "plain": "each linear layer contributes one power, the output layer too.",
    "one norm": "what lies before the batch norm no longer matters. Which factors come after it? γ"
    " and β move, too.",
    "residual": "a block adds W₂ relu(W₁ h) to h. Which of the two terms wins far out, and how many"
    " powers does it have more than h?",
    "tanh": "how large can the values of the last hidden layer become, whatever the weights are?",
}


def given(draws: Draws) -> Mapping[str, Any]:
    """Numbers of layers of the four networks."""
    depth = draws.choice((5, 6, 7, 9))
    return {
        "plain": depth,
        "one norm": {"hidden": depth, "norm after": draws.choice((2, 3))},
        "residual": {"blocks": draws.choice((2, 3, 4))},
        "tanh": depth,
    }


def powers(networks: Mapping[str, Any]) -> dict[str, float]:
    """The powers: one for each factor that grows with the step on the way to the logits."""
    after = networks["one norm"]["hidden"] - networks["one norm"]["norm after"]
    return {
        "plain": networks["plain"] + 1,
        "one norm": 1 + after + 1,  # γ, the hidden layers above, the output
        "residual": 1 + 2 * networks["residual"]["blocks"] + 1,
        "tanh": 1,
    }


def _read(answer: Any) -> list[float]:
    if isinstance(answer, Mapping) and set(answer) == set(NAMES):
        answer = [answer[name] for name in NAMES]
    values = to_tensor(answer)
    if values is None or values.numel() != len(NAMES):
        raise Finding(
            "not-four-numbers",
            f"Wanted are four numbers, in the order {', '.join(NAMES)}.",
            got=describe(answer),
        )
    numbers = [float(v) for v in values.reshape(-1)]
    if not all(map(math.isfinite, numbers)):
        raise Finding("not-finite", "A power is a finite number.", got=describe(answer))
    return numbers


def examine(trial: Trial) -> None:
    networks = given(trial.draws)
    right = powers(networks)
    got = dict(zip(NAMES, _read(trial.answer), strict=True))
    wrong = [name for name in NAMES if abs(got[name] - right[name]) > TOLERANCE]
    if not wrong:
        return
    count = f"Right: {4 - len(wrong)} of the 4. " if len(wrong) < 4 else ""
    if wrong == ["plain", "one norm", "residual"] and all(
        abs(got[name] - right[name] + 1) <= TOLERANCE for name in wrong
    ):
        raise Finding(
            "output-forgotten",
            "Three of your powers are one too low: the weights of the output layer grow, too.",
        )
    name = wrong[0]
    code, says = f"{name.replace(' ', '-')}-wrong", _SAYS[name]
    if name == "residual" and abs(got[name] - 2 - networks["residual"]["blocks"]) <= TOLERANCE:
        code = "one-power-a-block"
        says = "you count one power a block. How many weight matrices does a block hold?"
    raise Finding(code, f"{count}{name}: {says}", tried=str(networks[name]), got=f"{got[name]:g}")


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: powers of the step",
    chapter="loss_smoothness",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="four numbers: the powers of plain, one norm, residual and tanh, in this order",
    hints=(
        "Count, on the way from the input to the logits, the factors that grow like η.",
        "Batch norm forgets how large its input is, and tanh has values between −1 and 1.",
        "To measure: random weights W + ηD with random D of the same shapes, and the logits at"
        " η = 10⁴ over those at η = 10³, in float64.",
    ),
    examine=examine,
    given=given,
)
