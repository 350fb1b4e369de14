"""parameter-norms-best-strength: bias² and variance of one direction, and the best λ."""

from __future__ import annotations

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the strength", "the squared error")


def oracle(w: float, h: float, n: int, sigma: float) -> tuple[float, float]:
    """Golden section over the share, which the error is a parabola of; then λ of the share."""
    low, high, ratio = 0.0, 1.0, (5**0.5 - 1) / 2

    def error(share: float) -> float:
        return (1 - share) ** 2 * w**2 + share**2 * sigma**2 / (n * h)

    for _ in range(100):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if error(a) < error(b):
            high = b
        else:
            low = a
    share = (low + high) / 2
    return h * (1 / share - 1) / 2, error(share)


def formula(
    w: float,
    h: float,
    n: int,
    sigma: float,
    *,
    factor: float = 1.0,
    strength: str = "right",
    error: str = "right",
) -> tuple[float, float]:
    """Both with an argument for each way to get them wrong."""
    lam = (
        factor
        * {
            "right": sigma**2 / (2 * n * w**2),
            "deviation": sigma / (2 * n * abs(w)),
            "no n": sigma**2 / (2 * w**2),
            "curvature": sigma**2 / (2 * n * h * w**2),
            "curvature above": h * sigma**2 / (2 * n * w**2),
            "inverse": n * w**2 / (2 * sigma**2),
        }[strength]
    )
    share = h / (h + 2 * lam)
    bias, variance = (1 - share) ** 2 * w**2, share**2 * sigma**2 / (n * h)
    return lam, {
        "right": bias + variance,
        "bias": bias,
        "variance": variance,
        "unpenalized": sigma**2 / (n * h),
        "unsquared": bias + share * sigma**2 / (n * h),
        "with noise": bias + variance + sigma**2,
    }[error]


SLIPS = (
    Slip("twice", "Your strength is twice as large: the share is h/(h + 2λ).", {"factor": 2.0}),
    Slip("half", "Your strength is half as large: the share is h/(h + 2λ).", {"factor": 0.5}),
    Slip(
        "deviation",
        "You compare standard deviations. Bias² and variance are squares.",
        {"strength": "deviation"},
    ),
    Slip("no-samples", "The number of samples is missing in the strength.", {"strength": "no n"}),
    Slip(
        "curvature-left",
        "Your strength depends on the curvature. It cancels: write the share as s, minimize over "
        "s, and solve for λ.",
        {"strength": "curvature"},
    ),
    Slip(
        "curvature-above",
        "Your strength depends on the curvature. It cancels.",
        {"strength": "curvature above"},
    ),
    Slip(
        "inverse",
        "Your strength grows with the weight: it is upside down.",
        {"strength": "inverse"},
    ),
    Slip("bias-only", "Your error is the bias² alone.", {"error": "bias"}),
    Slip("variance-only", "Your error is the variance alone.", {"error": "variance"}),
    Slip(
        "unpenalized",
        "Your error is that without a penalty.",
        {"error": "unpenalized"},
    ),
    Slip(
        "share-not-squared",
        "A variance is multiplied by the square of the factor.",
        {"error": "unsquared"},
    ),
    Slip(
        "noise-added",
        "You add σ². Asked is the error of the weight, not that of a prediction.",
        {"error": "with noise"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(
        special: str, n: int, sigma: float, w: float | None = None, h: float | None = None
    ) -> Case:
        drawn = draws.uniform(2, low=0.3, high=2.5).tolist()
        values = {"w": drawn[0] if w is None else w, "h": drawn[1] if h is None else h}
        return Case(special, {**values, "n": n, "sigma": sigma})

    usual = [case("20 samples", 20, 0.7), case("7 samples", 7, 1.3)]
    edges = [
        case("a negative weight", 12, 0.8, w=-1.4),
        case("a flat direction", 15, 0.6, h=0.01),
        case("much noise", 5, 9.0),
        case("hardly any noise", 50, 0.01),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="parameter-norms-best-strength",
    title="Predict it: the best strength",
    chapter="parameter_norms",
    kind="proof",
    difficulty=3,
    minutes=35,
    wants="a function best(w, h, n, sigma) that returns (λ, squared error)",
    hints=(
        "With the share s, the weight is s·w*. What are the bias and the variance of s·w*?",
        "The error is a parabola in s. Where is its minimum, in terms of w² and σ²/(nh)?",
        "h/(h + 2λ) = s gives λ.",
    ),
    examine=examine,
)
