"""Formulas in a figure's text, read once and not once a renderer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def one_reader_of_formulas() -> Iterator[None]:
    """All of matplotlib's renderers share one reader of formulas, and its cache of those read.

    By default each renderer has its own, and a figure whose layout is computed needs two of them,
    so that all labels of a logarithmic axis are read twice: a third of the time of such a figure.
    """
    from matplotlib import text, textpath

    with patch.object(text, "TextToPath", lambda: textpath.text_to_path):
        yield
