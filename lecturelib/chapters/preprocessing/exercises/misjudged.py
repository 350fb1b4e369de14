"""preprocessing-misjudged: what a wrong guess of the largest curvature costs."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(kappa: float, c: float, share: float) -> Tensor:
    """Take the steps, on the eigenvalues 1 and κ, until both errors are small enough."""
    if not 0 < c < 2:
        return torch.tensor(math.inf, dtype=torch.float64)
    errors, count = [1.0, 1.0], 0
    while max(map(abs, errors)) > share:
        errors = [e * (1 - c / kappa * h) for e, h in zip(errors, (1.0, kappa), strict=True)]
        count += 1
    return torch.tensor(count, dtype=torch.float64)


def formula(
    kappa: float,
    c: float,
    share: float,
    *,
    slowest: str = "both",
    whole: str = "up",
    approximate: bool = False,
    limit: float = 2.0,
    loss: bool = False,
    inverse: bool = False,
    diverges: float = math.inf,
    any_sign: bool = False,
) -> Tensor:
    """The number of steps with an argument for each way to get it wrong."""
    if any_sign:
        c = abs(c)
    c = 1 / c if inverse and c else c
    log = math.log(share) / (2 if loss else 1)
    ends = {"both": (1 - c, 1 - c / kappa), "small": (1 - c / kappa,), "large": (1 - c,)}[slowest]
    factor = max(map(abs, ends))
    if c >= limit or (c <= 0 and not any_sign) or (slowest == "large" and factor >= 1):
        return torch.tensor(diverges, dtype=torch.float64)
    exact = 1.0 if factor == 0 else log / math.log(factor) if factor < 1 else math.inf
    exact = -kappa / c * log if approximate else exact
    near = round(exact) if math.isfinite(exact) else exact
    value = {
        "up": near if abs(exact - near) < 1e-12 else math.ceil(exact) if near < math.inf else near,
        "down": math.floor(exact) if near < math.inf else near,
        "no": exact,
    }[whole]
    return torch.tensor(float(value), dtype=torch.float64)


SLIPS = (
    Slip(
        "smallest-curvature-only",
        "You follow the component of the smallest curvature alone. For c near 2 that of the "
        "largest one swings with 1 − c, and is the slower one.",
        {"slowest": "small"},
    ),
    Slip(
        "largest-curvature-only",
        "You follow the component of the largest curvature alone. The others are slower.",
        {"slowest": "large"},
    ),
    Slip(
        "stops-at-one",
        "For c above 1 you say it diverges. It overshoots there; the bound is 2.",
        {"limit": 1.0000001},
    ),
    Slip(
        "rounded-down",
        "You round down: after that many steps the error is still too large.",
        {"whole": "down"},
    ),
    Slip("not-whole", "Steps are whole numbers: round up.", {"whole": "no"}),
    Slip(
        "rule-of-thumb",
        "You use the rule of thumb κ/c · ln(1/share). Asked is the exact number.",
        {"approximate": True},
    ),
    Slip(
        "loss",
        "You count steps until the loss has shrunk by the share. Asked is the error of the "
        "weights; the loss goes as its square.",
        {"loss": True},
    ),
    Slip("inverse", "The rate is c/h₁; you take 1/(c h₁).", {"inverse": True}),
    Slip(
        "sign-of-the-rate",
        "You take c without its sign. A rate below 0 goes uphill, and one of 0 stays: no number of "
        "steps is enough.",
        {"any_sign": True},
    ),
    Slip(
        "zero-for-never",
        "Where it does not converge you return 0. That many steps are not enough: no number is.",
        {"diverges": 0.0},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How large the slowest component still is after that many steps."""
    kappa, c, share = (case.arguments[name] for name in ("kappa", "c", "share"))
    mine, factor = got[0].item(), max(abs(1 - c), abs(1 - c / kappa))
    if not math.isfinite(mine) or factor >= 1 or mine < 0:
        return f"With {case.special} the components are multiplied by {1 - c:.3g} at one end."
    return (
        f"After {mine:g} steps the share {factor**mine:.3g} is left; asked is the first step "
        f"with {share:g} or less."
    )


def examine(trial: Trial) -> None:
    usual = [
        Case("c = 1", {"kappa": 4.0, "c": 1.0, "share": 0.01}),
        Case("a rate ten times too small", {"kappa": 30.0, "c": 0.1, "share": 0.02}),
        Case("a rate near the bound", {"kappa": 10.0, "c": 1.95, "share": 0.01}),
    ]
    # Factors of 3/4 and 1/2 are exact, so the share is reached without rounding.
    edges = [
        Case("a share that one step reaches exactly", {"kappa": 4.0, "c": 1.0, "share": 0.75}),
        Case("the best rate", {"kappa": 3.0, "c": 1.5, "share": 0.25}),
        Case("exactly the bound", {"kappa": 5.0, "c": 2.0, "share": 0.1}),
        Case("a rate above the bound", {"kappa": 5.0, "c": 2.5, "share": 0.1}),
        Case("a large condition number", {"kappa": 3e3, "c": 0.8, "share": 0.05}),
    ]
    uphill = [
        Case("a rate below 0", {"kappa": 5.0, "c": -0.5, "share": 0.1}),
        Case("a rate of 0", {"kappa": 5.0, "c": 0.0, "share": 0.1}),
    ]
    for cases in (usual, edges, uphill):
        judge(
            trial, cases, oracle, parts=("the number of steps",), formula=formula, slips=SLIPS,
            look=look, exact=True,
        )  # fmt: skip


EXERCISE = Exercise(
    slug="preprocessing-misjudged",
    title="The price of a misjudged curvature",
    chapter="preprocessing",
    kind="proof",
    difficulty=2,
    minutes=25,
    wants="a function steps(kappa, c, share) that returns a whole number, or infinity",
    hints=(
        "Each component of the error is multiplied by 1 − ηh a step. What is that at h₁ and at "
        "h_D?",
        "The slowest component is the one whose factor is largest in size, whatever its sign.",
        "Solve (factor)^t ≤ share for t; mind the sign when you divide by a logarithm below 0.",
    ),
    examine=examine,
)
