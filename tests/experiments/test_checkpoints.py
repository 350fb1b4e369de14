"""Trainings that stop after some epoch and begin again give what one that never stopped gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from lecturelib.chapters.covariate_shift import claims as shift
from lecturelib.chapters.loss_smoothness import claims as smooth
from lecturelib.chapters.signal_propagation import claims as signal
from lecturelib.claims import Claim
from lecturelib.experiments import checkpoints, images
from lecturelib.experiments.checkpoints import begin, checkpoints_in


class Stopped(Exception):
    """In place of a power cut."""


@pytest.fixture
def few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "TRAIN_SIZE", 16)
    monkeypatch.setattr(images, "TEST_SIZE", 8)


def stop_after(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the run when so many epochs have been written."""
    written, save = [0], checkpoints.Training.save

    def saving(self: checkpoints.Training, losses: torch.Tensor) -> None:
        save(self, losses)
        written[0] += 1
        if written[0] == epochs:
            raise Stopped

    monkeypatch.setattr(checkpoints.Training, "save", saving)


LONGER = (
    (shift.NOISY, {"steps": 6, "batch_size": 8}),
    (shift.INTERNAL, {"steps": 6, "batch_size": 8}),
    (smooth.ALONG, {"training": 6, "batch_size": 8}),
    (signal.VULNERABLE, {"epochs": 3, "batch_size": 8}),
)


@pytest.mark.usefixtures("few_images")
@pytest.mark.parametrize(("claim", "longer"), LONGER, ids=lambda x: getattr(x, "id", ""))
def test_an_experiment_that_was_stopped_gives_the_same_numbers(
    claim: Claim, longer: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = claim.settings("full", **{**claim.tiny, **longer})
    whole = claim.experiment(settings, [5], "cpu")
    for epochs in (2, 4):  # in the first training, and in a later one
        stop_after(epochs, monkeypatch)
        with pytest.raises(Stopped), checkpoints_in(tmp_path):
            claim.experiment(settings, [5], "cpu")
        monkeypatch.undo()
        monkeypatch.setattr(images, "TRAIN_SIZE", 16)
        monkeypatch.setattr(images, "TEST_SIZE", 8)
    with checkpoints_in(tmp_path) as notes:
        assert claim.experiment(settings, [5], "cpu") == whole
    assert notes == []


def parts() -> tuple[nn.Module, torch.optim.Optimizer, torch.Generator]:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    return model, torch.optim.Adam(model.parameters()), torch.Generator().manual_seed(0)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> None:
    optimizer.zero_grad()
    model(torch.randn(5, 3, generator=generator)).square().sum().backward()
    optimizer.step()
    torch.rand(())


def test_all_that_a_training_moves_is_put_back(tmp_path: Path) -> None:
    model, optimizer, generator = parts()
    kept = {"seen": [torch.tensor(1.0)]}
    with checkpoints_in(tmp_path):
        training = begin(model, optimizer, [generator], kept)
        step(model, optimizer, generator)
        training.save(torch.tensor([0.5]))
    torch_state = torch.get_rng_state()
    step(model, optimizer, generator)
    after = {name: value.clone() for name, value in model.state_dict().items()}

    again, update, draws = parts()
    gathered: dict[str, list[torch.Tensor]] = {"other": []}
    torch.manual_seed(99)
    with checkpoints_in(tmp_path):
        assert begin(again, update, [draws], gathered).restore().tolist() == [0.5]
    assert gathered == kept
    assert torch.equal(torch.get_rng_state(), torch_state)
    step(again, update, draws)
    for name, value in again.state_dict().items():
        assert torch.equal(value, after[name]), name


def test_without_a_folder_nothing_is_written() -> None:
    model, optimizer, generator = parts()
    training = begin(model, optimizer, [generator], {})
    training.save(torch.tensor([0.5]))
    assert len(training.restore()) == 0


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_checkpoint_that_can_t_be_used_is_named_and_nothing_is_taken_from_it(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, optimizer, generator = parts()
    with checkpoints_in(tmp_path):
        begin(model, optimizer, [generator], {}).save(torch.tensor([0.5]))
    (file,) = tmp_path.iterdir()
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:100])
    else:
        model = nn.Sequential(nn.Linear(4, 2))
        optimizer = torch.optim.Adam(model.parameters())
    before = [p.clone() for p in model.parameters()]
    with checkpoints_in(tmp_path) as notes:
        assert len(begin(model, optimizer, [generator], {}).restore()) == 0
    assert len(notes) == 1
    assert "0001.pt can't be used" in notes[0]
    assert notes[0] in capsys.readouterr().err
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_full_disk_stops_no_training_and_leaves_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    model, optimizer, generator = parts()
    with checkpoints_in(tmp_path) as notes:
        training = begin(model, optimizer, [generator], {})
        training.save(torch.tensor([0.5]))
        monkeypatch.setattr(torch, "save", full)
        training.save(torch.tensor([0.5, 0.4]))
        training.save(torch.tensor([0.5, 0.4, 0.3]))
    assert len(notes) == 1
    assert "No space left on device); the run goes on" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["0001.pt"]
    with checkpoints_in(tmp_path):
        assert len(begin(model, optimizer, [generator], {}).restore()) == 1
