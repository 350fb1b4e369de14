"""What the errata of the chapter ``length_direction`` say, shown from the definitions."""

from __future__ import annotations

import torch

from lecturelib.chapters.length_direction.experiments import (
    best_multiple,
    descent_steps,
    halfspace,
    least_squares_path,
    normalized_steps,
    shut_down,
)

SEEDS = tuple(range(500, 510))


def test_gradient_descent_is_linear_on_least_squares_and_faster() -> None:
    """LBN: twice the digits take twice the steps, and fewer than GDNP's."""
    problem = halfspace(SEEDS)
    steps = [
        descent_steps(
            problem,
            SEEDS,
            "least squares",
            tolerance=tolerance,
            limit=2000,
            rates=(best_multiple(problem),),
        ).median()
        for tolerance in (1e-4, 1e-8)
    ]
    assert steps[1] < 2.5 * steps[0]  # sublinear, such as 1/t, would take 10,000 times as many
    normalized = normalized_steps(problem, SEEDS, "least squares", tolerance=1e-8, limit=2000)
    assert steps[1] < normalized.median()


def test_weight_norm_fits_correlated_inputs() -> None:
    """LBN: a weight-normed unit reaches the least-squares solution that torch.linalg gives."""
    problem = halfspace(SEEDS)
    found = least_squares_path(problem, SEEDS, "weight", steps=1500, lr=0.5)
    assert found["excess"][-1].max() < 1e-9
    solution = torch.linalg.solve(problem.second, -problem.u)
    effective = found["length"][-1][:, None] * found["path"][-1]
    torch.testing.assert_close(effective, solution, atol=1e-5, rtol=1e-4)


def test_a_bias_shuts_a_unit_as_fast_as_batch_norm() -> None:
    """LBN: with a bias the unit is off after the same steps; with weights alone it stays on."""
    on = {kind: shut_down(SEEDS, kind=kind) for kind in ("batch", "bias", "weights")}
    assert on["bias"].max() <= on["batch"].max() + 0.005 < 0.02
    assert on["weights"].min() > 0.4
