"""The experiments on automatic differentiation: counts by hand, seeds that stay apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lecturelib.chapters.backprop import experiments


@pytest.mark.parametrize("widths", [(5, 4, 3, 1), (1, 6, 2, 7), (3, 3), (2, 9, 1)])
def test_multiplications_are_those_of_the_products(widths):
    rng = np.random.default_rng(0)
    jacobians = [rng.normal(size=(b, a)) for a, b in itertools.pairwise(widths)]

    def count(factors):
        product, total = factors[0], 0
        for factor in factors[1:]:
            total += product.shape[0] * product.shape[1] * factor.shape[1]
            product = product @ factor
        return total

    assert experiments.multiplications(widths, "reverse") == count(jacobians[::-1])
    assert experiments.multiplications(widths, "forward") == count([j.T for j in jacobians])


def test_an_unknown_order_is_named():
    with pytest.raises(ValueError, match="'sideways' is neither"):
        experiments.multiplications([2, 1], "sideways")


def test_orders_meet_where_the_chain_is_symmetric():
    costs = experiments.order_costs([1], outputs=1)
    assert costs["forward"] == costs["reverse"]


def test_a_network_does_not_depend_on_its_neighbours():
    together = experiments.digits([4, 9], hidden=8, epochs=2)
    alone = experiments.digits([9], hidden=8, epochs=2)
    for name in ("engine", "torch"):
        np.testing.assert_allclose(together[name][:, 1], alone[name][:, 0], atol=0.01)
        assert together[name].shape == (3, 2)


def test_central_differences_are_more_exact_than_one_sided_ones():
    errors = experiments.difference_errors([0, 1, 2], [1e-3, 1e-2])
    assert (errors["central"] < errors["forward"]).all()
    ratio = errors["central"][1] / errors["central"][0]
    np.testing.assert_allclose(ratio, 100, rtol=0.1)  # of order h²
    ratio = errors["forward"][1] / errors["forward"][0]
    np.testing.assert_allclose(ratio, 10, rtol=0.1)  # of order h
