"""The runner on claims whose values are known: seeds, resuming, local processes, errors."""

from __future__ import annotations

import errno
import math
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lecturelib.claims import StaleResult, UnwrittenResult, run, runner, seed_axis_ratio
from lecturelib.claims.results import read
from tests.claims import small_claims
from tests.claims.small_claims import toy


def test_a_run_gives_one_value_a_seed_and_its_circumstances() -> None:
    result = run(toy(), seeds=4, first_seed=7, progress=False)
    assert result.seeds == (7, 8, 9, 10)
    assert result.values["gain"] == pytest.approx((2.07, 2.08, 2.09, 2.10))
    assert result.scale == "quick"
    assert result.settings == toy().quick
    assert set(result.versions) == {"python", "torch", "numpy", "lecturelib"}
    assert result.versions["torch"] == torch.__version__
    assert result.device.startswith("cpu (")
    assert result.seconds >= 0 and result.cpu_seconds >= 0  # noqa: PT018
    assert len(result.settings_hash) == len(result.code_hash) == 12


def test_ten_seeds_are_the_default_and_settings_can_change() -> None:
    assert len(run(toy()).seeds) == 10
    assert run(toy(), full=True).settings["depth"] == 16
    changed = run(toy(), offset=5.0)
    assert (changed.scale, changed.values["gain"][0]) == ("custom", 5.0)


def counting(settings, seeds, device):  # type: ignore[no-untyped-def]
    return {"gain": [len(seeds)] * len(seeds)}


def test_a_vectorized_claim_takes_blocks_and_others_one_seed_at_a_time() -> None:
    blocks = run(toy(counting, vectorized=True), seeds=23).values["gain"]
    assert blocks == (10,) * 20 + (3,) * 3
    assert set(run(toy(counting), seeds=5).values["gain"]) == {1}


def test_tasks_run_on_one_thread_and_leave_the_setting_alone() -> None:
    before = torch.get_num_threads()
    result = run(toy(lambda *_: {"gain": [torch.get_num_threads()]}), seeds=1)
    assert result.values["gain"] == (1,)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": 0}, "seeds must be at least 1, got 0"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"first_seed": -1}, "first_seed must be at least 0"),
        ({"device": "abacus"}, "'abacus' is not the name of a device; here there are cpu"),
        ({"device": "meta"}, "no device 'meta' here; there are cpu"),
        ({"device": "cuda:99"}, "no device 'cuda:99' here; there are cpu"),
        ({"width": 3}, "no setting 'width'"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(toy(), **arguments)  # type: ignore[arg-type]


def test_a_cuda_device_is_accepted_with_and_without_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Model")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert run(toy(), seeds=1, device="cuda").device == "cuda (Model)"
    assert run(toy(), seeds=1, device="cuda:0").device == "cuda (Model)"
    assert run(toy(), seeds=1, device="mps").device == "mps"
    with pytest.raises(ValueError, match="no device 'cuda:1' here; there are cpu, cuda:0, mps"):
        run(toy(), device="cuda:1")


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        (lambda *_: {"gain": [math.nan]}, "X1: 'gain' is nan for seed 0"),
        (lambda *_: {"gain": [1.0, 2.0]}, "'gain' has 2 values for 1 seeds"),
        (lambda *_: {"loss": [1.0]}, r"the experiment gave \['loss'\], the record measures"),
    ],
)
def test_an_experiment_that_gives_something_else_is_an_error(
    experiment: object, message: str
) -> None:
    with pytest.raises(RuntimeError, match=message):
        run(toy(experiment), seeds=1)


def test_a_failure_names_the_seed_and_what_was_done_before_it_is_kept(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="failing failed for seeds 3–3: ArithmeticError: "):
        run(toy(small_claims.failing), seeds=5, out=tmp_path)
    assert len(list(tmp_path.rglob("*.json"))) == 3


def test_a_run_goes_on_from_what_an_earlier_one_wrote(tmp_path: Path) -> None:
    settings = {"offset": 2.0, "marks": str(tmp_path), "seconds": 0.0}
    claim = toy(small_claims.slow, quick=settings, full=settings)
    out = tmp_path / "out"
    first = run(claim, seeds=3, out=out)
    more = run(claim, seeds=5, first_seed=1, out=out)
    assert more.values["gain"] == pytest.approx((2.01, 2.02, 2.03, 2.04, 2.05))
    assert more.values["gain"][:2] == first.values["gain"][1:]
    ran = sorted(int(path.name.split("-")[0]) for path in tmp_path.glob("*-*"))
    assert ran == [0, 1, 2, 3, 4, 5]  # no seed twice


