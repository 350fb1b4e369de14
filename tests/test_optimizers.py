"""Optimizers: PyTorch's own are the oracle for every option; closed forms for the papers' facts."""

import copy
import inspect
import itertools
import math
import pickle
import shutil

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from lecturelib import optimizers
from lecturelib.optimizers import adam_update, base, rmsprop_update, sgd_update

NAMES = ["SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW"]
OPTIONS = {
    "SGD": {
        "momentum": [0, 0.9],
        "dampening": [0, 0.3],
        "weight_decay": [0, 0.1],
        "nesterov": [False, True],
        "maximize": [False, True],
    },
    "Adagrad": {
        "lr_decay": [0, 0.1],
        "weight_decay": [0, 0.1],
        "initial_accumulator_value": [0, 0.5],
        "eps": [1e-10, 1e-3],
        "maximize": [False, True],
    },
    "Adadelta": {"rho": [0.9, 0.95], "weight_decay": [0, 0.1], "maximize": [False, True]},
    "RMSprop": {
        "alpha": [0.99, 0.9],
        "eps": [1e-8, 1e-3],
        "weight_decay": [0, 0.1],
        "momentum": [0, 0.9],
        "centered": [False, True],
        "maximize": [False, True],
    },
    "Adam": {
        "betas": [(0.9, 0.999), (0.0, 0.5)],
        "eps": [1e-8, 1e-2],
        "weight_decay": [0, 0.1],
        "amsgrad": [False, True],
        "maximize": [False, True],
        "decoupled_weight_decay": [False, True],
    },
    "AdamW": {
        "betas": [(0.9, 0.999), (0.5, 0.9)],
        "weight_decay": [0, 0.1],
        "amsgrad": [False, True],
        "maximize": [False, True],
    },
}


def combinations():
    for name, options in OPTIONS.items():
        for values in itertools.product(*options.values()):
            chosen = dict(zip(options, values, strict=True))
            if chosen.get("nesterov") and (not chosen["momentum"] or chosen["dampening"]):
                continue
            yield pytest.param(name, chosen, id=f"{name}-{'-'.join(map(str, values))}")


# Ordinary use: momentum, weight decay and whatever makes a buffer of its own.
TYPICAL = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("Adagrad", {"weight_decay": 0.01}),
    ("Adadelta", {}),
    ("RMSprop", {"centered": True, "momentum": 0.9}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
]
typical = pytest.mark.parametrize(("name", "options"), TYPICAL)


def ours(name):
    return getattr(optimizers, name)


def theirs(name):
    def make(params, **options):
        return getattr(torch.optim, name)(params, foreach=False, **options)

    return make


def parameters(dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(4, 3), (5,), (40, 20), (), (0,)]
    return [
        torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()
        for shape in shapes
    ]


def set_gradients(params, step):
    """Gradients of a bumpy function, with noise; every third step the second one is missing."""
    generator = torch.Generator().manual_seed(step)
    for i, p in enumerate(params):
        noise = torch.randn(p.shape, generator=generator, dtype=torch.float64).to(p.dtype)
        p.grad = None if i == 1 and step % 3 == 0 else p.detach().mul(3).cos() + noise


def run(optimizer, params, steps):
    for step in steps:
        set_gradients(params, step)
        optimizer.step()


def assert_close(params, expected, rtol=1e-12, atol=1e-12):
    for p, q in zip(params, expected, strict=True):
        torch.testing.assert_close(p, q, rtol=rtol, atol=atol)


