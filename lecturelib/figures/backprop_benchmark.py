"""A stored run of ``python -m benchmarks autodiff``, for the table and figure of ``backprop``.

CPU time on one thread as a ratio to PyTorch: median and quartiles of rounds in which all
contestants run in turn. A new run replaces all of it, device and date included.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A contestant: ratio to PyTorch's CPU time (median, quartiles) and CPU time of a step."""

    ratio: float
    low: float
    high: float
    milliseconds: float


DEVICE = "AMD EPYC (AVX-512), one thread, a machine shared with other work"
VERSIONS = {
    "python": "3.11.7",
    "torch": "2.13.0",
    "numpy": "2.4.6",
    "mygrad": "2.5.0",
    "autograd": "1.9.1",
    "tinygrad": "0.14.0",
    "micrograd": "0.1.0",
}
DATE = "2026-11-28"
ROUNDS = 75

SMALL = "64-128-128-10, batch 128"
LARGE = "784-512-512-10, batch 256"
TINY = "8-8-2, batch 2"

TABLE: dict[str, dict[str, Row]] = {
    SMALL: {
        "PyTorch": Row(1.00, 1.00, 1.00, 0.544),
        "lecturelib": Row(0.65, 0.63, 0.67, 0.356),
        "NumPy by hand": Row(0.52, 0.50, 0.53, 0.282),
        "matrix products alone": Row(0.38, 0.37, 0.40, 0.210),
        "MyGrad": Row(0.97, 0.93, 1.04, 0.532),
        "HIPS autograd": Row(2.14, 2.04, 2.29, 1.186),
        "tinygrad": Row(3.08, 2.92, 3.17, 1.677),
    },
    LARGE: {
        "PyTorch": Row(1.00, 1.00, 1.00, 10.408),
        "lecturelib": Row(0.93, 0.90, 0.96, 9.599),
        "NumPy by hand": Row(0.90, 0.87, 0.94, 9.331),
        "matrix products alone": Row(0.85, 0.82, 0.87, 8.719),
        "MyGrad": Row(1.20, 1.17, 1.26, 12.449),
        "HIPS autograd": Row(1.94, 1.71, 2.07, 20.256),
        "tinygrad": Row(5.41, 5.26, 5.58, 56.130),
    },
    TINY: {
        "PyTorch": Row(1.00, 1.00, 1.00, 0.212),
        "lecturelib": Row(0.34, 0.33, 0.34, 0.071),
        "micrograd": Row(4.04, 3.92, 4.84, 0.852),
    },
}


def table() -> str:
    """The run as text: a block for each network.

    >>> print(table().splitlines()[0])
    CPU time of a training step over PyTorch's: median [quartiles] of 75 rounds
    """
    versions = ", ".join(f"{name} {version}" for name, version in VERSIONS.items())
    lines = [
        f"CPU time of a training step over PyTorch's: median [quartiles] of {ROUNDS} rounds",
        f"{DEVICE}; {DATE}",
        versions,
    ]
    for network, rows in TABLE.items():
        lines += ["", network]
        for name, r in rows.items():
            spread = f"[{r.low:.2f}, {r.high:.2f}]"
            lines.append(f"  {name:22}{r.ratio:5.2f} {spread:13}{r.milliseconds:8.3f} ms")
    return "\n".join(lines)
