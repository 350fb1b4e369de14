"""batch-norm-in-networks-one-output: two different samples that batch norm makes equal."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe


def _outputs(batch: Tensor) -> Tensor:
    """PyTorch's batch norm of one feature, with the default eps."""
    return F.batch_norm(batch[:, None], None, None, training=True)[:, 0]


def _read(trial: Trial) -> tuple[Tensor, Tensor]:
    answer = trial.answer
    try:
        batches = read_parts(answer, ("a", "b"))
    except Finding as finding:
        if finding.code == "wrong-type":
            says = "Each of the two batches should be a list of numbers."
            raise Finding("not-numbers", says, got=describe(answer)) from None
        says = "Wanted are two batches, (a, b)."
        raise Finding("not-two-batches", says, got=describe(answer)) from None
    read = []
    for name, batch in zip("ab", batches, strict=True):
        if not batch.isfinite().all():
            raise Finding(
                "not-numbers",
                f"Batch {name} should be a list of finite numbers.",
                got=describe(batch),
            )
        if batch.squeeze().ndim != 1:
            raise Finding(
                "not-one-feature",
                f"Batch {name} should be a list of numbers, one feature.",
                got=f"shape {tuple(batch.shape)}",
            )
        if batch.numel() < 3:
            raise Finding(
                "too-small",
                f"Batch {name} has {batch.numel()} samples; at least three are asked for. (With two"
                " different samples batch norm gives −1 and 1 whatever they are.)",
            )
        read.append(batch.squeeze())
    return read[0], read[1]


def examine(trial: Trial) -> None:
    a, b = _read(trial)
    for name, batch in (("a", a), ("b", b)):
        if batch.max() - batch.min() < 1e-2:
            raise Finding(
                "constant-batch",
                f"Batch {name} is constant, or nearly: its variance drowns in eps and every output"
                " is 0.",
                got=describe(batch),
            )
    ya, yb = (_outputs(batch)[0].item() for batch in (a, b))
    tried = f"a[0] = {a[0]:.4g} and b[0] = {b[0]:.4g} in their batches"
    got = f"outputs {ya:.4f} and {yb:.4f}"
    if abs(ya - yb) > 1e-3:
        raise _unequal(a, b, ya, yb, tried, got)
    if abs(a[0] - b[0]) < 1 - 1e-9:  # 1.9 and 0.9 differ by 1, in binary numbers not quite
        raise Finding(
            "same-sample",
            "The outputs agree, but so do the samples: a[0] and b[0] should differ by at least 1.",
            tried=tried,
            got=got,
        )
    if abs(ya) < 0.1:
        raise Finding(
            "sample-at-the-mean",
            "The outputs agree because both samples are the mean of their batch. Find a pair with"
            " an output that is not 0.",
            tried=tried,
            got=got,
        )
    va, vb = a.var(correction=0).item(), b.var(correction=0).item()
    if abs(va - vb) < 1e-3 * max(va, vb):
        raise Finding(
            "same-variance",
            "The outputs agree and are not 0. Now a pair whose batches differ in variance too: a "
            "shift is not all that batch norm forgets.",
            tried=tried,
            got=f"{got}; variances {va:.4g} and {vb:.4g}",
        )


def _unequal(a: Tensor, b: Tensor, ya: float, yb: float, tried: str, got: str) -> Finding:
    if abs(ya + yb) < 1e-3:
        return Finding(
            "opposite-sign",
            "The outputs have the same size and opposite signs: one sample lies above its mean, the"
            " other below.",
            tried=tried,
            got=got,
        )
    far_a, far_b = ((batch[0] - batch.mean()).item() for batch in (a, b))
    if abs(far_a - far_b) < 1e-3 * max(abs(far_a), abs(far_b)):
        return Finding(
            "same-distance",
            "Both samples lie equally far from the mean of their batch, but the batches spread "
            "differently. What counts is the distance in units of the spread.",
            tried=tried,
            got=got,
        )
    if abs(a[0] - b[0]) < 1e-9:
        return Finding(
            "same-sample-other-output",
            "This is the opposite: one sample that gets two outputs. Asked are two samples with"
            " one.",
            tried=tried,
            got=got,
        )
    hit = [
        (i, j)
        for i, u in enumerate(_outputs(a))
        for j, v in enumerate(_outputs(b))
        if abs(u - v) < 1e-3
    ]
    if hit:
        i, j = hit[0]
        return Finding(
            "other-place",
            f"a[{i}] and b[{j}] get the same output. Asked are the first samples: reorder your"
            " batches.",
            tried=tried,
            got=got,
        )
    return Finding(
        "outputs-differ",
        f"The two outputs differ by {abs(ya - yb):.3g}. The output says how many standard"
        " deviations a sample lies from the mean of its own batch.",
        tried=tried,
        got=got,
    )


EXERCISE = Exercise(
    slug="batch-norm-in-networks-one-output",
    title="Two samples, one output",
    chapter="batch_norm_in_networks",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="two batches (a, b), each a list of at least three numbers",
    hints=(
        (
            "Begin with the lecture's pair [0, 1, 2] and [9, 10, 11]: which samples get the same"
            " output?"
        ),
        "What may you do to a whole batch without changing any of its outputs?",
        "There are two such things. One of them changes the variance.",
    ),
    examine=examine,
)
