"""Run a claim: over seeds, on a device, alone or on many workers, and pick up where a run stopped.

A run is cut into tasks. A vectorized experiment takes a block of seeds at once along a leading
tensor axis; any other takes one seed a task. Each finished task is a file, so a run that stops goes
on from what it wrote, and a run over more seeds computes only the new ones.

Tasks run in this process, in local processes (joblib) or on a Dask cluster. A worker that dies
takes no result with it: its tasks run again elsewhere and the loss is reported.
"""

from __future__ import annotations

import datetime
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lecturelib._device import cpu_by_default
from lecturelib.claims import registry
from lecturelib.claims.record import Claim, Experiment
from lecturelib.claims.results import (
    CorruptResult,
    Result,
    ResultError,
    code_hash,
    join,
    load,
    settings_hash,
    write,
)

__all__ = ["execute", "file_name", "run", "seed_axis_ratio", "versions"]

STRIDE = 100_000
"""Distance of the seeds of a claim's further runs."""
BLOCK = 10
"""Seeds that a vectorized experiment takes at once."""
PATIENCE = 60.0
"""Seconds that a cluster may stay without any worker before the run gives up."""
CONNECT = "10s"
"""How long a scheduler may take to answer."""
RETRIES = 3
"""How often tasks are sent out again after workers were lost."""

PART = ("seeds", "values", "seconds", "cpu_seconds")
Task = tuple[Experiment, dict[str, Any], list[int], str]
Part = dict[str, Any]


def run(
    claim_id: str | Claim,
    *,
    seeds: int | None = None,
    first_seed: int = 0,
    full: bool = False,
    short: bool = False,
    device: str = "cpu",
    workers: int = 1,
    scheduler: str | None = None,
    out: Path | str | None = None,
    progress: bool = True,
    **changes: Any,
) -> Result:
    """Run a claim over seeds and return what it gave.

    Args:
        claim_id: id of the claim, or a record of your own.
        seeds: how many seeds, at least 1; by default as many as decide about the verdict.
        first_seed: the first of them; the others follow.
        full: use the full settings instead of the quick ones.
        short: use the full settings with less training.
        device: name of a torch device.
        workers: local processes; 1 runs in this one.
        scheduler: address of a Dask scheduler (``tcp://…``) instead of local processes.
        out: folder for the results. With it, a run resumes from what an earlier one left.
        progress: show a bar where the output is a terminal.
        **changes: settings to change; the result is then of scale ``"custom"``.

    Returns:
        The result, with seconds, device, versions and the hash of the settings.

    Raises:
        ValueError: for an unknown id, setting or device, or a number out of range.
        RuntimeError: if the experiment fails; the message names claim and seeds.

    >>> result = run("BN10", seeds=3, progress=False)
    >>> result.seeds, result.scale
    ((0, 1, 2), 'quick')
    """
    claim = claim_id if isinstance(claim_id, Claim) else registry.get(claim_id)
    seeds = claim.seeds if seeds is None else seeds
    _check_counts(seeds=seeds, workers=workers)
    if first_seed < 0:
        raise ValueError(f"claims run: first_seed must be at least 0, got {first_seed}")
    _check_device(device)
    if full and short:
        raise ValueError("claims run: full and short settings exclude one another")
    scale = "full" if full else "short" if short else "quick"
    settings = claim.settings(scale, **changes)
    return execute(
        claim,
        settings,
        range(first_seed, first_seed + seeds),
        scale="custom" if changes else scale,
        runs=1 if full or short else claim.runs,
        device=device,
        workers=workers,
        scheduler=scheduler,
        out=None if out is None else Path(out),
        progress=progress,
    )


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"claims run: {name} must be at least 1, got {count}")


def _check_device(device: str) -> None:
    """A device that torch knows, and that is there."""
    import torch

    there = ["cpu"]
    if torch.cuda.is_available():
        there += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        there.append("mps")
    try:
        kind = torch.device(device)
    except RuntimeError:
        raise ValueError(
            f"claims run: {device!r} is not the name of a device; here there are {', '.join(there)}"
        ) from None
    if str(kind) not in there and not (kind.index is None and any(kind.type in d for d in there)):
        raise ValueError(
            f"claims run: there is no device {device!r} here; there are {', '.join(there)}"
        )


