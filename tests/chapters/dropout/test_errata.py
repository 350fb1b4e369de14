"""What the errata say, shown: the slide's version fails and the right one holds."""

from __future__ import annotations

import numpy as np
import pytest
import torch


def test_uncorrelated_errors_fall_as_one_over_k() -> None:
    """FFN: linearly. A line through k = 1 and k = 2 is below 0 at k = 4; the errors are at 1/4."""
    errors = np.random.default_rng(0).standard_normal((200_000, 8))
    squared = {k: (errors[:, :k].mean(1) ** 2).mean() for k in (1, 2, 4, 8)}
    for k, value in squared.items():
        assert value == pytest.approx(1 / k, rel=0.02)
    line = squared[1] + 3 * (squared[2] - squared[1])
    assert line < 0 < squared[4]


@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
def test_the_factor_is_one_over_the_chance_to_stay(p: float) -> None:
    """FFN: 1/p. With p = 0.2 the mean is four times too large."""
    kept = np.random.default_rng(1).random(400_000) >= p
    assert (kept / (1 - p)).mean() == pytest.approx(1, rel=0.01)
    assert (kept / p).mean() == pytest.approx((1 - p) / p, rel=0.01)
    if p == 0.2:
        assert (kept / p).mean() == pytest.approx(4, rel=0.01)


def test_typical_values_are_probabilities_of_dropping() -> None:
    """JHU: r ~ Bernoulli(p) keeps a share p; torch's dropout with p = 0.2 drops that share."""
    ones = torch.ones(100_000)
    torch.manual_seed(0)
    kept_by_formula = torch.bernoulli(0.2 * ones).mean().item()
    kept_by_library = (torch.nn.Dropout(0.2)(ones) != 0).double().mean().item()
    assert kept_by_formula == pytest.approx(0.2, abs=0.01)
    assert kept_by_library == pytest.approx(0.8, abs=0.01)


def test_dropped_weights_move_with_momentum_and_in_a_batch() -> None:
    """JHU: updates of zero. The gradient of a dropped unit is zero, its update is not."""

    def step(masks: list[torch.Tensor], momentum: float) -> torch.Tensor:
        """The last update of the weights behind two units, with one mask a step."""
        w = torch.ones(2, dtype=torch.float64, requires_grad=True)
        sgd = torch.optim.SGD([w], lr=0.1, momentum=momentum)
        before = w.detach().clone()
        for mask in masks:
            before = w.detach().clone()
            sgd.zero_grad()
            ((2 * mask) @ w).sum().backward()
            sgd.step()
        return w.detach() - before

    first, second = torch.eye(2, dtype=torch.float64)[:, None]
    assert step([first, second], 0.0)[0] == 0  # one sample, plain SGD: the lecture is right
    assert step([first, second], 0.9)[0] < 0  # momentum moves the dropped weight
    assert (step([torch.cat([first, second])], 0.0) < 0).all()  # two samples, two masks