def test_other_settings_and_other_code_start_afresh(tmp_path: Path) -> None:
    run(toy(), seeds=2, out=tmp_path)
    run(toy(), seeds=2, out=tmp_path, depth=5)
    run(
        toy(small_claims.slow, quick=dict(toy().quick) | {"marks": str(tmp_path)}),
        seeds=2,
        out=tmp_path,
    )
    assert len([path for path in (tmp_path / "X1").iterdir() if path.is_dir()]) == 3
    assert len(list(tmp_path.glob("X1-custom-*.json"))) == 1


@pytest.mark.parametrize("damage", ["", '{"checksum": "0"}', None])
def test_a_damaged_part_is_named_set_aside_and_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str | None
) -> None:
    before = run(toy(), seeds=3, out=tmp_path)
    part = next(tmp_path.rglob("000001-000001.json"))
    if damage is None:
        runner.write(part, {"seeds": [1]})  # well signed, and not a part
    else:
        part.write_text(damage)
    after = run(toy(), seeds=3, out=tmp_path)
    assert after.values == before.values
    assert part.name in after.reruns[0]
    assert part.name in capsys.readouterr().err
    assert part.with_suffix(".corrupt").exists()


def test_local_processes_give_the_same_values(tmp_path: Path) -> None:
    alone = run(toy(), seeds=4)
    together = run(toy(), seeds=4, workers=2)
    assert together.values == alone.values
    assert together.reruns == ()


def test_a_local_process_that_dies_is_replaced_and_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {"offset": 2.0, "marks": str(tmp_path)}
    claim = toy(small_claims.deadly_once, quick=settings, full=settings)
    result = run(claim, seeds=5, workers=2)
    assert result.values["gain"] == pytest.approx([2 + seed / 100 for seed in range(5)])
    assert len(result.reruns) == 1
    assert "a local process was lost" in result.reruns[0]
    assert "a local process was lost" in capfd.readouterr().err


def test_processes_that_always_die_end_the_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "RETRIES", 1)
    with pytest.raises(
        RuntimeError, match=r"seeds \d–\d were lost with their local processes 2 times; run again"
    ):
        run(toy(small_claims.deadly), seeds=2, workers=2)


def test_several_gpus_get_a_process_each_and_share_the_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert runner._slots("cuda", 1) == ["cuda:0", "cuda:1"]
    assert runner._slots("cuda", 3) == ["cuda:0", "cuda:1", "cuda:0"]
    assert runner._slots("cuda:1", 2) == ["cuda:1", "cuda:1"]
    assert runner._block_size(toy(vectorized=True), 10, ["cuda:0", "cuda:1"]) == 5
    assert runner._block_size(toy(vectorized=True), 10, ["cpu", "cpu"]) == 10
    # With devices that are here, the tasks of each slot run on its own device, one at a time.
    settings = {"offset": 2.0, "marks": str(tmp_path), "seconds": 0.2}
    tasks = [runner.Task(small_claims.where, settings, [seed], "cuda") for seed in range(6)]
    parts = list(runner._Processes(tasks, ["cpu", "cpu:0"], print).run())
    assert sorted(part["seeds"][0] for part in parts) == list(range(6))
    marks = [path.name.split("-") for path in tmp_path.iterdir()]
    assert {device for _, _, device, _, _ in marks} == {"cpu", "cpu:0"}
    assert len({(device, process) for _, _, device, process, _ in marks}) == 2
    assert {at_once for *_, at_once in marks} == {"1"}


def test_what_is_no_number_loses_nothing_else(tmp_path: Path) -> None:
    settings = {"offset": 2.0, "marks": str(tmp_path)}
    for vectorized in (True, False):
        out = tmp_path / f"out-{vectorized}"
        claim = toy(
            small_claims.gone_for_some, quick=settings, full=settings, vectorized=vectorized
        )
        (tmp_path / "mended").unlink(missing_ok=True)
        with pytest.raises(
            RuntimeError,
            match=r"X1: 'gain' is nan for seed 3; what the 5 other seeds gave is kept in .*out",
        ):
            run(claim, seeds=6, out=out)
        (tmp_path / "mended").touch()
        result = run(claim, seeds=6, out=out)
        assert result.values["gain"] == pytest.approx([2 + seed / 100 for seed in range(6)])