def execute(
    claim: Claim,
    settings: dict[str, Any],
    seeds: Sequence[int],
    *,
    scale: str = "custom",
    runs: int = 1,
    device: str = "cpu",
    workers: int = 1,
    scheduler: str | None = None,
    out: Path | None = None,
    progress: bool = True,
) -> Result:
    """Run a claim with settings that are already checked; :func:`run` is the door for callers."""
    seeds = list(seeds)
    key, code = settings_hash(claim.id, settings, runs), code_hash(claim.experiment)
    name = f"{scale}-{key}-{code}-{device.partition(':')[0]}"
    folder = None if out is None else out / claim.id / name
    done, notes = _resume(folder)
    have = {seed for part in done for seed in part["seeds"]}
    blocks = _blocks([seed for seed in seeds if seed not in have], BLOCK if claim.vectorized else 1)
    experiment = claim.experiment if runs == 1 else partial(median_of_runs, claim.experiment, runs)
    tasks: list[Task] = [(experiment, settings, block, device) for block in blocks]
    send = _pick_backend(workers, scheduler)

    with tqdm(
        total=len(seeds),
        initial=len(have & set(seeds)),
        desc=claim.id,
        unit="seed",
        disable=None if progress else True,
    ) as bar:
        for part in send(tasks, notes.append):
            _check_part(claim, part)
            done.append(part)
            if folder is not None:
                write(folder / f"{part['seeds'][0]:06d}-{part['seeds'][-1]:06d}.json", part)
            bar.update(len(part["seeds"]))

    used = [part for part in done if set(part["seeds"]) & set(seeds)]
    result = Result(
        claim=claim.id,
        scale=scale,
        settings=settings,
        settings_hash=key,
        code_hash=code,
        seeds=tuple(seeds),
        values=join(used, seeds),
        seconds=round(sum(part["seconds"] for part in used), 3),
        cpu_seconds=round(sum(part["cpu_seconds"] for part in used), 3),
        device=_device_name(device),
        versions=versions(),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        reruns=tuple(notes),
    )
    if out is not None:
        write(out / file_name(result), result)
    return result


def file_name(result: Result) -> str:
    """Name of a result's file: ``N2.json``, ``N2-full.json`` or ``N2-custom-<hash>.json``."""
    tails = {"quick": "", "full": "-full", "short": "-short"}
    tail = tails.get(result.scale, f"-custom-{result.settings_hash}")
    return f"{result.claim}{tail}.json"


def _blocks(seeds: Sequence[int], size: int) -> list[list[int]]:
    return [list(seeds[i : i + size]) for i in range(0, len(seeds), size)]


def _resume(folder: Path | None) -> tuple[list[Part], list[str]]:
    """Parts that an earlier run left; a damaged one is named, set aside, and run again."""
    parts: list[Part] = []
    notes: list[str] = []
    for path in sorted(folder.glob("*.json")) if folder is not None else ():
        try:
            part = load(path)
            parts.append({name: part[name] for name in PART})
        except (ResultError, KeyError) as error:
            aside = path.with_suffix(".corrupt")
            os.replace(path, aside)
            kind = "damaged" if isinstance(error, CorruptResult) else "unusable"
            notes.append(f"{path} was {kind} and was run again; it is kept as {aside.name}")
            print(f"claims: {notes[-1]}", file=sys.stderr)
    return parts, notes


def _check_part(claim: Claim, part: Part) -> None:
    """An experiment must give one finite number a seed for each measure, and nothing else."""
    names = {measure.name for measure in claim.measures}
    if set(part["values"]) != names:
        raise RuntimeError(
            f"claim {claim.id}: the experiment gave {sorted(part['values'])}, "
            f"the record measures {sorted(names)}"
        )
    for name, values in part["values"].items():
        if len(values) != len(part["seeds"]):
            raise RuntimeError(
                f"claim {claim.id}: {name!r} has {len(values)} values "
                f"for {len(part['seeds'])} seeds"
            )
        for seed, value in zip(part["seeds"], values, strict=True):
            if not math.isfinite(value):
                raise RuntimeError(f"claim {claim.id}: {name!r} is {value} for seed {seed}")


def median_of_runs(
    experiment: Experiment,
    runs: int,
    settings: Mapping[str, Any],
    seeds: Sequence[int],
    device: str,
) -> dict[str, list[float]]:
    """An experiment in which each value is the median of several runs.

    The first run has the seeds themselves, each further one seeds that lie ``STRIDE`` apart.
    """
    found = [
        experiment(settings, [seed + run * STRIDE for seed in seeds], device) for run in range(runs)
    ]
    return {
        name: [statistics.median(map(float, numbers)) for numbers in
               zip(*(values[name] for values in found), strict=True)]
        for name in found[0]
    }  # fmt: skip


def work(task: Task) -> Part:
    """One task, in whatever process: the experiment on one thread, timed."""
    import torch

    experiment, settings, seeds, device = task
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        with cpu_by_default():
            values = experiment(settings, seeds, device)
    except Exception as error:
        inner = experiment.args[0] if isinstance(experiment, partial) else experiment
        name = getattr(inner, "__qualname__", repr(inner))
        raise RuntimeError(
            f"{name} failed for seeds {seeds[0]}–{seeds[-1]}: {type(error).__name__}: {error}"
        ) from error
    finally:
        torch.set_num_threads(threads)
    return {
        "seeds": list(seeds),
        "values": {name: [float(v) for v in numbers] for name, numbers in values.items()},
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
    }


Report = Callable[[str], None]
Backend = Callable[[list[Task], Report], Iterator[Part]]


def _pick_backend(workers: int, scheduler: str | None) -> Backend:
    if scheduler is not None:
        return lambda tasks, report: _on_cluster(tasks, report, scheduler)
    if workers > 1:
        return lambda tasks, report: _in_processes(tasks, report, workers)
    return lambda tasks, report: map(work, tasks)


