"""What `import lecturelib` and its first rooms cost beside `import torch`, in fresh processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from .harness import Benchmark

STATEMENTS = {
    "import torch": "import torch",
    "import lecturelib": "import lecturelib",
    "its mathematics": "import lecturelib.normalization, lecturelib.models, lecturelib.training",
}


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """One benchmark; here the time is that of child processes."""
    yield Benchmark(
        name="import, in a fresh interpreter",
        contestants={name: partial(run, code) for name, code in STATEMENTS.items()},
        baseline="import torch",
        goals={"import lecturelib": 1.2, "its mathematics": 1.2},
        children=True,
    )


def run(code: str) -> None:
    """Run a statement in a fresh interpreter."""
    subprocess.run([sys.executable, "-c", code], check=True)
