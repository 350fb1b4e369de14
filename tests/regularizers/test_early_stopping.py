"""EarlyStopping against algorithm 7.1 of Goodfellow, Bengio and Courville, and what it keeps."""

from __future__ import annotations

import io
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lecturelib.regularizers import EarlyStopping


def algorithm(values, patience, min_delta=0.0):
    """The book's loop, on a list of validation errors: where it ends, and the best evaluation."""
    best, best_at, bad = math.inf, None, 0
    for at, value in enumerate(values):
        if value < best - min_delta:
            best, best_at, bad = value, at, 0
        else:
            bad += 1
        if bad == patience:
            return at, best_at
    return None, best_at


@given(
    values=st.lists(st.integers(0, 8), max_size=20),
    patience=st.integers(1, 4),
    min_delta=st.integers(0, 2),
    mode=st.sampled_from(["min", "max"]),
)
def test_stops_where_the_algorithm_does(values, patience, min_delta, mode):
    stopping = EarlyStopping(patience=patience, min_delta=min_delta, mode=mode)
    stopped = None
    for at, value in enumerate(values):
        if stopping.step(value if mode == "min" else -value):
            stopped = at
            break
    assert (stopped, stopping.best_step) == algorithm(values, patience, min_delta)
    if stopping.best_step is not None:
        assert stopping.best == (1 if mode == "min" else -1) * values[stopping.best_step]


def network():
    return nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))


def set_to(model, value):
    with torch.no_grad():
        for t in model.state_dict().values():
            t.fill_(value)


def test_restores_weights_and_buffers_of_the_best_evaluation_in_place():
    model = network()
    weight = model[0].weight
    stopping = EarlyStopping(model, patience=5)
    for value, loss in enumerate([3.0, 1.0, 2.0, torch.tensor(1.0), 4.0]):
        set_to(model, value)
        stopping.step(loss)
    stopping.restore()
    assert model[0].weight is weight
    assert {t.item() for t in model.state_dict().values()} == {1}
    set_to(model, 9)  # the copy is apart
    stopping.restore()
    assert model[0].weight.item() == 1


def test_goes_on_from_its_state():
    losses = [3.0, 2.0, 2.5, 2.6, 2.7, 1.0]
    whole, parts = (EarlyStopping(network(), patience=3) for _ in range(2))
    for at, loss in enumerate(losses):
        set_to(whole.model, at)
        set_to(parts.model, at)
        assert whole.step(loss) == parts.step(loss)
        file = io.BytesIO()
        torch.save(parts.state_dict(), file)
        file.seek(0)
        parts = EarlyStopping(parts.model)
        parts.load_state_dict(torch.load(file))
        assert parts.num_bad == whole.num_bad
        assert parts.patience == 3
        parts.restore()
        assert parts.model[0].weight.item() == whole.best_step
    state = parts.state_dict()
    parts.best_weights["0.weight"].fill_(77)
    assert state["best_weights"]["0.weight"].item() == 5


def test_infinite_losses_are_no_improvement():
    stopping = EarlyStopping(network(), patience=2)
    assert not stopping.step(math.inf)
    with pytest.raises(RuntimeError, match=r"^EarlyStopping.restore: no weights are kept, no eval"):
        stopping.restore()
    assert stopping.step(math.inf)
    assert stopping.best_step is None
    assert not stopping.step(-math.inf)
    assert stopping.best_step == 2


def test_errors():
    with pytest.raises(TypeError, match=r"^EarlyStopping: model must be .*, got function"):
        EarlyStopping(lambda x: x)
    for options, message in [
        ({"patience": 0}, "patience must be a whole number of at least 1, got 0"),
        ({"patience": 1.5}, "patience must be a whole number of at least 1, got 1.5"),
        ({"min_delta": -1}, "min_delta must be at least 0 and finite, got -1"),
        ({"mode": "best"}, "mode must be 'min' or 'max', got 'best'"),
    ]:
        with pytest.raises(ValueError, match=f"^EarlyStopping: {message}"):
            EarlyStopping(**options)
    stopping = EarlyStopping()
    stopping.step(1.0)
    with pytest.raises(ValueError, match=r"^EarlyStopping.step: got NaN at evaluation 1"):
        stopping.step(math.nan)
    with pytest.raises(RuntimeError, match=r"no weights are kept, it was made without a model"):
        stopping.restore()
    with pytest.raises(
        ValueError, match=r"^EarlyStopping.load_state_dict: want .*, got \['best'\]"
    ):
        stopping.load_state_dict({"best": 1.0})
