"""Every claim of the book is run on its quick settings; the stored verdict must be what comes out.

The seeds are the first of those of the stored result, as many as decide about the verdict, so that
the numbers can be compared too. A few of them are run. The stored values stand for the others,
which come from the same code (its hash says so), where each of the few gives what is stored of it,
within the measure's tolerance, or, as a long training on another processor goes its own way from
the first rounding on, where each lies where the stored seeds lie and the verdict stays. Where one
lies elsewhere, and always where FRESH=1 is set, all seeds are run.
"""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lecturelib.claims import Claim, Measure, Result, claims, get, larger, run, stored, verdict
from lecturelib.claims.__main__ import FRESH_SEED, FRESH_SEEDS
from lecturelib.claims.record import VERDICTS
from lecturelib.claims.results import load
from lecturelib.contents import results
from tests.claims import small_claims

SEEDS = 10
SAMPLE = 3  # seeds that are run before the stored values of the others are believed,
LONGEST = 20.0  # or one, of a claim whose stored run took more seconds of CPU time than this
LONG = 5.0  # seconds of CPU time of the stored run


def _watched(claim: Claim) -> Any:
    """The claim; coverage would double the time of a long experiment that has tests of its own."""
    path = results(claim.chapter) / f"{claim.id}.json"  # the hash of its code takes a while
    long = not path.exists() or load(path)["cpu_seconds"] > LONG
    return pytest.param(claim, id=claim.id, marks=[pytest.mark.no_cover] if long else [])


@pytest.mark.parametrize("claim", [_watched(claim) for claim in claims()])
def test_a_run_gives_the_verdict_and_the_stored_numbers(claim: Claim) -> None:
    kept = stored(claim)
    assert kept is not None
    values = values_now(claim, kept)
    assert {len(numbers) for numbers in values.values()} == {claim.seeds}
    assert verdict(claim, values) == claim.verdict
    for measure in claim.measures:
        if measure.tolerance is not None:
            now = statistics.median(values[measure.name])
            then = statistics.median(kept.values[measure.name][: claim.seeds])
            assert now == pytest.approx(then, abs=measure.tolerance), measure.name


def values_now(claim: Claim, kept: Result) -> dict[str, tuple[float, ...]]:
    """What the claim's seeds give: run, or stored where a sample agrees with what is stored."""
    sample = SAMPLE if kept.cpu_seconds <= LONGEST else 1
    few = 0 if os.environ.get("FRESH") else min(sample, claim.seeds - 1)
    found: dict[str, tuple[float, ...]] = {measure.name: () for measure in claim.measures}
    if few:
        found = run(claim, seeds=few, first_seed=kept.seeds[0], progress=False).values
        mixed = {name: found[name] + kept.values[name][few : claim.seeds] for name in found}
        alike = all(
            repeats(m, found[m.name], kept.values[m.name])
            or among(m, found[m.name], kept.values[m.name])
            for m in claim.measures
        )
        if alike and verdict(claim, mixed) == claim.verdict:
            return mixed
    left = run(claim, seeds=claim.seeds - few, first_seed=kept.seeds[few], progress=False).values
    return {name: found[name] + left[name] for name in found}


def repeats(measure: Measure, now: Sequence[float], then: Sequence[float]) -> bool:
    """Whether each of a few seeds gives what is stored of it, within what a median may move by."""
    if measure.tolerance is None:  # reported only
        return True
    pairs = zip(now, then, strict=False)
    return all(math.isclose(a, b, rel_tol=0.0, abs_tol=measure.tolerance) for a, b in pairs)


def among(measure: Measure, now: Sequence[float], then: Sequence[float]) -> bool:
    """Whether each of a few seeds lies between the smallest and the largest stored value."""
    return measure.tolerance is None or all(min(then) <= value <= max(then) for value in now)


