"""Give a stored result the hash of the present code, after showing that nothing it gives changed.

A change of the code makes a result stale though it may still hold: a clearer loop, a check more.
Running it again is the plain remedy; where it ran on a GPU, or where many results are concerned,
this is the other. Against an earlier commit, at which the result was in order, it is shown that

- either all that the experiment runs is the same there (one fingerprint for both), as after a move,
- or both give the same values, bit by bit, on this machine: at the quick settings on ten seeds of
  the stored ones, and for a result at larger settings in a tiny run on the same path too.

Else the result stays stale, and the reason is told. Each result is written as soon as it is shown,
so a run that stops goes on where it was.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from lecturelib import contents
from lecturelib.claims import fingerprint, results
from lecturelib.claims.record import Claim
from lecturelib.claims.results import Result, ResultError, StaleResult, code_hash, read, write

__all__ = ["Outcome", "restamp"]

SEEDS = 10
"""How many of the stored seeds the quick run takes."""
TINY_SEEDS = 1
ATTEMPTS = 4
"""How often both sides run where a value differs by more than rounding."""
NEAR, NEAR_ATTEMPTS = 1e-10, 40
"""Up to which relative difference a value may be rounded only, and how often both run then."""

# MKL else rounds by where an array lies in memory, and by how many threads a busy machine allows.
ROUNDING = {"MKL_CBWR": "COMPATIBLE", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Outcome:
    """What became of one result file.

    Args:
        path: the file.
        kind: ``"current"``, ``"restamped"`` or ``"refused"``.
        reason: what was shown, or why it was refused.
    """

    path: Path
    kind: str
    reason: str


class Refused(Exception):
    """A result can't be given the present hash; the message says why."""


