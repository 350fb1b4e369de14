"""Initialization: torch.nn.init gives the same numbers from the same generator; theory the rest."""

import inspect
import math

import pytest
import torch
import torch.nn.utils.prune
from scipy import stats
from torch import nn

from lecturelib import initialization
from lecturelib.initialization import (
    calculate_fans,
    calculate_gain,
    data_dependent_,
    kaiming_normal_,
    orthogonal_,
    xavier_normal_,
    zeros_,
)
from lecturelib.normalization import WeightNorm

NAMES = [
    "zeros_",
    "constant_",
    "normal_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
    "orthogonal_",
]
SHAPES = [(7, 5), (5, 7), (6, 6), (4, 3, 3, 2), (3, 8, 1), (2, 3, 2, 2, 2)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


CALLS = [
    ("zeros_", {}),
    ("constant_", {"val": 0.3}),
    ("normal_", {}),
    ("normal_", {"mean": 2.0, "std": 0.1}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 5 / 3}),
    ("xavier_normal_", {"gain": 0.5}),
    ("kaiming_uniform_", {}),
    ("kaiming_uniform_", {"a": 0.2, "mode": "fan_out"}),
    ("kaiming_normal_", {"nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh", "mode": "fan_out"}),
    ("orthogonal_", {}),
    ("orthogonal_", {"gain": 2.0}),
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "options"), CALLS)
def test_same_numbers_as_torch(name, options, shape, dtype):
    def run(module):
        tensor = torch.empty(shape, dtype=dtype, requires_grad=True)
        random = {} if name in ("zeros_", "constant_") else {"generator": generator()}
        assert getattr(module, name)(tensor, **options, **random) is tensor
        assert tensor.requires_grad
        return tensor

    torch.testing.assert_close(run(initialization), run(nn.init), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_signature_is_torch_s(name):
    mine = inspect.signature(getattr(initialization, name)).parameters.values()
    torch_s = inspect.signature(getattr(nn.init, name)).parameters.values()
    assert [(p.name, p.default, p.kind) for p in mine] == [
        (p.name, p.default, p.kind) for p in torch_s
    ]


@pytest.mark.parametrize(
    ("name", "param"),
    [
        *[(name, None) for name in ("linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh")],
        *[("relu", None), ("selu", None), ("leaky_relu", None), ("leaky_relu", 0.3)],
    ],
)
def test_gains_equal_torch(name, param):
    assert calculate_gain(name, param) == nn.init.calculate_gain(name, param)


@pytest.mark.parametrize("slope", [0.0, 0.1, 0.5, 1.0])
def test_gain_of_leaky_relu_restores_the_second_moment(slope):
    # E[leaky(z)²] for z ~ N(0, 1), by quadrature
    second_moment = stats.norm.expect(lambda z: (z if z > 0 else slope * z) ** 2)
    assert calculate_gain("leaky_relu", slope) ** 2 * second_moment == pytest.approx(1)


@pytest.mark.parametrize(
    ("layer", "fans"),
    [
        (nn.Linear(3, 5), (3, 5)),
        (nn.Conv1d(4, 6, 3), (12, 18)),
        (nn.Conv2d(4, 6, (3, 2)), (24, 36)),
    ],
)
def test_fans(layer, fans):
    assert calculate_fans(layer.weight) == fans
    assert calculate_fans(layer.weight) == nn.init._calculate_fan_in_and_fan_out(layer.weight)


@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (50, 50), (16, 4, 3, 3)])
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_orthogonal_s_shorter_side_is_orthonormal(shape, gain):
    w = orthogonal_(torch.empty(shape, dtype=torch.float64), gain, generator()).flatten(1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    torch.testing.assert_close(gram, gain**2 * torch.eye(len(gram), dtype=w.dtype))


def test_orthogonal_is_uniform_over_the_group():
    """Of 2×2 matrices half are reflections, and the angle of the rotation is uniform."""
    source = generator()
    w = torch.stack([orthogonal_(torch.empty(2, 2), generator=source) for _ in range(2000)])
    assert stats.binomtest(int((w.det() > 0).sum()), 2000).pvalue > 1e-3
    angle = torch.atan2(w[:, 1, 0], w[:, 0, 0]) / (2 * math.pi) + 0.5
    assert stats.kstest(angle.numpy(), "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("init", "activation"), [(kaiming_normal_, torch.relu), (xavier_normal_, lambda z: z)]
)
def test_signal_keeps_its_size_through_depth(init, activation):
    """The second moment of z after 20 layers, over 20 nets, is that after one, as derived."""
    ratios = []
    for seed in range(20):
        source = generator(seed)
        h = torch.randn(64, 256, generator=source)
        moments = []
        for _ in range(20):
            z = h @ init(torch.empty(256, 256), generator=source).T
            moments.append(z.square().mean().item())
            h = activation(z)
        ratios.append(math.log(moments[-1] / moments[0]))
    mean, spread = sum(ratios) / 20, torch.tensor(ratios).std().item() / math.sqrt(20)
    assert abs(mean) < 4 * spread + 0.2  # the mean of a logarithm lies a little below 0


def test_equal_units_stay_equal():
    """T10: gradients of units with equal weights are equal, so training never tells them apart."""
    x, y = torch.randn(50, 4, generator=generator()), torch.randn(50, generator=generator(1))
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    for p in net.parameters():
        initialization.constant_(p, 0.2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(30):
        optimizer.zero_grad()
        (net(x)[:, 0] - y).square().mean().backward()
        optimizer.step()
    assert (net[0].weight - net[0].weight[0]).abs().max() < 1e-6
    assert (net[0].weight[0] - 0.2).abs().max() > 1e-3


@pytest.mark.parametrize("name", ["normal_", "xavier_uniform_", "kaiming_normal_", "orthogonal_"])
def test_global_generator_is_the_default(name):
    torch.manual_seed(3)
    first = getattr(initialization, name)(torch.empty(4, 5))
    torch.manual_seed(3)
    torch.testing.assert_close(first, getattr(nn.init, name)(torch.empty(4, 5)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_empty_tensors_stay_empty(name, shape):
    extra = {"val": 1.0} if name == "constant_" else {}
    assert getattr(initialization, name)(torch.empty(shape), **extra).shape == shape


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: xavier_normal_(torch.empty(3)), ValueError),
        (lambda: kaiming_normal_(torch.empty(3)), ValueError),
        (lambda: orthogonal_(torch.empty(3)), ValueError),
        (lambda: xavier_normal_(torch.empty(3, 2), gain=-1.0), ValueError),
        (lambda: orthogonal_(torch.empty(3, 2), gain=math.nan), ValueError),
        (lambda: initialization.normal_(torch.empty(3), std=-1.0), ValueError),
        (lambda: initialization.normal_(torch.empty(3, dtype=torch.int64)), TypeError),
        (lambda: orthogonal_(torch.empty(3, 2, dtype=torch.complex64)), TypeError),
        (lambda: kaiming_normal_(torch.empty(3, 2), mode="fan_avg"), ValueError),
        (lambda: kaiming_normal_(torch.empty(3, 2), nonlinearity="gelu"), ValueError),
        (lambda: kaiming_normal_(torch.empty(3, 2), a=math.inf), ValueError),
    ],
)
def test_bad_arguments_are_named(call, error):
    with pytest.raises(error, match=r"^(xavier|kaiming|orthogonal|normal|calculate)_\w*: "):
        call()


# Data-dependent initialization.


class Recorder:
    """Variances of the outputs of the layers, in the order in which they run."""

    def __init__(self, model, x):
        self.variances = []
        hooks = [
            m.register_forward_hook(lambda m, i, z: self.variances.append(z.var(correction=0)))
            for m in model.modules()
            if isinstance(m, nn.Linear | nn.Conv2d)
        ]
        with torch.no_grad():
            model(x)
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.Sigmoid, nn.ELU])
def test_every_layer_gets_unit_variance(activation):
    layers = [m for _ in range(15) for m in (nn.Linear(40, 40), activation())]
    model = nn.Sequential(nn.Linear(10, 40), activation(), *layers, nn.Linear(40, 3))
    x = 2 + 5 * torch.randn(200, 10, generator=generator())
    assert data_dependent_(model, x, tol=1e-3, max_iter=1, generator=generator(1)) is model
    variances = Recorder(model, x).variances
    assert len(variances) == 17
    assert torch.stack(variances).sub(1).abs().max() < 1e-3  # after one round each
    assert not any(p.any() for name, p in model.named_parameters() if name.endswith("bias"))
    w = model[2].weight
    torch.testing.assert_close(w @ w.T / (w @ w.T)[0, 0], torch.eye(40), rtol=0, atol=1e-5)


