"""Results on disk: small JSON files that say what they are, and notice when they are not.

A file carries a checksum of its content, the hash of the settings and the hash of the code that
the experiment runs. A damaged file raises :class:`CorruptResult`; one of other settings or other
code raises :class:`StaleResult`. Both name the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lecturelib import contents
from lecturelib.claims.fingerprint import fingerprint
from lecturelib.claims.record import Claim

__all__ = [
    "CorruptResult",
    "Result",
    "ResultError",
    "StaleResult",
    "code_hash",
    "larger",
    "read",
    "settings_hash",
    "stored",
    "write",
]

FORMAT = 1
_RERUNS = "losses"  # the name of ``reruns`` in the files of this format


class ResultError(ValueError):
    """A result file can't be used."""


class CorruptResult(ResultError):
    """A result file is damaged."""


class StaleResult(ResultError):
    """A result file belongs to other settings or to other code."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run of a claim gave, and under which circumstances.

    Args:
        claim: id of the claim.
        scale: ``"quick"``, ``"full"``, ``"short"`` or ``"custom"``.
        settings: the settings.
        settings_hash: their hash.
        code_hash: hash of the code that the experiment runs.
        seeds: the seeds.
        values: per measure, one value a seed.
        seconds: wall time, summed over the tasks.
        cpu_seconds: CPU time, summed over the tasks.
        device: where it ran.
        versions: of Python, torch, NumPy and the package.
        date: UTC day on which it ended.
        reruns: what was run again on the way, and why: tasks of lost workers, damaged parts.
        seed_axis_ratio: CPU time of all seeds in one call over that of a loop, where measured.
    """

    claim: str
    scale: str
    settings: dict[str, Any]
    settings_hash: str
    code_hash: str
    seeds: tuple[int, ...]
    values: dict[str, tuple[float, ...]]
    seconds: float
    cpu_seconds: float
    device: str
    versions: dict[str, str]
    date: str
    reruns: tuple[str, ...] = field(default=())
    seed_axis_ratio: float | None = None


def settings_hash(claim: str, settings: Mapping[str, Any], runs: int = 1) -> str:
    """Twelve hexadecimal digits that change when a setting does, or the number of runs a seed.

    >>> settings_hash("N2", {"p": 0.5, "depth": 6}) == settings_hash("N2", {"depth": 6, "p": 0.5})
    True
    """
    return _digest([FORMAT, claim, dict(settings), *([runs] if runs > 1 else [])])


def code_hash(function: Callable[..., Any]) -> str:
    """Hash of all that an experiment runs: :func:`lecturelib.claims.fingerprint.fingerprint`."""
    return fingerprint(function)


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(content: Any) -> str:
    return hashlib.sha256(_canonical(content).encode()).hexdigest()[:12]