def _in_processes(tasks: list[Task], report: Report, workers: int) -> Iterator[Part]:
    """Local processes. If one dies, joblib ends the pool: what is left goes to a new one."""
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = list(tasks)
    for attempt in range(RETRIES + 1):
        parallel = joblib.Parallel(
            n_jobs=min(workers, len(left) or 1), return_as="generator_unordered"
        )
        try:
            for part in parallel(joblib.delayed(work)(task) for task in left):
                left = [task for task in left if task[2] != part["seeds"]]
                yield part
            return
        except TerminatedWorkerError as error:
            if attempt == RETRIES:
                raise RuntimeError(
                    f"claims run: local processes died {RETRIES + 1} times, "
                    f"{len(left)} tasks are left; run again with the same --out to resume"
                ) from error
            note = f"a local process was lost; {len(left)} unfinished tasks were run again"
            report(note)
            print(f"claims: {note}", file=sys.stderr)


def _on_cluster(tasks: list[Task], report: Report, address: str) -> Iterator[Part]:
    """A Dask cluster. Dask reruns the tasks of a worker that dies; here the loss is told."""
    try:
        import distributed
    except ImportError as error:
        raise RuntimeError(
            "claims run: --scheduler needs Dask; install it with pip install 'lecturelib[cluster]'"
        ) from error
    try:
        client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"claims run: no Dask scheduler answers at {address} ({error})") from error
    with client:
        yield from _Cluster(client, report).run(tasks)


class _Cluster:
    """Tasks out, parts in, and an eye on the workers."""

    def __init__(self, client: Any, report: Report) -> None:
        self.client = client
        self.report = report
        self.workers: set[str] = set()
        self.last_seen = time.monotonic()

    def run(self, tasks: list[Task]) -> Iterator[Part]:
        """Yield each part once, whichever worker computes it."""
        import distributed

        self._watch()
        pending = {self._send(task): task for task in tasks}
        attempts: dict[tuple[int, ...], int] = {}
        while pending:
            # A wait with an end, so that a lost worker is noticed while others compute.
            try:
                with self.client.as_current():
                    ready = distributed.wait(list(pending), 0.5, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                ready = set()
            self._watch()
            for future in ready:
                task = pending.pop(future)
                try:
                    part = future.result()
                except distributed.KilledWorker as error:
                    # Dask gives a task up when it was on too many dying workers.
                    attempt = attempts[tuple(task[2])] = attempts.get(tuple(task[2]), 0) + 1
                    if attempt > RETRIES:
                        raise RuntimeError(
                            f"claims run: seeds {task[2]} were lost with their workers "
                            f"{attempt} times; run again with the same --out to resume"
                        ) from error
                    pending[self._send(task)] = task
                    continue
                yield part
        self._watch()

    def _send(self, task: Task) -> Any:
        return self.client.submit(work, task, pure=False)

    def _watch(self) -> None:
        """Report workers that were there and are gone; give up if none is left for long."""
        now = set(self.client.scheduler_info(n_workers=-1)["workers"])
        for lost in sorted(self.workers - now):
            note = f"worker {lost} was lost; its unfinished tasks were run again by others"
            self.report(note)
            print(f"claims: {note}", file=sys.stderr)
        self.workers = now
        if now:
            self.last_seen = time.monotonic()
        elif time.monotonic() - self.last_seen > PATIENCE:
            raise RuntimeError(
                f"claims run: the cluster has had no worker for {PATIENCE:.0f} s; "
                "run again with the same --out to resume"
            )


def versions() -> dict[str, str]:
    """Versions of what decides about the numbers."""
    import numpy
    import torch

    import lecturelib

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "lecturelib": lecturelib.__version__,
    }


def _device_name(device: str) -> str:
    """The device as a reader would name it."""
    import torch

    if device.startswith("cuda"):
        return f"cuda ({torch.cuda.get_device_name(device)})"
    if device == "cpu":
        return f"cpu ({platform.machine()}, {torch.backends.cpu.get_cpu_capability()}, 1 thread)"
    return device


def seed_axis_ratio(
    claim_id: str | Claim,
    *,
    seeds: int = 10,
    rounds: int = 3,
    changes: Mapping[str, Any] | None = None,
) -> float:
    """CPU time of all seeds in one call over that of a loop, one seed a call; median of rounds.

    The two sides alternate within a round, on one thread, so a busy machine slows both.

    Raises:
        ValueError: if the claim is not vectorized.
    """
    claim = claim_id if isinstance(claim_id, Claim) else registry.get(claim_id)
    _check_counts(seeds=seeds, rounds=rounds)
    if not claim.vectorized:
        raise ValueError(f"claims ratio: {claim.id} has no seed axis")
    settings = claim.settings("quick", **(changes or {}))
    work((claim.experiment, settings, [0], "cpu"))  # imports and caches
    ratios = []
    for _ in range(rounds):
        together = work((claim.experiment, settings, list(range(seeds)), "cpu"))["cpu_seconds"]
        loop = sum(
            work((claim.experiment, settings, [seed], "cpu"))["cpu_seconds"]
            for seed in range(seeds)
        )
        ratios.append(together / loop)
    return round(sorted(ratios)[len(ratios) // 2], 2)
