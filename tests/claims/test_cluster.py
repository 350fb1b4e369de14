"""The runner on a real Dask cluster of two worker processes on this machine."""

from __future__ import annotations

import builtins
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lecturelib.claims import Result, run, runner
from tests.claims import small_claims
from tests.claims.small_claims import toy

distributed = pytest.importorskip("distributed")

SEEDS = 12


@pytest.fixture(scope="module")
def shared_cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        yield cluster


@pytest.fixture
def client(shared_cluster: Any) -> Iterator[Any]:
    """A client of the cluster when both workers are there; the nannies replace dead ones."""
    with distributed.Client(shared_cluster.scheduler_address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


@pytest.fixture
def cluster(shared_cluster: Any, client: Any) -> Any:
    return shared_cluster


@pytest.fixture
def no_second_chance(client: Any) -> Iterator[None]:
    """Dask gives a task up as soon as one worker has died on it, instead of three."""

    def allow(failures: int) -> int:
        def change(dask_scheduler: Any) -> int:
            before, dask_scheduler.allowed_failures = dask_scheduler.allowed_failures, failures
            return int(before)

        return int(client.run_on_scheduler(change))

    before = allow(0)
    yield
    allow(before)


def pids(client: Any) -> list[int]:
    return list(client.run(os.getpid).values())


def in_background(call: Callable[[], Result]) -> tuple[threading.Thread, list[Any]]:
    """Start ``call`` and collect what it returns or raises."""
    found: list[Any] = []

    def target() -> None:
        try:
            found.append(call())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    return thread, found


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_a_killed_worker_loses_no_seed_and_is_reported(
    cluster: Any, client: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {"offset": 2.0, "marks": str(tmp_path), "seconds": 0.4}
    claim = toy(small_claims.slow, quick=settings, full=settings)
    out = tmp_path / "out"
    victim, survivor = pids(client)
    thread, found = in_background(
        lambda: run(claim, seeds=SEEDS, scheduler=cluster.scheduler_address, out=out)
    )
    # In the middle: the victim has finished a task and started another.
    until(lambda: len(list(tmp_path.glob(f"*-{victim}"))) >= 2)
    os.kill(victim, signal.SIGKILL)
    thread.join(60)
    assert not thread.is_alive()

    (result,) = found
    assert isinstance(result, Result), result
    assert result.seeds == tuple(range(SEEDS))
    assert result.values["gain"] == pytest.approx([2 + seed / 100 for seed in range(SEEDS)])
    assert len(result.reruns) == 1
    assert "was lost; its unfinished tasks were run again" in result.reruns[0]
    assert result.reruns[0] in capfd.readouterr().err
    assert len(list(out.rglob("0*.json"))) == SEEDS
    ran = [path.name.split("-")[1] for path in tmp_path.glob("*-*")]
    assert {str(victim), str(survivor)} <= set(ran)
    assert len(ran) > SEEDS  # the task that died was run twice


def test_a_cluster_gives_the_same_values_and_names_the_failing_seed(cluster: Any) -> None:
    address = cluster.scheduler_address
    assert run(toy(), seeds=3, scheduler=address).values == run(toy(), seeds=3).values
    with pytest.raises(RuntimeError, match="failing failed for seeds 3–3: ArithmeticError"):
        run(toy(small_claims.failing), seeds=5, scheduler=address)


def test_a_task_that_kills_every_worker_ends_the_run(
    cluster: Any, no_second_chance: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRIES", 0)
    with pytest.raises(RuntimeError, match=r"seeds \[0\] were lost with their workers 1 times"):
        run(toy(small_claims.deadly), seeds=1, scheduler=cluster.scheduler_address)


def test_a_task_that_dask_gave_up_is_sent_out_again(
    cluster: Any, no_second_chance: None, tmp_path: Path
) -> None:
    settings = {"offset": 2.0, "marks": str(tmp_path)}
    result = run(
        toy(small_claims.deadly_once, quick=settings, full=settings),
        seeds=4,
        scheduler=cluster.scheduler_address,
    )
    assert result.values["gain"] == pytest.approx([2.0, 2.01, 2.02, 2.03])


def test_a_cluster_without_workers_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.2)
    with (
        distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as empty,
        pytest.raises(RuntimeError, match=r"no worker for 0 s; run again"),
    ):
        run(toy(), seeds=1, scheduler=empty.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_an_address_where_nothing_answers_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CONNECT", "1s")
    with pytest.raises(ValueError, match=f"no Dask scheduler answers at {address}"):
        run(toy(), seeds=1, scheduler=address)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_dask(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "distributed")
    monkeypatch.setattr(builtins, "__import__", no_dask)
    with pytest.raises(RuntimeError, match=r"pip install 'lecturelib\[cluster\]'"):
        run(toy(), seeds=1, scheduler="tcp://127.0.0.1:9")


def test_a_task_for_a_gpu_goes_where_one_is_offered_and_takes_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers of two threads claim a GPU each: one task at a time runs on each."""
    monkeypatch.setattr(runner, "RESOURCES", {"cpu": "GPU"})
    settings = {"offset": 2.0, "marks": str(tmp_path), "seconds": 0.2}
    claim = toy(small_claims.where, quick=settings, full=settings)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=":0",
        resources={"GPU": 1},
    ) as cluster:  # fmt: skip
        result = run(claim, seeds=6, scheduler=cluster.scheduler_address)
    assert result.values["gain"] == pytest.approx([2 + seed / 100 for seed in range(6)])
    marks = [path.name.split("-") for path in tmp_path.iterdir()]
    assert len({process for _, _, _, process, _ in marks}) == 2
    assert {at_once for *_, at_once in marks} == {"1"}


def test_a_cluster_without_a_gpu_says_how_to_offer_one(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.2)
    wanted = "no worker that offers a GPU for 0 s; start workers with --resources GPU=1"
    with pytest.raises(RuntimeError, match=wanted):
        run(toy(), seeds=1, device="cuda", scheduler=cluster.scheduler_address)
