"""Restamp lets pass what gives the same numbers, to the last bit, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import lecturelib
from lecturelib.claims import claims, get, larger
from lecturelib.claims import restamp as module
from lecturelib.claims.__main__ import main
from lecturelib.claims.restamp import Outcome, restamp
from lecturelib.claims.results import code_hash, read, write
from lecturelib.contents import results

PACKAGE = Path(lecturelib.__file__).parent
OTHER = "0" * 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stored results of three claims, with the hash of some earlier code."""
    folder = tmp_path / "results"
    for name in ("BN10", "W1", "W1-full", "F5"):
        path = results(get(name.partition("-")[0]).chapter) / f"{name}.json"
        write(folder / path.name, replace(read(path), code_hash=OTHER))
    return folder


def earlier(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, edits: dict[str, list[str]]) -> None:
    """An earlier commit in which some files were other, and in which all results were in order."""
    tree = tmp_path / "before"
    shutil.copytree(PACKAGE, tree / "lecturelib", ignore=shutil.ignore_patterns("__pycache__"))
    for name, (old, new) in edits.items():
        path = tree / "lecturelib/chapters" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    side = module._Side(tree)
    for path in (tree / "lecturelib/chapters").glob("*/results/*.json"):
        result = read(path)
        if result.claim in ("BN10", "W1", "F5"):
            found = side.ask({"do": "hash", "claim": result.claim})["hash"]
            write(path, replace(result, code_hash=found))
    side.close()

    @contextmanager
    def fake(commit: str) -> Iterator[Path]:
        assert commit == "before"
        yield tree

    monkeypatch.setattr(module, "_tree", fake)


def by_name(found: list[Outcome]) -> dict[str, tuple[str, str]]:
    return {outcome.path.name: (outcome.kind, outcome.reason) for outcome in found}


def test_same_values_pass_and_other_values_do_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "g: torch.Generator = g) -> Tensor:\n"
    edits = {
        # The same numbers in other words, and other numbers in almost the same ones.
        "covariate_shift/experiments.py": [
            "        x = train[0]",
            "        _ = seed\n        x = train[0]",
        ],
        "hidden_units/experiments.py": [head, head + "            torch.rand(1, generator=g)\n"],
    }
    earlier(monkeypatch, tmp_path, edits)
    told: list[Outcome] = []
    chosen = [get(name) for name in ("BN10", "W1", "F5")]
    found = by_name(restamp(chosen, against="before", folder=folder, workers=2, report=told.append))
    assert found["BN10.json"] == ("restamped", "the code that it runs is the same")
    same = ("restamped", "quick values are the same to the last bit on 10 seeds")
    assert found["W1.json"] == found["W1-full.json"] == same
    kind, reason = found["F5.json"]
    assert kind == "refused"
    assert "for seed 1000, and is" in reason
    assert [outcome.path.name for outcome in told] == list(found)

    assert read(folder / "W1.json", get("W1")).code_hash == code_hash(get("W1").experiment)
    assert read(folder / "F5.json").code_hash == OTHER
    again = by_name(restamp(chosen[:2], against="before", folder=folder))
    assert {kind for kind, _ in again.values()} == {"current"}


def test_a_result_of_other_values_or_settings_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(monkeypatch, tmp_path, {})
    path = folder / "BN10.json"
    result = read(path)
    write(path, replace(result, values={k: (*v[:-1], v[-1] + 1) for k, v in result.values.items()}))
    (outcome,) = restamp([get("BN10")], against="before", folder=folder)
    assert (outcome.kind, outcome.reason) == (
        "refused", "the result is not the one that the earlier commit has"
    )  # fmt: skip
    write(path, replace(result, settings_hash=OTHER))
    (outcome,) = restamp([get("BN10")], against="before", folder=folder)
    assert "the quick settings have changed" in outcome.reason
    path.write_text("{", encoding="utf-8")
    (outcome,) = restamp([get("BN10")], against="before", folder=folder)
    assert "not a result file" in outcome.reason


def test_a_tiny_run_takes_the_path_of_the_large_one() -> None:
    """Every result from a GPU on a path that the quick settings do not take has tiny settings."""
    for claim in claims():
        other = claim.full.get("model") != claim.quick.get("model")
        assert other or not claim.tiny, claim.id
        assert claim.tiny or not (other and larger(claim)), claim.id
    pair = module._Pair(PACKAGE.parent)
    claim = get("A5")
    settings = claim.settings("short") | dict(claim.tiny)
    request = {"do": "values", "claim": "A5", "settings": settings, "seeds": [0], "tiny": True}
    answer = pair.now.ask(request)
    pair.close()
    assert set(answer["values"]) == {measure.name for measure in claim.measures}


def test_a_commit_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restamp", "BN10", "--against", "no-such-commit"]) == 2
    assert "no commit 'no-such-commit' of the package" in capsys.readouterr().err


def test_as_a_contributor_types_it(capsys: pytest.CaptureFixture[str]) -> None:
    root = PACKAGE.parent
    if subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True
    ).returncode:
        pytest.skip("no Git checkout")
    assert main(["restamp", "BN10", "W1"]) == 0
    out = capsys.readouterr().out
    assert "current   BN10.json" in out
    assert out.endswith("0 restamped, 3 current, 0 refused\n")


class _Rounding:
    """A side whose solver rounds in four ways, one after the other, or is off by a little."""

    def __init__(self, start: int, off: float = 0.0) -> None:
        self.asked, self.start, self.off = 0, start, off

    def ask(self, request: dict[str, object]) -> dict[str, object]:
        self.asked += 1
        value = 1.0 + self.off + 2**-52 * ((self.start + self.asked) % 4)
        return {"values": {"loss": [value.hex()]}}


@pytest.mark.parametrize(
    ("off", "runs"),
    # Rounding alone; as close, but never the same; another value.
    [(0.0, None), (2**-49, module.NEAR_ATTEMPTS), (1e-6, module.ATTEMPTS)],
)
def test_rounding_alone_passes(off: float, runs: int | None) -> None:
    pair = module._Pair(PACKAGE.parent)
    pair.sides = sides = (_Rounding(0), _Rounding(2, off))
    if runs is None:
        pair.compare("W1", {}, [1000], tiny=False)
        assert sides[0].asked > 1
        return
    with pytest.raises(module.Refused, match=r"'loss' was 1\.0"):
        pair.compare("W1", {}, [1000], tiny=False)
    assert sides[0].asked == sides[1].asked == runs
