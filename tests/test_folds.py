"""Which cells only show a thing: read off the source, for every cell of the book."""

from __future__ import annotations

import ast

import nbformat
import pytest

from tools.course import notebooks
from tools.notebooks import code_cells, python_of

pytest.importorskip("sphinx")

from book._ext.folds import is_plumbing


@pytest.mark.parametrize(
    ("source", "plumbing"),
    [
        ('claims.show("CF1")', True),
        ('from lecturelib import claims\n\nclaims.cards("a", "b").html()', True),
        ("figures.curves(\n    losses, names=names\n)", True),
        ('widget("norm_balls", norm="L1")', True),
        ("x = figures.curves(losses)", False),
        ("losses = train()\nfigures.curves(losses)", False),
        ("print(losses)", False),
        ("torch.set_default_device(device)", False),
        ("figures", False),
        ("%matplotlib inline\nfigures.curves()", False),
        ("import torch", False),
        ("", False),
    ],
)
def test_a_bare_call_is_plumbing(source: str, plumbing: bool) -> None:
    assert is_plumbing(source) == plumbing


def test_no_call_in_the_book_that_only_shows_a_thing_is_missed() -> None:
    """A module that a chapter takes up must be named in the list, or its calls stand open."""
    open_calls = set()
    for path in notebooks():
        for cell in code_cells(nbformat.read(path, as_version=4)):
            body = ast.parse(python_of(cell)).body
            bare = len(body) == 1 and isinstance(body[0], ast.Expr)
            if bare and isinstance(body[0].value, ast.Call) and not is_plumbing(cell.source):
                open_calls.add(ast.unparse(body[0].value.func).split(".")[0])
    assert open_calls <= {"print", "torch"}
