"""Schedules against PyTorch's schedulers, which compute the same learning rates step by step."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from lecturelib import optimizers
from lecturelib.schedules import (
    ReduceOnPlateau,
    cosine_decay,
    cyclic,
    linear_decay,
    step_decay,
    warmup,
)

LR = 0.3


def optimizer(kind=torch.optim.SGD, groups=1, lr=LR):
    return kind([{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(groups)], lr=lr)


def rates(make_scheduler, steps, kind=torch.optim.SGD):
    opt = optimizer(kind)
    scheduler = make_scheduler(opt)
    values = []
    for _ in range(steps):
        values.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return values


def sequence(opt):
    rise = lr_scheduler.LinearLR(opt, start_factor=0.25, total_iters=6)
    return lr_scheduler.SequentialLR(opt, [rise, lr_scheduler.StepLR(opt, 3)], milestones=[6])


CASES = {
    "linear": (
        linear_decay(10, end_factor=0.1),
        lambda opt: lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=10),
        25,
    ),
    "linear from": (
        linear_decay(7, start_factor=0.5, end_factor=1.0),
        lambda opt: lr_scheduler.LinearLR(opt, 0.5, 1.0, total_iters=7),
        12,
    ),
    "step": (step_decay(4, gamma=0.3), lambda opt: lr_scheduler.StepLR(opt, 4, 0.3), 25),
    # PyTorch's goes up again after T_max, ours stays: compare up to there
    "cosine": (cosine_decay(20), lambda opt: lr_scheduler.CosineAnnealingLR(opt, 20), 21),
    "cosine to": (
        cosine_decay(20, end_factor=0.1),
        lambda opt: lr_scheduler.CosineAnnealingLR(opt, 20, eta_min=0.1 * LR),
        21,
    ),
    "cosine restarts": (
        cosine_decay(6, end_factor=0.1, restarts=True),
        lambda opt: lr_scheduler.CosineAnnealingWarmRestarts(opt, 6, eta_min=0.1 * LR),
        40,
    ),
    "warm-up": (warmup(6, step_decay(3), start_factor=0.25), sequence, 15),
    **{
        f"cyclic {mode} {down}": (
            cyclic(0.1, 5, down, mode=mode, gamma=0.95),
            lambda opt, mode=mode, down=down: lr_scheduler.CyclicLR(
                opt, 0.1 * LR, LR, 5, down, mode, 0.95, cycle_momentum=False
            ),
            60,
        )
        for mode in ("triangular", "triangular2", "exp_range")
        for down in (None, 3)
    },
}


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")  # SequentialLR's own
@pytest.mark.parametrize("kind", [torch.optim.SGD, optimizers.AdamW])
@pytest.mark.parametrize("name", CASES)
def test_equals_torch(name, kind):
    schedule, oracle, steps = CASES[name]
    ours = rates(lambda opt: lr_scheduler.LambdaLR(opt, schedule), steps, kind)
    assert ours == pytest.approx(rates(oracle, steps, kind), rel=1e-12, abs=1e-15)


def test_cosine_stays_at_the_end():
    assert [cosine_decay(5, end_factor=0.2)(step) for step in (5, 6, 1000)] == [0.2] * 3


def test_warm_up_alone_stays_at_one():
    assert [warmup(2)(step) for step in range(4)] == [0, 0.5, 1, 1]


@given(total=st.integers(1, 100), end=st.floats(0, 1), step=st.integers(0, 300))
@settings(deadline=None)
def test_decays_fall_and_stay_within_bounds(total, end, step):
    for schedule in (
        linear_decay(total, end_factor=end),
        cosine_decay(total, end_factor=end),
        step_decay(total, gamma=end),
    ):
        now, later = schedule(step), schedule(step + 1)
        assert later <= now + 1e-15
        assert -1e-15 <= now <= 1 + 1e-15
        assert schedule(0) == 1


@given(
    base=st.floats(0, 1),
    up=st.integers(1, 20),
    down=st.integers(1, 20),
    cycle=st.integers(0, 5),
    k=st.integers(0, 39),
)
@settings(deadline=None)
def test_cyclic_is_periodic_between_its_bounds(base, up, down, cycle, k):
    schedule = cyclic(base, up, down)
    assert schedule(cycle * (up + down)) == base
    assert schedule(cycle * (up + down) + up) == pytest.approx(1)
    assert schedule(k) == pytest.approx(schedule(k + cycle * (up + down)))


@pytest.mark.parametrize(
    "call",
    [
        lambda: linear_decay(0),
        lambda: linear_decay(2.5),
        lambda: linear_decay(5, end_factor=-0.1),
        lambda: linear_decay(5, start_factor=math.nan),
        lambda: step_decay(0),
        lambda: step_decay(3, gamma=math.inf),
        lambda: cosine_decay(-1),
        lambda: cosine_decay(3, end_factor=-1),
        lambda: cyclic(1.5),
        lambda: cyclic(0.1, 0),
        lambda: cyclic(0.1, 2, 0),
        lambda: cyclic(0.1, mode="square"),
        lambda: cyclic(0.1, gamma=-1),
        lambda: warmup(0),
        lambda: warmup(3, start_factor=2),
    ],
)
def test_bad_arguments_are_named(call):
    with pytest.raises(
        ValueError, match=r"^(linear_decay|step_decay|cosine_decay|cyclic|warmup): "
    ):
        call()


def test_warmup_wants_a_schedule():
    with pytest.raises(TypeError, match="then must be a schedule, got float"):
        warmup(3, 0.5)


METRICS = [10, 9, 8, 8, 8, 8, 7.9999, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6.5, 6.4, 6.3, 9, math.inf]


@pytest.mark.parametrize(
    "options",
    [
        {"patience": 2},
        {"patience": 0, "factor": 0.5},
        {"patience": 1, "mode": "max"},
        {"patience": 1, "threshold": 0.2},
        {"patience": 1, "threshold": 1.0},
        {"patience": 1, "threshold": 0.5, "threshold_mode": "abs"},
        {"patience": 1, "mode": "max", "threshold": 1.0, "threshold_mode": "abs"},
        {"patience": 1, "cooldown": 3},
        {"patience": 0, "min_lr": 0.01},
        {"patience": 0, "min_lr": [0.01, 0.1]},
        {"patience": 0, "factor": 0.9, "eps": 0.02},
    ],
)
def test_plateau_equals_torch(options):
    ours, theirs = optimizer(groups=2), optimizer(groups=2)
    scheduler = ReduceOnPlateau(ours, **options)
    oracle = lr_scheduler.ReduceLROnPlateau(theirs, **options)
    metrics = METRICS
    if options.get("threshold") == 1.0 and options.get("mode") != "max":
        metrics = METRICS[1:]
        scheduler.best = oracle.best = 10.0  # PyTorch's own start is inf · 0 = NaN here
    for metric in metrics:
        scheduler.step(metric)
        oracle.step(metric)
        assert scheduler.get_last_lr() == [group["lr"] for group in theirs.param_groups]
        assert (scheduler.best, scheduler.num_bad_epochs) == (oracle.best, oracle.num_bad_epochs)


def test_plateau_takes_a_threshold_of_one():
    scheduler = ReduceOnPlateau(optimizer(), threshold=1.0)
    scheduler.step(3.0)
    assert scheduler.best == 3.0


def test_plateau_works_on_a_tensor_learning_rate_and_a_tensor_metric():
    opt = optimizer(lr=torch.tensor(0.5))
    scheduler = ReduceOnPlateau(opt, patience=0)
    scheduler.step(torch.tensor(1.0))
    scheduler.step(torch.tensor(1.0))
    assert isinstance(opt.param_groups[0]["lr"], torch.Tensor)
    assert scheduler.get_last_lr() == [pytest.approx(0.05)]


def test_plateau_continues_from_its_state():
    whole, first, second = (ReduceOnPlateau(optimizer(), patience=2) for _ in range(3))
    for metric in METRICS[:9]:
        first.step(metric)
    second.load_state_dict(first.state_dict())
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    for metric in METRICS[9:]:
        second.step(metric)
    for metric in METRICS:
        whole.step(metric)
    assert second.get_last_lr() == whole.get_last_lr()
    assert second.state_dict() == whole.state_dict()


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "least"},
        {"threshold_mode": "other"},
        {"factor": 1.0},
        {"factor": -0.1},
        {"min_lr": [0.1, 0.1]},
        {"min_lr": -1.0},
        {"patience": -1},
        {"threshold": math.nan},
        {"cooldown": -1},
        {"eps": -1e-8},
    ],
)
def test_plateau_names_bad_arguments(options):
    with pytest.raises(ValueError, match=r"^ReduceOnPlateau: "):
        ReduceOnPlateau(optimizer(), **options)


def test_plateau_wants_an_optimizer():
    with pytest.raises(TypeError, match=r"need a torch\.optim\.Optimizer, got float"):
        ReduceOnPlateau(0.1)


def test_plateau_refuses_nan_and_names_the_evaluation():
    scheduler = ReduceOnPlateau(optimizer())
    scheduler.step(1.0)
    with pytest.raises(ValueError, match="NaN at evaluation 1"):
        scheduler.step(math.nan)


@given(
    best=st.floats(-1e3, 1e3),
    threshold=st.floats(1e-4, 0.5),
    mode=st.sampled_from(["min", "max"]),
    worse=st.booleans(),
)
def test_plateau_s_bar_is_beyond_the_best_whatever_its_sign(best, threshold, mode, worse):
    """In exact arithmetic: better by more than |best| · threshold counts, by less does not."""
    size = abs(Fraction(best)) * Fraction(threshold)
    share = Fraction(99, 100) if worse else Fraction(101, 100)
    current = Fraction(best) + (-1 if mode == "min" else 1) * share * size
    scheduler = ReduceOnPlateau(optimizer(), mode=mode, threshold=threshold)
    scheduler.step(best)
    scheduler.step(float(current))
    assert scheduler.num_bad_epochs == (1 if worse or float(current) == best else 0)


def test_plateau_lowers_the_rate_at_a_constant_negative_loss():
    scheduler = ReduceOnPlateau(optimizer(lr=0.1), patience=3)
    for _ in range(5):
        scheduler.step(-2.0)
    assert scheduler.get_last_lr() == [pytest.approx(0.01)]


@pytest.mark.parametrize("min_lr", [0.0, 0.05])
def test_plateau_lowers_a_group_that_came_later(min_lr):
    opt = optimizer(lr=0.1)
    scheduler = ReduceOnPlateau(opt, patience=0, min_lr=min_lr)
    opt.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 0.2})
    for _ in range(2):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == pytest.approx([max(0.01, min_lr), max(0.02, min_lr)])


def test_plateau_asks_for_the_bound_of_a_group_that_came_later():
    opt = optimizer(lr=0.1)
    scheduler = ReduceOnPlateau(opt, patience=0, min_lr=[0.05])
    opt.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 0.2})
    with pytest.raises(ValueError, match="2 groups, min_lr has 1"):
        scheduler.step(1.0)
    scheduler.min_lrs.append(0.15)
    for _ in range(2):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == [0.05, 0.15]


def test_plateau_s_state_is_a_copy():
    first, second = (ReduceOnPlateau(optimizer(), min_lr=[0.1]) for _ in range(2))
    second.load_state_dict(first.state_dict())
    second.min_lrs[0] = 7.0
    assert first.min_lrs == [0.1]


SCHEDULES = {
    "linear": lambda n: linear_decay(n, end_factor=0.1),
    "step": lambda n: step_decay(n, gamma=0.5),
    "cosine": lambda n: cosine_decay(n, restarts=True),
    "cyclic": lambda n: cyclic(0.1, n, n, mode="exp_range", gamma=0.9),
    "warmup": lambda n: warmup(n, cosine_decay(n)),
}


@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
def test_schedules_pickle_with_their_scheduler(make):
    schedule = make(3)
    copied = pickle.loads(pickle.dumps(schedule))
    assert [copied(k) for k in range(12)] == [schedule(k) for k in range(12)]
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer(), schedule)
    again = pickle.loads(pickle.dumps(scheduler))
    assert again.get_last_lr() == scheduler.get_last_lr()


@pytest.mark.parametrize("number", [np.int64(3), np.uint8(3), torch.tensor(3)], ids=repr)
@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
def test_whole_numbers_of_any_kind(make, number):
    assert [make(number)(k) for k in range(12)] == [make(3)(k) for k in range(12)]


@pytest.mark.parametrize("number", [np.float64(3), 3.0, True, "3", 0, np.int64(0)], ids=repr)
@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
def test_other_numbers_are_named(make, number):
    with pytest.raises(ValueError, match="must be a whole number of at least 1, got"):
        make(number)