@pytest.fixture
def small_blocks(monkeypatch):
    """Let a tensor of 800 numbers be cut into blocks of 48, so the last one is shorter."""
    monkeypatch.setattr(base, "BLOCK_BYTES", 48 * 8 // torch.get_num_threads())


@pytest.mark.parametrize(("name", "options"), list(combinations()))
def test_equals_torch_over_100_steps(name, options, small_blocks):
    params, expected = parameters()[:3], parameters()[:3]
    run(ours(name)(params, lr=0.01, **options), params, range(100))
    run(theirs(name)(expected, lr=0.01, **options), expected, range(100))
    assert_close(params, expected)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_equal_torch(name):
    params, expected = parameters(), parameters()
    run(ours(name)(params), params, range(100))
    run(theirs(name)(expected), expected, range(100))
    assert_close(params, expected)


@pytest.mark.parametrize("name", NAMES)
def test_signature_is_torch_s(name):
    mine = inspect.signature(ours(name).__init__).parameters
    torch_s = inspect.signature(getattr(torch.optim, name).__init__).parameters
    assert [(p.name, p.kind, p.default) for p in mine.values() if p.name in torch_s] == [
        (p.name, p.kind, p.default) for p in torch_s.values()
    ]
    assert set(mine) - set(torch_s) <= {"decoupled_weight_decay"}  # newer than our oldest PyTorch
    assert issubclass(ours(name), torch.optim.Optimizer)


@typical
def test_float32_equals_torch(name, options):
    if name in ("RMSprop", "Adagrad", "Adadelta"):
        options = {**options, "eps": 1e-3}
    params, expected = parameters(torch.float32), parameters(torch.float32)
    run(ours(name)(params, lr=0.01, **options), params, range(20))
    run(theirs(name)(expected, lr=0.01, **options), expected, range(20))
    assert_close(params, expected, 1e-4, 1e-4)


HALF = [torch.bfloat16, torch.float16]


@typical
@pytest.mark.parametrize("dtype", HALF)
def test_half_precision_is_torch_s_float32_rounded_after_each_step(name, options, dtype):
    """PyTorch's own half precision is no oracle: its squares and its eps become 0."""
    params = parameters(dtype)
    expected = [p.detach().float().requires_grad_() for p in params]
    optimizer, reference = (
        ours(name)(params, lr=0.01, **options),
        theirs(name)(expected, lr=0.01, **options),
    )
    for step in range(20):
        set_gradients(params, step)
        for p, q in zip(params, expected, strict=True):
            q.grad = None if p.grad is None else p.grad.float()
        optimizer.step()
        reference.step()
        with torch.no_grad():
            for p, q in zip(params, expected, strict=True):
                assert p.dtype == dtype
                step_of_rounding = torch.finfo(dtype).eps * q.abs() + 1e-7
                assert ((p - q).abs() <= step_of_rounding).all()
                q.copy_(p)


@pytest.mark.parametrize("dtype", HALF)
@pytest.mark.parametrize("name", NAMES)
def test_gradients_at_the_ends_of_half_precision(name, dtype):
    """Squares of 1e-5 and 6e4 leave float16, and 1e-8 is 0 there; the oracle is float64."""
    g = torch.tensor([0.0, 1e-7, 1e-5, -1e-3, 1.0, -300.0, 6e4]).to(dtype)
    theta, exact = torch.zeros(7, dtype=dtype), torch.zeros(7, dtype=torch.float64)
    optimizer = ours(name)([theta.requires_grad_()], lr=1e-3)
    reference = theirs(name)([exact.requires_grad_()], lr=1e-3)
    for _ in range(3):
        theta.grad, exact.grad = g.clone(), g.double()
        optimizer.step()
        reference.step()
    finest = torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    rounding = 3 * (torch.finfo(dtype).eps * exact.abs() + finest)
    assert ((theta.double() - exact).abs() <= rounding).all()


@typical
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_loaded_state_is_a_copy(name, options, dtype):
    first, second = parameters(dtype), parameters(dtype)
    giving, taking = ours(name)(first, lr=0.01, **options), ours(name)(second, lr=0.01, **options)
    run(giving, first, range(3))
    saved = copy.deepcopy(giving.state_dict())
    taking.load_state_dict(giving.state_dict())
    run(taking, second, range(3, 6))
    torch.testing.assert_close(giving.state_dict(), saved, rtol=0, atol=0)


@typical
@pytest.mark.parametrize("dtype", HALF)
def test_half_precision_s_state_is_float32_also_after_loading(name, options, dtype):
    params, others = parameters(dtype), parameters(dtype)
    whole, first = ours(name)(params, lr=0.01, **options), ours(name)(others, lr=0.01, **options)
    run(whole, params, range(6))
    run(first, others, range(3))
    second = ours(name)(others, lr=0.01, **options)
    second.load_state_dict(first.state_dict())
    run(second, others, range(3, 6))
    assert_close(others, params, 0, 0)
    kept = [t for s in second.state.values() for t in s.values() if isinstance(t, torch.Tensor)]
    assert {t.dtype for t in kept} <= {torch.float32}


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_named_twice_moves_once(name):
    (once, expected), other = (torch.ones(3, requires_grad=True) for _ in range(2)), torch.ones(3)
    twice = ours(name)([once, other.requires_grad_(), once], lr=0.1)
    single = ours(name)([expected], lr=0.1)
    for _ in range(3):
        once.grad = expected.grad = torch.tensor([1.0, -2.0, 0.5])
        twice.step()
        single.step()
    assert_close([once], [expected], 0, 0)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-20, 1.0, 1e20, 1e30, 1e37])
