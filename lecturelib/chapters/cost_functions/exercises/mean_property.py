"""cost-functions-mean-property: what the mean prediction equals, and when."""

from __future__ import annotations

import torch

from lecturelib.exercises.reading import letters
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial

STATEMENTS = "abcdef"

_SAYS = {
    "a-": "You leave out (a). Set the derivative of the mean NLL by the bias to zero.",
    "b+": (
        "You count (b) as true. The derivative that is zero is that of the training cost. What do "
        "new inputs know of it?"
    ),
    "c+": (
        "You count (c) as true. Did the argument with the bias use anything about how good the "
        "model is?"
    ),
    "d-": (
        "You leave out (d). Without a bias, which inputs are the errors perpendicular to? Is the "
        "constant among them?"
    ),
    "e-": "You leave out (e). Where do the labels enter the gradient? Put others in their place.",
    "f+": (
        "You count (f) as true. Of ten labels seven are 1, and the model is a bias alone. Which "
        "prediction has the lowest absolute error?"
    ),
}


def truths() -> dict[str, bool]:
    """Each statement put to the test on a small regression: measured, not listed."""
    from lecturelib.chapters.cost_functions.experiments import fit_logistic

    x = torch.tensor([-1.5, -1.0, -0.2, 0.3, 0.9, 1.4, 2.0, 2.2], dtype=torch.float64)
    y = torch.tensor([0, 1, 0, 1, 1, 0, 1, 1], dtype=torch.float64)  # no rule that σ(wx + b) has
    new_x, new_y = x + 2, y
    with_bias, without = torch.stack([x, torch.ones_like(x)], 1), x[:, None]

    def gap(train: torch.Tensor, labels: torch.Tensor, test: torch.Tensor | None = None) -> float:
        w = fit_logistic(train[None], labels[None])[0]
        seen = train if test is None else test
        return abs((torch.sigmoid(seen @ w) - (labels if test is None else new_y)).mean().item())

    p = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    absolute = 0.7 * (1 - p) + 0.3 * p
    trained = gap(with_bias, y) < 1e-9
    return {
        "a": trained,
        "b": gap(with_bias, y, torch.stack([new_x, torch.ones_like(x)], 1)) < 1e-3,
        "c": not trained,  # the model cannot represent these labels' rule, and has the property
        "d": gap(without, y) > 1e-3,
        "e": gap(with_bias, 0.8 * y + 0.1) < 1e-9,
        "f": abs(p[absolute.argmin()].item() - 0.7) < 0.01,
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
    slug="cost-functions-mean-property",
    title="The mean prediction",
    chapter="cost_functions",
    kind="question",
    difficulty=2,
    minutes=10,
    wants="the letters of all true statements, such as 'a, c'",
    hints=(
        "The gradient by the bias is the mean of prediction minus label over the training set.",
        "Which of the statements are about another set, another parameter, or another cost?",
    ),
    examine=examine,
)
