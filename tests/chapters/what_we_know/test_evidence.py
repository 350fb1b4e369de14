"""Tables of evidence: what is judged by hand fits the records, and bad records are refused."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from lecturelib.chapters.what_we_know.conclusions import CONCLUSIONS, conclusions
from lecturelib.chapters.what_we_know.evidence import Conclusion, Evidence, Hypothesis
from lecturelib.chapters.what_we_know.hypotheses import (
    HYPOTHESES,
    evidence,
    hypothesis,
    overview,
)
from lecturelib.claims import claims, get, larger
from lecturelib.claims.record import LECTURES
from tools.course import ROOT

PAGE = ROOT / "book/what_we_know.ipynb"


def test_each_claim_of_the_part_is_weighed() -> None:
    """No claim of Part V is left out: a hypothesis or a conclusion names it."""
    told = {row.claim for one in HYPOTHESES for row in one.evidence}
    told |= {name for row in CONCLUSIONS for name in row.claims}
    part = ("covariate_shift", "loss_smoothness", "signal_propagation", "length_direction")
    wanted = {claim.id for slug in part for claim in claims(slug) if claim.sources[0].lecture}
    assert wanted <= told, sorted(wanted - told)


def test_a_claim_with_a_condition_is_no_plain_support() -> None:
    """“For it” needs a verdict that allows it, and no larger run of that measure that failed."""
    for one in HYPOTHESES:
        for row in one.evidence:
            failed = any("not passed" in text for text in row.effects())
            if row.speaks == "for":
                assert get(row.claim).verdict.startswith("holds"), (one.name, row.claim)
                assert not failed, (one.name, row.claim)


def test_a_result_that_the_tables_show_is_that_of_the_card() -> None:
    text = str(evidence("Smoothness"))
    beta = get("A3").measure("beta equal")
    assert beta.label in text
    rows = hypothesis("Smoothness").evidence
    lines = sum(len(row.shown) * (1 + len(larger(row.record))) for row in rows)
    assert sum(len(row.effects()) for row in rows) == lines > len(rows)
    assert "larger networks, short training" in " ".join(text.split())


def test_each_hypothesis_has_its_heading() -> None:
    notebook = nbformat.read(PAGE, 4)
    lines = {line for cell in notebook.cells for line in cell.source.splitlines()}
    for row in HYPOTHESES:
        assert f"## {row.name}" in lines
        assert f'hypotheses.evidence("{row.name}")' in lines
        assert f'href="#{row.anchor}"' in overview()._repr_html_()


def test_each_row_links_its_card() -> None:
    for html in (evidence("Noise")._repr_html_(), conclusions()._repr_html_()):
        assert 'noise_and_generalization.html#claim-NG1"' in html
    assert "no claim" in str(conclusions())


def test_the_caption_spells_out_every_short_name() -> None:
    caption = conclusions()._repr_html_().partition("<caption>")[2].partition("</caption>")[0]
    for name in {row.lecture for row in conclusions().rows}:
        assert f"{name}: {LECTURES[name]}" in caption


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"speaks": "perhaps"}, "speaks='perhaps' is none of for, in part, against, beside"),
        ({"claim": "Q1"}, "Q1"),
        ({"measures": ("beauty",)}, "Claim A3 has no measure 'beauty'"),
    ],
)
def test_wrong_evidence_is_refused(changes: dict[str, Any], words: str) -> None:
    settings: dict[str, Any] = {"claim": "A3", "speaks": "for", "says": "…"} | changes
    with pytest.raises(ValueError, match=words):
        Evidence(**settings)


def test_a_wrong_hypothesis_is_refused() -> None:
    row = Evidence(claim="A3", speaks="in part", says="…")
    fields = {
        "name": "Luck", "sentence": "…", "keys": ("ioffe2015",), "refuted_by": "…", "verdict": "…"
    }  # fmt: skip
    with pytest.raises(ValueError, match="names a measure of a claim twice"):
        Hypothesis(**fields, evidence=(row, row))
    with pytest.raises(ValueError, match="no paper 'nobody1900'"):
        Hypothesis(**fields | {"keys": ("nobody1900",)}, evidence=(row,))
    with pytest.raises(ValueError, match="no hypothesis 'Luck'; there are Internal"):
        hypothesis("Luck")


def test_a_wrong_conclusion_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown lecture 'XYZ'"):
        Conclusion(lecture="XYZ", sentence="…", claims=(), found="…")
    with pytest.raises(ValueError, match="Q1"):
        Conclusion(lecture="LBN", sentence="…", claims=("Q1",), found="…")
