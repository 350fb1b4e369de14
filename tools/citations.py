"""Citations as Markdown: author and year, as the site shows them, with a link to the paper.

    >>> cite("t", ["ioffe2015"])
    '[Ioffe and Szegedy (2015)](https://arxiv.org/abs/1502.03167)'
    >>> cite("p", ["cybenko1989", "ioffe2015"]).count("](")
    2

The link is the paper's DOI, address or number at arXiv in ``book/references.bib``, whichever is
there, else the paper's entry in the site's bibliography.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from tools.course import ROOT, page_address

_CITATION = re.compile(r"^(?:\{(?P<before>[^{}]*)\})?(?P<key>[^{}\s]+?)(?:\{(?P<after>[^{}]*)\})?$")


@functools.cache
def _bibliography() -> Any:
    from pybtex.database import parse_file  # comes with what builds the site

    return parse_file(str(ROOT / "book" / "references.bib"), bib_format="bibtex")


def _entry(key: str) -> Any:
    try:
        return _bibliography().entries[key]
    except KeyError:
        raise LookupError(f"references.bib has no {key!r}") from None


def _text(latex: str) -> str:
    """LaTeX of a bibliography as plain text."""
    from pybtex.richtext import Text

    return str(Text.from_latex(latex))


def keys() -> list[str]:
    """The keys of all entries."""
    return list(_bibliography().entries)


def authors(key: str, *, full: bool = False) -> str:
    """Surnames: one, two with "and", or the first with "et al."; all of them where ``full``.

    >>> authors("rumelhart1986")
    'Rumelhart et al.'
    """
    entry = _entry(key)
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [_text(" ".join([*person.prelast_names, *person.last_names])) for person in people]
    if not names:
        return _text(entry.fields["title"])
    if len(names) > 2 and not full:
        return f"{names[0]} et al."
    *first, last = names
    separator = ", and " if len(first) > 1 else " and "
    return separator.join(filter(None, [", ".join(first), last]))


def year(key: str) -> str:
    """The year of publication."""
    return str(_entry(key).fields["year"])


def address(key: str) -> str:
    """Where the paper can be read, else its entry in the site's bibliography."""
    fields = _entry(key).fields
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "url" in fields:
        return str(fields["url"])
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return f"{page_address(ROOT / 'book' / 'bibliography.md')}#{key}"


def cite(form: str, keys: list[str]) -> str:
    """What ``{cite:form}`` says, as Markdown.

    Args:
        form: ``t`` (in the text), ``p`` (in brackets; also ``cite``, the role without a form),
            ``alp`` (the same without brackets), ``author`` or ``year``; a further ``s``, as in
            ``ts``, names all authors, and ``ct`` starts a sentence.
        keys: keys of ``references.bib``, each with what stands before and after it in braces.

    Raises:
        LookupError: the bibliography has no such entry.
        ValueError: there is no such form.
    """
    base = form.removesuffix("s") if form != "s" else form
    shown = {
        "cite": "{authors}, {year}",
        "p": "{authors}, {year}",
        "alp": "{authors}, {year}",
        "t": "{authors} ({year})",
        "ct": "{authors} ({year})",
        "author": "{authors}",
        "cauthor": "{authors}",
        "year": "{year}",
        "yearpar": "({year})",
    }.get(base)
    if shown is None:
        raise ValueError(f"there is no form {form!r} of a citation")
    full = base != form
    pieces = []
    for given in keys:
        found = _CITATION.match(given)
        if not found:
            raise LookupError(f"{given!r} is no key of references.bib")
        key = found["key"]
        text = shown.format(authors=authors(key, full=full), year=year(key))
        before = f"{found['before'].strip()} " if found["before"] else ""
        after = f", {found['after'].strip()}" if found["after"] else ""
        pieces.append(f"{before}[{text}]({address(key)}){after}")
    joined = ("; " if base in ("cite", "p", "alp") else ", ").join(pieces)
    return f"({joined})" if base in ("cite", "p") else joined