@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, math.inf])
def test_clipping_by_norm_at_all_sizes(scale, norm_type):
    """The oracle is float64, where the powers have room."""
    w = torch.zeros(4, requires_grad=True)
    g = torch.tensor([3.0, -4.0, 0.0, 1.0]) * scale
    w.grad = g.clone()
    total = optimizers.clip_grad_norm_([w, w], scale, norm_type)
    exact = torch.linalg.vector_norm(g.double(), norm_type)
    torch.testing.assert_close(total.double(), exact, rtol=1e-6, atol=0)
    clipped = g.double() * min(1.0, scale / (exact.item() + 1e-6))
    torch.testing.assert_close(w.grad.double(), clipped, rtol=1e-6, atol=1e-45)


def test_clipping_by_norm_in_half_precision():
    w = torch.zeros(400, dtype=torch.float16, requires_grad=True)
    w.grad = torch.full((400,), 6e4, dtype=torch.float16)  # of norm 1.2e6: infinite in float16
    assert optimizers.clip_grad_norm_(w, 0.01).item() == pytest.approx(1.2e6, rel=1e-3)
    torch.testing.assert_close(w.grad, torch.full((400,), 0.01 / 20).half(), rtol=2e-3, atol=0)


@typical
def test_gaps_in_memory_change_nothing(name, options, small_blocks):
    def tensors():
        generator = torch.Generator().manual_seed(0)
        base = torch.randn(8, 16, 5, 5, generator=generator, dtype=torch.float64)
        channels_last = base.clone(memory_format=torch.channels_last)
        every_other = torch.randn(600, generator=generator, dtype=torch.float64)[::2]
        return [channels_last.requires_grad_(), every_other.requires_grad_()]

    params, expected = tensors(), tensors()
    run(ours(name)(params, **options), params, range(10))
    run(theirs(name)(expected, **options), expected, range(10))
    assert_close(params, expected)
    params[1].grad = torch.ones(1, dtype=torch.float64).expand(300)
    expected[1].grad = params[1].grad
    optimizer, oracle = ours(name)(params, **options), theirs(name)(expected, **options)
    optimizer.step(), oracle.step()
    assert_close(params, expected)
    assert params[0].is_contiguous(memory_format=torch.channels_last)


@typical
def test_gradients_are_left_alone(name, options, small_blocks):
    params = parameters()
    optimizer = ours(name)(params, maximize=True, **options)
    run(optimizer, params, range(3))
    before = [p.grad.clone() if p.grad is not None else None for p in params]
    optimizer.step()
    for p, g in zip(params, before, strict=True):
        assert (p.grad is None) == (g is None)
        assert g is None or torch.equal(p.grad, g)


@typical
@pytest.mark.parametrize("to_torch", [True, False])
def test_state_dict_continues_a_run_of_either(name, options, to_torch):
    first, second = (ours(name), theirs(name)) if to_torch else (theirs(name), ours(name))
    params, expected = parameters(), parameters()
    run(theirs(name)(expected, **options), expected, range(40))
    before = first(params, **options)
    run(before, params, range(20))
    after = second(params, lr=99.0)  # every option comes from the state
    after.load_state_dict(copy.deepcopy(before.state_dict()))
    run(after, params, range(20, 40))
    assert_close(params, expected)


@typical
@pytest.mark.parametrize("steps", [0, 3])
def test_state_dict_looks_like_torch_s(name, options, steps):
    params, expected = parameters(), parameters()
    optimizer, oracle = ours(name)(params, **options), theirs(name)(expected, **options)
    run(optimizer, params, range(steps))
    run(oracle, expected, range(steps))
    mine, torch_s = optimizer.state_dict(), oracle.state_dict()
    oracle_groups = [{**group, "foreach": None} for group in torch_s["param_groups"]]
    for group, other in zip(mine["param_groups"], oracle_groups, strict=True):
        assert {key: group[key] for key in other} == other
    assert list(mine["state"]) == list(torch_s["state"])
    for index, entry in torch_s["state"].items():
        assert list(mine["state"][index]) == list(entry)
        for key, value in entry.items():
            got = mine["state"][index][key]
            assert type(got) is type(value)
            assert (got.dtype, got.shape, got.device) == (value.dtype, value.shape, value.device)
            assert not got.requires_grad


