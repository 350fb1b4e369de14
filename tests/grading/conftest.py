"""One sandbox for all tests of a worker: starting it imports torch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lecturelib.grading.sandbox import Sandbox
from tests.grading import toys


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with toys.sandbox_or_skip() as sandbox:
        yield sandbox