def write(path: Path, content: Result | Mapping[str, Any]) -> None:
    """Write a result, or a part of one, with its checksum; a reader never sees half a file."""
    data = asdict(content) if isinstance(content, Result) else dict(content)
    if "reruns" in data:
        data[_RERUNS] = data.pop("reruns")
    data = json.loads(_canonical({"format": FORMAT, **data}))  # tuples become lists
    data["checksum"] = _digest(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=path.name, suffix=".tmp", delete=False
    ) as file:
        try:
            file.write(_dump(data))
            file.flush()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _dump(data: Mapping[str, Any]) -> str:
    """Indented JSON with lists on one line, so that a diff shows measures and not digits."""
    lines = []
    for key in sorted(data):
        value = data[key]
        if isinstance(value, dict) and value:
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(value[k])}" for k in sorted(value))
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def load(path: Path) -> dict[str, Any]:
    """The content of a file, checked against its checksum.

    Raises:
        CorruptResult: if the file is not whole.
        StaleResult: if another version of the format wrote it.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        checksum = data.pop("checksum")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CorruptResult(f"{path}: not a result file, or cut short ({error})") from error
    if checksum != _digest(data):
        raise CorruptResult(f"{path}: the checksum does not match the content")
    if data.get("format") != FORMAT:
        raise StaleResult(f"{path}: format {data.get('format')}, this version reads {FORMAT}")
    del data["format"]
    return data


def read(path: Path, claim: Claim | None = None) -> Result:
    """Read a result file.

    Args:
        path: the file.
        claim: if given, the file must belong to this claim as it stands now: to the settings of its
            scale and to the experiment's code.

    Raises:
        CorruptResult: if the file is damaged.
        StaleResult: if the claim, its settings, its measures or its code are others.
    """
    result = load_result(path)
    if claim is not None:
        match(path, result, claim)
    return result


def load_result(path: Path) -> Result:
    """A result as its file holds it, whatever has become of its claim since.

    Raises:
        CorruptResult: if the file is damaged.
    """
    data = load(path)
    try:
        return Result(**_fields(data))
    except (TypeError, KeyError, AttributeError) as error:
        raise CorruptResult(f"{path}: not a whole result ({error})") from error


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a result from what its file holds; JSON has no tuples."""
    fields = {name: value for name, value in data.items() if name != _RERUNS}
    fields["values"] = {name: tuple(numbers) for name, numbers in data["values"].items()}
    return {**fields, "seeds": tuple(data["seeds"]), "reruns": tuple(data[_RERUNS])}


def match(path: Path, result: Result, claim: Claim) -> None:
    """Raise :class:`StaleResult` if ``result`` is not one of ``claim`` as it stands."""
    remedy = f"run it again: python -m lecturelib.claims run {claim.id}"
    restamp = f"python -m lecturelib.claims restamp {claim.id} --against COMMIT"
    if result.claim != claim.id:
        raise StaleResult(f"{path}: holds claim {result.claim}, not {claim.id}")
    if result.scale != "custom":
        settings = claim.settings(result.scale)
        runs = claim.runs if result.scale == "quick" else 1
        if result.settings_hash != settings_hash(claim.id, settings, runs):
            raise StaleResult(f"{path}: the {result.scale} settings have changed; {remedy}")
    if result.code_hash != code_hash(claim.experiment):
        raise StaleResult(f"{path}: the experiment's code has changed; {remedy}, or "
                          f"show that it gives the same numbers: {restamp}")  # fmt: skip
    names = {measure.name for measure in claim.measures}
    if set(result.values) != names:
        odd = sorted(names ^ set(result.values))
        raise StaleResult(f"{path}: the measures have changed ({', '.join(odd)}); {remedy}")
    if any(len(values) != len(result.seeds) for values in result.values.values()):
        raise CorruptResult(f"{path}: some measure has not one value a seed")


def stored(claim: Claim, directory: Path | None = None) -> Result | None:
    """The result that ships with the package, or ``None`` if there is none.

    Raises:
        ResultError: if the file is corrupt or stale.
    """
    path = (directory or contents.results(claim.chapter)) / f"{claim.id}.json"
    return read(path, claim) if path.exists() else None


def larger(claim: Claim, directory: Path | None = None) -> tuple[Result, ...]:
    """The results at larger settings that ship with the package: full ones, then short ones.

    Raises:
        ResultError: if a file is corrupt or stale.
    """
    home = directory or contents.results(claim.chapter)
    paths = (home / f"{claim.id}-{scale}.json" for scale in ("full", "short"))
    return tuple(read(path, claim) for path in paths if path.exists())


def join(parts: Sequence[Mapping[str, Any]], seeds: Sequence[int]) -> dict[str, tuple[float, ...]]:
    """Values of all parts in the order of ``seeds``."""
    values: dict[str, dict[int, float]] = {}
    for part in parts:
        for name, numbers in part["values"].items():
            values.setdefault(name, {}).update(zip(part["seeds"], numbers, strict=True))
    return {name: tuple(by_seed[seed] for seed in seeds) for name, by_seed in values.items()}
