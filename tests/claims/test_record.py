"""Records refuse what would not make sense on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lecturelib.claims import Erratum, Measure, Source
from tests.claims.small_claims import GAIN, toy


def test_a_record_is_a_dozen_lines() -> None:
    claim = toy()
    assert (claim.id, claim.verdict, claim.measure("gain")) == ("X1", "holds", GAIN)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "n2"}, "must be capitals and digits"),
        ({"slug": "Dropout First"}, "lower-case words"),
        ({"verdict": "probably"}, "verdict 'probably'"),
        ({"sources": ()}, "has no source"),
        ({"chapter": ""}, "stands in 'tests.claims.*', in no chapter's folder; say chapter="),
        ({"full": {}}, "differ in names: .*depth"),
        ({"measures": (GAIN, GAIN)}, "share a name"),
        ({"measures": (Measure(name="a", label="a"),)}, "no measure that tests it"),
        ({"verdict": "holds with a condition"}, "go together"),
        ({"measures": (GAIN, replace(GAIN, name="b", role="condition"))}, "go together"),
    ],
)
def test_malformed_claims_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        toy(**changes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"expect": "above"}, "needs threshold, reason and tolerance"),
        ({"expect": "above", "threshold": 1.0, "tolerance": 0.1}, "needs threshold, reason"),
        (
            {"expect": "above", "threshold": 1.0, "tolerance": 0.1, "reason": "r", "wins": 9},
            "not a share",
        ),
    ],
)
def test_malformed_measures_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Measure(name="m", label="m", **fields)  # type: ignore[arg-type]


def test_no_effect_is_the_threshold_unless_said() -> None:
    assert GAIN.no_effect == 0.0
    assert replace(GAIN, reference=None).no_effect == GAIN.threshold


def test_an_unknown_lecture_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown lecture 'XYZ'; known are FFN"):
        Source(lecture="XYZ")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("id", "Bad id", "lower-case words"),
        ("lecture", "XYZ", "unknown lecture"),
        ("test", "tests/x.py", "is not tests/"),
    ],
)
def test_malformed_errata_are_refused(field: str, value: str, message: str) -> None:
    texts = dict.fromkeys(("chapter", "where", "says", "right", "why"), "text")
    fields = texts | {"id": "a-b", "lecture": "LBN", "test": "tests/x.py::test_y"}
    Erratum(**fields)
    with pytest.raises(ValueError, match=message):
        Erratum(**(fields | {field: value}))


def test_settings_are_those_of_the_scale_with_changes() -> None:
    claim = toy()
    assert claim.settings("quick")["depth"] == 4
    assert claim.settings("full")["depth"] == 16
    assert claim.settings(depth=8)["depth"] == 8
    assert claim.settings(offset=3)["offset"] == 3.0
    assert isinstance(claim.settings(offset=3)["offset"], float)
    assert claim.quick["depth"] == 4


def test_a_list_may_stand_for_a_tuple() -> None:
    settings = {"sizes": (2, 4)}
    assert toy(quick=settings, full=settings).settings(sizes=[8]) == {"sizes": (8,)}


@pytest.mark.parametrize(
    ("scale", "changes", "error", "message"),
    [
        ("huge", {}, ValueError, "none of quick, full, short"),
        ("quick", {"width": 3}, ValueError, "no setting 'width'; it has offset, depth"),
        ("quick", {"depth": "deep"}, TypeError, "'depth' is a int .such as 4., not 'deep'"),
        ("quick", {"depth": True}, TypeError, "'depth' is a int"),
    ],
)
def test_bad_settings_are_named(
    scale: str, changes: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        toy().settings(scale, **changes)


def test_an_unknown_measure_is_named() -> None:
    with pytest.raises(ValueError, match="no measure 'loss'; it has gain"):
        toy().measure("loss")
