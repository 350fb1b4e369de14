"""The full settings take the path of VGG and ResNet: here with few steps on few images."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from lecturelib.chapters.covariate_shift import claims as shift
from lecturelib.chapters.loss_smoothness import claims as smooth
from lecturelib.chapters.signal_propagation import claims as signal
from lecturelib.claims import Claim, run
from lecturelib.experiments import images
from lecturelib.models import vgg

CLAIMS = (shift.NOISY, shift.INTERNAL, smooth.ALONG, smooth.RATES, smooth.BLOW_UP, smooth.LANDSCAPE,
          signal.VULNERABLE)  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_the_full_settings_run_by_the_same_command(
    claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "TRAIN_SIZE", 30)
    monkeypatch.setattr(images, "TEST_SIZE", 20)
    assert claim.full["model"] in ("vgg", "resnet")
    result = run(claim, seeds=1, full=True, progress=False, **claim.tiny)
    assert set(result.values) == {measure.name for measure in claim.measures}
    assert all(math.isfinite(value) for values in result.values.values() for value in values)


def test_layers_of_vgg_hold_each_parameter_once() -> None:
    model = vgg(11, width=2, norm="batch")
    layers = images.layers_of(model)
    assert len(layers) == 9
    listed = [id(p) for layer in layers for p in layer]
    assert sorted(listed) == sorted(map(id, model.parameters()))
    assert all(layer[0].ndim in (2, 4) for layer in layers)


def test_frozen_batch_norm_gives_what_the_batch_gave() -> None:
    model = vgg(11, width=2, norm="batch")
    x = torch.randn(64, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    live = model(x)
    images.freeze_at(model, x)
    assert not model.training
    # The running variance is the unbiased one: m/(m − 1) with m ≥ 64 values a channel.
    torch.testing.assert_close(model(x), live, rtol=0.1, atol=0.1)


def test_training_follows_plain_sgd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "TRAIN_SIZE", 20)
    monkeypatch.setattr(images, "TEST_SIZE", 10)
    data = images.images("cpu")
    models = [nn.Sequential(nn.Flatten(), nn.Linear(3072, 10)) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    losses = images.train(
        models[0], data, torch.Generator().manual_seed(1), lr=0.01, steps=3, batch_size=20
    )
    for loss in losses:  # one batch is the whole set, so that the order does not matter
        wanted = nn.functional.cross_entropy(models[1](data.x_train), data.y_train)
        torch.testing.assert_close(loss, wanted.detach())
        models[1].zero_grad()
        wanted.backward()
        with torch.no_grad():
            for p in models[1].parameters():
                p -= 0.01 * p.grad
