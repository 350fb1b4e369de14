"""Run a claim: over seeds, on a device, alone or on many workers, and pick up where a run stopped.

A run is cut into tasks. A vectorized experiment takes a block of seeds at once along a leading
tensor axis; any other takes one seed a task. Each finished task is a file, so a run that stops goes
on from what it wrote, and a run over more seeds computes only the new ones.

Tasks run in this process, in local processes (one a GPU, where there are several) or on a Dask
cluster, where a task for a GPU goes to a worker that offers one. A worker that dies takes no result
with it: its tasks run again elsewhere and the loss is reported. Long trainings leave checkpoints
beside the results, so that a task which was killed goes on from its last epoch.
"""

from __future__ import annotations

import datetime
import math
import os
import platform
import shutil
import statistics
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

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

__all__ = ["UnwrittenResult", "execute", "file_name", "run", "seed_axis_ratio", "versions"]

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
RESOURCES = {"cuda": "GPU"}
"""What a worker of a cluster must offer for a task on a device; a task takes one of it."""

PART = ("seeds", "values", "seconds", "cpu_seconds")
Part = dict[str, Any]


class Task(NamedTuple):
    """Some seeds of a claim, with all that a process needs to run them."""

    experiment: Experiment
    settings: dict[str, Any]
    seeds: list[int]
    device: str
    checkpoints: str | None = None
    """Folder for the checkpoints of long trainings, where the run has one."""

    @property
    def name(self) -> str:
        """The seeds, for messages."""
        return f"seeds {self.seeds[0]}–{self.seeds[-1]}"


