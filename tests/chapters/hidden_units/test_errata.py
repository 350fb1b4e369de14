"""What the errata of the chapter ``hidden_units`` say, shown from the definitions."""

from __future__ import annotations

from functools import partial

import torch

from lecturelib.activations import leaky_relu, maxout, prelu
from lecturelib.chapters.hidden_units.experiments import death

SEEDS = tuple(range(500, 505))


def test_a_bottleneck_is_not_equivalent_to_one_layer() -> None:
    """FFN: no product of a column and a row is nearer to the identity than rank one allows."""
    u = torch.randn(2, 1000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    v = torch.randn(2, 1000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    products = torch.einsum("in,jn->nij", u, v)
    eye = torch.eye(2, dtype=torch.float64)
    assert (torch.linalg.matrix_norm(products - eye) >= 1 - 1e-12).all()
    assert torch.linalg.det(products).abs().max() < 1e-12  # the identity's is 1


def test_a_batch_of_positive_inputs_may_have_both_signs() -> None:
    """JHU: two positive samples, errors of opposite sign."""
    x = torch.tensor([[1.0, 3.0], [2.0, 1.0]])
    w = torch.zeros(2, requires_grad=True)
    target = torch.tensor([-1.0, 1.0])
    each = [torch.autograd.grad((x[i] @ w - target[i]) ** 2 / 2, w)[0] for i in (0, 1)]
    assert (each[0] > 0).all()
    assert (each[1] < 0).all()
    (mean,) = torch.autograd.grad(((x @ w - target) ** 2 / 2).mean(), w)
    assert mean[0] < 0 < mean[1]


def test_a_leak_does_not_rescue_a_rate_that_is_too_large() -> None:
    """FFN: at rate 0.3 leaky units end negative for all samples, and accuracy is that of ReLU."""
    leaky = death(SEEDS, partial(leaky_relu, negative_slope=0.1), lr=0.3, width=128)
    plain = death(SEEDS, "relu", lr=0.3, width=128)
    assert leaky["dead"].median() > 0.1
    assert (leaky["accuracy"] - plain["accuracy"]).median() < 0.04
    assert leaky["revived"].median() > plain["revived"].max()  # what the leak does do


def test_a_positive_bias_does_not_save_units_from_large_steps() -> None:
    """JHU: with biases of 0.1 at the start many units die all the same."""
    plain, biased = death(SEEDS, lr=0.3, width=128), death(SEEDS, lr=0.3, width=128, bias=0.1)
    assert biased["dead"].median() > 0.2
    assert biased["dead"].median() > 0.5 * plain["dead"].median()


def test_the_maximum_is_not_a_leaky_relu_for_large_slopes() -> None:
    """JHU: max(αx, x) against PyTorch's PReLU, for slopes below and above 1."""
    x = torch.tensor([-2.0, 3.0])
    for slope, same in ((0.5, True), (1.0, True), (2.0, False)):
        a = torch.tensor([slope])
        wanted = torch.nn.functional.prelu(x, a)
        assert torch.equal(torch.maximum(a * x, x), wanted) is same
        assert torch.equal(prelu(x, a), wanted)


def test_a_piece_of_maxout_that_never_wins_gets_no_gradient() -> None:
    """JHU: the second piece lies far below the first on all samples."""
    x = torch.linspace(-1, 1, 11)[:, None]
    w = torch.tensor([[1.0, 0.5]], requires_grad=True)
    b = torch.tensor([0.0, -5.0], requires_grad=True)
    w_grad, b_grad = torch.autograd.grad(maxout(x @ w + b).square().sum(), (w, b))
    assert w_grad[0, 0] != 0
    assert w_grad[0, 1] == 0
    assert b_grad[1] == 0
