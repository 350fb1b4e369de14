"""The command line, in this process and once as a reader types it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lecturelib.claims import __main__ as command_line
from lecturelib.claims import registry
from lecturelib.claims.__main__ import main
from lecturelib.claims.results import larger, read
from tests.claims.small_claims import toy


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two claims in place of the book's: X1 holds, X2 says that it does and does not."""
    settings = {"offset": -2.0}
    known = (toy(), toy(id="X2", quick=settings, full=settings))
    monkeypatch.setattr(registry, "claims", lambda chapter=None: known)


def test_as_a_reader_types_it() -> None:
    command = [sys.executable, "-m", "lecturelib.claims", "run", "BN10", "--seeds", "2", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (report,) = json.loads(done.stdout)
    assert report["claim"] == "BN10"
    assert report["verdict"] == report["recorded"] == "holds"
    assert report["seeds"] == [0, 1]
    assert report["summary"]["error"]["passed"] is True
    assert {"median", "low", "high", "wins"} <= set(report["summary"]["error"])


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [claim.id for claim in registry.claims()]
    assert main(["list", "--chapter", "batch_norm_in_networks", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described[0]["quick"]["scales"] == [0.01, 0.5, 3.0, 1000.0]
    assert described[0]["sources"][0]["lecture"] == "NT"


def test_run_prints_the_verdict_with_its_numbers(
    toys: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "X1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "X1: holds\n  gain: 2.045 [2.000 .. 2.090], 10/10 seeds above 0; asked above 1: "
    )
    assert "10 seeds from 0, quick settings" in out


def test_a_run_that_contradicts_the_record_fails(
    toys: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "all"]) == 1
    assert "X2: wrong  (the record says: holds)" in capsys.readouterr().out
    assert main(["run", "X1", "--set", "offset=-2"]) == 0  # other settings prove nothing


def test_results_are_written_resumed_and_checked(
    toys: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path)]
    assert main(["run", "X1", "--seeds", "3", *out]) == 0
    assert main(["run", "X1", "--first-seed", "1", "--seeds", "3", "--set", "depth=5", *out]) == 0
    assert len(list(tmp_path.rglob("0*.json"))) == 6
    assert main(["check", *out]) == 0
    assert capsys.readouterr().out.count("ok  ") == 2

    (tmp_path / "X1.json").write_text("{")
    (tmp_path / "X9.json").write_text("{")
    assert main(["check", *out]) == 1
    out_text = capsys.readouterr().out
    assert "corrupt  " in out_text
    assert "X1.json: not a result file" in out_text
    assert "no claim has the id 'X9'" in out_text


def test_the_stored_results_are_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out.count("ok  ") >= len(registry.claims())


def test_full_runs_write_where_they_can_be_resumed(
    toys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "X1", "--full", "--seeds", "2"]) == 0
    assert read(tmp_path / "claims-results" / "X1-full.json", toy()).settings["depth"] == 16
    assert "results are in claims-results" in capsys.readouterr().err


def test_store_keeps_fresh_seeds_and_the_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = (toy(), toy(id="X2", vectorized=True))
    monkeypatch.setattr(registry, "claims", lambda chapter=None: known)
    monkeypatch.setattr(command_line, "_home", lambda claim: tmp_path)
    assert main(["run", "all", "--store"]) == 0
    kept = read(tmp_path / "X1.json", known[0])
    assert kept.seeds == tuple(range(1000, 1020))
    assert kept.seed_axis_ratio is None
    assert main(["ratio", "X2", "--rounds", "1", "--set", "depth=2", "--store"]) == 0
    ratio = read(tmp_path / "X2.json", known[1]).seed_axis_ratio
    assert ratio is not None and ratio > 0  # noqa: PT018
    assert sorted(path.name for path in tmp_path.iterdir()) == ["X1.json", "X2.json"]
    capsys.readouterr()
    assert main(["run", "X1", "--store", "--set", "depth=2"]) == 2
    assert "--store keeps the settings of the record only" in capsys.readouterr().err


def test_store_keeps_larger_runs_beside_the_quick_one(
    toys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "_home", lambda claim: tmp_path / "stored")
    monkeypatch.chdir(tmp_path)
    assert main(["run", "X1", "--short", "--store", "--seeds", "3"]) == 2
    assert "X1 has no short settings" in capsys.readouterr().err
    short = toy(short={"depth": 3})
    monkeypatch.setattr(registry, "claims", lambda chapter=None: (short,))
    assert main(["run", "X1", "--full", "--store", "--seeds", "2"]) == 0
    assert main(["run", "X1", "--short", "--store", "--seeds", "3"]) == 0
    assert larger(short, tmp_path / "stored") == (
        read(tmp_path / "stored" / "X1-full.json", short),
        read(tmp_path / "stored" / "X1-short.json", short),
    )
    kept = read(tmp_path / "stored" / "X1-short.json", short)
    assert kept.seeds == (1000, 1001, 1002)
    assert kept.settings["depth"] == 3
    with pytest.raises(SystemExit):
        main(["run", "X1", "--full", "--short"])


def test_show_and_ratio(
    toys: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["show", "X1"]) == 1
    assert "X1 has no stored result" in capsys.readouterr().err
    monkeypatch.setattr(registry, "claims", lambda chapter=None: (toy(vectorized=True),))
    assert main(["ratio", "X1", "--seeds", "3", "--rounds", "1"]) == 0
    assert "X1: 3 seeds at once take" in capsys.readouterr().out


def test_show_prints_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "BN1"]) == 0
    assert capsys.readouterr().out.startswith("BN1 · holds with a condition\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "N0"], 2, "no claim has the id 'N0'; did you mean"),
        (["run", "BN1", "--seeds", "0"], 2, "seeds must be at least 1"),
        (["run", "BN1", "--device", "cuda:77"], 2, "no device 'cuda:77' here; there are cpu"),
        (["run", "BN1", "--set", "width=3"], 2, "no setting 'width'; it has samples"),
        (["run", "BN1", "--set", "width"], 2, "--set wants NAME=VALUE, got 'width'"),
        (["run", "BN1", "--set", "samples=many"], 2, "'samples' is a int .*not 'many'"),
        (["run", "BN1", "--set", "samples=1", "--seeds", "1"], 1, "more than 1 value per channel"),
        (["list", "--chapter", "rnn"], 2, "there is no chapter 'rnn'"),
        (["check", "--out", "nowhere"], 2, "there is no folder nowhere"),
        (["ratio", "BN1"], 2, "BN1 has no seed axis"),
    ],
)
def test_mistakes_are_told_in_a_line(
    arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: ")
    assert "\n" not in error
    assert re.search(message, error)
