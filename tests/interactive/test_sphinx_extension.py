"""The build's part: static mode, cache, and a warning for what is too heavy."""

from __future__ import annotations

import os
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("sphinx")

from lecturelib.interactive import sphinx_extension
from lecturelib.interactive.sphinx_extension import over_budget


def figure(size: int, uid: str = "lx1") -> str:
    # Random digits of four bits each: gzip brings two of them into a byte, not further.
    noise = np.random.default_rng(size).integers(0, 16, 2 * size)
    return (
        f'<lecture-explore class="lx" id="{uid}">{"".join(f"{v:x}" for v in noise)}'
        f"</lecture-explore>"
    )


def test_budgets():
    assert over_budget("<p>no figure</p>") == []
    assert over_budget(figure(100_000)) == []
    (fault,) = over_budget(figure(160_000, "lx7"))
    assert "lx7" in fault
    assert "150 kB" in fault
    (fault,) = over_budget(figure(120_000) + figure(125_000) + figure(125_000) + figure(1_000))
    assert "4 interactive figures" in fault
    assert "400 kB" in fault
    # A heavy page without figures is not this extension's business.
    assert over_budget("".join(figure(900_000).split(">")[1:])) == []


def test_events(monkeypatch, tmp_path):
    monkeypatch.setenv("LECTURELIB_EXPLORE", "live")
    monkeypatch.delenv("LECTURELIB_CACHE", raising=False)
    handlers = {}
    app = SimpleNamespace(srcdir=str(tmp_path), connect=handlers.__setitem__)
    assert sphinx_extension.setup(app)["parallel_read_safe"]
    handlers["config-inited"](app, None)
    assert os.environ["LECTURELIB_EXPLORE"] == "static"
    assert os.environ["LECTURELIB_CACHE"] == str(tmp_path / ".jupyter_cache" / "interactive")
    monkeypatch.delenv("LECTURELIB_CACHE")

    said = []
    from sphinx.util import logging

    monkeypatch.setattr(
        logging, "getLogger", lambda name: SimpleNamespace(warning=lambda *a, **k: said.append(a))
    )
    handlers["html-page-context"](app, "page", "page.html", {"body": figure(160_000)}, None)
    handlers["html-page-context"](app, "search", "search.html", {}, None)
    assert len(said) == 1
