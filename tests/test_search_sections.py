"""What the search knows of a page: the extension ``search_sections`` on documents made here."""

from __future__ import annotations

import hashlib
from collections import Counter
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree as publish

from tools.course import ROOT

pytest.importorskip("sphinx")
from book._ext import search_sections as search


def publish_doctree(text):
    """A document whose title is that of a section, as Sphinx has it."""
    return publish(text, settings_overrides={"doctitle_xform": False})


VENDORED = ROOT / "book" / "_static" / "vendor" / "minisearch"

PAGE = """
=====
Title
=====

A first sentence. A second with :math:`\\frac{a}{b}` in it. A third one.

.. contents::

Section one
===========

::

    code_that_is_left_out()

Text with **stress** on :math:`\\beta_1`.

.. math:: y = x

More of it.

Below
-----

Not the section's above.

Exercises
=========

1. Do it
--------

Compute.
"""


@pytest.fixture(scope="module")
def found():
    doctree = publish_doctree(PAGE)
    (equation,) = doctree.findall(nodes.math_block)
    equation["label"] = "eq-x-identity"  # which Sphinx's directive knows
    return search.sections_of(doctree, "book/dropout")


def by_title(found, title):
    (section,) = [section for section in found if section.title == title]
    return section


def test_each_section_is_a_document_with_its_anchor(found):
    assert [(search.KINDS[s.kind], s.anchor, s.title) for s in found] == [
        ("section", "", "Title"),
        ("section", "section-one", "Section one"),
        ("section", "below", "Below"),
        ("section", "exercises", "Exercises"),
        ("exercise", "do-it", "1. Do it"),
    ]


def test_the_excerpt_is_readable(found):
    assert by_title(found, "Title").excerpt == "A first sentence. A third one."
    assert by_title(found, "Section one").excerpt == "Text with stress on β1."


def test_code_contents_and_sections_within_are_left_out(found):
    section = by_title(found, "Section one")
    assert not {"code_that_is_left_out", "above", "contents"} & set(section.counts)
    assert section.counts["stress"] == 3
    assert section.counts["text"] == 1
    assert section.counts["identity"] == 2


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\mathbf p-\mathbf y", "p − y"),
        (r"\epsilon \to 0", "ε → 0"),
        (r"10^{-3}", "10⁻³"),
        (r"p = 0.5", "p = 0.5"),
        (r"\ell _1", "ℓ1"),
        (r"\sum_i x_i", "…"),
        (r"a + b + c + d + e + f + g + h", "…"),
    ],
)
def test_a_short_formula_is_spoken_and_a_long_one_left_out(tex, text):
    assert search.spoken(tex) == text


def test_pages_tell_their_kind():
    doctree = publish_doctree("Page\n====\n\nText.")
    kinds = {
        name: search.KINDS[search.sections_of(doctree, name)[0].kind]
        for name in ("book/dropout", "book/solutions/dropout", "book/glossary", "book/api/data")
    }
    assert list(kinds.values()) == ["section", "solution", "page", "name"]


def test_a_claim_is_found_by_its_sentence():
    card = '<article id="claim-X1"><p class="ll-said">Noise &amp; <b>more</b></p></article>'
    doctree = publish_doctree("Page\n====\n\nText.")
    doctree += nodes.raw("", card, format="html")
    assert search.sections_of(doctree, "book/dropout")[-1] == search.Section(
        search.KINDS.index("claim"), "claim-X1", "Claim X1", "Noise & more"
    )


def test_a_source_is_found_by_authors_and_title():
    doctree = publish_doctree("Page\n====\n\n.. [A1] Ann. On the $\\\\ell _1$-ball. 2008.")
    source = search.sections_of(doctree, "book/bibliography")[-1]
    assert source.title == "Ann. On the ℓ1-ball. 2008."
    assert source.excerpt == ""


def test_words_that_most_sections_have_tell_nothing_and_words_said_once_neither():
    texts = [
        Counter(layer=3, sigmoid=2, once=1),
        Counter(layer=2, dropout=4, rate=2),
        Counter(layer=1),
    ]
    assert search.characteristic(texts, 2) == [["sigmoid"], ["dropout", "rate"], []]


def test_the_entry_of_a_chapter_has_the_words_of_its_sections_and_of_its_part():
    section = search.KINDS.index("section")
    pages = {
        "book/dropout": [
            "Dropout",
            [[section, "", "Dropout", "", {}], [section, "a", "A", "", {"mask": 2}]],
        ],
        "book/backprop": [
            "Backpropagation",
            [[section, "", "Backpropagation", "", {}], [section, "b", "B", "", {"graph": 1}]],
        ],
        "book/glossary": ["Glossary", [[section, "", "Glossary", "", {}]] * 4],
    }
    _, (whole, section_of_it), part = search.index_of(pages)["book/dropout"]
    assert whole[4] == section_of_it[4] == "mask"
    assert part == "Regularization"


def test_what_is_no_longer_a_page_leaves_the_index(tmp_path):
    app = SimpleNamespace(
        add_js_file=lambda *_, **__: None,
        builder=SimpleNamespace(name="html"),
        course_sections={"book/old": ["Old", []], "book/new": ["New", []]},
        env=SimpleNamespace(found_docs={"book/new"}),
        doctreedir=str(tmp_path),
        outdir=str(tmp_path),
    )
    search._write(app, None)
    written = (tmp_path / "_static" / "search" / "sections.js").read_text("utf-8")
    assert written == 'var courseSections={"book/new":["New",[],""]};\n'
    search._begin(app)
    assert list(app.course_sections) == ["book/new"]
    assert app.builder.search is False


def test_minisearch_is_the_released_one():
    lines = (VENDORED / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    listed = {name.removeprefix("./"): digest for digest, name in map(str.split, lines)}
    for name, digest in listed.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest
    assert set(listed) == {"LICENSE", "minisearch.js"}
