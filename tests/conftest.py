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


def pytest_xdist_make_scheduler(config, log):
    """Under ``--dist loadgroup`` what :func:`group` puts together is run by one worker."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group(nodeid)

    return ByGroup(config, log)


def group(node):
    """Tests of a file share fixtures and caches; in files that ask about the whole book a part.

    There each claim goes its own way, and the exercises of each chapter.

    >>> group("tests/test_data.py::test_it[1]")
    'tests/test_data.py'
    >>> group("tests/exercises/test_check.py::test_it[3-batch-norm-in-networks-fold]")
    'tests/exercises/test_check.py:batch_norm_in_networks'
    """
    file, _, name = node.partition("::")
    if file == "tests/claims/test_claims.py":
        return node
    if not file.startswith("tests/exercises/"):
        return file
    from lecturelib.contents import CHAPTERS

    named = [slug for slug in CHAPTERS if slug.replace("_", "-") in name]
    return f"{file}:{max(named, key=len)}" if named else file


@pytest.fixture
def rng():
    """A seeded generator of PyTorch: the same numbers in each test."""
    import torch

    return torch.Generator().manual_seed(0)
