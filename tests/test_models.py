"""mlp and convnet: layers in order, biases, weights, and options."""

import pytest
import torch
from torch import nn

from lecturelib import activations
from lecturelib.models import Activation, convnet, mlp
from lecturelib.normalization import BatchNorm1d, BatchNorm2d, IndependentComponent, LayerNorm


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def names(model):
    return [name for name, _ in model.named_children()]


ORDERS = {
    (None, "before", 0.0): ["linear1", "activation1", "output"],
    ("batch", "before", 0.0): ["linear1", "norm1", "activation1", "output"],
    ("batch", "after", 0.0): ["linear1", "activation1", "norm1", "output"],
    ("batch", "before", 0.5): ["linear1", "norm1", "activation1", "dropout1", "output"],
    ("batch", "after", 0.5): ["linear1", "activation1", "norm1", "dropout1", "output"],
}


@pytest.mark.parametrize(("norm", "position", "dropout"), ORDERS)
def test_order_of_layers(norm, position, dropout):
    expected = ORDERS[norm, position, dropout]
    options = {"norm": norm, "norm_position": position, "dropout": dropout}
    assert names(mlp(4, [3], 2, **options)) == expected
    images = [name.replace("linear", "conv") for name in expected[:-1]]
    assert names(convnet(1, [3], 2, **options)) == [*images, "pool", "flatten", "output"]


def test_blocks_and_pools_of_a_convnet():
    model = convnet(1, [2, 4], 3)
    expected = [
        "conv1",
        "activation1",
        "pool1",
        "conv2",
        "activation2",
        "pool",
        "flatten",
        "output",
    ]
    assert names(model) == expected
    assert model[:3](torch.zeros(1, 1, 8, 8)).shape == (1, 2, 4, 4)


NORMS = {
    "batch": ("batch", BatchNorm1d, BatchNorm2d, False),
    "layer": ("layer", LayerNorm, nn.GroupNorm, True),
    "torch": (nn.SyncBatchNorm, nn.SyncBatchNorm, nn.SyncBatchNorm, False),
    "ic": (IndependentComponent, IndependentComponent, IndependentComponent, False),
    "identity": (lambda size: nn.Identity(), nn.Identity, nn.Identity, True),
}


@pytest.mark.parametrize("norm", NORMS)
def test_kind_of_norm_and_redundant_biases(norm):
    argument, kind, kind_of_images, biased = NORMS[norm]
    model, images = mlp(4, [3], 2, norm=argument), convnet(1, [3], 2, norm=argument)
    assert isinstance(model.norm1, kind)
    assert isinstance(images.norm1, kind_of_images)
    assert (model.linear1.bias is not None) == (images.conv1.bias is not None) == biased
    after = mlp(4, [3], 2, norm=argument, norm_position="after")
    assert after.linear1.bias is not None
    assert model.output.bias is not None


def test_a_convnet_by_layer_norm_normalizes_each_image(rng):
    x = torch.randn(3, 2, 5, 5, generator=rng) * 4 + 1
    norm = convnet(1, [2], 3, norm="layer").norm1
    expected = nn.functional.layer_norm(x, [2, 5, 5])
    torch.testing.assert_close(norm(x), expected)


@pytest.mark.parametrize("position", ["before", "after"])
@pytest.mark.parametrize("norm", [None, "batch", "layer"])
def test_mlp_computes_its_formula(norm, position, rng):
    x = torch.randn(6, 4, generator=rng)
    model = mlp(4, [3], 2, norm=norm, norm_position=position, activation="tanh")
    h = x @ model.linear1.weight.T
    if model.linear1.bias is not None:
        h = h + model.linear1.bias
    normalize = {
        None: lambda t: t,
        "batch": lambda t: nn.functional.batch_norm(t, None, None, training=True),
        "layer": lambda t: nn.functional.layer_norm(t, [3]),
    }[norm]
    h = torch.tanh(normalize(h)) if position == "before" else normalize(torch.tanh(h))
    expected = h @ model.output.weight.T + model.output.bias
    torch.testing.assert_close(model(x), expected)


def test_weights_are_he_normal_and_biases_zero():
    """Margins: 5 standard errors of a mean and of a standard deviation, n = 200,000 weights."""
    model = mlp(400, [500], 1, generator=generator())
    weight, n = model.linear1.weight, 400 * 500
    std = (2 / 400) ** 0.5
    assert abs(weight.mean()) < 5 * std / n**0.5
    assert abs(weight.std() / std - 1) < 5 / (2 * n) ** 0.5
    assert (weight.abs() > 3 * std).any()  # a uniform one would end at √3 of it
    assert not model.linear1.bias.any()
    conv = convnet(10, [200], 1, generator=generator()).conv1
    assert abs(conv.weight.std() / (2 / 90) ** 0.5 - 1) < 5 / (2 * conv.weight.numel()) ** 0.5
    assert not conv.bias.any()


@pytest.mark.parametrize(
    "make", [lambda g: mlp(4, [3, 3], 2, generator=g), lambda g: convnet(1, [2, 3], 2, generator=g)]
)
def test_generator_decides_the_weights_and_nothing_else_does(make):
    torch.manual_seed(0)
    first = make(generator(1))
    torch.manual_seed(5)
    again, other = make(generator(1)), make(generator(2))
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first.output.weight, other.output.weight)


def test_no_hidden_layer_is_a_linear_model():
    assert names(mlp(4, [], 2, norm="batch")) == ["output"]


@pytest.mark.parametrize("activation", sorted(activations.ACTIVATIONS))
def test_activation_by_name(activation, rng):
    x = torch.randn(5, generator=rng)
    module = mlp(4, [3], 2, activation=activation).activation1
    assert torch.equal(module(x), activations.ACTIVATIONS[activation](x))
    assert repr(module) == f"Activation({activation})"


def test_activation_by_function(monkeypatch):
    assert repr(Activation(torch.square)) == "Activation(square)"
    assert repr(Activation(nn.ELU())) == "Activation(\n  ELU\n  (function): ELU(alpha=1.0)\n)"
    monkeypatch.setitem(activations.ACTIVATIONS, "square", torch.square)
    assert Activation("square")(torch.tensor(3.0)).item() == 9


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_types(dtype):
    model = mlp(4, [3], 2, norm="batch").to(dtype)
    assert model(torch.ones(5, 4, dtype=dtype)).dtype == dtype


ERRORS = {
    "position": ({"norm_position": "inside"}, r"norm_position must be one of .*'inside'"),
    "norm": ({"norm": "bach"}, r"norm must be one of \['batch', 'group', .*\], got 'bach'"),
    "dropout": ({"dropout": 1.5}, r"dropout must lie in \[0, 1\], got 1.5"),
}


@pytest.mark.parametrize("make", [mlp, convnet])
@pytest.mark.parametrize("case", ERRORS)
def test_errors(case, make):
    options, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"^{make.__name__}: {message}"):
        make(4, [3], 2, **options)


@pytest.mark.parametrize("make", [mlp, convnet])
@pytest.mark.parametrize("sizes", [(0, [3], 2), (4, [3, 0], 2), (4, [3], -1)])
def test_sizes_must_be_positive(make, sizes):
    with pytest.raises(ValueError, match=f"^{make.__name__}: all sizes must be at least 1"):
        make(*sizes)


def test_a_convnet_needs_a_block():
    with pytest.raises(ValueError, match=r"^convnet: channels must name at least one block"):
        convnet(1, [], 2)


def test_unknown_activation():
    with pytest.raises(ValueError, match=r"unknown name 'rely'; known are elu, gelu, ident"):
        mlp(4, [3], 2, activation="rely")
