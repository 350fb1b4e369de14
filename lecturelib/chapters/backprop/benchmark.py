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
        "PyTorch": Row(1.00, 1.00, 1.00, 0.594),
        "lecturelib": Row(0.63, 0.62, 0.65, 0.386),
        "NumPy by hand": Row(0.49, 0.47, 0.51, 0.297),
        "matrix products alone": Row(0.36, 0.32, 0.38, 0.214),
        "MyGrad": Row(0.97, 0.92, 0.99, 0.577),
        "HIPS autograd": Row(2.16, 2.05, 2.24, 1.249),
        "tinygrad": Row(3.06, 2.91, 3.30, 1.793),
    },
    LARGE: {
        "PyTorch": Row(1.00, 1.00, 1.00, 11.159),
        "lecturelib": Row(0.90, 0.85, 0.93, 10.104),
        "NumPy by hand": Row(0.87, 0.82, 0.91, 9.760),
        "matrix products alone": Row(0.80, 0.74, 0.83, 8.969),
        "MyGrad": Row(1.20, 1.10, 1.24, 13.282),
        "HIPS autograd": Row(1.78, 1.63, 1.93, 20.801),
        "tinygrad": Row(5.12, 4.52, 5.24, 56.300),
    },
    TINY: {
        "PyTorch": Row(1.00, 1.00, 1.00, 0.224),
        "lecturelib": Row(0.34, 0.32, 0.36, 0.075),
        "micrograd": Row(4.04, 3.74, 4.87, 0.922),
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
