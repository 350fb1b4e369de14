"""All claims, and all errata, as a table: HTML for the book's pages, plain text elsewhere.

The HTML is a plain table. Where JavaScript runs, a few lines add two filters above it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape

from lecturelib import contents
from lecturelib.claims.card import STYLE, Card, badge, lectures_key, sources_text
from lecturelib.claims.larger_runs import headline
from lecturelib.claims.record import LECTURES, VERDICTS, Claim, Erratum
from lecturelib.claims.results import Result
from lecturelib.claims.statistics import effect_text
from lecturelib.claims.turning import FLOOR, turning_of, turning_text
from lecturelib.interactive.published import page_address

__all__ = ["ClaimsTable", "ErrataTable"]

TABLE_STYLE = """<style>
.ll-table{width:100%;border-collapse:collapse;font-size:.95em;text-align:start}
.ll-table th,.ll-table td{vertical-align:top;text-align:start;padding:.6rem .6rem .6rem 0;
border-bottom:1px solid #8886;overflow-wrap:break-word;white-space:normal}
.ll-table caption{text-align:start;caption-side:top;padding:.3rem 0}
.ll-filters{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;margin:.8rem 0;align-items:center}
.ll-filters[hidden]{display:none}
.ll-filters select{font:inherit;padding:.2rem .4rem;max-width:100%;color:inherit;
background:transparent;border:1px solid #888;border-radius:.3rem}
.ll-filters option{color:#111;background:#fff}
.ll-table .ll-small{font-size:.9em}.ll-table p{margin:0 0 .3rem 0}
.ll-table .ll-id{width:3.2rem}.ll-table .ll-side{width:30%}
.ll-table .ll-verdict{white-space:normal;border-radius:.8rem;padding:0 .5rem;line-height:1.35}
@media (max-width:44rem){.ll-table thead{position:absolute;clip-path:inset(50%);width:1px;
height:1px;overflow:hidden}.ll-table tbody,.ll-table tr,.ll-table th,.ll-table td{display:block}
.ll-table td,.ll-table th{border:0;padding:.15rem 0}.ll-table .ll-side{width:auto}
.ll-table tr{border-bottom:1px solid #8886;padding:.6rem 0;display:block}
.ll-table tr[hidden]{display:none}}
</style>"""

SCRIPT = """<script>
for (const box of document.querySelectorAll('.ll-filters[hidden]')) {
  const rows = [...box.parentElement.querySelectorAll('tbody tr')];
  const status = box.querySelector('[role=status]');
  const update = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = [...box.querySelectorAll('select')]
        .some(s => s.value && row.dataset[s.name] !== s.value);
      shown += !row.hidden;
    }
    status.textContent = `${shown} of ${rows.length} shown`;
  };
  box.addEventListener('change', update);
  box.hidden = false;
  update();
}
</script>"""


def _select(label: str, name: str, values: Sequence[str]) -> str:
    options = "".join(
        f'<option value="{escape(v, quote=True)}">{escape(v)}</option>' for v in values
    )
    all_of_them = '<option value="">all</option>'
    # The name is said once more for what reads a label together with all of its options.
    chooser = f'<select name="{name}" aria-label="{label}">{all_of_them}{options}</select>'
    return f"<label>{label} {chooser}</label>"


class ClaimsTable:
    """The claims with verdict and effect.

    Args:
        rows: records with their stored results, and those at larger settings.

    >>> from lecturelib.claims import table
    >>> "N2 · holds with a condition · batch_norm" in str(table())
    True
    """

    def __init__(self, rows: Sequence[tuple[Claim, Result, Sequence[Result]]]) -> None:
        self.rows = list(rows)

    def _counts(self) -> str:
        count = {v: sum(claim.verdict == v for claim, _, _ in self.rows) for v in VERDICTS}
        words = {"holds": "hold", "holds with a condition": "hold with a condition"}
        parts = [f"{n} {words.get(v, v)}" for v, n in count.items() if n]
        more = sum(bool(larger) for _, _, larger in self.rows)
        also = f"; {more} were run at larger settings too" if more else ""
        return f"{len(self.rows)} claims: {', '.join(parts)}{also}"

    def __repr__(self) -> str:
        lines = [self._counts()]
        for claim, result, larger in self.rows:
            first = claim.measures[0]
            lines.append(f"{claim.id} · {claim.verdict} · {claim.chapter}")
            lines += textwrap.wrap(claim.sentence, 88, initial_indent="  ", subsequent_indent="  ")
            lines.append(f"  {first.label}: {effect_text(first, result.values[first.name])}")
            lines += [f"  {headline(claim, more)}" for more in larger]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        chapters = list(dict.fromkeys(claim.chapter for claim, _, _ in self.rows))
        lectures = [source.lecture for claim, _, _ in self.rows for source in claim.sources]
        body = "".join(self._row(*row) for row in self.rows)
        return (
            f'{STYLE}{TABLE_STYLE}<div><div class="ll-filters" role="group" '
            f'aria-label="Filter the claims" hidden>{_select("Chapter", "chapter", chapters)}'
            f'{_select("Verdict", "verdict", VERDICTS)}<span role="status"></span></div>'
            f'<table class="ll-table"><caption>{escape(self._counts())}. Effects are the median '
            "[smallest .. largest] over seeds, then the seeds on the expected side. Where nothing "
            "else is said, ten other seeds give another verdict with a probability of "
            f"{turning_text(0.0)}. {escape(lectures_key(lectures))}</caption>"
            '<thead><tr><th scope="col" class="ll-id">Claim</th>'
            '<th scope="col">Statement and effect</th>'
            '<th scope="col" class="ll-side">Verdict</th></tr></thead>'
            f"<tbody>{body}</tbody></table></div>{SCRIPT}"
        )

    def _row(self, claim: Claim, result: Result, larger: Sequence[Result]) -> str:
        first = claim.measures[0]
        effect = f"{first.label}: {effect_text(first, result.values[first.name])}"
        conditions = "".join(f'<p class="ll-small">{escape(text)}</p>' for text in claim.conditions)
        page, card = page_address(claim.chapter), ""
        if not contents.is_written(claim.chapter):  # no chapter shows the card, so the table does
            page = ""
            article = Card(claim, result, larger).article()
            card = f"<details><summary>Card</summary>{article}</details>"
        more = "".join(
            f'<p class="ll-small">{escape(headline(claim, result))}</p>' for result in larger
        )
        return (
            f'<tr id="{claim.id}" data-chapter="{claim.chapter}" data-verdict="{claim.verdict}">'
            f'<th scope="row"><a href="{page}#claim-{claim.id}">{claim.id}</a></th>'
            f"<td><p>{escape(claim.sentence)}</p>"
            f'<p class="ll-small">{escape(sources_text(claim))}</p>'
            f'<p class="ll-small"><em>{escape(effect)}</em></p>{more}{card}</td>'
            f"<td><p>{badge(claim.verdict)}</p>{_turns(claim, result)}{conditions}</td></tr>"
        )


def _turns(claim: Claim, result: Result) -> str:
    """How likely other seeds are to give another verdict, where it is worth a word."""
    probability = turning_of(claim, result)
    if probability is None or probability < FLOOR:
        return ""
    text = f"another verdict on other seeds: {turning_text(probability)}"
    return f'<p class="ll-small">{escape(text)}</p>'


def _breakable(path: str) -> str:
    """A path that a narrow column may break after a slash, colon or underscore."""
    return re.sub(r"(/|::|_)", r"\1<wbr>", escape(path))


class ErrataTable:
    """Where a slide is wrong, and the test that shows it.

    Args:
        rows: the records.

    >>> from lecturelib.claims import errata_table
    >>> "γ" in str(errata_table())
    True
    """

    def __init__(self, rows: Sequence[Erratum]) -> None:
        self.rows = list(rows)

    def __repr__(self) -> str:
        lines = [f"{len(self.rows)} errata"]
        for row in self.rows:
            lines.append(f"{row.lecture}: {row.where} · {row.chapter}")
            for name in ("says", "right", "why"):
                lines += textwrap.wrap(
                    getattr(row, name), 88, initial_indent=f"  {name}: ", subsequent_indent="    "
                )
            lines.append(f"  test: {row.test}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        chapters = list(dict.fromkeys(row.chapter for row in self.rows))
        lectures = [name for name in LECTURES if any(row.lecture == name for row in self.rows)]
        body = "".join(
            f'<tr id="{row.id}" data-chapter="{row.chapter}" data-lecture="{row.lecture}">'
            f'<th scope="row" class="ll-side">{row.lecture}: {escape(row.where)}</th>'
            f'<td class="ll-side">{escape(row.says)}</td><td><p>{escape(row.right)}</p>'
            f'<p class="ll-small">{escape(row.why)}</p>'
            # The book's Sphinx extension makes a link of the mark.
            f'<p class="ll-small">Shown by <code data-test="{escape(row.test)}">'
            f"{_breakable(row.test)}</code></p></td></tr>"
            for row in self.rows
        )
        return (
            f'{TABLE_STYLE}<div><div class="ll-filters" role="group" '
            f'aria-label="Filter the errata" hidden>{_select("Chapter", "chapter", chapters)}'
            f'{_select("Lecture", "lecture", lectures)}<span role="status"></span></div>'
            f'<table class="ll-table"><caption>{len(self.rows)} errata, each with the test that '
            f"shows it. {escape(lectures_key(lectures))}</caption>"
            '<thead><tr><th scope="col">Where</th><th scope="col">The slide says</th>'
            '<th scope="col">Right is</th></tr></thead>'
            f"<tbody>{body}</tbody></table></div>{SCRIPT}"
        )
