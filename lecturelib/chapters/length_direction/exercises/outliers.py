"""length-direction-outliers: data for which the loss decides on the direction."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED, MOST, CONDITION = 30.0, 1000, 1e4


def _read(answer: object) -> Tensor:
    z = to_tensor(answer)
    if z is None or z.dim() != 2 or z.shape[1] != 2:
        raise Finding("not-points", "Wanted are points in the plane, (N, 2).", got=describe(answer))
    z = z.double()
    if not z.isfinite().all():
        raise Finding("not-finite", "Each coordinate is a finite number.")
    if not 2 <= len(z) <= MOST:
        raise Finding("too-many", f"Between 2 and {MOST} points, please.", got=f"{len(z)} points")
    return z


def angle_apart(z: Tensor) -> float:
    """Degrees between the directions that least squares and the sigmoidal loss find best."""
    u, S = z.mean(0), z.T @ z / len(z)
    turn = torch.arange(0, 360, 0.25, dtype=torch.float64).deg2rad()
    w = torch.stack([turn.cos(), turn.sin()], 1)
    size = torch.einsum("ni,ij,nj->n", w, S, w).sqrt()
    losses = torch.sigmoid((w / size[:, None]) @ z.T).mean(1)
    squares = torch.linalg.solve(S, -u)
    apart = turn[losses.argmin()] - torch.atan2(squares[1], squares[0])
    return float(torch.rad2deg(torch.atan2(apart.sin(), apart.cos()).abs()))


def examine(trial: Trial) -> None:
    z = _read(trial.answer)
    S = z.T @ z / len(z)
    eigenvalues = torch.linalg.eigvalsh(S)
    if eigenvalues[0] * CONDITION <= eigenvalues[1]:
        raise Finding(
            "degenerate",
            "All your points lie nearly on a line through 0, so the second moment can't be"
            f" inverted. Its condition number should be below {CONDITION:.0f}.",
        )
    if z.mean(0).norm() < 1e-3 * eigenvalues[1].sqrt():
        raise Finding(
            "no-mean",
            "The mean of z is nearly 0: then no direction is better than another for least"
            " squares.",
        )
    apart = angle_apart(z)
    if apart >= WANTED:
        return
    shown = f"{apart:.1f} degrees apart"
    if apart < 5:
        raise Finding(
            "as-gaussian",
            "The two losses agree, as on Gaussian data. A square and a sigmoid treat a point very"
            " differently that lies far away: use that.",
            got=shown,
        )
    raise Finding(
        "not-enough",
        "The losses disagree already. Move what makes them disagree further out, or change how"
        " many points do it.",
        got=shown,
    )


EXERCISE = Exercise(
    slug="length-direction-outliers",
    title="Break it: two losses, two directions",
    chapter="length_direction",
    kind="experiment",
    difficulty=2,
    minutes=20,
    wants="points z in the plane, (N, 2), on which the two best directions are 30 degrees apart",
    hints=(
        "Moderate outliers hardly matter: at root mean square 1, a sigmoid is nearly linear.",
        "The square pulls hardest at the farthest point; a sigmoid hardly notices it.",
        "Let most points say one thing and a few far ones the opposite, so that they turn the"
        " mean u.",
    ),
    examine=examine,
)