def restamp(
    chosen: Sequence[Claim],
    *,
    against: str,
    workers: int = 1,
    folder: Path | None = None,
    report: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Give the results of some claims the present hash where they are shown to hold.

    Args:
        chosen: the claims.
        against: a commit at which the results were in order.
        workers: how many claims to treat at a time; each takes two processes in turn.
        folder: where the results are, by default with their chapters.
        report: called with each outcome as it comes.

    Raises:
        ValueError: if there is no such commit, or the package is no Git checkout.
    """
    outcomes: list[Outcome] = []
    with _tree(against) as before, ThreadPoolExecutor(workers) as pool:
        pairs: SimpleQueue[_Pair] = SimpleQueue()
        made = [_Pair(before) for _ in range(workers)]
        for pair in made:
            pairs.put(pair)

        def treat(claim: Claim) -> list[Outcome]:
            pair = pairs.get()
            try:
                home = folder or contents.results(claim.chapter)
                return [_one(claim, path, pair) for path in _files(claim, home)]
            finally:
                pairs.put(pair)

        try:
            for found in pool.map(treat, chosen):
                for outcome in found:
                    report(outcome)
                    outcomes.append(outcome)
        finally:
            for pair in made:
                pair.close()
    return outcomes


def _files(claim: Claim, folder: Path) -> list[Path]:
    names = (f"{claim.id}{tail}.json" for tail in ("", "-full", "-short"))
    return [path for name in names if (path := folder / name).exists()]


def _one(claim: Claim, path: Path, pair: _Pair) -> Outcome:
    """Treat one file."""
    try:
        read(path, claim)
        return Outcome(path, "current", "its hash is that of the present code")
    except StaleResult:
        pass
    except ResultError as error:
        return Outcome(path, "refused", str(error))
    try:
        result = read(path)
        _belongs(path, result, claim)
        reason = _show(claim, path, result, pair)
    except Refused as error:
        return Outcome(path, "refused", str(error))
    write(path, replace(result, code_hash=code_hash(claim.experiment)))
    return Outcome(path, "restamped", reason)


def _belongs(path: Path, result: Result, claim: Claim) -> None:
    """Refuse what is stale for another reason than the code."""
    try:
        results.match(path, replace(result, code_hash=code_hash(claim.experiment)), claim)
    except ResultError as error:
        raise Refused(str(error)) from error


def _show(claim: Claim, path: Path, result: Result, pair: _Pair) -> str:
    """Show that the result holds for the present code, or refuse."""
    stored = pair.before.ask({"do": "stored", "claim": claim.id, "file": path.name})
    then = {name: tuple(values) for name, values in stored["values"].items()}
    if then != result.values or tuple(stored["seeds"]) != result.seeds:
        raise Refused("the result is not the one that the earlier commit has")
    hashes = [side.ask({"do": "hash", "claim": claim.id})["hash"] for side in pair.sides]
    if hashes[0] == hashes[1]:
        return "the code that it runs is the same"
    seeds = list(result.seeds[:SEEDS])
    pair.compare(claim.id, claim.settings("quick"), seeds, tiny=False)
    shown = f"quick values are the same to the last bit on {len(seeds)} seeds"
    if result.scale == "quick" or not claim.tiny:
        return shown
    settings = claim.settings(result.scale) | dict(claim.tiny)
    pair.compare(claim.id, settings, list(result.seeds[:TINY_SEEDS]), tiny=True)
    return f"{shown}, and those of a tiny run at the {result.scale} settings"


# --- Both trees ----------------------------------------------------------------------------------


@contextmanager
def _tree(commit: str) -> Iterator[Path]:
    """The package as it was at a commit, in a folder that is gone afterwards."""
    root = Path(fingerprint.__file__).parents[2]
    archive = ["git", "-C", str(root), "archive", "--format=tar", commit, "lecturelib"]
    done = subprocess.run(archive, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(
            f"claims restamp: no commit {commit!r} of the package: {done.stderr.decode().strip()}"
        )
    with tempfile.TemporaryDirectory(prefix="lecturelib-") as folder:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as tar:
            tar.extractall(folder, filter="data")
        yield Path(folder)


class _Side:
    """A process that runs the experiments of one tree; it starts with its first request."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.process: subprocess.Popen[str] | None = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        if self.process is None:
            here = Path(fingerprint.__file__)
            self.process = subprocess.Popen(
                [sys.executable, "-P", str(here.with_name("_replay.py")), str(here)],
                cwd=self.tree,
                env={**os.environ, "PYTHONPATH": str(self.tree), **ROUNDING},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Refused(f"the process for {self.tree} ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.communicate()


class _Pair:
    """The earlier tree and the present one."""

    def __init__(self, before: Path) -> None:
        self.before = _Side(before)
        self.now = _Side(Path(fingerprint.__file__).parents[2])
        self.sides = (self.before, self.now)

    def compare(
        self, claim: str, settings: dict[str, Any], seeds: list[int], *, tiny: bool
    ) -> None:
        """Refuse if the two trees differ in a single bit of a single value.

        A solver may round otherwise when its arrays lie elsewhere in memory, so that one and the
        same code differs from run to run in the last bits. Where a value differs both run again:
        each must have given a value that the other has given, too. Values that are nearly the same
        get ``NEAR_ATTEMPTS`` runs, since a solver was seen to give four in turn, others a few.
        """
        request = {
            "do": "values", "claim": claim, "settings": settings, "seeds": seeds, "tiny": tiny
        }  # fmt: skip

        def far(values: set[str]) -> bool:
            found = [float.fromhex(value) for value in values]
            return not math.isclose(min(found), max(found), rel_tol=NEAR)

        seen: list[dict[tuple[str, int], set[str]]] = [{}, {}]
        for attempt in range(1, NEAR_ATTEMPTS + 1):
            for side, found in zip(self.sides, seen, strict=True):
                for name, values in side.ask(request)["values"].items():
                    for seed, value in zip(seeds, values, strict=True):
                        found.setdefault((name, seed), set()).add(value)
            then, now = seen
            if then.keys() != now.keys():
                odd = {name for name, _ in then.keys() ^ now.keys()}
                raise Refused(f"other measures: {', '.join(sorted(odd))}")
            apart = [key for key in then if not then[key] & now[key]]
            if not apart:
                return
            if attempt >= ATTEMPTS and any(far(then[key] | now[key]) for key in apart):
                break
        name, seed = apart[0]
        old, new = (float.fromhex(min(found[apart[0]])) for found in seen)
        raise Refused(f"{name!r} was {old!r} for seed {seed}, and is {new!r}")

    def close(self) -> None:
        """End both processes."""
        for side in self.sides:
            side.close()
