"""``make serve``: sources are watched, small changes go to the process in memory, pages hear."""

from __future__ import annotations

import doctest
import os
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

from tools import live, typesetting
from tools.serve import Server, live_handler


@pytest.fixture
def sources(tmp_path):
    """A folder with the sources of a book, and generated files that nobody watches."""
    for name in ("book/page.md", "book/colab/page.ipynb", "lecturelib/a.py", "_toc.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before", encoding="utf-8")
    return tmp_path


def touch(path: Path, seconds: int) -> None:
    """Write a file anew; its time is given, as two writes may fall into one tick of the clock."""
    path.write_text(f"after {seconds}", encoding="utf-8")
    os.utime(path, (seconds, seconds))


def test_a_snapshot_holds_the_sources_and_not_what_is_generated(sources):
    names = {path.relative_to(sources).as_posix() for path in live.snapshot(sources)}
    assert names == {"book/page.md", "lecturelib/a.py", "_toc.yml"}


def test_new_changed_and_removed_files_are_changes(sources):
    before = live.snapshot(sources)
    assert live.changed(before, live.snapshot(sources)) == set()
    touch(sources / "book" / "page.md", 10)
    touch(sources / "book" / "new.md", 10)
    (sources / "_toc.yml").unlink()
    found = {path.name for path in live.changed(before, live.snapshot(sources))}
    assert found == {"page.md", "new.md", "_toc.yml"}


def watched(sources, monkeypatch, build):
    """Watch with a build of the test's own; the news, and how to stop."""
    monkeypatch.setattr(live, "PAUSE", 0.02)
    news, stopped = live.News(), threading.Event()
    before = live.snapshot(sources)
    thread = threading.Thread(
        target=live.watch, args=(news, build, before, sources, lambda: not stopped.is_set())
    )
    thread.start()

    def stop():
        stopped.set()
        thread.join(60)
        assert not thread.is_alive()

    return news, stop


def test_each_change_is_built_once_and_told(sources, monkeypatch, capsys):
    built: list[set[str]] = []

    def build(paths):
        built.append({path.name for path in paths})
        return "" if len(built) == 1 else "It went wrong."

    news, stop = watched(sources, monkeypatch, build)
    try:
        touch(sources / "book" / "page.md", 10)
        assert news.after(0, timeout=60) == (1, "built", "")
        touch(sources / "_toc.yml", 20)
        assert news.after(1, timeout=60) == (2, "failed", "It went wrong.")
        assert news.after(2, timeout=0.2) is None
    finally:
        stop()
    assert built == [{"page.md"}, {"_toc.yml"}]
    assert "page.md: built" in capsys.readouterr().out


def test_a_change_during_a_build_is_built_after_it(sources, monkeypatch):
    built: list[set[str]] = []

    def build(paths):
        built.append({path.name for path in paths})
        if len(built) == 1:
            touch(sources / "lecturelib" / "a.py", 30)
        return ""

    news, stop = watched(sources, monkeypatch, build)
    try:
        touch(sources / "book" / "page.md", 10)
        assert news.after(1, timeout=60) == (2, "built", "")
    finally:
        stop()
    assert built == [{"page.md"}, {"a.py"}]


@pytest.fixture
def served(tmp_path):
    """A site of one page, served with news: its address, the news, the page's file."""
    page = tmp_path / "book" / "index.html"
    page.parent.mkdir()
    page.write_text("<body><p>text</p></body>", encoding="utf-8")
    (tmp_path / "style.css").write_text("p { color: red }", encoding="utf-8")
    news = live.News()
    with Server(tmp_path, handler=live_handler(news)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.address, news, page
        server.shutdown()
        thread.join()


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def test_a_served_page_listens_and_its_file_does_not(served):
    address, news, page = served
    news.tell("built", "")
    for path in ("book/index.html", "book/", "course/book/index.html"):
        assert f'new EventSource("{live.STREAM}?after=1")' in get(address + path)
    assert get(address + "style.css") == "p { color: red }"
    assert "EventSource" not in page.read_text(encoding="utf-8")


def test_a_page_hears_of_what_came_after_it(served):
    address, news, _ = served
    news.tell("built", "")
    with urllib.request.urlopen(f"{address[:-1]}{live.STREAM}?after=0", timeout=60) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert [stream.readline() for _ in range(3)] == [b"event: built\n", b"data: built\n", b"\n"]
        news.tell("failed", "one\ntwo")
        lines = [stream.readline() for _ in range(4)]
        assert lines == [b"event: failed\n", b"data: one\n", b"data: two\n", b"\n"]


def test_a_missing_page_is_missing_while_serving_live(served):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(served[0] + "book/none.html")


@pytest.mark.parametrize("module", [live, typesetting])
def test_the_examples_of_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0
