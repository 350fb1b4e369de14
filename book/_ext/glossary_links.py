"""Sphinx extension: where a chapter first uses a word of the glossary, the word is a link to it.

Running text only: no heading, link, code, formula, caption or table, and nothing that comes as
HTML, such as quizzes and claim cards. A word
that a chapter links by hand (``{term}``) has its link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx import addnodes

from lecturelib.contents import CHAPTERS

CLASS = "glossary-link"
OTHER_NAMES = {
    "batch": ("minibatch", "mini-batch"),
    "batch normalization": ("batch norm",),
    "group normalization": ("group norm",),
    "instance normalization": ("instance norm",),
    "layer normalization": ("layer norm",),
    "RMS normalization": ("RMS norm",),
    "weight normalization": ("weight norm",),
    "He initialization": ("Kaiming initialization",),
    "Xavier initialization": ("Glorot initialization",),
    "stochastic gradient descent": ("SGD",),
    "vanishing gradient": ("exploding gradient",),
    "Kullback–Leibler divergence": ("KL divergence",),
    "running statistics": ("running mean", "running average"),
    "residual block": ("skip connection",),
}
"""What the chapters call a word of the glossary besides its name and its plural."""

_NOT_IN = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.caption,
    nodes.table,
    nodes.footnote,
    nodes.citation,
    nodes.topic,
    nodes.rubric,
    nodes.term,
    addnodes.toctree,
    addnodes.pending_xref,
)

_FOLLOWS = re.compile(r"(?:The|This) chapter follows ")


def plurals(name: str) -> tuple[str, ...]:
    """A name and its plural.

    >>> plurals("batch"), plurals("norm ball"), plurals("penalty")
    (('batch', 'batches'), ('norm ball', 'norm balls'), ('penalty', 'penalties'))
    >>> plurals("running statistics"), plurals("point mass")
    (('running statistics',), ('point mass', 'point masses'))
    """
    if re.search(r"(?:s|ss|ing)$", name):
        return (name, f"{name}es") if name.endswith("ss") else (name,)
    if re.search(r"[^aeiou]y$", name):
        return name, f"{name[:-1]}ies"
    return name, name + ("es" if re.search(r"(?:ch|sh|x)$", name) else "s")


def _pattern(variant: str) -> str:
    """Case counts for abbreviations; spaces may be line breaks, and dashes hyphens."""
    text = re.escape(variant).replace(r"\ ", r"\s+").replace("–", "[–-]").replace(r"\-", "[-‑]")
    return text if sum(letter.isupper() for letter in variant) > 1 else f"(?i:{text})"


@lru_cache(maxsize=2)
def finder(terms: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """A pattern that finds all names of the terms, and the term of each of its groups."""
    variants = [
        (variant, term)
        for term in terms
        for name in (term, *OTHER_NAMES.get(term, ()))
        for variant in plurals(name)
    ]
    variants.sort(key=lambda pair: -len(pair[0]))
    anything = "|".join(f"({_pattern(variant)})" for variant, _ in variants)
    return re.compile(rf"(?<![\w-])(?:{anything})(?![\w-])"), tuple(t for _, t in variants)


def occurrences(text: str, terms: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Start, end and term of each word of the glossary in a text; the longest name wins.

    >>> list(occurrences("Batches in batch norm", ("batch", "batch normalization")))
    [(0, 7, 'batch'), (11, 21, 'batch normalization')]
    """
    pattern, owners = finder(terms)
    for found in pattern.finditer(text):
        assert found.lastindex is not None
        yield found.start(), found.end(), owners[found.lastindex - 1]


def _may_hold_links(text: nodes.Text) -> bool:
    node: Any = text.parent
    while node is not None:
        if isinstance(node, _NOT_IN):
            return False
        if isinstance(node, nodes.paragraph) and _FOLLOWS.match(node.astext()):
            return False  # titles of lectures, word by word
        node = node.parent
    return True


def link(doctree: nodes.document, addresses: dict[str, str]) -> list[str]:
    """Link the first use of each term (term -> address); return the terms that are linked now."""
    if not addresses:  # a book without a glossary
        return []
    terms = tuple(sorted(addresses))
    by_address = {address: term for term, address in addresses.items()}
    done: dict[str, None] = {}
    for node in list(doctree.findall(lambda n: isinstance(n, (nodes.Text, nodes.reference)))):
        if isinstance(node, nodes.reference):
            term = by_address.get(node.get("refuri", ""))
            if term is not None:
                done[term] = None
        elif _may_hold_links(node):
            _link_text(node, terms, addresses, done)
    return list(done)


def _link_text(
    text: nodes.Text, terms: tuple[str, ...], addresses: dict[str, str], done: dict[str, None]
) -> None:
    content, end, pieces = str(text), 0, []
    for start, stop, term in occurrences(content, terms):
        if term in done:
            continue
        done[term] = None
        word = nodes.inline("", content[start:stop], classes=["std", "std-term"])
        pieces += [
            nodes.Text(content[end:start]),
            nodes.reference("", "", word, internal=True, refuri=addresses[term], classes=[CLASS]),
        ]
        end = stop
    if pieces:
        rest = [*pieces, nodes.Text(content[end:])]
        text.parent.replace(text, [piece for piece in rest if piece.astext()])


def _link_chapter(app: Any, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html" or PurePosixPath(docname).name not in CHAPTERS:
        return
    if "solutions" in PurePosixPath(docname).parts:
        return
    objects = app.env.get_domain("std").objects
    link(
        doctree,
        {
            name: f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
            for (kind, name), (page, anchor) in objects.items()
            if kind == "term"
        },
    )


def setup(app: Any) -> dict[str, bool]:
    app.connect("doctree-resolved", _link_chapter, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
