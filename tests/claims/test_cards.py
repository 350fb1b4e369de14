"""Cards and tables: readable as text, sound as HTML, the same on every machine."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lecturelib import claims, contents
from lecturelib.claims import Card, Claim, PublishedFigure, ResultError, run
from lecturelib.claims.card import MARKS, expectation, in_full, spread_plot
from lecturelib.claims.record import LECTURES, REFERENCES, VERDICTS
from lecturelib.claims.statistics import effect_text
from tests.claims.small_claims import GAIN, toy

VOID = {"br", "circle", "hr", "img", "input", "line", "meta", "wbr"}
BIBLIOGRAPHY = Path(__file__).parents[2] / "book" / "references.bib"


class Balanced(HTMLParser):
    """Checks that tags close in order, and collects attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def card() -> Card:
    claim = toy(
        sentence="Gains of 5 < 6 & more.",
        conditions=("Not on Mondays.",),
        measures=(GAIN, replace(GAIN, name="gain", expect=None), GAIN)[:1],
        published=(PublishedFigure(text="gain 3.1", key="ioffe2015", where="table 1"),),
    )
    return Card(claim, run(claim, seeds=10))


def test_the_text_says_all(card: Card) -> None:
    lines = repr(card).splitlines()
    assert lines[0] == "X1 · holds"
    assert lines[1] == "  Gains of 5 < 6 & more."
    assert " ".join(line.strip() for line in lines[2:4]) == (
        "said by: the lecture “Batch normalisation: How I Learned to Stop Worrying and Love the "
        "BN” after Ioffe and Szegedy (2015)"
    )
    assert lines[4] == "  - gain: 2.045 [2.000 .. 2.090], 10/10 seeds above 0; asked: above 1"
    assert lines[5] == "  condition: Not on Mondays."
    assert lines[6] == "  published: gain 3.1 (Ioffe and Szegedy (2015), table 1)"
    assert lines[7].startswith("  run: quick settings, seeds 0 to 9, cpu, ")


def test_short_names_of_lectures_stand_in_tables_alone_and_are_explained_there() -> None:
    assert in_full("FFN and JHU; NT after He et al. (2015)") == (
        "the lectures “Machine Learning II: Deep Feedforward Networks; Regularization” and "
        "“EN.601.482/682 Deep Learning: Training Part I”; the lecture “Normalization Techniques” "
        "after He et al. (2015)"
    )
    assert in_full("this course") == "this course"
    short = re.compile(r"\b(FFN|JHU|LBN|BLOG|NT)\b")
    for claim in claims.claims():
        assert not short.search(repr(claims.show(claim.id))), claim.id
    for made in (claims.table(), claims.errata_table()):
        page = Balanced(made._repr_html_()).text
        for name in set(short.findall(page)):
            assert f"{name}: {LECTURES[name]}" in page


def test_the_html_says_the_same_and_is_escaped(card: Card) -> None:
    page = Balanced(card._repr_html_())
    for text in (
        "Gains of 5 < 6 & more.",
        "✓ holds",
        "2.045 [2.000 .. 2.090], 10/10 seeds above 0",
        "Not on",
    ):
        assert text in page.text
    assert "asked: above 1 (half the effect): passed" in page.text
    (svg,) = [attributes for tag, attributes in page.attributes if tag == "svg"]
    assert svg["role"] == "img"
    assert svg["aria-label"] == "gain over 10 seeds: 2.045 [2.000 .. 2.090], 10/10 seeds above 0."


def test_a_failed_measure_is_called_so(card: Card) -> None:
    failed = replace(card.result, values={"gain": (0.1,) * 10})
    assert "not passed" in card.__class__(card.claim, failed)._repr_html_()


def test_a_run_on_a_gpu_tells_its_wall_time(card: Card) -> None:
    result = replace(card.result, device="cuda (Model)", seconds=12.34)
    assert "cuda, 12.3 s, torch" in repr(Card(card.claim, result))


def test_runs_at_larger_settings_are_told_below(card: Card) -> None:
    """A full run gets a verdict; of a short one, whose training was cut, only measures count."""
    claim = replace(card.claim, short={"depth": 3})
    full = run(claim, seeds=10, full=True, progress=False)
    short = replace(
        run(claim, seeds=10, short=True, progress=False),
        device="cuda (Model)",
        values={"gain": (0.1,) * 10},
    )
    text = repr(Card(claim, card.result, (full, short)))
    assert "larger: Full settings, 10 seeds, CPU: holds (1 of 1 thresholds passed)" in text
    assert "larger: Full models, less training, 10 seeds, Model: 0 of 1 thresholds passed" in text
    assert "with depth 3" in text
    page = Balanced(Card(claim, card.result, (short,))._repr_html_())
    assert "0 of 1 thresholds passed" in page.text
    assert "python -m lecturelib.claims run X1 --short --device cuda" in page.text


def test_the_seed_axis_is_told(card: Card) -> None:
    assert "loop" not in card._repr_html_()
    result = replace(card.result, seed_axis_ratio=0.25)
    text = "Ten seeds at once took 0.25 of a loop's CPU time."
    assert text in Card(card.claim, result)._repr_html_()


def places(svg: str) -> list[float]:
    return [float(x) for x in re.findall(r'circle cx="([\d.]+)"', svg)]


