"""What `import lecturelib` costs: neither matplotlib nor scikit-learn, nor torch until needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["matplotlib", "sklearn", "ipywidgets", "pandas"]


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_package_itself_loads_nothing_heavy():
    assert not loaded_after("import lecturelib") & {*HEAVY, "torch", "numpy"}


@pytest.mark.parametrize(
    "room",
    ["normalization", "activations", "regularizers", "augment", "data", "models", "training"],
)
def test_the_mathematics_needs_torch_and_numpy_alone(room):
    """So it costs what `import torch` costs: without these, it is the same modules and ours."""
    loaded = loaded_after(f"import lecturelib.{room}")
    assert "torch" in loaded
    assert not loaded & set(HEAVY)
