"""Under ``torch.autocast`` losses, norms and activations do what PyTorch's own do."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations

from lecturelib import activations, losses, normalization, output_units
from lecturelib._autocast import follows_autocast

HALF, SINGLE = torch.bfloat16, torch.float32
G = torch.Generator().manual_seed(0)
X = 3 * torch.randn(4, 3, 5, generator=G) + 1
P = torch.rand(4, 3, 5, generator=G)
CLASSES = torch.randint(0, 3, (4, 5), generator=G)
W3, W5 = torch.tensor([0.5, 1.0, 2.0]), torch.rand(5, generator=G) + 0.5
CLASS_WEIGHTS = W3.clone()  # PyTorch has no gradient for them

# name: (ours, theirs, other tensors), each of which may be half precision or not
LOSSES = {
    "cross_entropy": (
        lambda x: losses.cross_entropy(x, CLASSES),
        lambda x: F.cross_entropy(x, CLASSES),
    ),
    "cross_entropy, weights, none": (
        lambda x, w: losses.cross_entropy(x, CLASSES, w, reduction="none"),
        lambda x, w: F.cross_entropy(x, CLASSES, w, reduction="none"),
        CLASS_WEIGHTS,
    ),
    "cross_entropy, weights, smoothed": (
        lambda x, w: losses.cross_entropy(x, CLASSES, w, label_smoothing=0.1),
        lambda x, w: F.cross_entropy(x, CLASSES, w, label_smoothing=0.1),
        CLASS_WEIGHTS,
    ),
    "cross_entropy, probabilities": (losses.cross_entropy, F.cross_entropy, P),
    "bernoulli_nll": (losses.bernoulli_nll, F.binary_cross_entropy_with_logits, P),
    "mse_loss": (losses.mse_loss, F.mse_loss, P),
    "l1_loss": (losses.l1_loss, F.l1_loss, P),
    "huber_loss": (losses.huber_loss, F.huber_loss, P),
}
NORMS = {
    "batch_norm": (
        lambda x, w: normalization.batch_norm(x, None, None, w, w, training=True),
        lambda x, w: F.batch_norm(x, None, None, w, w, training=True),
        W3,
    ),
    "batch_norm, images": (
        lambda x, w: normalization.batch_norm(x.view(2, 2, 3, 5).mT, None, None, training=True),
        lambda x, w: F.batch_norm(x.view(2, 2, 3, 5).mT, None, None, training=True),
        W3,
    ),
    "batch_norm, inference": (
        lambda x, w: normalization.batch_norm(x, W3.to(w), W3.to(w), w, w),
        lambda x, w: F.batch_norm(x, W3.to(w), W3.to(w), w, w),
        W3,
    ),
    "layer_norm": (
        lambda x, w: normalization.layer_norm(x, (5,), w, w),
        lambda x, w: F.layer_norm(x, (5,), w, w),
        W5,
    ),
    "rms_norm": (
        lambda x: normalization.rms_norm(x, (5,)),
        lambda x: F.rms_norm(x, (5,)),
    ),
    "group_norm": (
        lambda x, w: normalization.group_norm(x, 1, w, w),
        lambda x, w: F.group_norm(x, 1, w, w),
        W3,
    ),
    "instance_norm": (
        lambda x, w: normalization.instance_norm(x, weight=w, bias=w),
        lambda x, w: F.instance_norm(x, weight=w, bias=w),
        W3,
    ),
}
OTHERS = {
    "softmax": (output_units.softmax, lambda x: F.softmax(x, -1)),
    "log_softmax": (output_units.log_softmax, lambda x: F.log_softmax(x, -1)),
    "logsumexp": (output_units.logsumexp, lambda x: torch.logsumexp(x, -1)),
    "prelu": (activations.prelu, F.prelu, W3),
    **{
        name: (getattr(activations, name), getattr(torch if name == "tanh" else F, name))
        for name in ("sigmoid", "tanh", "relu", "elu", "gelu", "silu", "mish", "softplus")
    },
}


def under_autocast(function, dtypes, arguments):
    """Value and gradients, also backward under autocast, which is stricter than what is advised."""
    tensors = [
        a.to(dtype).clone().requires_grad_(a is not CLASS_WEIGHTS)
        for a, dtype in zip((X, *arguments), dtypes, strict=True)
    ]
    differentiable = [a for a in tensors if a.requires_grad]
    with torch.autocast("cpu", HALF):
        value = function(*tensors)
        weights = torch.cos(torch.arange(value.numel())).view(value.shape)
        gradients = torch.autograd.grad((value * weights).sum(), differentiable, allow_unused=True)
    return value, gradients


CASES = [
    (name, dtypes)
    for name, (_, _, *arguments) in {**LOSSES, **NORMS, **OTHERS}.items()
    for dtypes in itertools.product((HALF, SINGLE), repeat=1 + len(arguments))
    if not (name in NORMS and dtypes == (SINGLE, HALF))  # PyTorch takes no such parameters
]


@pytest.mark.parametrize(("name", "dtypes"), CASES)
def test_as_pytorch(name, dtypes):
    ours, theirs, *arguments = {**LOSSES, **NORMS, **OTHERS}[name]
    value, gradients = under_autocast(ours, dtypes, arguments)
    expected, references = under_autocast(theirs, dtypes, arguments)
    assert value.dtype == expected.dtype
    assert value.dtype == SINGLE or name not in LOSSES
    half = 2**-8  # spacing of bfloat16, relative
    tolerance = 3 * half if value.dtype == HALF else 1e-5
    torch.testing.assert_close(value, expected, rtol=tolerance, atol=tolerance)
    for ours, reference in zip(gradients, references, strict=True):
        assert (ours is None) == (reference is None)
        if ours is not None:
            assert ours.dtype == reference.dtype
            tolerance = 5 * half if HALF in (ours.dtype, value.dtype) else 1e-4
            scale = reference.abs().max().item()
            torch.testing.assert_close(ours, reference, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("loss", ["gaussian_nll", "laplace_nll"])
def test_losses_with_a_scale_are_computed_in_float32(loss):
    function, scale = getattr(losses, loss), P + 1
    for dtypes in itertools.product((HALF, SINGLE), repeat=3):
        given = [a.to(dtype) for a, dtype in zip((X, P, scale), dtypes, strict=True)]
        with torch.autocast("cpu", HALF):
            value = function(*given[:2], scale=given[2])
        wide = [a.float() for a in given]
        assert value.dtype == SINGLE
        assert torch.equal(value, function(*wide[:2], scale=wide[2]))


def test_sums_and_products_within_are_not_cast():
    """Least squares multiplies matrices, batch norm takes products of vectors."""
    X2, y = X.view(12, 5), X[:, :, 0].flatten()
    expected = losses.least_squares(X2, y)
    with torch.autocast("cpu", HALF):
        found = losses.least_squares(X2, y)
    for ours, reference in zip(found, expected, strict=True):
        assert torch.equal(ours, reference)


def test_a_network_with_our_layers_trains_as_with_theirs():
    def network(m, wrap):
        torch.manual_seed(0)
        layers = [
            nn.Linear(5, 8),
            m.BatchNorm1d(3),
            nn.ReLU(),
            wrap(nn.Linear(8, 8)),
            m.LayerNorm(8),
        ]
        return nn.Sequential(*layers, nn.Linear(8, 3))

    results = []
    for m, wrap, loss in (
        (normalization, normalization.WeightNorm, losses.cross_entropy),
        (nn, parametrizations.weight_norm, F.cross_entropy),
    ):
        net = network(m, wrap)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            with torch.autocast("cpu", HALF):
                value = loss(net(X).mT, CLASSES[:, :3].clone(), W3)
            value.backward()
            optimizer.step()
        results.append((value.dtype, value.item(), net.state_dict()))
    (ours, a, state), (theirs, b, reference) = results
    assert ours == theirs == SINGLE
    assert a == pytest.approx(b, rel=0.02)
    for x, y in zip(state.values(), reference.values(), strict=True):
        torch.testing.assert_close(x, y, rtol=0.02, atol=0.02)


def test_nothing_changes_outside_and_when_switched_off():
    x, y = X.to(HALF), P.to(HALF)
    plain = losses.mse_loss(x, y)
    with torch.autocast("cpu", HALF), torch.autocast("cpu", enabled=False):
        assert losses.mse_loss(x, y).dtype == plain.dtype == HALF
    with torch.autocast("cpu", HALF):
        assert losses.mse_loss(X.double(), P.double()).dtype == torch.float64
        with pytest.raises(TypeError, match="has to be a tensor"):
            losses.mse_loss([1.0], [1.0])
    assert losses.mse_loss(X.to("meta"), P.to("meta")).device.type == "meta"


@pytest.mark.parametrize(
    "name",
    ["softmax", "log_softmax", "logsumexp", "softplus", "layer_norm", "rms_norm", "group_norm"],
)
def test_what_is_widened_on_gpus_is_on_the_list_of_pytorch(name):
    """There is no GPU in a test, but PyTorch comes with its lists."""
    header = Path(torch.__file__).parent / "include/ATen/autocast_mode.h"
    wide = re.findall(r"define AT_FORALL_FP32\w*\(_\)(.*?)\n\n", header.read_text(), re.DOTALL)
    known = set(re.findall(r"_\((\w+)", " ".join(wide)))
    assert "mse_loss" in known
    if name == "rms_norm" and name not in known:
        pytest.skip("on the list since PyTorch 2.9")
    assert name in known


def test_where_a_function_is_widened():
    x = X.to(HALF)
    for where, dtype in (("everywhere", SINGLE), ("on GPUs", HALF), ("nowhere", HALF)):
        with torch.autocast("cpu", HALF):
            assert follows_autocast(where)(lambda x: x)(x).dtype == dtype
            assert follows_autocast(where)(lambda *, x: x)(x=x).dtype == dtype