def test_dots_stand_in_the_order_of_their_values_within_the_axis() -> None:
    values = [0.3, -2.0, 5.0, 1.0]
    found = places(spread_plot(GAIN, values))
    assert sorted(range(4), key=found.__getitem__) == sorted(range(4), key=values.__getitem__)
    assert 12 <= min(found) <= max(found) <= 308
    assert spread_plot(GAIN, [1.0, 1.0]).count("<circle") == 2  # a spread of zero is no division
    assert places(spread_plot(replace(GAIN, expect=None, threshold=None, reference=None), [7.0]))


def test_rounding_errors_are_drawn_by_their_order_of_magnitude() -> None:
    exact = replace(GAIN, expect="below", threshold=1e-13, reference=None, digits=-1)
    one, two, three = places(spread_plot(exact, [1e-17, 1e-15, 1e-13]))
    assert three - two == pytest.approx(two - one, abs=0.2)
    assert places(spread_plot(exact, [0.0, 1e-17])) == [one, one]
    assert effect_text(exact, [0.0, 3e-16]) == "≤ 1e-15 on every seed"
    assert effect_text(exact, [0.0, 0.0]) == "0 on every seed"
    huge = replace(exact, expect="above", threshold=100.0)
    assert effect_text(huge, [3e7, 2e8]) == "≥ 1e7 on every seed"
    assert effect_text(huge, [0.0, 2e8]) == "0 on every seed"


def test_each_verdict_has_a_sign() -> None:
    assert tuple(MARKS) == VERDICTS
    assert len(set(MARKS.values())) == len(VERDICTS)


@pytest.mark.parametrize("claim", claims.claims(), ids=lambda c: c.id)
def test_every_card_can_be_shown(claim: Claim) -> None:
    card = claims.show(claim.id)
    Balanced(card._repr_html_())
    assert repr(card).startswith(f"{claim.id} · {claim.verdict}\n")
    assert max(map(len, repr(card).splitlines())) <= 100


def test_several_cards_stand_one_below_the_other() -> None:
    several = claims.cards("BN1", "N2")
    Balanced(several._repr_html_())
    assert repr(several) == f"{claims.show('BN1')!r}\n\n{claims.show('N2')!r}"
    assert several._repr_html_().index("claim-BN1") < several._repr_html_().index("claim-N2")


def test_show_takes_a_result_of_ones_own() -> None:
    mine = run("BN10", seeds=2)
    assert "seeds 0 to 1" in repr(claims.show("BN10", result=mine))
    with pytest.raises(ValueError, match="the result is one of BN10, not of BN1"):
        claims.show("BN1", result=mine)


def test_a_claim_without_a_stored_result_says_how_to_make_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claims, "stored", lambda claim: None)
    with pytest.raises(ResultError, match="BN1 has no stored result; make it with python -m"):
        claims.show("BN1")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("N22", "did you mean .*N2"), ("bn1", "did you mean BN1"), ("?", "known are .*BN1, BN2")],
)
def test_a_wrong_id_is_met_with_the_nearest_ones(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"no claim has the id {re.escape(repr(name))}; {hint}"):
        claims.show(name)


def test_a_card_says_where_fewer_seeds_are_asked_for() -> None:
    assert "on 80% of the seeds" in expectation(replace(GAIN, wins=0.8))
    assert "of the seeds" not in expectation(replace(GAIN, wins=0.9))


def test_the_table_holds_every_claim_and_counts_the_verdicts() -> None:
    table = claims.table()
    page = Balanced(table._repr_html_())
    rows = [attributes for tag, attributes in page.attributes if tag == "tr" and "id" in attributes]
    assert [row["id"] for row in rows] == [claim.id for claim in claims.claims()]
    for row, claim in zip(rows, claims.claims(), strict=True):
        assert (row["data-chapter"], row["data-verdict"]) == (claim.chapter, claim.verdict)
        assert f"{claim.id} · {claim.verdict} · {claim.chapter}" in repr(table)
    counted = sum(
        int(n) for n in re.findall(r"(\d+) (?:hold|not|wrong)", repr(table).splitlines()[0])
    )
    assert counted == len(rows)


def test_the_errata_table_holds_every_erratum() -> None:
    assert "jhu-identity" in claims.errata_table("batch_norm")._repr_html_()
    table = claims.errata_table()
    page = Balanced(table._repr_html_())
    for erratum in claims.errata():
        for text in (erratum.says, erratum.right, erratum.why, erratum.test):
            assert text in page.text
        assert f"test: {erratum.test}" in repr(table)


def test_pages_load_nothing_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTURELIB_EXPLORE", "static")  # as in the book's build
    for thing in (claims.table(), claims.errata_table(), claims.show("BN1")):
        assert "http" not in thing._repr_html_()


def test_an_unknown_chapter_is_named() -> None:
    for call in (claims.table, claims.errata_table):
        with pytest.raises(ValueError, match=r"no chapter 'rnn'; there are .*batch_norm"):
            call("rnn")


def test_two_records_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "CHAPTERS", ("batch_norm", "batch_norm"))
    for gather in (claims.registry.claims, claims.registry.errata):
        with pytest.raises(ValueError, match="two records have the id"):
            gather.__wrapped__()


def test_cited_papers_stand_in_the_bibliography() -> None:
    entries = dict(
        re.findall(r"@\w+\{(\w+),(.*?)\n\}", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.DOTALL)
    )
    for key, words in REFERENCES.items():
        family = words.split(" ")[0] if key != "vanlaarhoven2017" else "Laarhoven"
        assert family in entries[key]
        assert re.search(rf"year *= *\{{?{words[-5:-1]}", entries[key])


def test_an_unknown_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="no paper 'nobody1999'"):
        PublishedFigure(text="1", key="nobody1999", where="x")
