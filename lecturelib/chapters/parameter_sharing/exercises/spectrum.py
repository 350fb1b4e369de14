"""parameter-sharing-spectrum: the singular values of a convolution on a ring."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import not_calling
from lecturelib.exercises.trial import Case, Trial


def oracle(w: Tensor, n: int) -> Tensor:
    """Write the matrix down, and take its singular values."""
    matrix = torch.zeros(n, n, dtype=w.dtype)
    for row in range(n):
        for k, value in enumerate(w):
            matrix[row, (row + k) % n] += value
    return torch.linalg.svdvals(matrix)


def formula(
    w: Tensor,
    n: int,
    *,
    what: str = "size",
    order: str = "falling",
    padded: str = "right",
    scale: bool = False,
) -> Tensor:
    """Sizes of the Fourier coefficients with an argument for each way to get them wrong."""
    if padded == "centred":
        values = torch.fft.fft(w, n)
    elif padded == "own":
        values = torch.fft.fft(w)
    else:
        values = torch.fft.fft(torch.cat([w, w.new_zeros(n - len(w))]))
    sizes = {
        "size": values.abs(),
        "square": values.abs().square(),
        "real": values.real,
        "absolute real": values.real.abs(),
    }[what]
    sizes = sizes / n**0.5 if scale else sizes
    return sizes.sort(descending=order == "falling").values if order != "as it comes" else sizes


SLIPS = (
    Slip(
        "squares",
        "These are the squares: eigenvalues of the matrix times its transpose. Take roots.",
        {"what": "square"},
    ),
    Slip(
        "real-parts",
        "You take the real parts of the eigenvalues. Their sizes are asked.",
        {"what": "real"},
    ),
    Slip(
        "sizes-of-real-parts",
        "You drop the imaginary parts of the eigenvalues before you take their sizes.",
        {"what": "absolute real"},
    ),
    Slip("not-sorted", "The values are right. Sort them, the largest first.",
         {"order": "as it comes"}),
    Slip("rising", "The values are right. The largest comes first.", {"order": "rising"}),
    Slip(
        "root-of-n",
        "You divide by √n. The eigenvalue is the plain sum over the weights.",
        {"scale": True},
    ),
    Slip(
        "short",
        "You transform the kernel by itself. On a ring of n pixels there are n frequencies: pad it "
        "with zeros.",
        {"padded": "own"},
    ),
)  # fmt: skip


def examine(trial: Trial) -> None:
    draws = trial.draws
    usual = [
        Case("three weights on seven pixels", {"w": draws.signed(3), "n": 7}),
        Case("two weights on six", {"w": draws.signed(2), "n": 6}),
    ]
    edges = [
        Case("one weight below 0", {"w": -draws.uniform(1, low=1.0, high=2.0), "n": 4}),
        Case("as many weights as pixels", {"w": draws.signed(5), "n": 5}),
        Case("a mean of two", {"w": torch.tensor([0.5, 0.5], dtype=torch.float64), "n": 4},
             atol=1e-7),
        Case("twenty pixels", {"w": draws.signed(4), "n": 20}),
    ]  # fmt: skip
    for cases in (usual, edges):
        judge(
            trial, cases, oracle, parts=("the singular values",), formula=formula, slips=SLIPS,
            rules=(
                not_calling(
                    "svd", "svdvals", "eigvals", "eigvalsh", "eig", "eigh",
                    says="The check saw a decomposition of a matrix. Asked is the formula.",
                ),
            ),
        )  # fmt: skip


EXERCISE = Exercise(
    slug="parameter-sharing-spectrum",
    title="How much can a convolution stretch?",
    chapter="parameter_sharing",
    kind="proof",
    difficulty=3,
    minutes=35,
    wants="a function spectrum(w, n) that returns n numbers, the largest first",
    hints=(
        "Apply the convolution to the vector with the entries e^{2πi f q / n}, q = 0, …, n − 1.",
        "Shifting that vector multiplies it by a number of size 1. So does a sum of shifts.",
        "Vectors of different frequencies are perpendicular: the matrix is normal, and its singular"
        " values are the sizes of its eigenvalues.",
    ),
    examine=examine,
)
