"""What the build prepares of a link's target: the extension ``previews`` on pages made here."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("bs4")
from book._ext import previews

THERE = """<html><body><nav><a href="x.html#eq">no</a></nav>
<article class="bd-article">
<div class="math notranslate" id="equation-a">
<span class="eqno">(1)<a class="headerlink" href="#equation-a">#</a></span>\\[x\\]</div>
<figure class="align-default" id="fig-a"><img src="../_images/a.png" alt="A"/>
<figcaption><p>Fig. 1: It <a href="o.html">is</a>.</p></figcaption>
</figure>
<dl><dt id="term-batch">batch<a class="headerlink" href="#term-batch">#</a></dt>
<dd><p>Samples.</p></dd>
<dt id="term-other">other</dt><dd><p>No.</p></dd></dl>
<div class="citation" id="id1"><span class="label">[A]</span><p>Ann. A paper.</p></div>
<article class="ll-claim" id="claim-X"><p>Said.</p><details><p>Much.</p></details></article>
<table><tr id="X" data-verdict="holds"><th><a href="#claim-X">X</a></th>
<td><p>Said.</p></td></tr></table>
<div class="proof theorem" id="thm"><p class="admonition-title">Theorem 1</p></div>
<section id="part"><h2>Part</h2></section>
<figure id="drawn"><svg><defs><path id="g"/></defs><use href="#g"/></svg></figure>
</article>
<footer class="prev-next-footer d-print-none"></footer></body></html>"""


def shown(anchor, folder="book", seen_from="book"):
    return previews.preview(previews.article_of(THERE), anchor, folder, seen_from)


@pytest.mark.parametrize(
    ("anchor", "kind", "text"),
    [
        ("equation-a", "equation", "\\[x\\]"),
        ("fig-a", "figure", "It is."),
        ("term-batch", "term", "<strong>batch</strong>"),
        ("id1", "source", "Ann. A paper."),
        ("claim-X", "claim", "Said."),
        ("X", "claim", "Said."),
        ("thm", "statement", "Theorem 1"),
    ],
)
def test_a_preview_of_each_kind(anchor, kind, text):
    found = shown(anchor)
    assert found is not None
    assert found[0] == kind
    assert text in found[1]
    for left_out in ("headerlink", "<a ", "<details", 'id="', "<tr", "<td", "[A]"):
        assert left_out not in found[1]


def test_a_term_comes_with_its_own_definition_alone():
    assert shown("term-batch")[1] == "<strong>batch</strong><div><p>Samples.</p></div>"


@pytest.mark.parametrize("anchor", ["part", "nowhere"])
def test_other_places_have_no_preview(anchor):
    assert shown(anchor) is None


def test_a_picture_is_found_from_another_folder():
    assert 'src="../../_images/a.png"' in shown("fig-a", "book", "book/solutions")[1]
    assert 'src="../_images/a.png"' in shown("fig-a", "book", "book")[1]


def test_the_parts_of_a_drawing_keep_their_names():
    assert '<path id="g"' in shown("drawn")[1]


def test_a_page_gets_what_it_links_to_and_no_more(tmp_path):
    (tmp_path / "book" / "sub").mkdir(parents=True)
    (tmp_path / "book" / "there.html").write_text(THERE)
    here = (
        '<nav><a href="../there.html#thm">no</a></nav><article class="bd-article">'
        '<a class="x" href="../there.html#term-batch">batch</a> <a href="../there.html#part">p</a>'
        '<a href="#own">own</a> <a href="https://x.org/a.html#b">far</a>'
        '<a href="../gone.html#a">gone</a></article>'
    )
    (tmp_path / "book" / "sub" / "here.html").write_text(here)
    previews.write_previews(tmp_path, ["book/sub/here", "book/there"])
    written = (tmp_path / "_static" / "previews" / "book" / "sub" / "here.js").read_text("utf-8")
    found = json.loads(written.removeprefix("var coursePreviews=").removesuffix(";\n"))
    assert list(found) == ["../there.html#term-batch"]
    assert (tmp_path / "_static" / "previews" / "book" / "there.js").is_file()