def test_convolutions_too():
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, bias=False),
        nn.Flatten(),
        nn.LazyLinear(5),
    )
    x = torch.randn(30, 1, 8, 8, generator=generator())
    model(x)  # lets the lazy layer learn its size
    data_dependent_(model, x, tol=1e-3)
    assert torch.stack(Recorder(model, x).variances).sub(1).abs().max() < 1e-3


def test_order_is_that_of_running_and_a_shared_layer_is_scaled_once():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.last, self.shared = nn.Linear(6, 2), nn.Linear(6, 6)

        def forward(self, x):
            return self.last(torch.relu(self.shared(torch.relu(self.shared(x)))))

    model, x = Odd(), 3 * torch.randn(100, 6, generator=generator())
    data_dependent_(model, x, tol=1e-3, generator=generator(1))
    variances = Recorder(model, x).variances
    assert variances[0] == pytest.approx(1, abs=1e-3)
    assert variances[2] == pytest.approx(1, abs=1e-3)
    assert abs(variances[1] - 1) > 0.1


def test_modes_running_statistics_and_hooks_are_left_alone():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    model[2].eval()
    x = torch.randn(50, 4, generator=generator())
    data_dependent_(model, x)
    assert [m.training for m in model.modules()] == [True, True, True, False, True]
    assert not model[1].running_mean.any()
    assert model[1].num_batches_tracked == 0
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert not any(m._forward_hooks for m in model.modules())


