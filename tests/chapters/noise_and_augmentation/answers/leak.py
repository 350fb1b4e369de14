"""noise-and-augmentation-leak."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "noise-and-augmentation-leak"
GIVEN = given(SLUG)
TRAIN, VALIDATION = GIVEN["train"].numpy(), GIVEN["validation"].numpy()
SHIFTS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]


def shifted(images, down, right):
    """Cut out of images with a frame of zeros."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return framed[:, 1 - down : 9 - down, 1 - right : 9 - right]


def copies(shifts=SHIFTS, how=shifted):
    found = set()
    for shift in shifts:
        same = (how(TRAIN, *shift)[None] == VALIDATION[:, None]).all((2, 3)).any(1)
        found |= set(np.flatnonzero(same).tolist())
    return found


def rolled(images, down, right):
    return np.roll(images, (down, right), (1, 2))


COPIES = copies()
MASK = torch.tensor([i in COPIES for i in range(len(VALIDATION))])
FRESH = sorted(set(range(len(VALIDATION))) - COPIES)

RIGHT = [
    sorted(COPIES),
    COPIES,
    np.array(sorted(COPIES)),
    torch.tensor(sorted(COPIES), dtype=torch.float32),
    MASK,
]

WRONG = {
    "exact-only": copies([(0, 0)]),
    "straight-only": copies([s for s in SHIFTS if 0 in s]),
    "wrapped": copies(how=rolled),
    "complement": FRESH,
    "from-one": [i + 1 for i in sorted(COPIES)],
    "everything": list(range(len(VALIDATION))),
    "missed": sorted(COPIES)[1:],
    "false-alarm": [*sorted(COPIES), FRESH[0]],
}

UNLISTED = [
    ([], "not-indices", "whole numbers"),
    ([0.5, 1.5], "not-indices", "whole numbers"),
    ("all of them", "not-indices", "whole numbers"),
    (sorted(COPIES)[2:] + FRESH[:2], "false-alarm", "no copies"),
]
