"""All records of the book, chapter by chapter.

A chapter's records stand in ``lecturelib/claims/<slug>.py`` as ``CLAIMS`` and ``ERRATA``; a new
chapter adds its slug to :data:`CHAPTERS`.
"""

from __future__ import annotations

import difflib
import importlib

from lecturelib.claims.record import Claim, Erratum

__all__ = ["CHAPTERS", "UNWRITTEN", "claims", "errata", "get"]

CHAPTERS: tuple[str, ...] = (
    "cost_functions",
    "output_units",
    "hidden_units",
    "universal_approximation",
    "backprop",
    "gradient_descent",
    "optimizers",
    "preprocessing",
    "initialization",
    "batch_norm",
    "normalization_family",
    "covariate_shift",
    "loss_smoothness",
    "signal_propagation",
    "length_direction",
    "noise_and_generalization",
)

UNWRITTEN: frozenset[str] = frozenset(
    {
        "normalization_family",
        "covariate_shift",
        "loss_smoothness",
        "signal_propagation",
        "length_direction",
        "noise_and_generalization",
    }
)
"""Chapters whose claims are run before their page exists: the table of claims holds their cards."""


def _select(chapter: str | None) -> tuple[str, ...]:
    if chapter is None:
        return CHAPTERS
    if chapter not in CHAPTERS:
        raise ValueError(f"claims: unknown chapter {chapter!r}; known are {', '.join(CHAPTERS)}")
    return (chapter,)


def claims(chapter: str | None = None) -> tuple[Claim, ...]:
    """The claims of a chapter, or of all chapters in the order of the book.

    >>> claims("batch_norm")[0].id
    'BN1'

    Raises:
        ValueError: if there is no such chapter, or two claims share an id.
    """
    found: dict[str, Claim] = {}
    for slug in _select(chapter):
        for claim in importlib.import_module(f"lecturelib.claims.{slug}").CLAIMS:
            if claim.id in found:
                raise ValueError(f"claims: two records have the id {claim.id}")
            found[claim.id] = claim
    return tuple(found.values())


def get(claim_id: str) -> Claim:
    """The claim with that id.

    >>> get("N2").chapter
    'batch_norm'

    Raises:
        ValueError: if there is none; the message names the nearest ids.
    """
    known = {claim.id: claim for claim in claims()}
    if claim_id in known:
        return known[claim_id]
    near = difflib.get_close_matches(str(claim_id).upper(), known, n=3, cutoff=0.3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
    raise ValueError(f"claims: no claim has the id {claim_id!r}; {hint}")


def errata(chapter: str | None = None) -> tuple[Erratum, ...]:
    """The errata of a chapter, or of all chapters in the order of the book.

    Raises:
        ValueError: if there is no such chapter, or two errata share an id.
    """
    found: dict[str, Erratum] = {}
    for slug in _select(chapter):
        for erratum in importlib.import_module(f"lecturelib.claims.{slug}").ERRATA:
            if erratum.id in found:
                raise ValueError(f"errata: two records have the id {erratum.id}")
            found[erratum.id] = erratum
    return tuple(found.values())
