"""A run of one's own beside the stored result of a claim: medians, ranges, verdicts and a test.

The test asks, measure by measure, whether the values of one run tend to be larger than those of the
other: the two-sided test of Mann and Whitney (1947), which looks at ranks alone and so takes no
shape of the distributions for granted. With several measures the smallest of many p-values is small
by chance, so they are corrected by the method of Holm (1979). Runs that share seeds are no
independent samples; of the shared seeds the largest difference is told instead, and the test takes
the others.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from lecturelib.claims import larger_runs, registry
from lecturelib.claims.card import LEFT, RIGHT, STYLE, Axis, badge, css, picture, sentence_case
from lecturelib.claims.record import Claim, Measure
from lecturelib.claims.results import Result, ResultError, larger, load_result, stored
from lecturelib.claims.statistics import effect_text, format_value, summarize, verdict

__all__ = ["Comparison", "Row", "compare", "find", "page"]

FEWEST = 3
"""Values that each side needs for a test to say anything."""
STORED = 1e-5
"""Relative difference that comes from the six digits of a stored value."""


@dataclass(frozen=True)
class Row:
    """One measure of two runs.

    Args:
        measure: the measure.
        own: its values in the reader's run.
        stored: its values in the stored result.
        p: probability of ranks at least as far apart if both runs draw from one distribution,
            corrected for the number of measures; ``None`` where there is nothing to test.
        apart: largest difference between values of the same seed; ``None`` where none is shared.
    """

    measure: Measure
    own: tuple[float, ...]
    stored: tuple[float, ...]
    p: float | None
    apart: float | None


class Comparison:
    """What :func:`compare` found; the last expression of a notebook cell shows it.

    Args:
        claim: the record.
        own: the reader's run.
        stored: what it is compared with.
    """

    def __init__(self, claim: Claim, own: Result, stored: Result) -> None:
        self.claim = claim
        self.own = own
        self.stored = stored
        self.rows = _rows(claim, own, stored)

    @property
    def verdicts(self) -> tuple[str, str]:
        """The verdicts that the reader's run and the stored result give."""
        return verdict(self.claim, self.own.values), verdict(self.claim, self.stored.values)

    @property
    def agrees(self) -> bool:
        """Whether both runs give the same verdict."""
        return len(set(self.verdicts)) == 1

    def _circumstances(self, result: Result) -> str:
        first, last = result.seeds[0], result.seeds[-1]
        changed = larger_runs.settings_text(self.claim, result)
        return (
            f"{len(result.seeds)} seeds from {first} to {last}, {result.scale} settings"
            + (f" ({changed})" if changed else "")
            + f", {self._where(result)}"
        )

    def _where(self, result: Result) -> str:
        """The device, and versions where the two runs had others."""
        device = "cpu" if result.device.startswith("cpu") else result.device
        own, kept = map(_torch, (self.own, self.stored))
        return device if own == kept else f"{device}, torch {_torch(result)}"

    def _remarks(self) -> list[str]:
        """What a reader has to know before reading the numbers."""
        remarks = []
        if self.own.settings_hash != self.stored.settings_hash:
            remarks.append("The settings differ, so the numbers may differ for that reason.")
        if self.own.code_hash != self.stored.code_hash:
            remarks.append("The code of the experiment has changed between the two.")
        return remarks

    def _pairs(self) -> list[tuple[str, Result, str]]:
        own, kept = self.verdicts
        return [("your run", self.own, own), ("stored", self.stored, kept)]

    def __repr__(self) -> str:
        agree = "the same verdict" if self.agrees else "another verdict"
        lines = [f"{self.claim.id} · {agree}"]
        lines += textwrap.wrap(self.claim.sentence, 76, initial_indent="  ", subsequent_indent="  ")
        for name, result, found in self._pairs():
            text = f"{name}: {found}; {self._circumstances(result)}"
            lines += textwrap.wrap(text, 76, initial_indent="  ", subsequent_indent="    ")
        lines += [f"  {remark}" for remark in self._remarks()]
        for row in self.rows:
            lines += textwrap.wrap(
                f"{row.measure.label}: {_outcome(row)}", 76, initial_indent="  - ",
                subsequent_indent="    ",
            )  # fmt: skip
            lines.append(f"      your run {effect_text(row.measure, row.own)}")
            lines.append(f"      stored   {effect_text(row.measure, row.stored)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(_row_html(row) for row in self.rows)
        sides = "".join(
            f"<p>{sentence_case(name)}: {badge(found)} "  # type: ignore[arg-type]
            f'<span class="ll-small">{escape(self._circumstances(result))}</span></p>'
            for name, result, found in self._pairs()
        )
        remarks = "".join(f"<p><strong>{escape(text)}</strong></p>" for text in self._remarks())
        return (
            f'{STYLE}<article class="ll-claim {css(self.claim.verdict)}" '
            f'aria-label="Claim {self.claim.id}, two runs">'
            f"<p><strong>Claim {self.claim.id}, your run beside the stored one</strong></p>"
            f'<p class="ll-said">{escape(self.claim.sentence)}</p>{sides}{remarks}'
            f"<dl>{rows}</dl></article>"
        )


def _torch(result: Result) -> str:
    """The version of PyTorch, without what says how it was built."""
    return result.versions.get("torch", "unknown").partition("+")[0]


def compare(claim_id: str | Claim, result: Result | Path | str) -> Comparison:
    """A run of your own beside the stored result of the same scale.

    Args:
        claim_id: id of the claim, such as ``"N2"``, or a record of your own.
        result: what :func:`lecturelib.claims.run` gave, or a file or folder in which it was kept.

    Returns:
        The comparison, in text and HTML, with its numbers in ``rows`` and ``verdicts``.

    Raises:
        ValueError: for an unknown claim, a result of another claim, or a folder without one.
        ResultError: if a file is damaged, or nothing is stored to compare with.

    >>> from lecturelib import claims
    >>> own = claims.run("BN10", seeds=5, first_seed=500, progress=False)
    >>> claims.compare("BN10", own).agrees
    True

    Source:
        Mann and Whitney (1947), On a test of whether one of two random variables is
        stochastically larger than the other; Holm (1979), A simple sequentially rejective
        multiple test procedure.
    """
    claim = claim_id if isinstance(claim_id, Claim) else registry.get(claim_id)
    own = result if isinstance(result, Result) else load_result(find(claim.id, Path(result)))
    if own.claim != claim.id:
        raise ValueError(f"claims.compare: the result is one of {own.claim}, not of {claim.id}")
    if odd := {measure.name for measure in claim.measures} ^ set(own.values):
        raise ValueError(f"claims.compare: the measures are others now ({', '.join(sorted(odd))})")
    return Comparison(claim, own, _counterpart(claim, own))


def find(claim_id: str, place: Path) -> Path:
    """The file of a claim's result: ``place`` itself, or the newest of the claim in that folder.

    Raises:
        ValueError: if there is none.
    """
    if place.is_file():
        return place
    files = [*place.glob(f"{claim_id}.json"), *place.glob(f"{claim_id}-*.json")]
    if not files:
        raise ValueError(
            f"claims compare: no result of {claim_id} in {place}; make one with "
            f"python -m lecturelib.claims run {claim_id} --out {place}"
        )
    return max(files, key=lambda path: path.stat().st_mtime)


def _counterpart(claim: Claim, own: Result) -> Result:
    """The stored result of the same scale; the quick one where there is none."""
    for result in larger(claim):
        if result.scale == own.scale:
            return result
    quick = stored(claim)
    if quick is None:
        raise ResultError(f"claims compare: {claim.id} has no stored result")
    return quick


def page(comparisons: Sequence[Comparison]) -> str:
    """Comparisons as one self-contained HTML page, light or dark as the reader has it."""
    articles = "".join(comparison._repr_html_() for comparison in comparisons)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>Your runs beside the stored ones</title>"
        "<style>:root{color-scheme:light dark}body{font-family:sans-serif;margin:2rem auto;"
        "max-width:50rem;padding:0 1rem}</style><h1>Your runs beside the stored ones</h1>"
        f"{articles}</html>\n"
    )


