"""PyTorch's own tools on the modules: averaging, synchronizing, pruning, transforms, old states."""

from __future__ import annotations

import copy
import io
import pickle
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune
from torch.optim import swa_utils

from lecturelib import normalization as ours

G = torch.Generator().manual_seed(0)
VECTORS, IMAGES = (2 * torch.randn(6, 3, *size, generator=G) + 1 for size in ((5,), (4, 5)))


def linear():
    torch.manual_seed(1)
    return nn.Linear(5, 2)


# name: (module, input, the module of PyTorch that does the same, if there is one)
MODULES = {
    "BatchNorm1d": (lambda: ours.BatchNorm1d(3), VECTORS, lambda: nn.BatchNorm1d(3)),
    "BatchNorm2d": (lambda: ours.BatchNorm2d(3), IMAGES, lambda: nn.BatchNorm2d(3)),
    "BatchNorm1d without statistics": (
        lambda: ours.BatchNorm1d(3, track_running_stats=False),
        VECTORS,
        lambda: nn.BatchNorm1d(3, track_running_stats=False),
    ),
    "InstanceNorm1d": (
        lambda: ours.InstanceNorm1d(3, affine=True, track_running_stats=True),
        VECTORS,
        lambda: nn.InstanceNorm1d(3, affine=True, track_running_stats=True),
    ),
    "InstanceNorm2d": (
        lambda: ours.InstanceNorm2d(3, affine=True),
        IMAGES,
        lambda: nn.InstanceNorm2d(3, affine=True),
    ),
    "LayerNorm": (lambda: ours.LayerNorm(5), VECTORS, lambda: nn.LayerNorm(5)),
    "RMSNorm": (lambda: ours.RMSNorm(5), VECTORS, lambda: nn.RMSNorm(5)),
    "GroupNorm": (lambda: ours.GroupNorm(1, 3), VECTORS, lambda: nn.GroupNorm(1, 3)),
    "WeightNorm": (
        lambda: ours.WeightNorm(linear()),
        VECTORS,
        lambda: parametrizations.weight_norm(linear()),
    ),
    "FrozenBatchNorm": (lambda: ours.FrozenBatchNorm(3, learn_affine=True), VECTORS, None),
    "NoisyBatchNorm": (lambda: ours.NoisyBatchNorm(3), VECTORS, None),
    "LpNorm": (lambda: ours.LpNorm(3), VECTORS, None),
    "MeanOnlyBatchNorm": (lambda: ours.MeanOnlyBatchNorm(3), VECTORS, None),
    "DetachedLayerNorm": (lambda: ours.DetachedLayerNorm(5), VECTORS, None),
    "IndependentComponent": (lambda: ours.IndependentComponent(3), VECTORS, None),
    "ParametricNoise": (lambda: ours.ParametricNoise(linear()), VECTORS, None),
    "NormPropLinear": (lambda: ours.NormPropLinear(5, 2), VECTORS, None),
    "NormPropConv2d": (lambda: ours.NormPropConv2d(3, 2, 3), IMAGES, None),
}
LIKE_PYTORCH = [name for name, (_, _, theirs) in MODULES.items() if theirs]
BATCH_NORMS = ["BatchNorm1d", "BatchNorm2d"]


def seeded(module, x):
    torch.manual_seed(2)
    return module(x)


@pytest.fixture(params=MODULES)
def case(request):
    make, x, _ = MODULES[request.param]
    torch.manual_seed(0)
    return make(), x


@pytest.mark.parametrize("training", [True, False])
def test_copies_do_the_same_and_are_apart(case, training):
    module, x = case
    module.train(training)
    twin = copy.deepcopy(module)
    state = io.BytesIO()
    torch.save(module.state_dict(), state)
    state.seek(0)
    loaded = copy.deepcopy(module)
    for parameter in loaded.parameters():
        nn.init.constant_(parameter, 7)
    loaded.load_state_dict(torch.load(state, weights_only=True))
    expected = seeded(module, x)
    for other in (twin, loaded):
        torch.testing.assert_close(seeded(other, x), expected, rtol=0, atol=0)
    if not any(parametrize.is_parametrized(m) for m in module.modules()):
        assert torch.equal(seeded(pickle.loads(pickle.dumps(module)), x), seeded(module, x))


