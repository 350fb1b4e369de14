"""parameter-sharing-spectrum."""

import cmath

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "parameter-sharing-spectrum"


def spectrum(w, n):
    return torch.fft.fft(torch.as_tensor(w), n).abs().sort(descending=True).values


def with_numpy(w, n):
    return np.sort(np.abs(np.fft.fft(np.asarray(w), n)))[::-1]


def by_hand(w, n):
    turns = [cmath.exp(2j * cmath.pi * f / n) for f in range(n)]
    sizes = [abs(sum(float(v) * turn**k for k, v in enumerate(w))) for turn in turns]
    return sorted(sizes, reverse=True)


def _of(values):
    return lambda w, n: values(torch.fft.fft(torch.as_tensor(w), n)).sort(descending=True).values


def by_decomposition(w, n):
    matrix = torch.zeros(n, n, dtype=torch.float64)
    for row in range(n):
        for k in range(len(w)):
            matrix[row, (row + k) % n] += w[k]
    return torch.linalg.svdvals(matrix)


RIGHT = [spectrum, with_numpy, by_hand, in_float32(spectrum), as_object(spectrum)]

WRONG = {
    "squares": _of(lambda values: values.abs() ** 2),
    "real-parts": _of(lambda values: values.real),
    "sizes-of-real-parts": _of(lambda values: values.real.abs()),
    "not-sorted": lambda w, n: torch.fft.fft(w, n).abs(),
    "rising": lambda w, n: spectrum(w, n).flip(0),
    "root-of-n": lambda w, n: spectrum(w, n) / n**0.5,
    "does-it-all": by_decomposition,
}

UNLISTED = [
    (lambda w, n: torch.fft.rfft(w, n).abs(), "wrong-shape", "(7,)"),
    (lambda w, n: torch.ones(n), "different", "differ"),
    (lambda w, n: spectrum(w, n)[:2], "wrong-shape", "(7,)"),
]