def test_a_sample_stands_for_all_seeds_only_where_it_gives_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRESH", raising=False)
    settings = {"offset": 2.0, "marks": str(tmp_path), "seconds": 0.0}
    claim = small_claims.toy(small_claims.slow, quick=settings, full=settings)
    kept = run(claim, seeds=20, first_seed=FRESH_SEED, progress=False)
    gains = kept.values["gain"]

    def ran(stored_gains: Sequence[float]) -> int:
        """How many seeds leave their mark."""
        for mark in tmp_path.iterdir():
            mark.unlink()
        found = values_now(claim, replace(kept, values={"gain": tuple(stored_gains)}))
        assert found["gain"][:SAMPLE] == gains[:SAMPLE]
        assert len(found["gain"]) == claim.seeds
        return len(list(tmp_path.iterdir()))

    assert ran(gains) == SAMPLE
    assert ran([float(f"{gain:.6g}") for gain in gains]) == SAMPLE
    assert ran([gains[0] + 0.09, *gains[1:]]) == SAMPLE
    # Another value than the stored one, but such as others have.
    assert ran([gains[0] - 0.11, *gains[1:]]) == SAMPLE
    assert ran([*gains[:2], gains[2] + 0.11, *gains[3:]]) == SAMPLE
    # Values such as no stored seed has.
    assert ran([gain + 0.11 for gain in gains]) == claim.seeds
    assert ran([gain - 0.3 for gain in gains]) == claim.seeds
    monkeypatch.setenv("FRESH", "1")
    assert ran(gains) == claim.seeds


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_the_stored_result_has_fresh_seeds_and_gives_the_verdict(claim: Claim) -> None:
    kept = stored(claim)
    assert kept is not None
    assert kept.seeds == tuple(range(FRESH_SEED, FRESH_SEED + FRESH_SEEDS))
    assert kept.scale == "quick"
    assert kept.reruns == ()
    assert verdict(claim, kept.values) == claim.verdict


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_results_at_larger_settings_belong_to_the_code_and_have_ten_fresh_seeds(
    claim: Claim,
) -> None:
    for kept in larger(claim):  # reading compares settings, code and measures
        assert kept.seeds == tuple(range(FRESH_SEED, FRESH_SEED + SEEDS))
        assert kept.device.startswith("cuda")
        assert kept.reruns == ()


def medians(claim_id: str) -> dict[str, float]:
    (kept,) = larger(get(claim_id))
    return {name: statistics.median(values) for name, values in kept.values.items()}


def test_what_the_conditions_say_of_larger_runs_is_what_they_gave() -> None:
    shift, inner = medians("A1"), medians("A2")
    assert shift["behind"] < -0.2
    assert shift["against none"] > 2
    assert abs(inner["cosine"]) < 0.15
    assert abs(inner["relative"] - 1) < 0.2
    along, step = medians("A3"), medians("A5")
    assert all(0.8 < along[name] < 1.3 for name in ("variation raw", "change raw", "beta raw"))
    assert along["beta equal"] < 1
    assert step["step"] < 1 < step["start"]
    surface = medians("A6")
    assert 1.5 < surface["negative"] < 3
    assert surface["minima"] == 0
    sharp = medians("A8")
    assert sharp["target batch"] > 0.8
    assert sharp["overlap"] > 0.33
    (norms,) = larger(get("N7"))
    assert min(norms.values["both"]) < 1 < max(norms.values["both"])
    (stored_n9,) = larger(get("N9"))
    assert max(stored_n9.values["spread"]) < min(stored(get("N9")).values["spread"])


def test_the_claims_asked_for_are_there() -> None:
    layer = {claim.id for claim in claims("batch_norm")}
    assert {f"BN{i}" for i in range(4, 10)} | {"N1"} <= layer
    networks = {claim.id for claim in claims("batch_norm_in_networks")}
    assert {"BN1", "BN2", "BN3", "BN10", "N2", "N10", "N12", "W10", "W11", "A10"} <= networks
    assert {claim.verdict for claim in claims()} <= set(VERDICTS)
    assert len({claim.slug for claim in claims()}) == len(claims())


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_each_expectation_has_its_reason_and_each_condition_is_measured(claim: Claim) -> None:
    if claim.verdict == "holds with a condition":
        assert claim.conditions
    for measure in claim.measures:
        if measure.expect is not None:
            assert len(measure.reason) > 8
