"""Claims that hold to rounding error, on random layers in float64: what their records share."""

from __future__ import annotations

from lecturelib.claims.record import Claim, Experiment, Measure, Source, Verdict

__all__ = ["FULL", "QUICK", "exact_claim", "rounding"]

QUICK = {"samples": 16, "inputs": 6, "units": 5}
FULL = {"samples": 1024, "inputs": 128, "units": 64}


def rounding(name: str, label: str) -> Measure:
    """An error that must be rounding alone, on every seed."""
    return Measure(
        name=name,
        label=label,
        expect="below",
        threshold=1e-13,
        reason="rounding in float64, with room for larger cases",
        tolerance=1e-13,
        wins=1.0,
        digits=-1,
    )


def exact_claim(
    chapter: str,
    id: str,
    slug: str,
    sentence: str,
    sources: tuple[Source, ...],
    protocol: str,
    experiment: Experiment,
    measures: tuple[Measure, ...],
    *,
    verdict: Verdict = "holds",
    conditions: tuple[str, ...] = (),
    more: dict[str, list[float]] | None = None,
) -> Claim:
    """The record of a claim whose first measure, on every seed, is rounding alone."""
    return Claim(
        id=id,
        slug=slug,
        sentence=sentence,
        sources=sources,
        chapter=chapter,
        protocol=f"Random layers in float64, one a seed, ε = 0 unless said. {protocol}",
        experiment=experiment,
        quick={**QUICK, **(more or {})},
        full={**FULL, **(more or {})},
        measures=measures,
        verdict=verdict,
        conditions=conditions,
        vectorized=False,
    )