def test_step_counter_follows_the_default_dtype():
    torch.set_default_dtype(torch.float64)
    try:
        params = parameters()
        optimizer = optimizers.Adam(params)
        run(optimizer, params, range(1))
        assert optimizer.state[params[0]]["step"].dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_old_state_with_numbers_for_steps_and_fewer_options_is_completed():
    params, expected = parameters(), parameters()
    before = optimizers.Adam(params)
    run(before, params, range(3))
    state = copy.deepcopy(before.state_dict())
    for entry in state["state"].values():
        entry["step"] = int(entry["step"])
    for group in state["param_groups"]:
        del group["maximize"], group["amsgrad"]
    after = optimizers.Adam(params)
    after.load_state_dict(state)
    run(after, params, range(3, 6))
    run(torch.optim.Adam(expected), expected, range(6))
    assert_close(params, expected)


def test_adamw_decouples_whatever_it_loads():
    params = parameters()
    optimizer = optimizers.AdamW(params)
    optimizer.load_state_dict(optimizers.Adam(params, weight_decay=0.1).state_dict())
    assert optimizer.param_groups[0]["decoupled_weight_decay"] is True


@typical
def test_copies_and_pickles_go_on_alike(name, options):
    params = parameters()
    optimizer = ours(name)(params, **options)
    run(optimizer, params, range(3))
    twin, twin_params = pickle.loads(pickle.dumps((optimizer, params)))
    third = copy.deepcopy(optimizer)
    run(optimizer, params, range(3, 6))
    run(twin, twin.param_groups[0]["params"], range(3, 6))
    run(third, third.param_groups[0]["params"], range(3, 6))
    assert len(twin_params) == len(params)
    assert_close(twin.param_groups[0]["params"], params, 0, 0)
    assert_close(third.param_groups[0]["params"], params, 0, 0)


@pytest.mark.parametrize("name", NAMES)
def test_groups_have_options_of_their_own(name):
    def groups(params):
        first = {"params": params[:2], "lr": 0.1}
        second = {"params": params[2:4], "weight_decay": 0.2, "maximize": True}
        return [first, second]

    params, expected = parameters(), parameters()
    optimizer, oracle = ours(name)(groups(params)), theirs(name)(groups(expected))
    run(optimizer, params[:4], range(10))
    run(oracle, expected[:4], range(10))
    optimizer.add_param_group({"params": params[4], "lr": 0.5})
    oracle.add_param_group({"params": expected[4], "lr": 0.5})
    run(optimizer, params, range(10, 20))
    run(oracle, expected, range(10, 20))
    assert_close(params, expected)


def test_parameters_come_in_any_form_torch_takes():
    model = torch.nn.Linear(2, 1)
    for params in (model.parameters(), [model.weight], iter([{"params": model.parameters()}])):
        assert optimizers.Adam(params).param_groups[0]["params"][0] is model.weight
    frozen = optimizers.SGD([torch.zeros(2)])  # no gradient: does not move
    frozen.step()


def test_parameters_may_have_names():
    model = torch.nn.Linear(2, 1)
    try:
        torch.optim.SGD(model.named_parameters())
    except TypeError:
        pytest.skip("this PyTorch is older than named parameters in optimizers")
    optimizer = optimizers.SGD(model.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]


def test_adagrad_s_sums_may_be_shared():
    optimizer = optimizers.Adagrad(parameters()[:3])
    optimizer.share_memory()
    assert all(state["sum"].is_shared() for state in optimizer.state.values())


