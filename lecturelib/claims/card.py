"""A claim as the chapter shows it: a card in HTML, and the same in plain text.

The numbers are those of the stored result, so the text is the same on every machine.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from html import escape

from lecturelib.claims import larger_runs
from lecturelib.claims.record import LECTURES, Claim, Measure, Source, Verdict
from lecturelib.claims.results import Result
from lecturelib.claims.statistics import effect_text, passes, summarize
from lecturelib.claims.turning import turning_of, turning_text

__all__ = ["MARKS", "STYLE", "Card", "Cards", "sources_text", "spread_plot"]

MARKS: dict[Verdict, str] = {
    "holds": "✓",
    "holds with a condition": "◐",
    "not reproduced": "○",
    "wrong": "✗",
}
"""A sign beside the colour, so that the colour is not needed."""

USUAL_WINS = 0.9
"""Share of seeds on the expected side that goes without saying."""

STYLE = """<style>
.ll-claim{border:1px solid #8886;border-inline-start:.35rem solid var(--ll);border-radius:.4rem;
padding:.8rem 1rem;margin:1rem 0;max-width:46rem;line-height:1.5;overflow-wrap:break-word}
.ll-claim p{margin:.35rem 0}.ll-claim .ll-said{font-size:1.08em}
.ll-claim .ll-small{font-size:.9em}
.ll-claim dl{margin:.5rem 0}.ll-claim dt{font-weight:600;margin-top:.4rem}
.ll-claim dd{margin:0 0 .1rem 0}.ll-claim ul{margin:.2rem 0;padding-inline-start:1.2rem}
.ll-claim svg{display:block;width:100%;max-width:30rem;height:auto;margin:.4rem 0}
.ll-verdict{display:inline-block;border:2px solid var(--ll);border-radius:1rem;padding:0 .6rem;
font-weight:600;white-space:nowrap}
.ll-v0{--ll:#009e73}.ll-v1{--ll:#e69f00}.ll-v2{--ll:#56b4e9}.ll-v3{--ll:#d55e00}
</style>"""


def badge(verdict: Verdict) -> str:
    """The verdict in a rounded frame of its colour."""
    return f'<span class="ll-verdict {css(verdict)}">{MARKS[verdict]} {verdict}</span>'


def css(verdict: Verdict) -> str:
    """Class that sets the colour of a verdict."""
    return f"ll-v{list(MARKS).index(verdict)}"


def expectation(measure: Measure) -> str:
    """What was asked of a measure, in words."""
    if measure.expect is None or measure.threshold is None:
        return ""
    share = f", on {measure.wins:.0%} of the seeds" if measure.wins < USUAL_WINS else ""
    return f"{measure.expect} {_plain(measure.threshold)}{share} ({measure.reason})"


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "−") if abs(value) >= 1e-3 or value == 0 else f"{value:.0e}"


LEFT, RIGHT, WIDTH = 12.0, 308.0, 320


class Axis:
    """The axis of a spread plot: values to places, and marks for what was asked (SVG).

    Args:
        measure: what is drawn.
        values: all values that the axis has to hold.
    """

    def __init__(self, measure: Measure, values: Sequence[float]) -> None:
        self.measure = measure
        marks = [v for v in (measure.threshold, measure.no_effect) if v is not None]
        drawn = [self._scale(value) for value in (*values, *marks)]
        low, high = min(drawn), max(drawn)
        span = (high - low) or abs(high) or 1.0
        self.low, self.high = low - 0.04 * span, high + 0.04 * span

    def _scale(self, value: float) -> float:
        """Errors of rounding are drawn by their order of magnitude, from 1e-17 on."""
        return math.log10(max(abs(value), 1e-17)) if self.measure.digits < 0 else value

    def place(self, value: float) -> float:
        """Where a value lies, in the picture's units."""
        return LEFT + (self._scale(value) - self.low) / (self.high - self.low) * (RIGHT - LEFT)

    def lines(self, bottom: float) -> list[str]:
        """The value of no effect and what was asked, as dashed lines with their names."""
        measure, lines = self.measure, {}
        if measure.threshold is not None and measure.expect is not None:
            if measure.no_effect is not None and measure.no_effect != measure.threshold:
                lines["no effect"] = (measure.no_effect, "2 3", bottom + 10)
            lines["asked"] = (measure.threshold, "6 3", 12)
        shapes = []
        for name, (value, dash, y) in lines.items():
            x = self.place(value)
            anchor = "start" if x < 60 else "end" if x > 260 else "middle"
            shapes.append(
                f'<line x1="{x:.1f}" y1="16" x2="{x:.1f}" y2="{bottom:g}" stroke="currentColor" '
                f'stroke-dasharray="{dash}"/><text x="{x:.1f}" y="{y:g}" text-anchor="{anchor}">'
                f"{name} {_plain(value)}</text>"
            )
        return shapes

    def dots(self, values: Sequence[float], top: float) -> list[str]:
        """One dot a seed, in three rows, since equal values would hide one another."""
        return [
            f'<circle cx="{self.place(value):.1f}" cy="{top + 6 * (i % 3):g}" r="3.2" '
            'fill="var(--ll)" stroke="currentColor" stroke-width=".6" fill-opacity=".8"/>'
            for i, value in enumerate(values)
        ]

    def median(self, values: Sequence[float], top: float) -> str:
        """The median as a bar across the three rows of dots."""
        x = self.place(summarize(self.measure, values).median)
        return (
            f'<line x1="{x:.1f}" y1="{top - 6:g}" x2="{x:.1f}" y2="{top + 18:g}" '
            'stroke="currentColor" stroke-width="2.5"/>'
        )


def picture(shapes: Sequence[str], *, height: float, alt: str) -> str:
    """The shapes as one SVG picture with a text for who can't see it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(alt, quote=True)}" '
        'font-size="10" font-family="inherit" fill="currentColor">' + "".join(shapes) + "</svg>"
    )


def spread_plot(measure: Measure, values: Sequence[float]) -> str:
    """One dot a seed, the median as a bar, threshold and value of no effect as lines (SVG)."""
    axis = Axis(measure, values)
    lines = axis.lines(50)
    shapes = [
        f'<line x1="{LEFT}" y1="46" x2="{RIGHT}" y2="46" stroke="currentColor" opacity=".4"/>',
        *lines,
        *axis.dots(values, 26),
        axis.median(values, 26),
    ]
    alt = f"{measure.label} over {len(values)} seeds: {effect_text(measure, values)}."
    return picture(shapes, height=66 if len(lines) > 1 else 54, alt=alt)


def sources_text(claim: Claim) -> str:
    """Who says it, for a table; lectures that follow the same paper are named together.

    >>> from lecturelib.claims import get
    >>> sources_text(get("BN4"))
    'LBN and NT after Ioffe and Szegedy (2015)'
    """
    lectures: dict[tuple[str, ...], list[str]] = {}
    for source in claim.sources:
        lectures.setdefault(source.keys, []).append(source.lecture)
    joined = (Source(lecture=names[0], keys=keys) for keys, names in lectures.items())
    return "; ".join(
        str(source).replace(source.lecture, " and ".join(names), 1)
        for source, names in zip(joined, lectures.values(), strict=True)
    )


_LECTURE = rf"\b(?:{'|'.join(LECTURES)})\b"


def in_full(sources: str) -> str:
    """The lectures in a text of sources by their titles, for a reader who knows no short names.

    >>> in_full("NT after Ioffe and Szegedy (2015)")
    'the lecture “Normalization Techniques” after Ioffe and Szegedy (2015)'
    """

    def titles(found: re.Match[str]) -> str:
        names = re.findall(_LECTURE, found[0])
        quoted = " and ".join(f"“{LECTURES[name]}”" for name in names)
        return f"the lecture{'s' if len(names) > 1 else ''} {quoted}"

    return re.sub(rf"{_LECTURE}(?: and {_LECTURE})*", titles, sources)


def lectures_key(names: Iterable[str]) -> str:
    """What short names stand for, as a line below a table that uses them."""
    asked = set(names)
    parts = (f"{name}: {title}" for name, title in LECTURES.items() if name in asked)
    return f"Lectures: {'. '.join(parts)}."


def sentence_case(text: str) -> str:
    """The text with a capital at its start, and nothing else changed."""
    return text[:1].upper() + text[1:]


class Card:
    """A claim with its result; the last expression of a notebook cell shows it.

    Args:
        claim: the record.
        result: what a run gave.
        larger: what runs at larger settings gave, told below.

    >>> from lecturelib.claims import show
    >>> print(str(show("BN10")).splitlines()[0])
    BN10 · holds
    """

    def __init__(self, claim: Claim, result: Result, larger: Sequence[Result] = ()) -> None:
        self.claim = claim
        self.result = result
        self.larger = tuple(larger)

    def _run(self) -> str:
        """Under which circumstances the numbers arose; nothing that differs between readers."""
        result, seeds = self.result, self.result.seeds
        runs = self.claim.runs if result.scale == "quick" else 1
        each = f", the median of {runs} runs each" if runs > 1 else ""
        return (
            f"{result.scale} settings, seeds {seeds[0]} to {seeds[-1]}{each}, "
            f"{result.device.split()[0]}, {self._seconds()}, torch {result.versions['torch']}"
        )

    def _ratio(self) -> str:
        """What the leading seed axis saves."""
        ratio = self.result.seed_axis_ratio
        return "" if ratio is None else f" Ten seeds at once took {ratio} of a loop's CPU time."

    def _turning(self) -> str:
        """How likely other seeds are to give another verdict."""
        probability = turning_of(self.claim, self.result)
        if probability is None:
            return ""
        return (
            f"On {self.claim.seeds} other seeds the verdict would be another one with a "
            f"probability of {turning_text(probability)}."
        )

    def _seconds(self) -> str:
        """CPU time where it ran on a CPU: another job on the machine changes it least."""
        if self.result.device.startswith("cpu"):
            return f"{self.result.cpu_seconds:.1f} s of CPU time"
        return f"{self.result.seconds:.1f} s"

    def __repr__(self) -> str:
        claim, lines = self.claim, []
        lines.append(f"{claim.id} · {claim.verdict}")
        lines += textwrap.wrap(claim.sentence, 88, initial_indent="  ", subsequent_indent="  ")
        said_by = in_full(sources_text(claim))
        lines += textwrap.wrap(said_by, 88, initial_indent="  said by: ", subsequent_indent="    ")
        for measure in claim.measures:
            effect = effect_text(measure, self.result.values[measure.name])
            asked = f"; asked: {measure.expect} {_plain(measure.threshold)}" \
                if measure.expect and measure.threshold is not None else ""  # fmt: skip
            lines += textwrap.wrap(
                f"{measure.label}: {effect}{asked}",
                96,
                initial_indent="  - ",
                subsequent_indent="    ",
            )
        for text in claim.conditions:
            lines += textwrap.wrap(
                text, 88, initial_indent="  condition: ", subsequent_indent="    "
            )
        for published in claim.published:
            lines += textwrap.wrap(
                str(published), 88, initial_indent="  published: ", subsequent_indent="    "
            )
        for name, text in (("run", self._run()), ("chance", self._turning())):
            if text:
                lines += textwrap.wrap(
                    text, 98, initial_indent=f"  {name}: ", subsequent_indent="    "
                )
        for result in self.larger:
            lines += larger_runs.text(claim, result)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return STYLE + self.article()

    def article(self) -> str:
        """The card in HTML, for a page that has its style already."""
        claim, values = self.claim, self.result.values
        first = claim.measures[0]
        rows = "".join(self._row(measure) for measure in claim.measures)
        conditions = "".join(f"<li>{escape(text)}</li>" for text in claim.conditions)
        published = "".join(f"<li>{escape(str(figure))}</li>" for figure in claim.published)
        # Errors of rounding have no spread worth a picture.
        plot = "" if first.digits < 0 else spread_plot(first, values[first.name])
        return (
            f'<article class="ll-claim {css(claim.verdict)}" id="claim-{claim.id}" '
            f'aria-label="Claim {claim.id}">'
            f"<p><strong>Claim {claim.id}</strong> {badge(claim.verdict)}</p>"
            f'<p class="ll-said">{escape(claim.sentence)}</p>'
            f'<p class="ll-small">Said by {escape(in_full(sources_text(claim)))}</p>'
            f"<p>{escape(sentence_case(first.label))}: "
            f"{escape(effect_text(first, values[first.name]))}</p>{plot}"
            + (f"<ul>{conditions}</ul>" if conditions else "")
            + (f'<p class="ll-small">Published:</p><ul>{published}</ul>' if published else "")
            + f"<details><summary>All measures, and how it was run</summary><dl>{rows}</dl>"
            f"<p>{escape(claim.protocol)}</p>"
            f'<p class="ll-small">{escape(sentence_case(self._run()))}.{self._ratio()} '
            f"{escape(self._turning())} Again: "
            f"<code>python -m lecturelib.claims run {claim.id}</code></p></details>"
            + "".join(larger_runs.section(claim, result) for result in self.larger)
            + "</article>"
        )

    def _row(self, measure: Measure) -> str:
        values = self.result.values[measure.name]
        effect = escape(effect_text(measure, values))
        if measure.expect is None:
            return f"<dt>{escape(measure.label)}</dt><dd>{effect}</dd>"
        mark = "passed" if passes(measure, values) else "not passed"
        return (
            f"<dt>{escape(measure.label)}</dt><dd>{effect} — asked: "
            f"{escape(expectation(measure))}: <strong>{mark}</strong></dd>"
        )


class Cards:
    """Several cards, one below the other.

    Args:
        cards: the cards.
    """

    def __init__(self, cards: Sequence[Card]) -> None:
        self.cards = list(cards)

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.cards))

    def _repr_html_(self) -> str:
        return "".join(card._repr_html_() for card in self.cards)
