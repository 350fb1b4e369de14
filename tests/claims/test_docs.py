"""The example on the page "How to add a claim" runs, and its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

from lecturelib.claims import claims, run, verdict

PAGE = Path(__file__).parents[2] / "book" / "adding_a_claim.md"


def test_the_page_s_example_is_a_claim_that_holds() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    space: dict[str, object] = {"__name__": "lecturelib.chapters.batch_norm.claims"}
    lines = "import torch\nfrom lecturelib.claims import Claim, Measure, Source\n" + example
    exec(compile(lines, str(PAGE), "exec"), space)
    claim = space["MEAN_NOISE"]
    assert claim.chapter == "batch_norm"  # type: ignore[attr-defined]
    assert claim.id not in {known.id for known in claims()}  # type: ignore[attr-defined]
    settings = claim.settings()  # type: ignore[attr-defined]
    values = claim.experiment(settings, list(range(10)), "cpu")  # type: ignore[attr-defined]
    assert verdict(claim, values) == claim.verdict  # type: ignore[arg-type, attr-defined]


def test_the_page_names_only_commands_that_there_are() -> None:
    from lecturelib.claims.__main__ import _parser

    text = PAGE.read_text(encoding="utf-8") + (PAGE.parent / "claims.ipynb").read_text("utf-8")
    known = {claim.id for claim in claims()} | {"W99", "all"}
    for line in re.findall(r"python -m lecturelib\.claims ([^#`\n\\\"]+)", text):
        words = line.split()
        options = _parser().parse_args(words)
        assert set(getattr(options, "ids", [])) <= known


def test_run_accepts_a_record_of_ones_own() -> None:
    assert run(claims()[0], seeds=1).claim == claims()[0].id
