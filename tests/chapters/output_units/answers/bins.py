"""output-units-bins."""

import numpy as np
import torch

SLUG = "output-units-bins"


def groups(*pairs, count=100):
    """Groups of so many samples: what each says, and how many of them are right."""
    says = np.repeat([s for s, _ in pairs], count)
    right = np.concatenate([np.arange(count) < n for _, n in pairs]).astype(float)
    return says, right


HIDDEN = groups((0.82, 92), (0.88, 78))

RIGHT = [
    HIDDEN,
    [HIDDEN[0].tolist(), HIDDEN[1].astype(bool).tolist()],
    torch.tensor(np.stack(HIDDEN)).float(),
    {"confidence": HIDDEN[0], "right": HIDDEN[1]},
    groups((0.51, 64), (0.59, 46)),
]

WRONG = {
    "honest": groups((0.82, 82), (0.88, 88)),
    "seen-by-ten": groups((0.82, 62), (0.88, 68)),
    "neither": groups((0.82, 80), (0.88, 84)),
    "not-two-lists": HIDDEN[0],
    "wrong-length": groups((0.82, 9), (0.88, 8), count=10),
    "not-a-probability": (100 * HIDDEN[0], HIDDEN[1]),
    "not-a-decision": (HIDDEN[0], HIDDEN[0]),
}

UNLISTED = [
    ((HIDDEN[0], HIDDEN[1][:-1]), "wrong-length", "as many confidences"),
    ("0.82", "not-two-lists", "two lists"),
    (groups((0.72, 82), (0.88, 78)), "seen-by-ten", "mean confidence"),
]
