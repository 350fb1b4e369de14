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


DEVICE = "Intel Xeon (AVX-512), one thread, a machine shared with other work"
VERSIONS = {
    "python": "3.11.7",
    "torch": "2.13.0",
    "numpy": "2.4.6",
    "mygrad": "2.5.0",
    "autograd": "1.9.1",
    "tinygrad": "0.14.0",
    "micrograd": "0.1.0",
}
DATE = "2026-11-21"
ROUNDS = 25

SMALL = "64-128-128-10, batch 128"
LARGE = "784-512-512-10, batch 256"
TINY = "8-8-2, batch 2"

TABLE: dict[str, dict[str, Row]] = {
    SMALL: {
        "PyTorch": Row(1.00, 1.00, 1.00, 0.667),
        "lecturelib": Row(0.76, 0.73, 0.78, 0.463),
        "NumPy by hand": Row(0.53, 0.51, 0.55, 0.342),
        "matrix products alone": Row(0.31, 0.30, 0.32, 0.176),
        "MyGrad": Row(1.09, 1.03, 1.14, 0.660),
        "HIPS autograd": Row(2.45, 2.39, 2.54, 1.632),
        "tinygrad": Row(3.54, 3.37, 3.77, 2.177),
    },
    LARGE: {
        "PyTorch": Row(1.00, 1.00, 1.00, 8.844),
        "lecturelib": Row(1.06, 1.00, 1.10, 9.122),
        "NumPy by hand": Row(0.96, 0.93, 1.04, 8.643),
        "matrix products alone": Row(0.83, 0.78, 0.88, 7.606),
        "MyGrad": Row(1.37, 1.28, 1.62, 12.177),
        "HIPS autograd": Row(2.23, 2.03, 2.44, 19.093),
        "tinygrad": Row(5.28, 4.70, 6.21, 45.852),
    },
    TINY: {
        "PyTorch": Row(1.00, 1.00, 1.00, 0.201),
        "lecturelib": Row(0.49, 0.45, 0.53, 0.097),
        "micrograd": Row(5.15, 4.23, 5.84, 0.959),
    },
}


def table() -> str:
    """The run as text: a block for each network.

    >>> print(table().splitlines()[0])
    CPU time of a training step over PyTorch's: median [quartiles] of 25 rounds
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
