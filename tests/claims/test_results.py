"""Result files keep what was written, and are refused when damaged or out of date."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.claims import Claim, CorruptResult, Result, StaleResult, run, stored
from lecturelib.claims.results import code_hash, join, load, read, settings_hash, write
from tests.claims import small_claims
from tests.claims.small_claims import GAIN, offset, toy


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Claim, Result]:
    claim = toy()
    result = run(claim, seeds=3, out=tmp_path)
    return tmp_path / "X1.json", claim, result


def test_what_is_written_is_read(saved: tuple[Path, Claim, Result]) -> None:
    path, claim, result = saved
    assert read(path, claim) == result
    assert stored(claim, path.parent) == result


def test_files_are_small_and_readable(saved: tuple[Path, Claim, Result]) -> None:
    text = saved[0].read_text()
    assert len(text) < 1200
    assert '"gain": [2.0, 2.01, 2.02]' in text
    assert json.loads(text)["versions"]["python"]


def test_no_stored_result_is_none(tmp_path: Path) -> None:
    assert stored(toy(), tmp_path) is None


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.text(max_size=5), st.lists(finite)))
def test_numbers_survive_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, list[float]]
) -> None:
    path = tmp_path_factory.mktemp("results") / "x.json"
    write(path, {"values": values})
    assert load(path) == {"values": values}


@pytest.mark.parametrize("damage", [
    lambda text: text[: len(text) // 2],
    lambda text: text.replace("2.01", "2.91"),
    lambda text: text.replace('"seeds": [0, 1, 2]', '"seeds": [0, 1, 3]'),
    lambda text: text.replace("checksum", "sum"),
    lambda text: "",
    lambda text: "[1, 2]",
    lambda text: "null",
])  # fmt: skip
def test_damage_is_named(saved: tuple[Path, Claim, Result], damage: object) -> None:
    path, claim, _ = saved
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    with pytest.raises(CorruptResult, match=r"X1\.json"):
        read(path, claim)


def test_a_well_signed_file_that_is_no_result_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "X1.json"
    write(path, {"seeds": [1], "values": {}, "losses": []})
    with pytest.raises(CorruptResult, match="not a whole result"):
        read(path)
    write(path, {"seeds": [1]})
    with pytest.raises(CorruptResult, match="not a whole result"):
        read(path)


def test_another_format_is_stale(
    saved: tuple[Path, Claim, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved[0]
    monkeypatch.setattr("lecturelib.claims.results.FORMAT", 2)
    with pytest.raises(StaleResult, match="format 1, this version reads 2"):
        read(path)


def changed_settings(claim: Claim) -> Claim:
    return replace(claim, quick=dict(claim.quick) | {"depth": 5})


def changed_measures(claim: Claim) -> Claim:
    return replace(claim, measures=(replace(GAIN, name="win"),))


def changed_code(claim: Claim) -> Claim:
    return replace(claim, experiment=small_claims.slow)


def changed_id(claim: Claim) -> Claim:
    return replace(claim, id="X2")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed_settings, "quick settings have changed; run it again"),
        (changed_measures, "measures have changed .gain, win"),
        (changed_code, "code has changed"),
        (changed_id, "holds claim X1, not X2"),
    ],
)
def test_a_result_of_another_record_is_stale(
    saved: tuple[Path, Claim, Result], change: object, message: str
) -> None:
    path, claim, _ = saved
    with pytest.raises(StaleResult, match=message):
        read(path, change(claim))  # type: ignore[operator]


def test_too_few_values_are_corrupt(saved: tuple[Path, Claim, Result]) -> None:
    path, claim, result = saved
    write(path, replace(result, values={"gain": (1.0,)}))
    with pytest.raises(CorruptResult, match="not one value a seed"):
        read(path, claim)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.json"
    write(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write(path, {"a": float("nan")})
    assert load(path) == {"a": 1}
    assert [p.name for p in path.parent.iterdir()] == ["x.json"]


def test_the_settings_hash_changes_with_each_setting_and_not_with_their_order() -> None:
    one = settings_hash("N2", {"a": 1, "b": (2, 3)})
    assert one == settings_hash("N2", {"b": [2, 3], "a": 1})
    others = [("N3", {"a": 1, "b": [2, 3]}), ("N2", {"a": 1.5, "b": [2, 3]}), ("N2", {"a": 1})]
    assert one not in {settings_hash(claim, settings) for claim, settings in others}


CONSTANT = 3


def uses_a_constant() -> int:
    return max(CONSTANT for _ in range(1))


class Uses:
    def method(self) -> int:
        return uses_a_constant()


def uses_a_class() -> int:
    return Uses().method()


def test_the_code_hash_follows_what_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    one = code_hash(uses_a_class)
    assert one == code_hash(uses_a_class)
    monkeypatch.setitem(globals(), "CONSTANT", 4)
    two = code_hash(uses_a_class)
    assert two != one
    monkeypatch.setitem(globals(), "uses_a_constant", offset)
    assert code_hash(uses_a_class) not in (one, two)


def uses_a_module() -> object:
    return small_claims.offset, small_claims.GAIN


def test_the_code_hash_follows_attributes_of_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    one = code_hash(uses_a_module)
    monkeypatch.setattr(small_claims, "offset", small_claims.slow)
    assert code_hash(uses_a_module) != one
    monkeypatch.undo()
    monkeypatch.setattr(small_claims, "GAIN", 3)
    assert code_hash(uses_a_module) != one
    monkeypatch.undo()
    monkeypatch.setattr(small_claims, "failing", small_claims.slow)  # not named here
    assert code_hash(uses_a_module) == one


def test_parts_join_in_the_order_of_the_seeds() -> None:
    parts = [{"seeds": [3, 1], "values": {"a": [30, 10]}}, {"seeds": [2], "values": {"a": [20]}}]
    assert join(parts, [1, 2, 3]) == {"a": (10, 20, 30)}
