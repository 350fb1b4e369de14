"""preprocessing-uniform: condition numbers of uniform inputs."""

from __future__ import annotations

import numpy as np
import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("κ without a bias", "κ with a bias")


def oracle(low: float, high: float, features: int) -> Parts:
    """Eigenvalues of the whole matrix, whose moments are integrated numerically."""
    points, weights = np.polynomial.legendre.leggauss(4)
    x, w = (low + high) / 2 + (high - low) / 2 * points, weights / 2
    first, second = float(w @ x), float(w @ x**2)
    M = np.full((features + 1, features + 1), first**2)
    M[np.arange(features), np.arange(features)] = second
    M[-1], M[:, -1], M[-1, -1] = first, first, 1.0
    return tuple(torch.tensor(np.linalg.cond(m)) for m in (M[:-1, :-1], M))


def formula(
    low: float,
    high: float,
    features: int,
    *,
    pixels: bool = False,
    variance: str = "twelfth",
    centred: bool = False,
    spike: str = "many",
    bias: str = "right",
    half_range: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    if pixels:
        low, high = 0.0, 1.0
    span = high - low
    v = {
        "twelfth": span**2 / 12,
        "square": (high**3 - low**3) / (3 * span),
        "linear": span / 12,
        "sixth": span**2 / 6,
    }[variance]
    m2 = 0.0 if centred else ((low + high) / 2) ** 2
    m2 = (span / 2) ** 2 if half_range else m2
    if v <= 0:
        raise ValueError("no variance")
    total = {"many": features, "one": 1, "less": features - 1}[spike] * m2
    without = 1 + total / v
    trace = 1 + v + total
    root = max(trace**2 / 4 - v, 0.0) ** 0.5
    h = trace / 2 + root, trace / 2 - root
    with_bias = {
        "right": max(h[0], v) / min(h[1], v),
        "none": without,
        "input": 1 + (features + 1) * m2 / v,
        "approximate": trace**2 / v,
        "bulk": h[0] / v,
        "one": 1.0 if m2 == 0 else max(h[0], v) / min(h[1], v),
        "small variance": max(h[0], 1) / min(h[1], 1) if m2 else 1 / v,
    }[bias]
    return tuple(torch.tensor(value, dtype=torch.float64) for value in (without, with_bias))


SLIPS = (
    Slip(
        "pixels-alone",
        "These are the numbers for inputs on [0, 1]. Let the range enter: through the variance "
        "and through the mean.",
        {"pixels": True},
    ),
    Slip(
        "second-moment-for-variance",
        "You take E x² for the variance of one input: the square of the mean counts twice.",
        {"variance": "square"},
    ),
    Slip(
        "variance-linear",
        "The variance of a uniform number grows with the square of its range: (b − a)²/12.",
        {"variance": "linear"},
    ),
    Slip(
        "centred",
        "Your numbers are those of centred inputs. Here the mean stays in.",
        {"centred": True},
    ),
    Slip(
        "spike-of-one",
        "The matrix of ones has the eigenvalue D on the vector of ones, not 1.",
        {"spike": "one"},
    ),
    Slip(
        "bias-same",
        "Your two numbers agree, as if the constant input only appended an eigenvalue 1. The "
        "border μ couples it with the others.",
        {"bias": "none"},
    ),
    Slip(
        "bias-as-an-input",
        "You count the bias as one more uniform input. It is constant: variance 0, mean 1.",
        {"bias": "input"},
    ),
    Slip(
        "approximate",
        "With the bias you take the trace for the largest eigenvalue. Solve the quadratic.",
        {"bias": "approximate"},
    ),
    Slip(
        "bulk-for-smallest",
        "With the bias you divide by v. The smaller root of the quadratic is smaller still.",
        {"bias": "bulk"},
    ),
    Slip(
        "one-for-mean-zero",
        "With mean 0 and a bias your κ is 1. The constant input has the eigenvalue 1, the others "
        "have v.",
        {"bias": "one"},
    ),
    Slip(
        "small-variance-assumed",
        "With mean 0 and a bias your κ is 1/v. Where v is larger than 1 it is v.",
        {"bias": "small variance"},
    ),
    Slip(
        "variance-sixth",
        "The variance of a uniform number is (b − a)²/12, not (b − a)²/6.",
        {"variance": "sixth"},
    ),
    Slip(
        "half-range-for-mean",
        "You take half the range for the mean. The mean is (a + b)/2.",
        {"half_range": True},
    ),
)


def examine(trial: Trial) -> None:
    usual = [
        Case("pixels", {"low": 0.0, "high": 1.0, "features": 4}),
        Case("another range", {"low": -1.0, "high": 2.0, "features": 7}),
        Case("far from zero", {"low": 2.0, "high": 3.0, "features": 3}),
    ]
    edges = [
        Case("mean 0 and a variance below 1", {"low": -1.0, "high": 1.0, "features": 3}),
        Case("mean 0 and a variance above 1", {"low": -3.0, "high": 3.0, "features": 5}),
        Case("a negative mean", {"low": -2.0, "high": -0.5, "features": 2}),
        Case("a wide range", {"low": 0.0, "high": 10.0, "features": 6}),
        Case("many pixels", {"low": 0.0, "high": 1.0, "features": 100}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="preprocessing-uniform",
    title="Uniform inputs",
    chapter="preprocessing",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants="a function kappas(low, high, features) that returns (κ without a bias, κ with a bias)",
    hints=(
        "E[xxᵀ] is v·I + m²·11ᵀ, with variance v and mean m of one input. Which vectors are its "
        "eigenvectors?",
        "With a bias, look at the plane of the vector of ones and the constant input: a 2 × 2 "
        "matrix. Everything perpendicular to it has v.",
        "Trace and determinant of that matrix give both eigenvalues.",
    ),
    examine=examine,
)
