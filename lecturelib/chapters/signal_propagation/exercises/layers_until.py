"""signal-propagation-layers-until: how deep until two inputs look alike?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lecturelib.chapters.signal_propagation.meanfield import relu_correlation as c
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "signal-propagation-layers-until"
NAMES = ("plain", "skip", "two")
_SAYS = {
    "plain": "apply c to the correlation until 1 − ρ is at most the goal, and count.",
    "skip": "the branch has α² times the mean square of the stream. Which weighted mean of ρ and"
    " c(ρ) is the correlation of the sum?",
    "two": "what does a branch with two ReLU layers do to the correlation before it is added?",
}


def given(draws: Draws) -> Mapping[str, Any]:
    """Where the two inputs start, how alike they shall become, and the scale of the branch."""
    return {
        "rho": draws.choice((-0.2, 0.1, 0.3)),
        "goal": draws.choice((0.04, 0.05, 0.06)),
        "alpha": draws.choice((0.3, 0.4, 0.6)),
    }


def until(step: Callable[[float], float], rho: float, goal: float) -> int:
    """How often the step is applied until 1 − ρ is at most the goal."""
    count = 0
    while 1 - rho > goal:
        rho, count = step(rho), count + 1
    return count


def counts(data: Mapping[str, Any], *, power: int = 2) -> dict[str, int]:
    """The three depths."""
    weight = data["alpha"] ** power

    def skip(rho: float) -> float:
        return (rho + weight * c(rho)) / (1 + weight)

    def two(rho: float) -> float:
        return (rho + c(c(rho))) / 2

    return {
        name: until(step, data["rho"], data["goal"])
        for name, step in zip(NAMES, (c, skip, two), strict=True)
    }


def _read(answer: Any) -> list[float]:
    if isinstance(answer, Mapping) and set(answer) == set(NAMES):
        answer = [answer[name] for name in NAMES]
    values = to_tensor(answer)
    if values is None or values.numel() != len(NAMES):
        raise Finding(
            "not-three-numbers",
            f"Wanted are three numbers, in the order {', '.join(NAMES)}.",
            got=describe(answer),
        )
    return [float(v) for v in values.reshape(-1)]


def examine(trial: Trial) -> None:
    data = given(trial.draws)
    right, careless = counts(data), counts(data, power=1)
    got = dict(zip(NAMES, _read(trial.answer), strict=True))
    wrong = [name for name in NAMES if got[name] != right[name]]
    if not wrong:
        return
    if len(wrong) == len(NAMES) and len({got[name] - right[name] for name in NAMES}) == 1:
        off = got["plain"] - right["plain"]
        if abs(off) == 1:
            raise Finding(
                "off-by-one",
                "All three are off by one. Count how often the map is applied: at the start,"
                " before any layer, the count is 0.",
            )
    name = wrong[0]
    code, says = f"{name}-wrong", _SAYS[name]
    if name == "skip" and got["skip"] == careless["skip"]:
        code = "alpha-not-squared"
        says = "you weigh the branch with α. Correlations are made of products of two values."
    right_count = len(NAMES) - len(wrong)
    kept = f"Right: {right_count} of the 3. " if right_count else ""
    raise Finding(code, f"{kept}{name}: {says}", got=f"{got[name]:g}")


EXERCISE = Exercise(
    slug=SLUG,
    title="Predict and measure: how deep until inputs look alike?",
    chapter="signal_propagation",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="three whole numbers: layers or blocks of plain, skip and two, in this order",
    hints=(
        "A loop: while 1 − ρ is larger than the goal, apply the map and count.",
        "For the sum of stream and branch: mean products and mean squares add up, because the"
        " branch's weights are independent of the stream.",
        "For two: (ρ + c(c(ρ)))/2.",
    ),
    examine=examine,
    given=given,
)