def test_more_rounds_where_one_does_not_do():
    class Squashed(nn.Linear):
        """Not linear in its weight: the variance does not follow it."""

        def forward(self, x):
            return 3 * torch.tanh(super().forward(x))

    model, x = Squashed(20, 20), torch.randn(300, 20, generator=generator())
    data_dependent_(model, x, tol=0.01, max_iter=100, generator=generator(1))
    assert model(x).var(correction=0).item() == pytest.approx(1, abs=0.01)
    data_dependent_(model, x, tol=0.01, max_iter=1, generator=generator(1))
    assert abs(model(x).var(correction=0).item() - 1) > 0.01


def test_generator_decides():
    def weights(seed):
        model = nn.Linear(5, 5)
        return data_dependent_(model, torch.eye(5), generator=generator(seed)).weight

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_layers_without_a_signal_are_named():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    with pytest.raises(ValueError, match=r"layer '0' has variance 0\.0"):
        data_dependent_(model, torch.zeros(10, 4))
    with pytest.raises(ValueError, match="layer '0' has variance nan"):
        data_dependent_(model, torch.full((10, 4), math.nan))
    assert model.training
    assert not model[0]._forward_hooks


def test_layers_that_do_not_run_are_named():
    model = nn.Sequential(nn.Linear(4, 4))
    model[0].unused = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r"did not run: \['0\.unused'\]"):
        data_dependent_(model, torch.randn(10, 4, generator=generator()))


@pytest.mark.parametrize("options", [{"tol": 0.0}, {"tol": 1.0}, {"max_iter": 0}])
def test_bad_options_are_named(options):
    with pytest.raises(ValueError, match=r"^data_dependent_: (tol|max_iter) must"):
        data_dependent_(nn.Linear(2, 2), torch.eye(2), **options)


def test_a_model_without_layers():
    with pytest.raises(ValueError, match="no linear or convolutional layer"):
        data_dependent_(nn.ReLU(), torch.eye(2))


def test_zeros():
    assert not zeros_(torch.ones(3)).any()


def _pruned(layer):
    return nn.utils.prune.random_unstructured(layer, "weight", amount=2)


COMPUTED = {
    "pruned": _pruned,
    "weight norm": nn.utils.parametrizations.weight_norm,
    "spectral norm": nn.utils.parametrizations.spectral_norm,
    "spectral norm by a hook": nn.utils.spectral_norm,
    "orthogonal": nn.utils.parametrizations.orthogonal,
    "ours": lambda layer: WeightNorm(layer).module,
}


@pytest.mark.parametrize("make", COMPUTED.values(), ids=COMPUTED)
def test_a_computed_weight_is_named_and_nothing_changes(make):
    model = nn.Sequential(nn.Linear(4, 4), make(nn.Linear(4, 4)))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"^data_dependent_: layer '1': the weight of .* computed"):
        data_dependent_(model, torch.randn(9, 4, generator=generator()))
    after = model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", COMPUTED.values(), ids=COMPUTED)
def test_filling_a_computed_weight_is_an_error(make, name):
    layer = make(nn.Linear(4, 4))
    layer(torch.zeros(1, 4))  # old spectral norm computes the weight only at a call
    arguments = [0.5] if name == "constant_" else []
    with pytest.raises(ValueError, match="_: this tensor was computed from others"):
        getattr(initialization, name)(layer.weight, *arguments)


@pytest.mark.parametrize("name", NAMES)
def test_views_of_a_parameter_may_be_filled(name):
    weight = nn.Parameter(torch.full((6, 4), 7.0))
    arguments = [0.5] if name == "constant_" else []
    getattr(initialization, name)(weight[:3], *arguments)
    assert (weight[:3] != 7).all()
    assert (weight[3:] == 7).all()


def test_layers_that_share_a_weight_are_scaled_once():
    first, last = nn.Linear(5, 5), nn.Linear(5, 5)
    last.weight = first.weight
    model = nn.Sequential(first, nn.Tanh(), last)
    x = torch.randn(200, 5, generator=generator())
    data_dependent_(model, x, tol=1e-3, generator=generator(1))
    assert first(x).var(correction=0).item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (3, 2, 2)])
def test_orthogonal_in_half_precision(shape, dtype):
    w = orthogonal_(torch.empty(shape, dtype=dtype), generator=generator()).flatten(1)
    expected = orthogonal_(torch.empty(shape), generator=generator()).to(dtype).flatten(1)
    assert torch.equal(w, expected)


@pytest.mark.parametrize("scale", [1e-30, 1e-15, 1.0, 1e15, 1e25])
def test_data_dependent_at_all_sizes_of_data(scale):
    model = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 3))
    x = torch.randn(100, 5, generator=generator()) * scale
    data_dependent_(model, x, tol=1e-3, generator=generator(1))
    assert model(x).var(correction=0).item() == pytest.approx(1, abs=1e-3)