def test_averaged_models(case):
    module, x = case
    average = swa_utils.AveragedModel(module, use_buffers=True)
    first = [p.detach().clone() for p in module.parameters()]
    average.update_parameters(module)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(2)
    average.update_parameters(module)
    for mean, before in zip(average.module.parameters(), first, strict=True):
        torch.testing.assert_close(mean, before + 1)
    average(x)


@pytest.mark.parametrize("name", BATCH_NORMS)
def test_update_bn(name):
    make, x, theirs = MODULES[name]
    loader = [x + 1, [3 * x], (x - 2, None)]
    nets = [nn.Sequential(make()), nn.Sequential(theirs())]
    for net in nets:
        net(x)
        swa_utils.update_bn(loader, net.eval())
        assert not net.training
        assert net[0].momentum == 0.1
    for a, b in zip(nets[0].buffers(), nets[1].buffers(), strict=True):
        torch.testing.assert_close(a, b)
    assert nets[0][0].num_batches_tracked == 3


@pytest.mark.parametrize("name", BATCH_NORMS)
@pytest.mark.parametrize("options", [{}, {"affine": False}, {"momentum": None, "bias": False}])
def test_convert_sync_batchnorm(name, options):
    make, x, _ = MODULES[name]
    kind = type(make())
    net = nn.Sequential(nn.Identity(), kind(3, eps=0.1, **options))
    net(x)
    state, expected = copy.deepcopy(net.state_dict()), net.eval()(x)
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    assert type(net[1]) is nn.SyncBatchNorm
    assert net[1].momentum == options.get("momentum", 0.1)
    for key, value in net.state_dict().items():
        assert torch.equal(value, state[key])
    torch.testing.assert_close(net(x), expected)


def test_pruning(case):
    module, x = case
    for name, _ in list(module.named_parameters(recurse=False)):
        module.zero_grad()
        prune.random_unstructured(module, name, amount=1)
        seeded(module, x).sum().backward()
        mask = getattr(module, f"{name}_mask")
        assert not (getattr(module, f"{name}_orig").grad * (1 - mask)).any()
        module.load_state_dict(module.state_dict())
        prune.remove(module, name)
        seeded(module, x)


def test_parametrizations(case):
    module, x = case

    class Doubled(nn.Module):
        def forward(self, x):
            return 2 * x

    for name, parameter in list(module.named_parameters(recurse=False)):
        reference = copy.deepcopy(module)
        getattr(reference, name).data.mul_(2)
        parametrize.register_parametrization(module, name, Doubled(), unsafe=True)
        torch.testing.assert_close(seeded(module, x), seeded(reference, x))
        module.load_state_dict(module.state_dict())
        parametrize.remove_parametrizations(module, name, leave_parametrized=False)
        assert torch.equal(getattr(module, name), parameter)


@pytest.mark.parametrize("training", [True, False])
def test_functional_call(case, training):
    module, x = case
    module.train(training)
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    before = {name: t.detach().clone() for name, t in tensors.items()}
    given = {name: t.detach() + 1 for name, t in tensors.items()}
    reference = copy.deepcopy(module)
    with torch.no_grad():
        for name, t in {
            **dict(reference.named_parameters()),
            **dict(reference.named_buffers()),
        }.items():
            t.copy_(given[name])
    torch.manual_seed(2)
    result = torch.func.functional_call(module, given, (x,))
    torch.testing.assert_close(result, seeded(reference, x), rtol=0, atol=0)
    for name, t in tensors.items():
        assert torch.equal(t, before[name])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", LIKE_PYTORCH)
@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # by torch.func.jvp
def test_transforms_of_torch_func(name, training):
    """Gradients, their Jacobian, derivatives along a direction, and several inputs at once."""
    results = []
    make, x, theirs = MODULES[name]
    x = x.double()
    for build in (make, theirs):
        module = build().double().train(training)
        parameters = {k: v.detach().clone() for k, v in module.named_parameters()}
        buffers = {k: v.detach().clone() for k, v in module.named_buffers()}

        def run(parameters, x, module=module, buffers=buffers):
            own = {k: v.clone() for k, v in buffers.items()}
            return torch.func.functional_call(module, (parameters, own), (x,)).pow(3).sum()

        by_parameters, by_input = torch.func.grad(run, argnums=(0, 1))(parameters, x)
        results.append([*by_parameters.values(), by_input])
        second = torch.func.grad(
            lambda x, run=run, p=parameters: torch.func.grad(run, 1)(p, x).sin().sum()
        )
        results[-1].append(second(x))
        results[-1].append(torch.func.jvp(partial(run, parameters), (x,), (x.cos(),))[1])
        if not training or not buffers:  # a running mean cannot take several means at once
            several = torch.stack([x, 2 * x])
            results[-1].append(torch.func.vmap(run, (None, 0))(parameters, several))
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", [*BATCH_NORMS, "NoisyBatchNorm"])
def test_replace_all_batch_norm_modules(name):
    make, x, _ = MODULES[name]
    net = torch.func.replace_all_batch_norm_modules_(nn.Sequential(make()))
    expected = ours.batch_norm(x, None, None, training=True)
    torch.testing.assert_close(net.eval()(x), expected)