@typical
def test_closure_is_evaluated_with_gradients_and_returned(name, options):
    theta = torch.tensor([3.0], requires_grad=True)
    optimizer = ours(name)([theta], **options)

    def closure():
        optimizer.zero_grad()
        loss = (theta**2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9.0
    assert theta.item() < 3
    assert optimizer.step() is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "make",
    [
        lambda opt, cycle: lr_scheduler.LambdaLR(opt, lambda k: 1 / (1 + k)),
        lambda opt, cycle: lr_scheduler.CosineAnnealingLR(opt, 10),
        lambda opt, cycle: lr_scheduler.OneCycleLR(opt, 0.1, 20, cycle_momentum=cycle),
        lambda opt, cycle: lr_scheduler.ExponentialLR(opt, 0.9),
        lambda opt, cycle: lr_scheduler.CyclicLR(opt, 0.01, 0.1, 4, cycle_momentum=False),
        lambda opt, cycle: lr_scheduler.SequentialLR(
            opt, [lr_scheduler.LinearLR(opt, 0.1, 1, 5), lr_scheduler.StepLR(opt, 3)], [5]
        ),
    ],
)
def test_torch_s_schedulers_work(name, make):
    momentum = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    cycle = name not in ("Adagrad", "Adadelta")  # the others have momentum or betas to change
    results = []
    for kind in (ours(name), theirs(name)):
        params = parameters()
        optimizer = kind(params, lr=0.1, **momentum)
        scheduler = make(optimizer, cycle)
        for step in range(15):
            set_gradients(params, step)
            optimizer.step()
            scheduler.step()
        results.append(params)
    assert_close(*results)


@pytest.mark.parametrize("name", NAMES)
def test_torch_s_plateau_scheduler_works(name):
    """It lowers the rate of ours by what it sees, as that of PyTorch's."""
    results = []
    for kind in (ours(name), theirs(name)):
        params = parameters()
        optimizer = kind(params, lr=0.1)
        scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
        for step in range(8):
            set_gradients(params, step)
            optimizer.step()
            scheduler.step(1.0)
        assert optimizer.param_groups[0]["lr"] < 0.05
        results.append(params)
    assert_close(*results)


@pytest.mark.parametrize("name", NAMES)
def test_learning_rate_may_be_a_tensor(name):
    params, expected = parameters(), parameters()
    run(ours(name)(params, lr=torch.tensor([0.25])), params, range(5))
    run(ours(name)(expected, lr=0.25), expected, range(5))
    assert_close(params, expected, 0, 0)


def test_hooks_run():
    params, seen = parameters(), []
    optimizer = optimizers.AdamW(params)
    optimizer.register_step_pre_hook(lambda *_: seen.append("before"))
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))
    run(optimizer, params, range(1))
    assert seen == ["before", "after"]


def test_momentum_may_come_later():
    """A scheduler may switch momentum on; PyTorch's RMSprop has no buffer then and fails."""
    params = parameters()
    optimizer = optimizers.RMSprop(params)
    run(optimizer, params, range(2))
    optimizer.param_groups[0]["momentum"] = 0.9
    run(optimizer, params, range(2, 4))
    assert "momentum_buffer" in optimizer.state[params[0]]


@typical
def test_sparse_gradients_are_refused_before_anything_moves(name, options):
    dense = torch.ones(2, requires_grad=True)
    sparse = torch.ones(3, requires_grad=True)
    optimizer = ours(name)([dense, sparse], **options)
    dense.grad = torch.ones(2)
    sparse.grad = torch.tensor([1.0, 0.0, 0.0]).to_sparse()
    with pytest.raises(TypeError, match=rf"^{name}\.step: sparse gradients.*shape \(3,\)"):
        optimizer.step()
    assert torch.equal(dense, torch.ones(2))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "parameter",
    [
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2, dtype=torch.int64),
        torch.zeros(2).to_sparse(),
    ],
    ids=["complex", "integer", "sparse"],
)
def test_other_numbers_are_refused(name, parameter):
    with pytest.raises(TypeError, match=rf"^{name}: parameters must be dense tensors of real"):
        ours(name)([parameter])


@pytest.mark.parametrize(
    ("params", "error"),
    [
        (torch.zeros(2), TypeError),
        ([], ValueError),
        ([1.0], TypeError),
        ([{"params": {torch.zeros(1)}}], TypeError),
        ([{"params": [torch.zeros(1)]}, 1], TypeError),
        ([torch.zeros(1, requires_grad=True) * 2], ValueError),
    ],
)
def test_torch_s_own_checks_still_hold(params, error):
    with pytest.raises(error):
        optimizers.Adam(params)