def full_disk(times: int):  # type: ignore[no-untyped-def]
    """``write`` on a disk that is full for so many calls."""
    left, write = [times], runner.write

    def attempt(path: Path, content: object) -> None:
        if left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)  # type: ignore[arg-type]

    return attempt


def test_a_full_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "write", full_disk(2))
    result = run(toy(), seeds=3, out=tmp_path)
    assert "No space left on device); it is tried again" in capsys.readouterr().err
    assert len(list(tmp_path.rglob("0*.json"))) == 3  # there was room again at the end
    monkeypatch.setattr(runner, "write", full_disk(99))
    with pytest.raises(
        UnwrittenResult, match=r"X1 could not be written to .*No space left"
    ) as info:
        run(toy(), seeds=3, out=tmp_path / "other")
    assert info.value.result.values == result.values
    again = pickle.loads(pickle.dumps(info.value))
    assert (str(again), again.result) == (str(info.value), info.value.result)
    with pytest.raises(RuntimeError, match="no folder for results at"):
        run(toy(), seeds=1, out=next(tmp_path.rglob("0*.json")))


def test_half_a_file_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*names: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lecturelib.claims.results.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        runner.write(tmp_path / "part.json", {"seeds": [1]})
    assert list(tmp_path.iterdir()) == []


def test_a_killed_training_goes_on_from_its_last_epoch_bit_for_bit(tmp_path: Path) -> None:
    """Three steps an epoch: the process dies after step 7, and goes on from step 6."""
    settings = {"offset": 0.0, "marks": ""}
    whole = run(toy(small_claims.training, quick=settings, full=settings), seeds=1)
    marked = settings | {"marks": str(tmp_path)}
    claim = toy(small_claims.training, quick=marked, full=marked)
    runner_tasks = run(claim, seeds=1, first_seed=0, workers=2, out=tmp_path / "out")
    assert runner_tasks.reruns == ("a local process was lost; its task (seeds 0–0) was run again",)
    assert runner_tasks.values == whole.values
    steps = [list(map(int, (tmp_path / f"steps-{n}").read_text().split())) for n in range(2)]
    assert steps[0] == list(range(10))  # the first was done, and is not run again
    assert steps[1] == [*range(8), *range(6, 10)]
    assert not list(tmp_path.rglob("*.pt"))  # what is done needs no checkpoint


def test_progress_is_drawn_on_a_terminal_only(capfd: pytest.CaptureFixture[str]) -> None:
    run(toy(), seeds=2)
    run(toy(), seeds=2, progress=False)
    assert capfd.readouterr().err == ""


def spinning(settings, seeds, device):  # type: ignore[no-untyped-def]
    """Work that does not grow with the number of seeds."""
    torch.randn(400, 400) @ torch.randn(400, 400)
    return {"gain": [2.0] * len(seeds)}


def test_the_ratio_of_a_shared_cost_is_far_below_one() -> None:
    claim = toy(spinning, vectorized=True)
    assert 0 < seed_axis_ratio(claim, seeds=8, rounds=3) < 0.8
    with pytest.raises(ValueError, match="X1 has no seed axis"):
        seed_axis_ratio(replace(claim, vectorized=False))


def test_each_value_is_the_median_of_the_runs(tmp_path: Path) -> None:
    """Of offset + seed/100 the second and third run have larger seeds by 100,000 and 200,000."""
    claim = toy(runs=3)
    result = run(claim, seeds=2, out=tmp_path)
    assert result.values["gain"] == pytest.approx((1002.0, 1002.01))
    assert result.settings_hash != run(toy(), seeds=2).settings_hash
    assert read(tmp_path / "X1.json", claim) == result
    with pytest.raises(StaleResult, match="quick settings have changed"):
        read(tmp_path / "X1.json", toy())
    assert run(claim, seeds=2, full=True).values["gain"] == pytest.approx((2.0, 2.01))


def test_by_default_as_many_seeds_run_as_decide() -> None:
    assert len(run(toy(seeds=12)).seeds) == 12


@pytest.mark.parametrize("changes", [{"runs": 2}, {"runs": 0}, {"seeds": 0}])
def test_counts_that_decide_nothing_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must be at least 1, and runs=. odd"):
        toy(**changes)
