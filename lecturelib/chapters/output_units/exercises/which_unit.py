"""output-units-which-unit: which unit belongs to which target."""

from __future__ import annotations

import re
from typing import Any

from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

UNITS = {
    "linear": "any number",
    "sigmoid": "numbers between 0 and 1, each on its own",
    "softmax": "numbers between 0 and 1 that compete: they add up to 1",
    "softplus": "positive numbers without an upper limit",
}
TARGETS = {
    "A": ("the mean of tomorrow's temperature in °C, which may be below 0", "linear"),
    "B": ("the probabilities of the ten digits in a picture of one digit", "softmax"),
    "C": ("the probabilities of 14 findings in an X-ray image, several of which may be there at "
          "once", "sigmoid"),
    "D": ("the standard deviation of a house's price", "softplus"),
    "E": ("the probability that a message is spam, from one number", "sigmoid"),
    "F": ("the rate of a Poisson distribution: calls in the next hour", "softplus"),
}  # fmt: skip


def _read(answer: Any) -> dict[str, str]:
    if not isinstance(answer, dict):
        raise Finding(
            "not-a-dictionary",
            'Wanted is a dictionary such as {"A": "sigmoid", …} for the targets A to F.',
            got=describe(answer),
        )
    read = {}
    for name, value in answer.items():
        units = {w for w in re.findall(r"[a-z]+", str(value).lower()) if w in UNITS}
        if len(units) != 1:
            raise Finding(
                "not-a-unit",
                f"The answer for {name} should be one of {', '.join(UNITS)}.",
                got=describe(value),
            )
        read[str(name).strip().upper()] = units.pop()
    missing = sorted(TARGETS.keys() - read.keys())
    if missing:
        raise Finding("target-missing", f"There is no answer for {', '.join(missing)} yet.")
    return read


def examine(trial: Trial) -> None:
    read = _read(trial.answer)
    wrong = [name for name, (_, unit) in TARGETS.items() if read[name] != unit]
    if not wrong:
        return
    name = wrong[0]
    wanted, unit = TARGETS[name][0], read[name]
    alone = " Of one number it is always 1." if (name, unit) == ("E", "softmax") else ""
    count = len(TARGETS) - len(wrong)
    raise Finding(
        f"{name}-{unit}",
        f"Right: {count} of the {len(TARGETS)}. {name} asks for {wanted}. A {unit} unit gives "
        f"{UNITS[unit]}.{alone}",
        tried=f"{name}: {wanted}",
        got=unit,
    )


EXERCISE = Exercise(
    slug="output-units-which-unit",
    title="Which unit?",
    chapter="output_units",
    kind="question",
    difficulty=1,
    minutes=5,
    wants='a dictionary of A to F, such as {"A": "sigmoid", …}',
    hints=(
        "For each target ask which values the parameter may have.",
        "Do the probabilities of the target have to add up to 1?",
    ),
    examine=examine,
)
