"""Shares of eigenvectors in subspaces, against the statement that they illustrate."""

from __future__ import annotations

import torch

from lecturelib.chapters.signal_propagation import directions

SEEDS = (0, 1)


def test_shares_are_shares_and_nine_lie_within_ten() -> None:
    found = directions.shares("batch", SEEDS, epochs=0)
    assert (found["values"].diff(dim=1) <= 1e-5).all()
    for name in ("each", "ten", "nine", "classes"):
        assert ((found[name] >= 0) & (found[name] <= 1 + 1e-6)).all()
    assert (found["nine"] <= found["ten"] + 1e-6).all()
    torch.testing.assert_close(found["each"].mean(1), found["ten"])


def test_eigenvectors_are_orthonormal_and_satisfy_their_equation() -> None:
    values, vectors = directions.eigenvectors("none", SEEDS, epochs=0)
    gram = vectors @ vectors.transpose(1, 2)
    torch.testing.assert_close(gram, torch.eye(9).expand(2, -1, -1), rtol=0, atol=1e-3)
    networks, x, y = directions.trained("none", SEEDS, epochs=0)
    parameters = list(networks.parameters())
    loss = torch.nn.functional.cross_entropy(networks(x), y, reduction="none").mean(-1).sum()
    first = torch.autograd.grad(loss, parameters, create_graph=True)
    flat = torch.cat([g.flatten(1) for g in first], 1)
    second = torch.autograd.grad((flat * vectors[:, 0]).sum(), parameters)
    product = torch.cat([g.flatten(1) for g in second], 1)
    wanted = values[:, :1].float() * vectors[:, 0]
    torch.testing.assert_close(product, wanted, rtol=0.02, atol=0.02 * values.max().item())


def test_frozen_is_the_same_function() -> None:
    live, x, _ = directions.trained("batch", SEEDS, epochs=0)
    fixed, _, _ = directions.trained("frozen", SEEDS, epochs=0)
    torch.testing.assert_close(live(x), fixed(x))
    assert fixed.frozen
    assert not live.frozen


def test_gradients_of_one_image_are_wholly_alike() -> None:
    one = directions.alike("none", SEEDS, epochs=0, samples=1)
    torch.testing.assert_close(one, torch.ones(2))
    many = directions.alike("none", SEEDS, epochs=0, samples=3)
    assert ((many > 0) & (many < 1)).all()
