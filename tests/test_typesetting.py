"""What the build reads from LaTeX's log, and how it offers the PDF and the EPUB on the site."""

from __future__ import annotations

import pytest

pytest.importorskip("jupyter_cache")

from tools import build, typesetting

# As xelatex writes it: lines broken after 79 characters.
LOG = r"""
Overfull \hbox (27.66962pt too wide) in paragraph at lines 2--2
Overfull \hbox (6.05399pt too wide) in paragraph at lines 3--4
Overfull \vbox (40.0pt too high) has occurred while \output is active
Underfull \hbox (badness 10000) in paragraph at lines 3--4
Missing character: There is no ᵀ (U+1D40) in font TeXGyrePagella-Regular/OT:scr
ipt=latn;language=dflt;!
LaTeX Warning: Hyper reference `book/gradient_descent:a-heading' on page 12 und
efined on input line 9.
"""


def test_lines_that_stick_out_come_widest_first():
    assert [points for points, _ in typesetting.overfull(LOG)] == [27.66962, 6.05399]
    assert typesetting.summary(LOG) == "2 lines stick out, the widest by 27.7 pt (limit 10)"


def test_faults_name_what_a_reader_would_see_and_nothing_below_the_limit(tmp_path):
    source = tmp_path / "book.tex"
    source.write_text("first\n  the wide one\nthird\n", encoding="utf-8")
    assert typesetting.faults(LOG, source) == [
        "   a line sticks out by 28 pt, in paragraph at lines 2--2: the wide one",
        "   the fonts lack ᵀ",
        "   a link leads nowhere: book/gradient_descent:a-heading",
    ]
    assert len(typesetting.faults(LOG, source, limit=5)) == 4
    assert typesetting.faults("Output written on book.pdf (9 pages).") == []


@pytest.mark.parametrize("archive", [True, False])
def test_a_program_may_be_a_bare_java_archive(tmp_path, monkeypatch, archive):
    program = tmp_path / "checker"
    program.write_bytes(b"PK\3\4" if archive else b"#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = ["java", "-jar", str(program)] if archive else [str(program)]
    assert typesetting.java_program("checker") == expected


def test_missing_programs_are_named_with_their_packages(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        SystemExit, match=r"pdf: install .* apt-get install texlive-xetex .* latexmk"
    ):
        build.build_pdf()
    with pytest.raises(SystemExit, match=r"epub: install .* nodejs epubcheck"):
        build.build_epub()


@pytest.fixture
def home(tmp_path):
    """The first page of a site."""
    page = tmp_path / "html" / "book" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>before</p><!-- downloads --><!-- / --><p>after</p>", encoding="utf-8")
    return page


def test_the_first_page_offers_what_is_made_and_once(home, tmp_path):
    files = [tmp_path / "deep.pdf", tmp_path / "deep.epub"]
    files[0].write_bytes(b"x" * 2_400_000)
    build.publish(home, files)
    build.publish(home, files)
    page = home.read_text(encoding="utf-8")
    assert page.count('<a href="../downloads/deep.pdf" download>PDF (2 MB)</a>') == 1
    assert "epub" not in page
    assert (home.parents[1] / "downloads" / "deep.pdf").stat().st_size == 2_400_000
    assert not (home.parents[1] / "downloads" / "deep.epub").exists()


def test_the_first_page_has_no_dead_link_where_nothing_is_made(home, tmp_path):
    build.publish(home, [tmp_path / "deep.pdf"])
    assert "href" not in home.read_text(encoding="utf-8")


def test_the_first_page_of_the_course_has_a_place_for_the_links():
    source = (build.ROOT / "book" / "index.md").read_text(encoding="utf-8")
    assert len(build.PLACE.findall(source)) == 1


def test_a_site_without_a_place_for_the_links_is_an_error(home, tmp_path):
    home.write_text("<p></p>", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"no place for the links"):
        build.publish(home, [tmp_path / "deep.pdf"])
