"""Settings for all tests: the same examples each time, and one thread.

One thread, as the tests run in several processes, and as sums in another order give other digits.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

settings.register_profile("lecturelib", derandomize=True, deadline=None, max_examples=30)
settings.load_profile("lecturelib")


def pytest_collection_modifyitems(items):
    """Under ``--dist loadgroup`` a file stays on one worker, but for the claims: each its own."""
    for item in items:
        one_claim = item.path.name == "test_claims.py" and "[" in item.name
        item.add_marker(pytest.mark.xdist_group(item.nodeid if one_claim else str(item.path)))


@pytest.fixture
def rng():
    """A seeded generator of PyTorch: the same numbers in each test."""
    import torch

    return torch.Generator().manual_seed(0)
