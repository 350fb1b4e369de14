"""All records of the book, chapter by chapter.

A chapter's records stand in its folder: ``CLAIMS`` in ``claims.py``, ``ERRATA`` in ``errata.py``.
The order is that of :mod:`lecturelib.contents`.
"""

from __future__ import annotations

import difflib
from functools import cache

from lecturelib import contents
from lecturelib.claims.record import Claim, Erratum

__all__ = ["claims", "errata", "get"]


@cache
def claims(chapter: str | None = None) -> tuple[Claim, ...]:
    """The claims of a chapter, or of all chapters in the order of the book.

    >>> claims("backprop")[0].id
    'F11'

    Raises:
        ValueError: if there is no such chapter, or two claims share an id.
    """
    found: dict[str, Claim] = {}
    for _, module in contents.modules("claims", chapter):
        for claim in module.CLAIMS:
            if claim.id in found:
                raise ValueError(f"claims: two records have the id {claim.id}")
            found[claim.id] = claim
    return tuple(found.values())


def _home(claim_id: str) -> str | None:
    """The chapter that holds a stored result of the claim: found without importing any."""
    held = (c for c in contents.CHAPTERS if (contents.results(c) / f"{claim_id}.json").is_file())
    return next(held, None)


def get(claim_id: str) -> Claim:
    """The claim with that id.

    >>> get("N2").chapter
    'batch_norm_in_networks'

    Raises:
        ValueError: if there is none; the message names the nearest ids.
    """
    home = _home(str(claim_id))
    known = {claim.id: claim for claim in (claims(home) if home else ())}
    if claim_id not in known:
        known = {claim.id: claim for claim in claims()}
    if claim_id in known:
        return known[claim_id]
    near = difflib.get_close_matches(str(claim_id).upper(), known, n=3, cutoff=0.3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
    raise ValueError(f"claims: no claim has the id {claim_id!r}; {hint}")


@cache
def errata(chapter: str | None = None) -> tuple[Erratum, ...]:
    """The errata of a chapter, or of all chapters in the order of the book.

    Raises:
        ValueError: if there is no such chapter, or two errata share an id.
    """
    found: dict[str, Erratum] = {}
    for _, module in contents.modules("errata", chapter):
        for erratum in module.ERRATA:
            if erratum.id in found:
                raise ValueError(f"errata: two records have the id {erratum.id}")
            found[erratum.id] = erratum
    return tuple(found.values())
