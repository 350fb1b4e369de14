"""batch-norm-backward: the gradient through mean and variance."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd, not_calling
from lecturelib.exercises.trial import Case, Trial

PARTS = ("dx", "dgamma", "dbeta")


def oracle(dy: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, ...]:
    """Automatic differentiation of PyTorch's batch norm, contracted with dy."""
    leaves = [x.clone(), gamma.clone(), torch.zeros_like(gamma)]
    for leaf in leaves:
        leaf.requires_grad_()
    y = F.batch_norm(leaves[0], None, None, leaves[1], leaves[2], training=True, eps=eps)
    return torch.autograd.grad(y, leaves, dy)


def formula(
    dy: Tensor,
    x: Tensor,
    gamma: Tensor,
    eps: float,
    *,
    through_mean: str | float = 1.0,
    through_variance: str | float = 1.0,
    correction: int = 0,
    use_eps: bool = True,
    scale: str = "right",
    dgamma: str = "right",
    dbeta: str = "right",
    axis: int = 0,
) -> tuple[Tensor, ...]:
    """The gradient as the sum of three paths, with an argument for each way to get one wrong."""
    n = x.shape[axis]
    weights = {"sum": float(n), "unbiased": n / (n - 1)}
    a = weights[through_mean] if isinstance(through_mean, str) else through_mean
    b = weights[through_variance] if isinstance(through_variance, str) else through_variance
    var = x.var(axis, correction=correction, keepdim=True)
    root = (var + (eps if use_eps else 0.0)).sqrt()
    z = (x - x.mean(axis, keepdim=True)) / root
    d = dy * gamma
    if scale == "no gamma":
        d = dy
    if scale == "gamma twice":
        d = dy * gamma**2
    divisor = {"variance": root**2, "none": torch.ones_like(root), "counted": n * root}.get(
        scale, root
    )
    paths = a * d.mean(axis, keepdim=True) + b * z * (d * z).mean(axis, keepdim=True)
    dx = (d - paths) / divisor
    sums = {
        "right": (dy * z).sum(0),
        "averaged": (dy * z).mean(0),
        "raw": (dy * x).sum(0),
        "centred": (dy * z * root).sum(0),
        "with gamma": (dy * z * gamma).sum(0),
        "unsummed": dy * z,
    }
    shifts = {
        "right": dy.sum(0),
        "averaged": dy.mean(0),
        "with gamma": (dy * gamma).sum(0),
        "unsummed": dy,
    }
    return dx, sums[dgamma], shifts[dbeta]


