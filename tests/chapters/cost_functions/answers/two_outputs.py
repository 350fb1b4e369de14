"""cost-functions-two-outputs."""

import numpy as np
import torch
from torch import nn

from lecturelib.exercises import given
from tests.exercises.styles import as_object

SLUG = "cost-functions-two-outputs"
X, Y = given(SLUG)["x"], given(SLUG)["y"]


def network(steps=250, units=20, floor=0.0):
    """Trained with Adam on all data, in float32."""
    torch.manual_seed(0)
    x, y = X.float()[:, None], Y.float()
    model = nn.Sequential(nn.Linear(1, units), nn.Tanh(), nn.Linear(units, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        mean, raw = model(x).unbind(1)
        scale = nn.functional.softplus(raw) + floor
        loss = (((y - mean) / scale) ** 2 / 2 + scale.log()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def predict(x):
        mean, raw = model(torch.as_tensor(x).float().reshape(-1, 1)).unbind(1)
        return mean, nn.functional.softplus(raw) + floor

    return predict


def polynomials(degree=6, scale_degree=2):
    """Least squares for the mean, then for the logarithm of the squared residuals, in NumPy."""
    x, y = X.numpy(), Y.numpy()
    mean = np.polynomial.Polynomial.fit(x, y, degree)
    rest = np.log((y - mean(x)) ** 2) + 1.27  # the mean of log χ² is −1.27
    log_variance = np.polynomial.Polynomial.fit(x, rest, scale_degree)
    return lambda x: (mean(np.asarray(x)), np.exp(log_variance(np.asarray(x)) / 2))


FITTED = polynomials()

RIGHT = [FITTED, network(), as_object(FITTED), lambda x: np.stack(FITTED(x))]


def nearest(x):
    """The target of the nearest training sample, for sure."""
    at = np.abs(np.asarray(x)[:, None] - X.numpy()).argmin(1)
    return Y.numpy()[at], np.full(len(at), 1e-3)


WRONG = {
    "variance-returned": lambda x: (FITTED(x)[0], FITTED(x)[1] ** 2),
    "too-sure": nearest,
    "mean-not-learnt": polynomials(degree=1),
    "constant-scale": polynomials(scale_degree=0),
    "scale-not-learnt": lambda x: (FITTED(x)[0], 4 * FITTED(x)[1]),
    "not-positive": lambda x: (FITTED(x)[0], np.log(FITTED(x)[1])),
    "order": lambda x: FITTED(x)[::-1],
    "wrong-shape": lambda x: (FITTED(x)[0][:10], FITTED(x)[1][:10]),
    "not-a-function": FITTED(X),
}

UNLISTED = [
    (lambda x: (FITTED(x)[0], 0.3), "constant-scale", "second output"),
    (lambda x: FITTED(x)[0], "wrong-number-of-values", ""),
    (lambda x: (0 * FITTED(x)[0], FITTED(x)[1]), "mean-not-learnt", "Train longer"),
]
