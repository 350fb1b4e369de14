"""length-direction-diagnose: four programs of GDNP, each with a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_letters
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

SLUG = "length-direction-diagnose"
STEPS = 4
MISTAKES = {
    "a": "the target is not rescaled: u in place of u/a",
    "b": "a is taken with the ordinary length, wᵀw in place of wᵀSw",
    "c": "the step is divided by the trace of S, not by its largest eigenvalue",
    "d": "the step goes uphill",
    "e": "w is divided by its length before each step, and a is not computed again",
    "f": "S is taken without the mean: the covariance C",
}
_LOOK = {
    "a": "it is a step on the quadratic itself. Where would it stop?",
    "b": "the first step already has another direction. S w − λmax (w − w_new) is a multiple of u:"
    " by which number?",
    "c": "the steps have the right direction and are all too short by one number.",
    "d": "the gap rises.",
    "e": "the first step is right up to the length of w. Look at the second one.",
    "f": "it converges, to another direction. To which?",
}


def descend(problem: Mapping[str, Tensor], letter: str = "") -> Tensor:
    """Weights after each step, ``[STEPS + 1, d]``, rightly or with one mistake."""
    u, C, w = problem["u"], problem["C"], problem["w"]
    S = C if letter == "f" else C + torch.outer(u, u)
    largest = S.trace() if letter == "c" else torch.linalg.eigvalsh(S)[-1]
    way, first = [w], None
    for _ in range(STEPS):
        if letter == "e":
            w = w / w.norm()
        a = (u @ w) / (w @ w if letter == "b" else w @ S @ w)
        first = a if first is None else first
        a = first if letter == "e" else a
        pull = S @ w - (u if letter == "a" else u / a)
        w = w + pull / largest if letter == "d" else w - pull / largest
        way.append(w)
    return torch.stack(way)


def given(draws: Draws) -> Mapping[str, Any]:
    """A problem with three inputs, and the ways of four programs."""
    A = draws.normal(3, 3)
    C = 0.3 * A @ A.T + 0.2 * torch.eye(3, dtype=A.dtype)
    problem = {"u": draws.signed(3, low=0.4, high=0.9), "C": C, "w": draws.signed(3)}
    if abs(float(problem["u"] @ problem["w"])) < 0.3:  # a start that is not nearly useless
        problem["w"] = problem["w"] + problem["u"]
    chosen = draws.some(MISTAKES, 4)
    return {**problem, "patients": [descend(problem, letter) for letter in chosen]}


def truth(data: Mapping[str, Any]) -> str:
    """The letters, found by repeating each mistake."""
    found = ""
    for patient in data["patients"]:
        found += next(x for x in MISTAKES if torch.allclose(descend(data, x), patient))
    return found


def examine(trial: Trial) -> None:
    right = truth(given(trial.draws))
    begin = (
        "Make the right step from each patient's first weights, and look how the second ones "
        "differ from it."
    )
    examine_letters(trial, right, _LOOK, of="patients", begin=begin)


EXERCISE = Exercise(
    slug=SLUG,
    title="Diagnose: four programs that go astray",
    chapter="length_direction",
    kind="question",
    difficulty=2,
    minutes=30,
    wants="four letters in the order of the patients, such as 'abcd'",
    hints=(
        "Write the right step as a function, and compare it with each program's first step.",
        "Two of the mistakes show in the first step's length or sign alone.",
        "Which multiple of u, and which matrix, does the step w − w_new contain?",
    ),
    examine=examine,
    given=given,
)
