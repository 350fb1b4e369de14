"""A test that has passed is left out while nothing that it needs has changed; who runs together."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest
from tools import reuse


def test_a_pass_is_good_for_its_own_key_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "key", lambda node: f"now {node}")
    stored = {"a": "now a", "b": "then b"}
    assert reuse.reusable(["a", "b", "c"], stored) == {"a"}
    cells = {"p.ipynb::Cell 0": "now p.ipynb::Cell 0", "p.ipynb::Cell 1": "then"}
    assert reuse.reusable(list(cells), cells) == set()  # a notebook's cells only together


def test_a_claim_depends_on_its_chapter_alone() -> None:
    assert reuse._chapter("test_it[A10]") == "batch_norm_in_networks"
    assert reuse._chapter("test_it[optimizers-sixty-steps]") == "optimizers"
    assert reuse._chapter("test_it[3]") is None


def test_a_page_depends_on_itself_and_on_the_styles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuse, "SITE", tmp_path)
    monkeypatch.setattr(reuse, "ROOT", tmp_path)
    for name in ("book/a.html", "book/b.html", "_static/style.css"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    def now() -> list[str]:
        reuse._page.cache_clear()
        reuse._styles.cache_clear()
        names = ("test_page[book/a.html-phone]", "test_page[book/b.html-phone]", "test_search")
        return [reuse._page(reuse._named_page(name)) for name in names]

    def changed(name: str) -> list[bool]:
        before = now()
        (tmp_path / name).write_text("other")
        return [new != old for new, old in zip(now(), before, strict=True)]

    assert changed("book/a.html") == [True, False, True]
    assert changed("_static/style.css") == [True, True, True]
    now()


# --- which tests share a worker -----------------------------------------------------------------


def test_a_file_is_one_group_and_a_claim_or_a_chapter_of_exercises_too() -> None:
    values = {"dist": "loadgroup", "tx": ["popen", "popen"]}
    config = SimpleNamespace(getvalue=values.__getitem__)
    scheduler = conftest.pytest_xdist_make_scheduler(config, None)

    def apart(*nodes: str) -> int:
        return len({scheduler._split_scope(node) for node in nodes})

    assert apart("tests/test_data.py::test_a", "tests/test_data.py::test_b[1]") == 1
    assert apart("tests/test_data.py::test_a", "tests/test_site.py::test_a") == 2
    claim = "tests/claims/test_claims.py::test_a_run_gives"
    assert apart(f"{claim}[A1]", f"{claim}[A10]") == 2
    check = "tests/exercises/test_check.py::test_it"
    assert apart(f"{check}[1-batch-norm-fold]", f"{check}[batch-norm-fold-2]") == 1
    assert apart(f"{check}[batch-norm-fold]", f"{check}[batch-norm-in-networks-fold]") == 2
    values["dist"] = "worksteal"
    assert conftest.pytest_xdist_make_scheduler(config, None) is None
