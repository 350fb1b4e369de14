"""Which words of a chapter become links to the glossary, and which do not."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.core import publish_doctree

pytest.importorskip("sphinx")
from book._ext import glossary_links as glossary

TERMS = (
    "batch",
    "batch normalization",
    "penalty",
    "ReLU",
    "norm ball",
    "over-fitting",
    "bias–variance decomposition",
    "GDNP",
)
ADDRESSES = {term: f"glossary.html#term-{number}" for number, term in enumerate(TERMS)}


def linked(text):
    """The doctree of a text, and the words in it that became links, in order."""
    doctree = publish_doctree(text)
    glossary.link(doctree, ADDRESSES)
    return doctree, [
        node.astext()
        for node in doctree.findall(nodes.reference)
        if glossary.CLASS in node["classes"]
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A batch, then a batch.", ["batch"]),
        ("Batches and penalties.", ["Batches", "penalties"]),
        ("The batch norm of a batch.", ["batch norm", "batch"]),
        ("A minibatch and a mini-batch.", ["minibatch"]),
        ("Batchwise, a batch-wise batch’s.", ["batch"]),
        ("A relu is no ReLU.", ["ReLU"]),
        ("The norm\nball.", ["norm\nball"]),
        ("Its bias-variance decomposition.", ["bias-variance decomposition"]),
        ("Over-fitting.", ["Over-fitting"]),
        ("*batch* and **penalty**", ["batch", "penalty"]),
        ("- a penalty in a list", ["penalty"]),
        ("Nothing of it.", []),
    ],
)
def test_linked_words(text, words):
    assert linked(text)[1] == words


@pytest.mark.parametrize(
    "text",
    [
        "Batch\n=====\n\n.. image:: x.png",
        "``batch``",
        "*The chapter follows the lecture* Batch normalisation.",
        ":math:`batch`",
        ".. math:: batch",
        "::\n\n   batch",
        "`batch <https://example.org>`_",
        ".. raw:: html\n\n   <p>batch</p>",
        ".. figure:: x.png\n\n   A batch.",
        "=====\nbatch\n=====",
        "= =\na batch\n= =\n",
        "Text [1]_.\n\n.. [1] A batch.",
        ".. topic:: A batch\n\n   A batch.",
        ".. rubric:: A batch",
        ".. admonition:: A batch\n\n   Text.",
    ],
)
def test_what_is_no_running_text_has_no_links(text):
    assert linked(text)[1] == []


def test_the_text_stays_the_same():
    text = "The batch norm of a batch and a penalty, a batch again."
    doctree, words = linked(text)
    assert doctree.astext() == text
    assert words == ["batch norm", "batch", "penalty"]


def test_a_link_leads_to_the_term():
    doctree, _ = linked("Many minibatches.")
    (link,) = doctree.findall(nodes.reference)
    assert link["refuri"] == ADDRESSES["batch"]


def test_a_book_without_a_glossary_has_no_links():
    doctree = publish_doctree("A batch of inputs.")
    assert glossary.link(doctree, {}) == []
    assert not list(doctree.findall(nodes.reference))


def test_a_word_that_is_linked_by_hand_is_not_linked_again():
    doctree = publish_doctree("`batch <glossary.html#term-0>`_ and batch and ReLU")
    assert glossary.link(doctree, ADDRESSES) == ["batch", "ReLU"]
    assert sum(1 for _ in doctree.findall(nodes.reference)) == 2


def test_other_names_belong_to_terms_of_the_glossary():
    from tools.course import ROOT

    lines = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8").splitlines()
    assert set(glossary.OTHER_NAMES) <= set(lines)