@pytest.mark.parametrize("training", [True, False])
def test_export_to_meta_and_back(case, training):
    module, x = case
    state = copy.deepcopy(module.state_dict())
    module.train(training).to("meta")
    assert module(x.to("meta")).device.type == "meta"
    module.to_empty(device="cpu").load_state_dict(state)
    seeded(module, x)


def test_symbolic_tracing_with_our_modules_as_leaves(case):
    class Tracer(torch.fx.Tracer):
        def is_leaf_module(self, module, name):
            of_ours = type(module).__module__.startswith("lecturelib.")
            return of_ours or super().is_leaf_module(module, name)

    module, x = case
    net = nn.Sequential(module, nn.ReLU())
    traced = torch.fx.GraphModule(net, Tracer().trace(net))
    assert torch.equal(seeded(traced, x), seeded(net, x))


def test_gradient_scaling():
    """As with autocast to float16 on a GPU: steps with an overflow are left out."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 4), ours.LayerNorm(4), nn.Linear(4, 1))
    twin, x = copy.deepcopy(net), torch.randn(8, 5)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    for model, scale in ((net, scaler), (twin, None)):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for factor in (1.0, torch.inf, 1.0):
            optimizer.zero_grad()
            loss = model(x).square().mean() * factor
            if scale is not None:
                scale.scale(loss).backward()
                scale.step(optimizer)
                scale.update()
            elif factor == 1.0:
                loss.backward()
                optimizer.step()
    for a, b in zip(net.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(a, b)


# --- states of older versions ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d", "InstanceNorm1d", "NoisyBatchNorm"])
@pytest.mark.parametrize("versioned", [True, False])
def test_states_without_a_count_of_batches(name, versioned):
    """PyTorch has it since 0.4.1; before, the metadata of a module said nothing or version 1."""
    make, x, theirs = MODULES[name]
    source = nn.Sequential(make())
    source(x)
    state = source.state_dict()
    del state["0.num_batches_tracked"]
    if versioned:
        state._metadata["0"]["version"] = 1
    else:
        state = dict(state)
    for build in (make, theirs or make):
        net = nn.Sequential(build())
        net(x)
        net(x)
        count = net[0].num_batches_tracked.item()
        net.load_state_dict(state)
        assert net[0].num_batches_tracked == count
        assert count == 2 * (name != "InstanceNorm1d")  # which counts nothing, in PyTorch too
        assert torch.equal(net[0].running_mean, source[0].running_mean)
    assert "0.num_batches_tracked" not in state


def test_a_state_of_today_needs_the_count():
    state = ours.BatchNorm1d(3).state_dict()
    del state["num_batches_tracked"]
    with pytest.raises(RuntimeError, match=r"Missing key.*num_batches_tracked"):
        ours.BatchNorm1d(3).load_state_dict(state)


@pytest.mark.parametrize(
    ("name", "dim"), [("weight", 0), ("weight", 1), ("weight", None), ("bias", 0), ("bias", None)]
)
@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
def test_states_of_the_older_weight_norm(name, dim):
    old = nn.Sequential(nn.utils.weight_norm(linear(), name, dim))
    with torch.no_grad():
        for parameter in old.parameters():
            parameter.mul_(1.5)
    assert f"0.{name}_g" in old.state_dict()
    new = nn.Sequential(ours.WeightNorm(nn.Linear(5, 2), name, dim))
    new.load_state_dict(old.state_dict())
    torch.testing.assert_close(new(VECTORS), old(VECTORS))
    new.load_state_dict(new.state_dict())
    theirs = nn.Sequential(parametrizations.weight_norm(linear(), name, dim))
    theirs.load_state_dict(new.state_dict())
    torch.testing.assert_close(theirs(VECTORS), old(VECTORS))
