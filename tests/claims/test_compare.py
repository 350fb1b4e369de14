"""A run of one's own beside the stored result: what is compared, tested and said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import false_discovery_control, mannwhitneyu

from lecturelib import claims
from lecturelib.claims import CorruptResult, Result, compare, run
from lecturelib.claims.__main__ import main
from lecturelib.claims.compare import find, holm
from lecturelib.claims.results import stored, write


@pytest.fixture(scope="module")
def own() -> Result:
    return run("W1", first_seed=5000, progress=False)


def moved(result: Result, name: str, by: float) -> Result:
    values = dict(result.values)
    values[name] = tuple(value + by for value in values[name])
    return replace(result, values=values)


def test_fresh_seeds_agree_and_are_tested_measure_by_measure(own: Result) -> None:
    found = compare("W1", own)
    assert found.agrees
    assert found.verdicts == ("holds with a condition",) * 2
    kept = stored(claims.get("W1"))
    assert kept is not None
    raw = {
        name: mannwhitneyu(values, kept.values[name]).pvalue for name, values in own.values.items()
    }
    assert {row.measure.name: row.p for row in found.rows} == pytest.approx(holm(raw))
    assert all(row.apart is None for row in found.rows)


def test_another_distribution_is_seen_and_changes_the_verdict(own: Result) -> None:
    name = own_name(own)
    found = compare("W1", moved(own, name, -100.0))
    row = next(row for row in found.rows if row.measure.name == name)
    assert row.p is not None
    assert row.p < 1e-4
    assert not found.agrees
    text, html = repr(found), found._repr_html_()
    assert "W1 · another verdict" in text
    assert "p < 0.001" in text
    assert "not reproduced" in html or "wrong" in html
    assert html.count("<svg") == sum(row.measure.digits >= 0 for row in found.rows)
    assert "your run" in html
    assert max(map(len, text.splitlines())) <= 100


def own_name(result: Result) -> str:
    claim = claims.get(result.claim)
    return next(m.name for m in claim.measures if m.expect == "above" and m.role == "claim")


def test_shared_seeds_are_compared_value_by_value_and_not_tested() -> None:
    """The stored values have six digits; a run of the same seeds gives them again."""
    found = compare("W1", run("W1", first_seed=1000, progress=False))
    assert all(row.p is None for row in found.rows)
    assert all(row.apart is not None and row.apart <= 1e-5 * max(row.stored) for row in found.rows)
    assert "values of the same seed agree in all digits that are stored" in repr(found)


def test_other_settings_are_said(own: Result) -> None:
    setting, value = next(iter(own.settings.items()))
    custom = run("W1", seeds=4, first_seed=5000, progress=False, **{setting: value})
    other = replace(custom, settings_hash="0" * 12, code_hash="0" * 12)
    text = " ".join(repr(compare("W1", other)).split())
    assert "The settings differ" in text
    assert "The code of the experiment has changed" in text
    assert "custom settings" in text


def test_a_run_at_larger_settings_meets_the_stored_one_of_its_scale() -> None:
    (full,) = claims.larger(claims.get("N1"))
    found = compare("N1", replace(full, seeds=tuple(range(7000, 7000 + len(full.seeds)))))
    assert found.stored.scale == full.scale == "full"
    assert found.agrees
    assert all(row.p in (1.0, None) or row.p > 0.99 for row in found.rows)


def test_rounding_errors_and_three_values_are_not_tested() -> None:
    found = compare("BN10", run("BN10", seeds=5, first_seed=500, progress=False))
    for row in found.rows:
        assert (row.p is None) == (row.measure.digits < 0)
    few = compare("BN10", run("BN10", seeds=2, first_seed=500, progress=False))
    assert all(row.p is None for row in few.rows)


def test_holm_s_method_on_a_published_rule() -> None:
    """Never smaller than the raw p-values, never larger than Bonferroni's, and in their order."""
    raw = {"a": 0.001, "b": 0.02, "c": 0.03, "d": 0.9}
    corrected = holm(raw)
    assert corrected == pytest.approx({"a": 0.004, "b": 0.06, "c": 0.06, "d": 0.9})
    for name, p in raw.items():
        assert p <= corrected[name] <= min(1.0, 4 * p)
    # Holm controls more than Benjamini and Hochberg do, so that its values are not smaller.
    weaker = dict(zip(raw, false_discovery_control(list(raw.values())), strict=True))
    assert all(corrected[name] >= weaker[name] - 1e-12 for name in raw)


def test_bad_input_is_named(own: Result, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"claims\.compare: the result is one of W1, not of N2"):
        compare("N2", own)
    with pytest.raises(ValueError, match=r"no result of W1 in .*; make one with python -m"):
        compare("W1", tmp_path)
    with pytest.raises(ValueError, match="the measures are others now"):
        compare("W1", replace(own, values={"other": (1.0,) * len(own.seeds)}))
    (tmp_path / "W1.json").write_text("{")
    with pytest.raises(CorruptResult, match=r"W1\.json"):
        compare("W1", tmp_path)


def test_the_newest_run_in_a_folder_is_taken(own: Result, tmp_path: Path) -> None:
    write(tmp_path / "W1-full.json", own)
    write(tmp_path / "W1.json", own)
    (tmp_path / "W17.json").write_text("{}")
    import os

    os.utime(tmp_path / "W1-full.json", (1, 1))
    assert find("W1", tmp_path).name == "W1.json"
    assert find("W1", tmp_path / "W1-full.json").name == "W1-full.json"


def test_the_command_compares_and_writes_a_page(
    own: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "W1.json", own)
    page = tmp_path / "page.html"
    assert main(["compare", "W1", "--out", str(tmp_path), "--html", str(page)]) == 0
    assert "W1 · the same verdict" in capsys.readouterr().out
    text = page.read_text()
    assert text.count("<article") == 1
    assert "http" not in text.replace("http://www.w3.org", "")
    write(tmp_path / "W1.json", moved(own, own_name(own), -100.0))
    assert main(["compare", "W1", "--out", str(tmp_path)]) == 1
    assert main(["compare", "W1", "--out", str(tmp_path / "none")]) == 2


def test_orders_of_magnitude_say_at_least_where_much_is_asked() -> None:
    kept = stored(claims.get("HU1"))
    assert kept is not None
    (line,) = (line for line in repr(compare("HU1", kept)).splitlines() if "tanh with" in line)
    assert "median ≥ 1e" in line
    assert "≤" not in line
