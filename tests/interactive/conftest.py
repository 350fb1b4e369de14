"""Each test has a cache of its own and says itself in which mode it runs."""

from __future__ import annotations

import os
import shutil

import matplotlib
import pytest


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    matplotlib.use("Agg")
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LECTURELIB_EXPLORE", raising=False)


@pytest.fixture
def static(monkeypatch):
    monkeypatch.setenv("LECTURELIB_EXPLORE", "static")


@pytest.fixture
def off(monkeypatch):
    monkeypatch.setenv("LECTURELIB_EXPLORE", "off")


needs_node = pytest.mark.skipif(
    shutil.which("node") is None and os.environ.get("CI_REQUIRE_BROWSER") != "1",
    reason="the parity tests run the widgets in node: install nodejs, 18 or newer",
)