# --- measures ------------------------------------------------------------------------------------


def _rows(claim: Claim, own: Result, kept: Result) -> list[Row]:
    """All measures, with p-values corrected for their number."""
    shared = set(own.seeds) & set(kept.seeds)
    comparable = own.settings_hash == kept.settings_hash
    rows, raw = [], {}
    for measure in claim.measures:
        mine, theirs = own.values[measure.name], kept.values[measure.name]
        apart = None
        if shared and comparable:
            by_seed = dict(zip(kept.seeds, theirs, strict=True))
            apart = max(
                abs(value - by_seed[seed])
                for seed, value in zip(own.seeds, mine, strict=True)
                if seed in by_seed
            )
        fresh = [v for seed, v in zip(own.seeds, mine, strict=True) if seed not in shared]
        if measure.digits >= 0:  # errors of rounding have no distribution worth a test
            raw[measure.name] = _mann_whitney(fresh if comparable else mine, theirs)
        rows.append(Row(measure, mine, theirs, None, apart))
    corrected = holm({name: p for name, p in raw.items() if p is not None})
    return [
        Row(row.measure, row.own, row.stored, corrected.get(row.measure.name), row.apart)
        for row in rows
    ]


def _mann_whitney(own: Sequence[float], kept: Sequence[float]) -> float | None:
    """Two-sided p-value, exact for few values without ties; None where they are too few."""
    from scipy.stats import mannwhitneyu

    if min(len(own), len(kept)) < FEWEST:
        return None
    if len({*own, *kept}) == 1:
        return 1.0
    return float(mannwhitneyu(own, kept, alternative="two-sided").pvalue)


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """p-values corrected for their number, by the step-down method of Holm (1979).

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    found, largest = {}, 0.0
    for i, (name, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (len(values) - i) * p))
        found[name] = largest
    return found


def _outcome(row: Row) -> str:
    """The two medians and how surprising their distance is, in words."""
    medians = [
        format_value(
            summarize(row.measure, values).median,
            row.measure.digits,
            least=row.measure.expect == "above",
        )
        for values in (row.own, row.stored)
    ]
    parts = [f"median {medians[0]} beside {medians[1]}"]
    if row.p is not None:
        parts.append("p < 0.001" if row.p < 0.001 else f"p = {row.p:.3f}")
    if row.apart is not None:
        size = max(map(abs, row.stored))
        parts.append(
            "values of the same seed agree in all digits that are stored"
            if row.apart <= STORED * size
            else f"values of the same seed at most {row.apart:.2g} apart"
        )
    return "; ".join(parts)


def _row_html(row: Row) -> str:
    plot = "" if row.measure.digits < 0 else _both(row)
    return (
        f"<dt>{escape(row.measure.label)}</dt><dd>{escape(_outcome(row))}{plot}"
        f'<span class="ll-small">Your run {escape(effect_text(row.measure, row.own))}<br>'
        f"Stored {escape(effect_text(row.measure, row.stored))}</span></dd>"
    )


def _both(row: Row) -> str:
    """The dots of both runs on one axis, yours above."""
    axis = Axis(row.measure, [*row.own, *row.stored])
    shapes = axis.lines(88)
    for top, values, name in ((26, row.own, "your run"), (64, row.stored, "stored")):
        shapes.append(
            f'<line x1="{LEFT}" y1="{top + 20}" x2="{RIGHT}" y2="{top + 20}" '
            'stroke="currentColor" opacity=".4"/>'
        )
        shapes += [*axis.dots(values, top), axis.median(values, top)]
        shapes.append(f'<text x="{RIGHT}" y="{top + 30}" text-anchor="end">{name}</text>')
    alt = (
        f"{row.measure.label}: your run {effect_text(row.measure, row.own)}; "
        f"stored {effect_text(row.measure, row.stored)}."
    )
    return picture(shapes, height=104, alt=alt)
