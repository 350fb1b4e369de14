"""Claims of the lectures, the experiments that test them, and the errata.

- :func:`show` gives the card of a claim, :func:`cards` those of several, :func:`table` the table of
  all claims, :func:`errata_table` that of the errata;
- :func:`run` runs a claim, and :func:`compare` puts such a run beside the stored result;
  ``python -m lecturelib.claims --help`` does both from a shell;
- :func:`claims`, :func:`get` and :func:`errata` give the records.

How to add a claim is told in the book, on the page "How to add a claim".
"""

from __future__ import annotations

from lecturelib.claims.card import Card, Cards
from lecturelib.claims.compare import Comparison, compare
from lecturelib.claims.record import Claim, Erratum, Measure, PublishedFigure, Source
from lecturelib.claims.registry import claims, errata, get
from lecturelib.claims.results import (
    CorruptResult,
    Result,
    ResultError,
    StaleResult,
    larger,
    stored,
)
from lecturelib.claims.runner import UnwrittenResult, run, seed_axis_ratio
from lecturelib.claims.statistics import verdict
from lecturelib.claims.tables import ClaimsTable, ErrataTable

__all__ = [
    "Card",
    "Cards",
    "Claim",
    "ClaimsTable",
    "Comparison",
    "CorruptResult",
    "ErrataTable",
    "Erratum",
    "Measure",
    "PublishedFigure",
    "Result",
    "ResultError",
    "Source",
    "StaleResult",
    "UnwrittenResult",
    "cards",
    "claims",
    "compare",
    "errata",
    "errata_table",
    "get",
    "larger",
    "run",
    "seed_axis_ratio",
    "show",
    "stored",
    "table",
    "verdict",
]


def show(claim_id: str, *, result: Result | None = None) -> Card:
    """The card of a claim, for a notebook cell.

    Args:
        claim_id: id of the claim, such as ``"N2"``.
        result: what a run of your own gave; else the result that ships with the package.

    Raises:
        ValueError: if there is no such claim, or ``result`` belongs to another one.
        ResultError: if the stored result is missing, corrupt or stale.

    >>> show("BN1").claim.verdict
    'holds with a condition'
    """
    claim = get(claim_id)
    if result is not None and result.claim != claim.id:
        raise ValueError(f"claims.show: the result is one of {result.claim}, not of {claim.id}")
    if result is not None:
        return Card(claim, result)
    return Card(claim, _stored(claim), larger(claim))


def cards(*claim_ids: str) -> Cards:
    """The cards of several claims in one cell.

    Raises:
        ValueError: if there is no such claim.
        ResultError: if a stored result is missing, corrupt or stale.

    >>> [card.claim.id for card in cards("BN6", "BN7").cards]
    ['BN6', 'BN7']
    """
    return Cards([show(claim_id) for claim_id in claim_ids])


def table(chapter: str | None = None) -> ClaimsTable:
    """All claims of a chapter, or of the book, with verdict and effect.

    Raises:
        ValueError: if there is no such chapter.
        ResultError: if a stored result is missing, corrupt or stale.
    """
    return ClaimsTable([(claim, _stored(claim), larger(claim)) for claim in claims(chapter)])


def errata_table(chapter: str | None = None) -> ErrataTable:
    """All errata of a chapter, or of the book.

    Raises:
        ValueError: if there is no such chapter.
    """
    return ErrataTable(errata(chapter))


def _stored(claim: Claim) -> Result:
    result = stored(claim)
    if result is None:
        raise ResultError(
            f"claims: {claim.id} has no stored result; make it with "
            f"python -m lecturelib.claims run {claim.id} --store"
        )
    return result
