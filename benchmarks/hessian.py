"""The five largest eigenvalues of a Hessian, beside curvlinops with SciPy's eigsh, and PyHessian.

All sides get the same trained network and batch, and the loosest tolerance of theirs, of powers of
ten, with which the five eigenvalues have a relative error of at most 1e-4. The truth is ours in
float64 at a hundred times tighter a tolerance, and eigsh's, which must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from curvlinops import HessianLinearOperator
from pyhessian import hessian
from scipy.sparse.linalg import eigsh
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.instruments import top_eigenvalues
from lecturelib.models import convnet, mlp
from lecturelib.training import train

from .harness import Benchmark

K, ERROR = 5, 1e-4
BASELINE = "curvlinops + eigsh"
TOLERANCES = [10.0**-n for n in range(1, 8)]
Solver = Callable[[nn.Module, Tensor, Tensor, float], np.ndarray]


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """One benchmark for a multilayer perceptron and one for a convolutional network."""
    networks = {
        "MLP 64-128-128-10": (mlp(64, [128, 128], 10, generator=seeded()), False, 0.5),
        "CNN 1-16-32-10": (convnet(1, [16, 32], 10, generator=seeded()), True, 0.75),
    }
    for name, (model, as_images, goal) in networks.items():
        digits = load_digits(as_images=as_images)
        train(
            model,
            digits,
            optimizer=torch.optim.SGD(model.parameters(), lr=0.1),
            epochs=5,
            progress=False,
        )
        x, y = digits.x_train[:512], digits.y_train[:512]
        truth = true_values(model, x, y)
        contestants = {}
        for solver_name, solver in SOLVERS.items():
            tol = loosest(solver, model, x, y, truth)
            if tol is None:
                print(f"{name}: {solver_name} reaches no relative error of {ERROR}")
                continue
            contestants[f"{solver_name}, tol {tol:.0e}"] = bind(solver, model, x, y, tol)
        baseline, package = (
            next(n for n in contestants if n.startswith(b)) for b in (BASELINE, "lec")
        )
        yield Benchmark(
            name=f"five largest eigenvalues of the Hessian, {name}, 512 digits, float32",
            contestants=contestants,
            baseline=baseline,
            goals={package: goal},
            long=True,
        )


def seeded() -> torch.Generator:
    """The same network in each run."""
    return torch.Generator().manual_seed(0)


def bind(
    solver: Solver, model: nn.Module, x: Tensor, y: Tensor, tol: float
) -> Callable[[], np.ndarray]:
    """The solver as a function of nothing."""
    return lambda: solver(model, x, y, tol)


def ours(model: nn.Module, x: Tensor, y: Tensor, tol: float) -> np.ndarray:
    """This package."""
    pairs = top_eigenvalues(lambda: F.cross_entropy(model(x), y), model.parameters(), k=K, tol=tol)
    return pairs.values.numpy()


def curvlinops_eigsh(model: nn.Module, x: Tensor, y: Tensor, tol: float) -> np.ndarray:
    """A linear operator for ARPACK's Lanczos process."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    operator = HessianLinearOperator(
        model, nn.CrossEntropyLoss(), parameters, [(x, y)], check_deterministic=False
    )
    start = np.random.default_rng(0).standard_normal(operator.shape[0])
    values = eigsh(
        operator.to_scipy(), k=K, which="LA", tol=tol, v0=start, return_eigenvectors=True
    )[0]
    return np.sort(values)[::-1]


def pyhessian(model: nn.Module, x: Tensor, y: Tensor, tol: float) -> np.ndarray:
    """Power iteration with deflation."""
    model.zero_grad()
    computer = hessian(model, nn.CrossEntropyLoss(), data=(x, y), cuda=False)
    values, _ = computer.eigenvalues(maxIter=2000, tol=tol, top_n=K)
    model.zero_grad()
    return np.sort(np.array(values))[::-1]


SOLVERS: dict[str, Solver] = {
    BASELINE: curvlinops_eigsh,
    "lecturelib": ours,
    "PyHessian": pyhessian,
}


def true_values(model: nn.Module, x: Tensor, y: Tensor) -> np.ndarray:
    """The eigenvalues from two sides in float64; raise unless they agree."""
    model.double()
    found, theirs = (f(model, x.double(), y, 1e-9) for f in (ours, curvlinops_eigsh))
    model.float()
    np.testing.assert_allclose(found, theirs, rtol=1e-7)
    return found


def loosest(
    solver: Solver, model: nn.Module, x: Tensor, y: Tensor, truth: np.ndarray
) -> float | None:
    """The largest tolerance that is good enough."""
    for tol in TOLERANCES:
        if np.abs(solver(model, x, y, tol) / truth - 1).max() <= ERROR:
            return tol
    return None