BAD = [
    ("SGD", {"lr": -1.0}),
    ("SGD", {"lr": math.nan}),
    ("SGD", {"lr": math.inf}),
    ("SGD", {"lr": torch.zeros(2)}),
    ("SGD", {"momentum": -0.1}),
    ("SGD", {"dampening": math.nan}),
    ("SGD", {"weight_decay": -0.1}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("SGD", {"differentiable": True}),
    ("SGD", {"foreach": True, "fused": True}),
    ("Adagrad", {"lr_decay": -1.0}),
    ("Adagrad", {"initial_accumulator_value": -1.0}),
    ("Adagrad", {"eps": -1.0}),
    ("Adadelta", {"rho": 1.1}),
    ("Adadelta", {"eps": math.nan}),
    ("Adadelta", {"capturable": True}),
    ("RMSprop", {"alpha": 1.5}),
    ("RMSprop", {"alpha": -0.5}),
    ("RMSprop", {"eps": -1.0}),
    ("RMSprop", {"momentum": -1.0}),
    ("Adam", {"betas": (1.0, 0.999)}),
    ("Adam", {"betas": (0.9, -0.1)}),
    ("Adam", {"betas": (0.9, 0.99, 0.999)}),
    ("Adam", {"eps": -1e-8}),
    ("AdamW", {"weight_decay": math.nan}),
]


@pytest.mark.parametrize(("name", "options"), BAD)
def test_bad_options_are_named(name, options):
    with pytest.raises(ValueError, match=rf"^{name}: "):
        ours(name)(parameters(), **options)


@pytest.mark.parametrize(("name", "options"), BAD[:4] + BAD[-1:])
def test_bad_options_of_a_group_are_named(name, options):
    optimizer = ours(name)([torch.zeros(1, requires_grad=True)])
    with pytest.raises(ValueError, match=rf"^{name}: "):
        optimizer.add_param_group({"params": torch.zeros(2, requires_grad=True), **options})
    assert len(optimizer.param_groups) == 1


def test_foreach_and_fused_change_nothing():
    results = []
    for options in ({}, {"foreach": True}, {"fused": True}):
        params = parameters()
        run(optimizers.Adam(params, **options), params, range(5))
        results.append(params)
    assert_close(results[0], results[1], 0, 0)
    assert_close(results[0], results[2], 0, 0)


def test_blocks_cover_everything_once(monkeypatch):
    monkeypatch.setattr(base, "BLOCK_BYTES", 40 // torch.get_num_threads())
    a, b = torch.zeros(7, 5), torch.ones(7, 5)
    pieces = list(base.blocks(a, b))
    assert len(pieces) > 1
    for x, y in pieces:
        x += y
    assert torch.equal(a, torch.ones(7, 5))
    whole = list(base.blocks(a.T, b.T))
    assert len(whole) == 1
    assert whole[0][0].shape == (5, 7)


# Facts of the papers.

nonzero = st.floats(1e-3, 1e3).flatmap(lambda x: st.sampled_from([x, -x]))


def moved(name, g, steps=1, **options):
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = ours(name)([theta], **options)
    path = [0.0]
    for _ in range(steps):
        theta.grad = torch.full((1,), g, dtype=torch.float64)
        optimizer.step()
        path.append(theta.item())
    return path


@given(g=nonzero, lr=st.floats(1e-4, 1))
@settings(deadline=None)
def test_first_steps_do_not_depend_on_the_size_of_the_gradient(g, lr):
    sign = math.copysign(1, g)
    assert moved("Adam", g, lr=lr, eps=0)[1] == pytest.approx(-lr * sign)
    assert moved("Adagrad", g, lr=lr, eps=0)[1] == pytest.approx(-lr * sign)
    assert moved("RMSprop", g, lr=lr, alpha=0.9, eps=0)[1] == pytest.approx(-lr * sign / 0.1**0.5)
    assert moved("Adadelta", 1e6 * g)[1] == pytest.approx(-sign * (1e-6 / 0.1) ** 0.5)


@given(g=nonzero, lr=st.floats(1e-4, 1))
@settings(deadline=None, max_examples=20)
def test_steps_under_a_constant_gradient(g, lr):
    sign = math.copysign(1, g)
    path = moved("Adagrad", g, 30, lr=lr, eps=0)
    assert path[-1] == pytest.approx(-lr * sign * sum(t**-0.5 for t in range(1, 31)))
    path = moved("SGD", g, 300, lr=lr, momentum=0.9)
    assert path[-1] - path[-2] == pytest.approx(-lr * g / (1 - 0.9))
    path = moved("Adam", g, 30, lr=lr, eps=0)
    assert path[-1] == pytest.approx(-30 * lr * sign)


def test_adam_in_the_paper_s_own_order():
    generator = torch.Generator().manual_seed(0)
    theta, m, v = torch.randn(3, 50, generator=generator, dtype=torch.float64)
    v = v.abs()
    expected = theta.clone()
    m_hat, v_hat = m.clone(), v.clone()
    for t in range(3, 20):
        g = torch.randn(50, generator=generator, dtype=torch.float64)
        m_hat, v_hat = 0.8 * m_hat + 0.2 * g, 0.95 * v_hat + 0.05 * g * g
        step = (m_hat / (1 - 0.8**t)) / ((v_hat / (1 - 0.95**t)).sqrt() + 0.01)
        expected -= 0.1 * step
        adam_update(theta, g, m, v, t=t, alpha=0.1, beta1=0.8, beta2=0.95, epsilon=0.01)
    torch.testing.assert_close(theta, expected, rtol=1e-13, atol=1e-13)


def test_nesterov_is_sutskever_s_in_the_variable_where_the_gradient_is_taken():
    def grad(x):
        return 3 * x + torch.sin(x)

    lr, mu = 0.05, 0.9
    phi, v = torch.tensor([2.0, -1.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    theta, b = phi.clone(), torch.zeros(2, dtype=torch.float64)
    for t in range(1, 40):
        v = mu * v - lr * grad(phi + mu * v)  # equation 3
        phi = phi + v  # equation 4
        sgd_update(theta, grad(theta), b, lr=lr, mu=mu, nesterov=True, t=t)
        torch.testing.assert_close(theta, phi + mu * v, rtol=1e-13, atol=1e-13)


def test_weight_decay_is_an_l2_penalty_for_sgd_only():
    """For Adam the two differ: AdamW's parameters are not those of the penalized loss."""
    results = {}
    for name in ("SGD", "Adam", "AdamW"):
        decayed, penalized = (torch.ones(2, dtype=torch.float64, requires_grad=True) for _ in "ab")
        target = torch.tensor([0.3, -2.0], dtype=torch.float64)
        one = ours(name)([decayed], lr=0.05, weight_decay=0.5)
        two = ours(name)([penalized], lr=0.05, weight_decay=0)
        for _ in range(50):
            for p, optimizer, penalty in ((decayed, one, 0), (penalized, two, 0.5)):
                optimizer.zero_grad()
                (0.5 * ((p - target) ** 2).sum() + 0.5 * penalty * (p**2).sum()).backward()
                optimizer.step()
        results[name] = (decayed - penalized).abs().max().item()
    assert results["SGD"] < 1e-12
    assert results["Adam"] < 1e-12  # Adam's own option is the penalty
    assert results["AdamW"] > 0.01


def test_centred_rmsprop_stays_finite_where_rounding_makes_the_variance_negative():
    generator = torch.Generator().manual_seed(0)
    g = torch.randn(1000, generator=generator)
    theta, n, gbar = torch.zeros(3, 1000)
    unclamped = torch.zeros(1000, dtype=torch.bool)
    for _ in range(1000):
        rmsprop_update(theta, g, n, gbar, lr=1e-9, alpha=0.9, epsilon=1e-8)
        unclamped |= n.addcmul(gbar, gbar, value=-1) < 0
    assert unclamped.any()  # the root of these would be NaN
    assert torch.isfinite(theta).all()


@pytest.mark.skipif(not (shutil.which("c++") or shutil.which("g++")), reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_compiled_gives_the_same():
    """Numbers that change from step to step must not be compiled into the code."""

    def path(update):
        theta, m, v = torch.zeros(3, 16, dtype=torch.float64)
        for t in range(1, 6):
            g = torch.linspace(-1, 1, 16, dtype=torch.float64)
            update(theta, g, m, v, t=t, alpha=0.1, beta1=0.9, beta2=0.999, epsilon=1e-8)
        return theta

    torch.testing.assert_close(path(torch.compile(adam_update)), path(adam_update))
    params, expected = parameters()[:3], parameters()[:3]
    for ps, compiled in ((params, True), (expected, False)):
        optimizer = optimizers.AdamW(ps)
        step = torch.compile(optimizer.step) if compiled else optimizer.step
        for t in range(5):
            set_gradients(ps, t)
            optimizer.param_groups[0]["lr"] = 0.1 / (1 + t)
            step()
    assert_close(params, expected)


# Clipping.


def with_gradients(scale=1.0):
    params = parameters()
    set_gradients(params, 0)  # the second one has none
    for p in params:
        if p.grad is not None:
            p.grad *= scale
    return params


@pytest.mark.parametrize("norm_type", [1, 2.0, 3.5, math.inf])
@pytest.mark.parametrize("max_norm", [0.0, 1e-3, 5.0, 1e6])
def test_clipping_by_norm_equals_torch(norm_type, max_norm):
    params, expected = with_gradients(), with_gradients()
    not_empty = expected[:4]  # PyTorch's fails on an empty one at infinity
    total = optimizers.clip_grad_norm_(iter(params), max_norm, norm_type)
    torch.testing.assert_close(
        total, torch.nn.utils.clip_grad_norm_(not_empty, max_norm, norm_type), rtol=1e-14, atol=0
    )
    for p, q in zip(params, expected, strict=True):
        torch.testing.assert_close(p.grad, q.grad, rtol=1e-13, atol=1e-300)


@given(scale=st.floats(1e-3, 1e3), max_norm=st.floats(1e-3, 1e3))
@settings(deadline=None)
def test_clipping_by_norm_keeps_the_direction_and_the_bound(scale, max_norm):
    params, before = with_gradients(scale), with_gradients(scale)
    total = optimizers.clip_grad_norm_(params, max_norm).item()
    flat, old = (
        torch.cat([p.grad.flatten() for p in ps if p.grad is not None]) for ps in (params, before)
    )
    assert flat.norm() <= max_norm * (1 + 1e-9)
    torch.testing.assert_close(flat, old * min(1, max_norm / (total + 1e-6)))
    if total < max_norm * 0.999:
        torch.testing.assert_close(flat, old, rtol=1e-3, atol=0)


@pytest.mark.parametrize("clip_value", [0.0, 0.3, 100.0])
def test_clipping_by_value_equals_torch(clip_value):
    params, expected = with_gradients(), with_gradients()
    optimizers.clip_grad_value_(params, clip_value)
    torch.nn.utils.clip_grad_value_(expected, clip_value)
    for p, q in zip(params, expected, strict=True):
        torch.testing.assert_close(p.grad, q.grad, rtol=0, atol=0)


def test_clipping_one_parameter_and_none():
    p = torch.zeros(2, requires_grad=True)
    assert optimizers.clip_grad_norm_(p, 1.0) == 0
    p.grad = torch.tensor([3.0, 4.0])
    assert optimizers.clip_grad_norm_(p, 1.0) == 5
    assert p.grad.norm().item() == pytest.approx(1, abs=1e-6)


def test_clipping_may_raise_at_a_gradient_that_is_not_finite():
    p = torch.zeros(2, requires_grad=True)
    p.grad = torch.tensor([math.inf, 1.0])
    with pytest.raises(RuntimeError, match="the norm of the gradients is inf"):
        optimizers.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)
    assert p.grad[1] == 1


@pytest.mark.parametrize("name", ["clip_grad_norm_", "clip_grad_value_"])
def test_clipping_has_torch_s_signature_and_names_bad_arguments(name):
    mine, torch_s = getattr(optimizers, name), getattr(torch.nn.utils, name)
    assert [(p.name, p.default) for p in inspect.signature(mine).parameters.values()] == [
        (p.name, p.default) for p in inspect.signature(torch_s).parameters.values()
    ]
    p = torch.zeros(2, requires_grad=True)
    for bad in (-1.0, math.nan):
        with pytest.raises(ValueError, match=rf"^{name}: "):
            mine(p, bad)
    p.grad = torch.ones(2).to_sparse()
    with pytest.raises(TypeError, match=rf"^{name}: sparse"):
        mine(p, 1.0)


def test_clipping_wants_a_norm():
    with pytest.raises(ValueError, match=r"norm_type greater than 0, .* norm_type=0"):
        optimizers.clip_grad_norm_(torch.zeros(2), 1.0, norm_type=0)
