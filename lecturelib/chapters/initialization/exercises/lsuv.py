"""initialization-lsuv: unit variance, layer after layer."""

from __future__ import annotations

from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the first weight", "the second weight", "the third weight")


def oracle(x: Tensor, w1: Tensor, w2: Tensor, w3: Tensor) -> Parts:
    """Layers of PyTorch; for each, ask what scale its own output has, and undo it."""
    h, found = x, []
    for w in (w1, w2, w3):
        z = nn.functional.linear(h, w)
        scale = ((z - z.mean()) ** 2).mean() ** 0.5
        found.append(w / scale)
        h = nn.functional.relu(nn.functional.linear(h, found[-1]))
    return tuple(found)


def formula(
    x: Tensor,
    w1: Tensor,
    w2: Tensor,
    w3: Tensor,
    *,
    divide: str = "sd",
    activated: bool = True,
    sequential: bool = True,
    of: str = "sums",
    each: bool = False,
    correction: int = 0,
) -> Parts:
    """Three weights with an argument for each way to get them wrong."""
    h, found = x, []
    for w in (w1, w2, w3):
        z = h @ w.T
        measured = z if of == "sums" else z.clamp(min=0)
        axes = 0 if each else (0, 1)
        var = measured.var(axes, correction=correction)
        if divide == "square":
            var = measured.square().mean(axes)
        scale = var if divide == "variance" else var.sqrt()
        scale = scale[:, None] if each else scale
        found.append(w / scale)
        z = h @ found[-1].T if sequential else z
        h = z.clamp(min=0) if activated else z
    return tuple(found)


SLIPS = (
    Slip(
        "variance",
        "You divide by the variance. Weights enter it squared: divide by its root.",
        {"divide": "variance"},
    ),
    Slip(
        "not-in-sequence",
        "Your later layers are measured on a network whose earlier weights are still unscaled."
        " Go on with the scaled ones.",
        {"sequential": False},
    ),
    Slip(
        "relu-lost",
        "The ReLU between the layers is missing: the next layer sees max(z, 0).",
        {"activated": False},
    ),
    Slip(
        "after-relu",
        "You measure after the ReLU. Asked are the sums z in front of it.",
        {"of": "activations"},
    ),
    Slip(
        "each-unit",
        "You scale each unit by a number of its own. That is another method; here one number"
        " serves a layer.",
        {"each": True},
    ),
    Slip(
        "mean-square",
        "You divide by the root of the mean square. The variance is taken around the mean.",
        {"divide": "square"},
    ),
    Slip(
        "unbiased",
        "You divide by the number of values less one. Asked is the number of values.",
        {"correction": 1},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int) -> Case:
        x = 2 * draws.normal(n, 3) + 1
        arguments = {"x": x, "w1": draws.normal(4, 3), "w2": 0.2 * draws.normal(5, 4)}
        return Case(special, {**arguments, "w3": 3 * draws.normal(2, 5)})

    cases = [case("eight samples", 8), case("six samples", 6)]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="initialization-lsuv",
    title="Layer after layer",
    chapter="initialization",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function lsuv(x, w1, w2, w3) that returns the scaled (w1, w2, w3)",
    hints=(
        "The first layer: z = x W₁ᵀ, then divide W₁ by the standard deviation of all of z.",
        "The second layer sees max(z, 0) of the *scaled* first one.",
    ),
    examine=examine,
)
