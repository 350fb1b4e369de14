"""Each erratum names the test that shows it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lecturelib.claims import errata, errata_table

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("erratum", errata(), ids=lambda e: e.id)
def test_each_erratum_names_a_test_that_exists(erratum: object) -> None:
    path, _, name = erratum.test.partition("::")  # type: ignore[attr-defined]
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in str(errata_table())
