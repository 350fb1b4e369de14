"""What has passed is left out while nothing that it depends on has changed, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

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