class UnwrittenResult(RuntimeError):
    """The run has ended, and its result could not be written.

    Attributes:
        result: what the run gave.
    """

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> Any:
        return type(self), (str(self), self.result), self.__dict__


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
        device: name of a torch device. ``"cuda"`` means all GPUs of this machine, each with a
            process of its own, or one GPU a task on a cluster.
        workers: local processes; 1 runs in this one.
        scheduler: address of a Dask scheduler (``tcp://…``) instead of local processes. Tasks for
            ``"cuda"`` go to workers that offer the resource ``GPU``, one a GPU.
        out: folder for the results. With it, a run resumes from what an earlier one left, and
            long trainings from their last epoch.
        progress: show a bar where the output is a terminal.
        **changes: settings to change; the result is then of scale ``"custom"``.

    Returns:
        The result, with seconds, device, versions and the hash of the settings.

    Raises:
        ValueError: for an unknown id, setting or device, or a number out of range.
        RuntimeError: if the experiment fails or gives what is no number; the message names claim
            and seeds, and what the others gave is kept in ``out``.
        UnwrittenResult: if the disk is full; it holds the result.

    >>> result = run("BN10", seeds=3, progress=False)
    >>> result.seeds, result.scale
    ((0, 1, 2), 'quick')
    """
    claim = claim_id if isinstance(claim_id, Claim) else registry.get(claim_id)
    seeds = claim.seeds if seeds is None else seeds
    _check_counts(seeds=seeds, workers=workers)
    if first_seed < 0:
        raise ValueError(f"claims run: first_seed must be at least 0, got {first_seed}")
    _check_device(device, here=scheduler is None)
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


def _check_device(device: str, *, here: bool) -> None:
    """A device that torch knows, and that is ``here``; else a cluster has to know."""
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
    if not here:
        return
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
    store = _Store(None if out is None else out / claim.id / name)
    done, notes = store.resume()
    have = {seed for part in done for seed in part["seeds"]}
    slots = _slots(device, workers) if scheduler is None else [device]
    missing = [seed for seed in seeds if seed not in have]
    blocks = _blocks(missing, _block_size(claim, len(missing), slots))
    experiment = claim.experiment if runs == 1 else partial(median_of_runs, claim.experiment, runs)
    tasks = [
        Task(experiment, settings, block, device, store.checkpoints(block)) for block in blocks
    ]
    send = _pick_backend(slots, scheduler)
    faults: list[str] = []

    with tqdm(
        total=len(seeds),
        initial=len(have & set(seeds)),
        desc=claim.id,
        unit="seed",
        disable=None if progress else True,
    ) as bar:
        for given in send(tasks, notes.append):
            notes += given.get("notes", ())
            part = _finite(claim, given, faults)
            done.append(part)
            store.keep(part, given["seeds"])
            bar.update(len(part["seeds"]))
    unwritten = store.retry()
    if faults:
        raise RuntimeError(f"claim {claim.id}: {'; '.join(faults)}{_what_is_kept(done, store)}")

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
        device=_joined({part["device"]: None for part in used if part.get("device")}, device),
        versions=versions(),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        reruns=tuple(notes),
    )
    if out is not None:
        try:
            write(out / file_name(result), result)
        except OSError as error:
            unwritten = error
    if unwritten is not None:
        raise UnwrittenResult(
            f"claims run: the result of {claim.id} could not be written to {out} "
            f"({unwritten.strerror or unwritten}); this error's result holds it",
            result,
        ) from unwritten
    return result


def _joined(names: Mapping[str, None], device: str) -> str:
    """The devices that the tasks ran on, as one; that of this machine where no part names one."""
    return "; ".join(names) or _device_name(device)


def _what_is_kept(done: Sequence[Part], store: _Store) -> str:
    others = sum(len(part["seeds"]) for part in done)
    if not others:
        return ""
    where = f" in {store.folder}" if store.folder else " nowhere, as the run has no folder (out)"
    return f"; what the {others} other seeds gave is kept{where}"


class _Store:
    """The finished parts of a run on disk, and the checkpoints of those that are under way.

    A part that can't be written stays in memory and is tried once more at the end.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._left: list[tuple[Path, Part]] = []
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RuntimeError(
                    f"claims run: no folder for results at {folder} ({error.strerror or error})"
                ) from error

    def resume(self) -> tuple[list[Part], list[str]]:
        """Parts that an earlier run left; a damaged one is named, set aside, and run again."""
        parts: list[Part] = []
        notes: list[str] = []
        for path in sorted(self.folder.glob("*.json")) if self.folder else ():
            try:
                part = load(path)
                parts.append({name: part[name] for name in PART} | {"device": part.get("device")})
            except (ResultError, KeyError) as error:
                aside = path.with_suffix(".corrupt")
                os.replace(path, aside)
                kind = "damaged" if isinstance(error, CorruptResult) else "unusable"
                notes.append(f"{path} was {kind} and was run again; it is kept as {aside.name}")
                print(f"claims: {notes[-1]}", file=sys.stderr)
        return parts, notes

    def checkpoints(self, seeds: Sequence[int]) -> str | None:
        """Folder of a task's checkpoints."""
        if self.folder is None:
            return None
        return str(self.folder.absolute() / "checkpoints" / f"{seeds[0]:06d}-{seeds[-1]:06d}")

    def keep(self, part: Part, task_seeds: Sequence[int]) -> None:
        """Write a part; its task's checkpoints have done their duty then."""
        if self.folder is None:
            return
        if part["seeds"]:
            path = self.folder / f"{part['seeds'][0]:06d}-{part['seeds'][-1]:06d}.json"
            kept = {name: part[name] for name in (*PART, "device")}
            try:
                write(path, kept)
            except OSError as error:
                self._left.append((path, kept))
                print(f"claims: {path} could not be written ({error.strerror or error}); it is "
                      "tried again at the end", file=sys.stderr)  # fmt: skip
                return
        checkpoints = Path(self.checkpoints(task_seeds) or "")
        shutil.rmtree(checkpoints, ignore_errors=True)
        with suppress(OSError):  # the others' are there still, or there never were any
            checkpoints.parent.rmdir()

    def retry(self) -> OSError | None:
        """Write what could not be written before; the error, if that fails again."""
        for path, part in self._left:
            try:
                write(path, part)
            except OSError as error:
                return error
        return None


def _slots(device: str, workers: int) -> list[str]:
    """The device of each local process: all GPUs in turn where ``device`` is cuda without a number.

    >>> _slots("cpu", 2)
    ['cpu', 'cpu']
    """
    import torch

    gpus = torch.cuda.device_count() if device == "cuda" else 1
    if gpus < 2:
        return [device] * workers
    return [f"cuda:{slot % gpus}" for slot in range(max(workers, gpus))]


def _block_size(claim: Claim, seeds: int, slots: Sequence[str]) -> int:
    """Seeds a task: one, or a block of them, so small that each of several GPUs gets one."""
    if not claim.vectorized:
        return 1
    gpus = len(set(slots))
    return BLOCK if gpus == 1 else max(1, min(BLOCK, math.ceil(seeds / gpus)))


def file_name(result: Result) -> str:
    """Name of a result's file: ``N2.json``, ``N2-full.json`` or ``N2-custom-<hash>.json``."""
    tails = {"quick": "", "full": "-full", "short": "-short"}
    tail = tails.get(result.scale, f"-custom-{result.settings_hash}")
    return f"{result.claim}{tail}.json"


def _blocks(seeds: Sequence[int], size: int) -> list[list[int]]:
    return [list(seeds[i : i + size]) for i in range(0, len(seeds), size)]


def _finite(claim: Claim, part: Part, faults: list[str]) -> Part:
    """The seeds of a part that gave numbers; what is wrong with the others is added to ``faults``.

    Raises:
        RuntimeError: if the experiment gave other measures, or not one value a seed.
    """
    names = {measure.name for measure in claim.measures}
    if set(part["values"]) != names:
        raise RuntimeError(
            f"claim {claim.id}: the experiment gave {sorted(part['values'])}, "
            f"the record measures {sorted(names)}"
        )
    bad: set[int] = set()
    for name, values in part["values"].items():
        if len(values) != len(part["seeds"]):
            raise RuntimeError(
                f"claim {claim.id}: {name!r} has {len(values)} values "
                f"for {len(part['seeds'])} seeds"
            )
        for i, (seed, value) in enumerate(zip(part["seeds"], values, strict=True)):
            if not math.isfinite(value):
                bad.add(i)
                faults.append(f"{name!r} is {value} for seed {seed}")
    good = [i for i in range(len(part["seeds"])) if i not in bad]
    return part | {
        "seeds": [part["seeds"][i] for i in good],
        "values": {name: [values[i] for i in good] for name, values in part["values"].items()},
    }


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

    from lecturelib.experiments.checkpoints import checkpoints_in

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    # A worker on another machine may not see the folder of the run: then there are no checkpoints.
    folder = task.checkpoints
    shared = folder is not None and Path(folder).parents[1].is_dir()
    kept: AbstractContextManager[list[str]] = nullcontext([])
    if folder and shared:
        kept = checkpoints_in(folder)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        with cpu_by_default(), kept as notes:
            values = task.experiment(task.settings, task.seeds, task.device)
    except Exception as error:
        experiment = task.experiment
        inner = experiment.args[0] if isinstance(experiment, partial) else experiment
        name = getattr(inner, "__qualname__", repr(inner))
        raise RuntimeError(
            f"{name} failed for {task.name}: {type(error).__name__}: {error}"
        ) from error
    finally:
        torch.set_num_threads(threads)
    return {
        "seeds": list(task.seeds),
        "values": {name: [float(v) for v in numbers] for name, numbers in values.items()},
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "device": _device_name(task.device),
        "notes": notes,
    }


Report = Callable[[str], None]
Backend = Callable[[list[Task], Report], Iterator[Part]]


def _pick_backend(slots: Sequence[str], scheduler: str | None) -> Backend:
    if scheduler is not None:
        return lambda tasks, report: _on_cluster(tasks, report, scheduler)
    if len(slots) > 1:
        return lambda tasks, report: _Processes(tasks, slots, report).run()
    return lambda tasks, report: map(work, tasks)


class _Processes:
    """Local processes, one a slot; a task whose process dies runs again in a new one."""

    def __init__(self, tasks: list[Task], slots: Sequence[str], report: Report) -> None:
        self.count = len(tasks)
        self.waiting = deque(tasks)
        self.attempts: dict[str, int] = {}
        self.slots = slots[: max(1, len(tasks))]
        self.report = report
        self.ready: SimpleQueue[Part | BaseException] = SimpleQueue()
        self.stopped = threading.Event()

    def run(self) -> Iterator[Part]:
        """Yield each part as it is done."""
        threads = [threading.Thread(target=self._serve, args=(slot,)) for slot in self.slots]
        for thread in threads:
            thread.start()
        try:
            for _ in range(self.count):
                found = self.ready.get()
                if isinstance(found, BaseException):
                    raise found
                yield found
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join()

    def _serve(self, device: str) -> None:
        """Run tasks on one device, one after the other, until none is left."""
        from joblib.externals.loky import ProcessPoolExecutor
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        pool = None
        try:
            while not self.stopped.is_set():
                try:
                    task = self.waiting.popleft()
                except IndexError:
                    return
                pool = pool or ProcessPoolExecutor(max_workers=1)
                try:
                    self.ready.put(self._result(pool, task._replace(device=device)))
                except TerminatedWorkerError as error:
                    pool.shutdown(wait=False, kill_workers=True)
                    pool = None
                    self._lost(task, error)
        except BaseException as error:
            self.ready.put(error)
        finally:
            if pool is not None:
                pool.shutdown(wait=True, kill_workers=self.stopped.is_set())

    def _result(self, pool: Any, task: Task) -> Part:
        """Wait for a task, and not for longer than the run lasts."""
        future = pool.submit(work, task)
        while not self.stopped.is_set():
            try:
                part: Part = future.result(timeout=0.2)
                return part
            except TimeoutError:
                continue
        raise RuntimeError("claims run: the run was stopped")

    def _lost(self, task: Task, error: BaseException) -> None:
        """Send a task out again whose process died, or give it up."""
        attempts = self.attempts[task.name] = self.attempts.get(task.name, 0) + 1
        if attempts > RETRIES:
            raise RuntimeError(
                f"claims run: {task.name} were lost with their local processes {attempts} times; "
                "run again with the same --out to resume"
            ) from error
        self.waiting.appendleft(task)
        note = f"a local process was lost; its task ({task.name}) was run again"
        self.report(note)
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
        self.wanted: str | None = None
        self.last_seen = time.monotonic()

    def run(self, tasks: list[Task]) -> Iterator[Part]:
        """Yield each part once, whichever worker computes it."""
        import distributed

        if tasks:
            self.wanted = RESOURCES.get(tasks[0].device.partition(":")[0])
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
                    attempt = attempts[tuple(task.seeds)] = attempts.get(tuple(task.seeds), 0) + 1
                    if attempt > RETRIES:
                        raise RuntimeError(
                            f"claims run: seeds {task.seeds} were lost with their workers "
                            f"{attempt} times; run again with the same --out to resume"
                        ) from error
                    pending[self._send(task)] = task
                    continue
                yield part
        self._watch()

    def _send(self, task: Task) -> Any:
        """Send a task to a worker; one for a GPU takes a GPU of a worker that offers some."""
        resources = {self.wanted: 1} if self.wanted else None
        return self.client.submit(work, task, pure=False, resources=resources)

    def _watch(self) -> None:
        """Report workers that were there and are gone; give up if none is left for long."""
        info = self.client.scheduler_info(n_workers=-1)["workers"]
        now = {
            name
            for name, worker in info.items()
            if self.wanted is None or worker["resources"].get(self.wanted, 0) >= 1
        }
        for lost in sorted(self.workers - now):
            note = f"worker {lost} was lost; its unfinished tasks were run again by others"
            self.report(note)
            print(f"claims: {note}", file=sys.stderr)
        self.workers = now
        if now:
            self.last_seen = time.monotonic()
        elif time.monotonic() - self.last_seen > PATIENCE:
            kind = f"no worker that offers a {self.wanted}" if self.wanted else "no worker"
            remedy = f"start workers with --resources {self.wanted}=1, or " if self.wanted else ""
            raise RuntimeError(
                f"claims run: the cluster has had {kind} for {PATIENCE:.0f} s; "
                f"{remedy}run again with the same --out to resume"
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
    work(Task(claim.experiment, settings, [0], "cpu"))  # imports and caches
    ratios = []
    for _ in range(rounds):
        together = work(Task(claim.experiment, settings, list(range(seeds)), "cpu"))["cpu_seconds"]
        loop = sum(
            work(Task(claim.experiment, settings, [seed], "cpu"))["cpu_seconds"]
            for seed in range(seeds)
        )
        ratios.append(together / loop)
    return round(sorted(ratios)[len(ratios) // 2], 2)
