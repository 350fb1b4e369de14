"""What the claims of the course say about a hypothesis, and about what the lectures conclude.

The judgements are written by hand, in ``hypotheses.py`` and ``conclusions.py``; the effects, the
verdicts and what larger runs gave are read from the stored results, so a table can't contradict
the card that it links.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, get_args

from lecturelib.claims import Claim, get, larger, stored
from lecturelib.claims.card import STYLE, badge, lectures_key
from lecturelib.claims.record import LECTURES, REFERENCES, Measure
from lecturelib.claims.results import Result, ResultError
from lecturelib.claims.statistics import effect_text, passes
from lecturelib.claims.tables import TABLE_STYLE
from lecturelib.interactive.published import page_address

__all__ = [
    "Conclusion",
    "ConclusionsTable",
    "Evidence",
    "EvidenceTable",
    "Hypothesis",
    "MapTable",
]

Speaks = Literal["for", "in part", "against", "beside"]
SPEAKS: dict[Speaks, str] = {
    "for": "for it",
    "in part": "in part",
    "against": "against it",
    "beside": "beside it",
}
"""How a result speaks about a hypothesis: *beside it* bounds it or explains it, and decides
nothing."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one measured claim says about a hypothesis.

    Args:
        claim: its id.
        speaks: for the hypothesis, in part, against it, or beside it.
        says: why, in one sentence without numbers.
        measures: the measures whose effects are shown; the claim's first one where none is named.

    Raises:
        ValueError: if ``speaks`` or the claim is unknown, or the claim has no such measure.
    """

    claim: str
    speaks: Speaks
    says: str
    measures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.speaks not in get_args(Speaks):
            raise ValueError(
                f"Evidence {self.claim}: speaks={self.speaks!r} is none of {', '.join(SPEAKS)}"
            )
        _ = self.shown

    @property
    def record(self) -> Claim:
        """The claim."""
        return get(self.claim)

    @property
    def shown(self) -> tuple[Measure, ...]:
        """The measures whose effects are shown."""
        names = self.measures or (self.record.measures[0].name,)
        return tuple(map(self.record.measure, names))

    def effects(self) -> list[str]:
        """Label and effect of each shown measure from the stored seeds, then from larger runs."""
        values = _stored(self.record).values
        found = [f"{m.label}: {effect_text(m, values[m.name])}" for m in self.shown]
        for result in larger(self.record):
            kind = "full settings" if result.scale == "full" else "larger networks, short training"
            found += [
                f"{m.label}, {kind}: {effect_text(m, result.values[m.name])}{_outcome(m, result)}"
                for m in self.shown
            ]
        return found


def _outcome(measure: Measure, result: Result) -> str:
    """Whether the effect clears the size that the card asks for."""
    if measure.expect is None:
        return ""
    return " — passed" if passes(measure, result.values[measure.name]) else " — not passed"


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """A hypothesis about why batch normalization works.

    Args:
        name: as the page's heading has it.
        sentence: what it says.
        keys: papers that state it, as keys of the bibliography.
        refuted_by: what would refute it, in words.
        verdict: what is left of it, in a few words.
        evidence: what the course measured.

    Raises:
        ValueError: if a paper is unknown, or a claim is named twice.
    """

    name: str
    sentence: str
    keys: tuple[str, ...]
    refuted_by: str
    verdict: str
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        for key in self.keys:
            if key not in REFERENCES:
                raise ValueError(f"Hypothesis {self.name!r}: no paper {key!r} in REFERENCES")
        ids = [(row.claim, measure.name) for row in self.evidence for measure in row.shown]
        if len(set(ids)) < len(ids):
            raise ValueError(f"Hypothesis {self.name!r} names a measure of a claim twice: {ids}")

    @property
    def anchor(self) -> str:
        """Where the page's heading is."""
        return self.name.lower().replace(" ", "-")

    def count(self, speaks: Speaks) -> int:
        """How many claims speak so."""
        return sum(row.speaks == speaks for row in self.evidence)


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What a lecture concludes, and what was found.

    Args:
        lecture: its short name.
        sentence: what it concludes, in other words.
        claims: ids of the claims that test it; none where it can't be tested.
        found: the answer, in one or two sentences.

    Raises:
        ValueError: if the lecture or a claim is unknown.
    """

    lecture: str
    sentence: str
    claims: tuple[str, ...]
    found: str

    def __post_init__(self) -> None:
        if self.lecture not in LECTURES:
            raise ValueError(
                f"Conclusion: unknown lecture {self.lecture!r}; known are {', '.join(LECTURES)}"
            )
        for name in self.claims:
            get(name)


def _stored(claim: Claim) -> Result:
    result = stored(claim)
    if result is None:
        raise ResultError(f"what_we_know: {claim.id} has no stored result")
    return result


def _link(claim: Claim) -> str:
    return f'<a href="{page_address(claim.chapter)}#claim-{claim.id}">{claim.id}</a>'


class MapTable:
    """All hypotheses in one table: how many claims speak for and against, and what is left.

    Args:
        hypotheses: the rows.
    """

    def __init__(self, hypotheses: Sequence[Hypothesis]) -> None:
        self.hypotheses = list(hypotheses)

    def __repr__(self) -> str:
        lines = []
        for row in self.hypotheses:
            counts = ", ".join(f"{row.count(s)} {words}" for s, words in SPEAKS.items())
            lines.append(f"{row.name} · {counts}")
            lines += textwrap.wrap(row.verdict, 76, initial_indent="  ", subsequent_indent="  ")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{words}</th>' for words in SPEAKS.values())
        body = "".join(
            f'<tr><th scope="row"><a href="#{row.anchor}">{escape(row.name)}</a></th>'
            + "".join(f"<td>{row.count(s)}</td>" for s in SPEAKS)
            + f"<td>{escape(row.verdict)}</td></tr>"
            for row in self.hypotheses
        )
        return (
            f'{TABLE_STYLE}<table class="ll-table"><caption>Claims of this course about each '
            "hypothesis: how many speak for it, for a part of it, against it, or bound it "
            "without deciding.</caption>"
            f'<thead><tr><th scope="col">Hypothesis</th>{heads}'
            f'<th scope="col">What is left</th></tr></thead><tbody>{body}</tbody></table>'
        )


class EvidenceTable:
    """What the claims of the course say about one hypothesis.

    Args:
        hypothesis: the hypothesis.
    """

    def __init__(self, hypothesis: Hypothesis) -> None:
        self.hypothesis = hypothesis

    def __repr__(self) -> str:
        lines = []
        for row in self.hypothesis.evidence:
            lines.append(f"{row.claim} · {SPEAKS[row.speaks]} · {row.record.chapter}")
            for text in (row.says, *row.effects()):
                lines += textwrap.wrap(text, 76, initial_indent="  ", subsequent_indent="    ")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{_link(row.record)}</th><td>{SPEAKS[row.speaks]}</td>'
            f"<td><p>{escape(row.says)}</p>"
            + "".join(f'<p class="ll-small"><em>{escape(text)}</em></p>' for text in row.effects())
            + "</td></tr>"
            for row in self.hypothesis.evidence
        )
        return (
            f'{TABLE_STYLE}<table class="ll-table"><caption>Measured here. Effects are the median '
            "[smallest .. largest] over the seeds of the claim, then the seeds on the expected "
            "side; larger runs ran ten seeds on a GPU.</caption>"
            '<thead><tr><th scope="col" class="ll-id">Claim</th><th scope="col">Speaks</th>'
            '<th scope="col">What it says, and the effect</th></tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )


class ConclusionsTable:
    """What the lectures conclude, beside the verdicts.

    Args:
        rows: the conclusions, in the order of the lectures.
    """

    def __init__(self, rows: Sequence[Conclusion]) -> None:
        self.rows = list(rows)

    def __repr__(self) -> str:
        lines = []
        for row in self.rows:
            verdicts = ", ".join(f"{name} {get(name).verdict}" for name in row.claims)
            lines += textwrap.wrap(f"{row.lecture} · {row.sentence}", 76, subsequent_indent="  ")
            for text in (verdicts or "no claim", row.found):
                lines += textwrap.wrap(text, 76, initial_indent="  ", subsequent_indent="    ")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td>{escape(row.lecture)}: {escape(row.sentence)}</td><td>"
            + (
                "".join(
                    f"<p>{_link(claim)} {badge(claim.verdict)}</p>"
                    for claim in map(get, row.claims)
                )
                or "<p>none</p>"
            )
            + f"</td><td>{escape(row.found)}</td></tr>"
            for row in self.rows
        )
        key = escape(lectures_key([row.lecture for row in self.rows]))
        return (
            f'{STYLE}{TABLE_STYLE}<table class="ll-table"><caption>What the lectures conclude, in '
            f"other words, and the claims that test it. {key}</caption>"
            '<thead><tr><th scope="col">The lecture concludes</th><th scope="col">Claims</th>'
            f'<th scope="col">Found here</th></tr></thead><tbody>{body}</tbody></table>'
        )