SLIPS = (
    Slip(
        "mean-term-missing",
        "In dx the path through the batch mean is missing. Every x of a feature takes part in its "
        "mean, so it moves all outputs of that feature a little.",
        {"through_mean": 0.0},
    ),
    Slip(
        "variance-term-missing",
        "In dx the path through the batch variance is missing: the term that correlates the "
        "incoming gradient with the normalized values.",
        {"through_variance": 0.0},
    ),
    Slip(
        "statistics-held-constant",
        "dx is the gradient of a scale and shift by constants. Mean and variance are functions of x"
        " too: both of their paths are missing.",
        {"through_mean": 0.0, "through_variance": 0.0},
    ),
    Slip(
        "mean-term-sign",
        "In dx the term through the mean has the wrong sign. A larger mean lowers the outputs.",
        {"through_mean": -1.0},
    ),
    Slip(
        "variance-term-sign",
        "In dx the term through the variance has the wrong sign. A larger variance shrinks the "
        "outputs.",
        {"through_variance": -1.0},
    ),
    Slip(
        "both-terms-sign",
        "In dx both terms through the statistics have the wrong sign.",
        {"through_mean": -1.0, "through_variance": -1.0},
    ),
    Slip(
        "mean-term-summed",
        "In dx the term through the mean is a sum over the batch and should be an average: each x "
        "has only one share in N of the mean.",
        {"through_mean": "sum"},
    ),
    Slip(
        "variance-term-summed",
        "In dx the term through the variance is a sum over the batch and should be an average.",
        {"through_variance": "sum"},
    ),
    Slip(
        "variance-term-doubled",
        "In dx the term through the variance is twice what it should be. Differentiating the root "
        "and the square gives a half and a two.",
        {"through_variance": 2.0},
    ),
    Slip(
        "variance-term-halved",
        "In dx the term through the variance is half of what it should be. Differentiating the root"
        " and the square gives a half and a two.",
        {"through_variance": 0.5},
    ),
    Slip(
        "unbiased-in-one-term",
        "In dx the term through the variance divides by N − 1, while the forward pass used N.",
        {"through_variance": "unbiased"},
    ),
    Slip(
        "unbiased-variance",
        "Your forward values use a variance with N − 1. Batch norm normalizes with N, and its "
        "gradient does the same.",
        {"correction": 1},
    ),
    Slip("eps-ignored", "eps plays no part in your gradient.", {"use_eps": False}),
    Slip(
        "gamma-missing-in-dx",
        "dx lacks γ: the incoming gradient passes the scale before it reaches the normalization.",
        {"scale": "no gamma"},
    ),
    Slip(
        "dx-divided-by-variance",
        "dx is divided by the variance (plus eps) where it should be divided by its root.",
        {"scale": "variance"},
    ),
    Slip(
        "dx-not-divided",
        "dx lacks the division by the standard deviation: a feature of large scale gets a small "
        "gradient.",
        {"scale": "none"},
    ),
    Slip(
        "gamma-twice-in-dx",
        "dx holds γ twice. The incoming gradient passes the scale once.",
        {"scale": "gamma twice"},
    ),
    Slip(
        "dx-divided-by-the-batch-size",
        "dx is divided by N as a whole. Only its two terms through the statistics are means.",
        {"scale": "counted"},
    ),
    Slip(
        "averaged-over-features",
        "Your mean and variance run over the features of a sample. Those of batch norm run over the"
        " batch.",
        {"axis": 1},
    ),
    Slip(
        "dgamma-averaged",
        "dgamma is an average over the batch. γ takes part in every sample's output: its gradient"
        " is the sum.",
        {"dgamma": "averaged"},
    ),
    Slip(
        "dgamma-of-raw-input",
        "dgamma multiplies dy by x itself. What γ scales in the forward pass is something else.",
        {"dgamma": "raw"},
    ),
    Slip(
        "dgamma-not-divided",
        "dgamma multiplies dy by the centred x. γ scales values that are centred and divided.",
        {"dgamma": "centred"},
    ),
    Slip(
        "dgamma-times-gamma",
        "dgamma holds a factor γ. y is linear in γ, so its derivative has none.",
        {"dgamma": "with gamma"},
    ),
    Slip(
        "dgamma-not-summed",
        "dgamma has a row for each sample. There is one γ for each feature: collect the samples.",
        {"dgamma": "unsummed"},
    ),
    Slip(
        "dbeta-averaged",
        "dbeta is an average over the batch. β is added to every sample: its gradient is the sum.",
        {"dbeta": "averaged"},
    ),
    Slip(
        "dbeta-times-gamma",
        "dbeta holds a factor γ. β is added after the scale, so γ does not touch it.",
        {"dbeta": "with gamma"},
    ),
    Slip(
        "dbeta-not-summed",
        "dbeta has a row for each sample. There is one β for each feature: collect the samples.",
        {"dbeta": "unsummed"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """Two facts that every right dx fulfils, held against this one."""
    dx = got[0]
    if torch.allclose(dx, wanted[0], atol=1e-3):
        return ""
    share = _share(dx, case)
    if share is not None:
        names = ("the direct path", "the path through the mean", "the path through the variance")
        off = [
            f"{name} counts {s:.3g}-fold"
            for name, s in zip(names, share, strict=True)
            if abs(s - 1) > 1e-3
        ]
        return f"Your dx is made of the right three terms, but {' and '.join(off)}."
    sums = dx.sum(0)
    worst = int(sums.abs().argmax())
    if sums[worst].abs() > 1e-3:
        return (
            f"Over the batch your dx of feature {worst} adds up to {sums[worst]:.3g}; it must be"
            " 0, because adding a constant to a feature changes no output."
        )
    return (
        "Over the batch your dx adds up to 0, as it must. So must, up to eps, its product with the"
        " normalized values, because scaling a feature changes no output either: does it?"
    )


def _share(dx: Tensor, case: Case) -> list[float] | None:
    """The weights of the three paths, if dx is a combination of them with the same in each
    feature."""
    dy, x, gamma = (case.arguments[name] for name in ("dy", "x", "gamma"))
    direct = formula(dy, x, gamma, case.arguments["eps"], through_mean=0.0, through_variance=0.0)[0]
    mean = formula(dy, x, gamma, case.arguments["eps"], through_variance=0.0)[0] - direct
    variance = formula(dy, x, gamma, case.arguments["eps"], through_mean=0.0)[0] - direct
    basis = torch.stack([direct, mean, variance]).flatten(1).T
    weights = torch.linalg.lstsq(basis, dx.reshape(-1, 1)).solution
    if not torch.allclose(basis @ weights, dx.reshape(-1, 1), atol=1e-4):
        return None
    return [float(w) for w in weights]


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, n: int, d: int, eps: float) -> Case:
        arguments: dict[str, Any] = {
            "dy": draws.normal(n, d),
            "x": draws.normal(n, d, mean=1.0, std=1.5),
            "gamma": draws.signed(d),
        }
        return Case(special, {**arguments, "eps": eps})

    return [
        case("a batch of six", 6, 3, 1e-5),
        case("as many samples as features and a large eps", 4, 4, 0.5),
        case("a batch of three", 3, 5, 0.1),
    ]


RULES = (
    no_autograd(),
    not_calling(
        "native_batch_norm_backward",
        code="ready-made",
        says="The values are right, and a ready-made backward pass computes them. Write it.",
    ),
)


def _edges(trial: Trial) -> list[Case]:
    draws = trial.draws
    scales = torch.tensor([1e3, 1e-3, 1.0], dtype=torch.float64)
    constant = draws.normal(5, 2)
    constant[:, 1] = 2.0

    def case(special: str, x: Tensor, eps: float, dy: float = 1.0) -> Case:
        incoming = dy * draws.normal(*x.shape)
        return Case(
            special, {"dy": incoming, "x": x, "gamma": draws.signed(x.shape[1]), "eps": eps}
        )

    return [
        case("features of very different scale", draws.normal(6, 3) * scales, 1e-5),
        case("one feature", draws.normal(5, 1), 0.2),
        case("a batch of two", draws.normal(2, 3), 0.3),
        case("a feature that is constant over the batch", constant, 0.01),
        case("no gradient from above", draws.normal(4, 2), 0.1, dy=0.0),
        case("a small gradient from above", draws.normal(4, 2), 0.1, dy=1e-4),
    ]


def examine(trial: Trial) -> None:
    for cases in (_cases(trial), _edges(trial)):
        judge(
            trial,
            cases,
            oracle,
            parts=PARTS,
            formula=formula,
            slips=SLIPS,
            look=look,
            rules=RULES,
        )


EXERCISE = Exercise(
    slug="batch-norm-backward",
    title="Backward pass",
    chapter="batch_norm",
    kind="code",
    difficulty=3,
    minutes=40,
    wants="a function batch_norm_backward(dy, x, gamma, eps) that returns (dx, dgamma, dbeta)",
    hints=(
        "Begin with dbeta and dgamma: y is linear in both. Which samples does each take part in?",
        (
            "x reaches y by three paths: directly, through the mean, through the variance. Write"
            " the derivative of the normalized value with respect to mean and variance first."
        ),
        (
            "Two facts that a right dx fulfils, up to eps: over the batch it adds up to 0, and so"
            " does its product with the normalized values. Each comes from an invariance of the"
            " forward pass."
        ),
        (
            "Test it: contract y with a random dy, and compare with differences "
            "(L(x + h) − L(x − h)) / 2h. With dy = 1 everywhere even dx = 0 would pass."
        ),
    ),
    examine=examine,
)
